"""`tongxing backup | restore | drill`."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from tongxing.core.errors import Refused

from .chinese import ChineseCommand
from .output import as_json, progress, secret, table
from .start import start_django, start_with_data


class Bars:
    """One progress bar for each thing that is being done, one after the other."""

    def __init__(self) -> None:
        self.phase, self.stack = "", ExitStack()
        self.bar: Callable[..., None] | None = None

    def __enter__(self) -> "Bars":
        return self

    def __call__(self, phase: str, done: int, total: int) -> None:
        if phase != self.phase or self.bar is None:
            self.stack.close()
            self.phase, self.bar = phase, self.stack.enter_context(progress(phase))
        self.bar(done, total)

    def __exit__(self, *facts: object) -> None:
        self.stack.close()


@click.command(cls=ChineseCommand, short_help="备份数据库和上传的文件（加密）")
@click.argument("file", metavar="[文件]", required=False, type=click.Path(path_type=Path))
@click.option("--with-keys", is_flag=True, help="连同密钥一起备份（默认不含，密钥应另行保管）")
@click.option("--keys-only", is_flag=True, help="只备份密钥，交给另一个人保管；要给出文件名")
@click.option("--scheduled", is_flag=True, help="给定时器用：到了时间才做，并按保留份数删去旧的自动备份")
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def backup(file: Path | None, with_keys: bool, keys_only: bool, scheduled: bool, json_wanted: bool) -> int:
    """服务不用停。口令取自 TONGXING_BACKUP_PASSPHRASE 或 TONGXING_BACKUP_PASSPHRASE_FILE，都没有时在终端询问；丢了口令就打不开备份。"""
    if sum((with_keys, keys_only, scheduled)) > 1 or (scheduled and file) or (keys_only and not file):
        raise click.UsageError("--with-keys、--keys-only、--scheduled 只能用一个；--keys-only 要给出文件名，--scheduled 不要。")
    start_with_data()
    if scheduled:
        return _scheduled(json_wanted)
    from tongxing.audit.log import COMMAND_LINE
    from tongxing.backups import making, places

    target = (file or places.new_file()).resolve()
    passphrase = _passphrase(confirm=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    if keys_only:
        making.write_keys(target, passphrase)
        _say({"status": "applied", "file": str(target)}, json_wanted, f"密钥已写入 {target}。请交给另一个人保管，不要和备份放在一起。")
        return 0
    with Bars() as bars:
        manifest = making.make(target, passphrase=passphrase, by=COMMAND_LINE, with_keys=with_keys, tell=bars)
    report = {
        "status": "applied",
        "file": str(target),
        "files": len(manifest["files"]),
        "bytes": target.stat().st_size,
        "with_keys": with_keys,
    }
    report |= {"rows": _rows(manifest), "vanished": manifest["vanished"], "tables": manifest["tables"]}
    said = f"已备份到 {target}（{len(manifest['tables'])} 张表、{report['rows']:,} 行，{target.stat().st_size / 1_048_576:.1f} MB），读回核对无误。\n"
    said += (
        "密钥也在备份里，请像密钥一样保管。"
        if with_keys
        else "密钥不在备份里：用 tongxing backup --keys-only 文件 另存一份，交给另一个人保管。"
    )
    _say(report, json_wanted, said)
    return 0


def _scheduled(json_wanted: bool) -> int:
    from django.utils import timezone

    from tongxing.backups import schedule

    if not schedule.backup_is_due(timezone.now()):
        _say({"status": "not_due"}, json_wanted, "今天的备份已经做过，或刚刚试过。")
        return 0
    with Bars() as bars:
        row = schedule.back_up(bars)
    _say(
        {"status": "applied", "file": f"{row.folder}/{row.name}", "bytes": row.size, "rows": row.row_count},
        json_wanted,
        f"已备份到 {row.folder}/{row.name}。",
    )
    return 0


@click.command(cls=ChineseCommand, short_help="从备份恢复")
@click.argument("file", metavar="文件", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="数据目录里已有数据时也恢复（原数据挪到一旁）")
@click.option("--verify", "verify_only", is_flag=True, help="只核对备份，不恢复")
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def restore(file: Path, force: bool, verify_only: bool, json_wanted: bool) -> int:
    """先停服务再恢复。口令、完整性、每张表的行数和校验值都核对无误后才动数据目录；中途断了，再执行一次即可做完。"""
    start_django()
    if not file.is_file():
        raise Refused(f"找不到备份文件 {file}。", code="no_file")
    from tongxing.backups import restoring

    passphrase = _passphrase(confirm=False)
    with Bars() as bars:
        if verify_only:
            manifest = restoring.verify(file, passphrase, tell=bars)
        else:
            manifest = restoring.restore(file, passphrase, force=force, tell=bars)
    if not verify_only and manifest["engine"] != "keys":
        _settle(file)
    report = {"made_at": manifest["made_at"], "files": len(manifest["files"]), "rows": _rows(manifest), "tables": manifest["tables"]}
    if json_wanted:
        as_json({"status": "verified" if verify_only else "applied", **report})
        return 0
    if manifest["tables"]:
        table(("表", "行数", "校验值"), [(name, facts["rows"], facts["hash"]) for name, facts in manifest["tables"].items()])
    if manifest["engine"] == "keys":
        click.echo("密钥备份完好。" if verify_only else "密钥已放回。接着恢复数据：tongxing restore 备份文件。")
    elif verify_only:
        click.echo(f"备份完好（{manifest['made_at']}，{report['rows']:,} 行，{report['files']} 个文件）。没有恢复任何数据。")
    else:
        click.echo(
            f"已恢复到 {manifest['made_at']} 的状态：{len(manifest['tables'])} 张表、{report['rows']:,} 行与备份时逐表相同，{report['files']} 个文件。"
        )
    return 0


def _settle(file: Path) -> None:
    """Bring what was restored to this version, and note in it where it came from."""
    from tongxing.audit.log import COMMAND_LINE
    from tongxing.backups import restoring

    from .prepare import prepare_database

    prepare_database()
    restoring.note(file, by=COMMAND_LINE)


@click.command(cls=ChineseCommand, short_help="恢复演练：证明最近的备份恢复得出来")
@click.argument("file", metavar="[文件]", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--keys", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="文件夹", help="用另行保管的密钥，而不是这台机器上的"
)
@click.option("--scheduled", is_flag=True, help="给定时器用：到了间隔才做")
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def drill(file: Path | None, keys: Path | None, scheduled: bool, json_wanted: bool) -> int:
    """把最近的备份恢复到临时的地方：逐表核对、升级、核验审计日志、打开文件，报告用时，然后清掉；不动正在用的数据。发现问题时退出码为 1。"""
    start_with_data()
    from django.utils import timezone

    from tongxing.audit.log import COMMAND_LINE
    from tongxing.backups import drilling, schedule

    if scheduled and not schedule.drill_is_due(timezone.now()):
        _say({"status": "not_due"}, json_wanted, "还没有到演练的时间，或还没有备份。")
        return 0
    with Bars() as bars:
        report = drilling.drill(passphrase=_passphrase(confirm=False), by=COMMAND_LINE, source=file, keys=keys, tell=bars)
    if json_wanted:
        as_json({"status": "findings" if report["findings"] else "applied", **report})
    else:
        click.echo(f"{report['backup']}：用时 {report['seconds']['total']:.1f} 秒，{len(report['tables'])} 张表、{report['rows']:,} 行。")
        for finding in report["findings"]:
            click.echo(f"  {finding}", err=True)
        click.echo(
            f"发现 {len(report['findings'])} 个问题，这份备份不能算数。"
            if report["findings"]
            else "恢复得出来：逐表相同，升级、审计日志和文件都没有发现问题。"
        )
    return 1 if report["findings"] else 0


@click.command(cls=ChineseCommand, hidden=True)
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def inspect(json_wanted: bool) -> int:
    """演练时在恢复出来的数据里查看。"""
    start_with_data()
    from tongxing.backups.inspecting import inspect as look

    report = look()
    _say(report, json_wanted, "\n".join(report["findings"]) or "没有发现问题。")
    return 1 if report["findings"] else 0


def _rows(manifest: dict[str, Any]) -> int:
    return sum(int(facts["rows"]) for facts in manifest["tables"].values())


def _say(report: dict[str, Any], json_wanted: bool, sentence: str) -> None:
    if json_wanted:
        as_json(report)
    else:
        click.echo(sentence)


def _passphrase(*, confirm: bool) -> str:
    from tongxing.backups.places import VARIABLE, known_passphrase

    return known_passphrase() or secret(VARIABLE, "备份口令", confirm=confirm)
