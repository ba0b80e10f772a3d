"""Where the command starts: the group of all commands, and one place that turns errors into sentences and exit codes."""

import json
import os
import sys
from collections.abc import Callable

import click

from tongxing.core.errors import Refused

from . import areas, audit, certificates, draws, figures, keeping, moving, prepare, serve, sheets, users
from .chinese import ChineseGroup, explain

DONE, FINDINGS, REFUSED, BROKEN = 0, 1, 2, 3


@click.group(
    cls=ChineseGroup,
    help="同行：劳动关系协调员队伍建设管理。\n\n退出码：0 完成；1 完成但有被拒的行或发现问题；2 被拒绝，什么都没改；3 程序出错。",
    epilog="设置用 TONGXING_* 环境变量，见 docs/operate.md；TONGXING_DEBUG=1 时出错显示详情。",
)
def tongxing() -> None:
    pass


for command in (
    serve.run,
    sheets.check,
    sheets.load,
    sheets.undo,
    prepare.migrate,
    figures.coverage,
    figures.gaps,
    areas.areas,
    prepare.demo,
    serve.worker,
    serve.web,
    keeping.backup,
    keeping.restore,
    keeping.drill,
    keeping.inspect,
    moving.migrate_to_postgres,
    audit.audit,
    certificates.certificate,
    draws.draw_check,
    users.createuser,
    users.createtoken,
    users.tokens,
):
    tongxing.add_command(command)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongxing.config.settings")
    sys.exit(guard(lambda: tongxing.main(prog_name="tongxing", standalone_mode=False)))


def guard(work: Callable[[], object]) -> int:
    """Run and return the exit code; whatever goes wrong becomes one Chinese sentence on stderr (a JSON object too with --json)."""
    try:
        code = work()
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("已中断。", err=True)
        return 130
    except click.ClickException as error:
        return _say("usage", explain(error), REFUSED)
    except Refused as error:
        return _say(error.code, error.message, REFUSED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        if os.environ.get("TONGXING_DEBUG", "") in {"1", "true", "yes", "on"}:
            raise
        return _unexpected(error)
    return code if isinstance(code, int) else DONE


def _say(code: str, message: str, exit_code: int) -> int:
    if "--json" in sys.argv:
        click.echo(json.dumps({"status": "refused", "refused": {"code": code, "message": message}}, ensure_ascii=False))
    click.echo(message, err=True)
    return exit_code


def _unexpected(error: Exception) -> int:
    from django.core.exceptions import ImproperlyConfigured
    from django.db.utils import Error as DatabaseError

    if isinstance(error, ImproperlyConfigured):
        return _say("settings", f"设置有误：{error}", REFUSED)
    if isinstance(error, DatabaseError):
        return _say("database", "数据库用不了：请检查 TONGXING_DATABASE_URL 或数据目录，以及是否已执行 tongxing migrate。", BROKEN)
    if isinstance(error, OSError):
        return _say("file", f"读写失败：{error.filename or ''} {error.strerror or ''}。请检查路径、权限和磁盘空间。", BROKEN)
    return _say("broken", f"程序出错（{type(error).__name__}）。请用 TONGXING_DEBUG=1 再执行一次，并把输出交给维护人员。", BROKEN)
