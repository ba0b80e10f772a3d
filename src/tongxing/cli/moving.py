"""`tongxing migrate-to-postgres`: from the SQLite file of the data folder to an empty PostgreSQL database."""

import json
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from tongxing.core.errors import Refused

from .chinese import ChineseCommand
from .output import as_json, progress
from .start import MOVED, start_django

TARGET = "TONGXING_NEW_DATABASE_URL"
CURRENT = "TONGXING_DATABASE_URL"
# The service stands still while it moves; an entry that no worker could seal meanwhile is no finding.
NEVER_LATE = timedelta(days=36_500)


@click.command("migrate-to-postgres", cls=ChineseCommand, short_help="把 SQLite 数据库搬到 PostgreSQL（逐行核对）")
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def migrate_to_postgres(json_wanted: bool) -> int:
    """先停服务。目标库用环境变量 TONGXING_NEW_DATABASE_URL 给出，必须是空库；全部搬完、逐行核对无误才提交，否则目标库仍是空的。原库只读，不改动。"""
    started = time.monotonic()
    _point_at_target()
    start_django()
    report = _move()
    report["seconds"] = round(time.monotonic() - started, 1)
    if json_wanted:
        as_json({"status": "applied", **report})
    else:
        _tell(report)
    return 1 if report["audit"]["findings"] else 0


def _point_at_target() -> None:
    """From here on Django's own database is the new one."""
    if os.environ.get(CURRENT, "").strip():
        raise Refused(f"已经设了 {CURRENT}，这套系统用的就是 PostgreSQL。要搬 SQLite 数据库，请先取消这项设置。", code="already_postgresql")
    target = os.environ.get(TARGET, "").strip()
    if not target:
        raise Refused(f"请用环境变量 {TARGET} 给出目标库，例如 postgresql://用户:口令@主机:5432/库名。", code="no_target")
    os.environ[CURRENT] = target


def _move() -> dict[str, Any]:
    from django.conf import settings
    from django.db import connection

    from . import transfer

    _refuse_unreachable()
    file = settings.DATA_DIR / "tongxing.sqlite3"
    transfer.use_source(file)
    audit: dict[str, Any] = {}
    with transfer.held(file):
        _refuse_unready()
        transfer.refuse_filled_target()
        _make_tables()
        with progress("搬迁") as tell:
            report = transfer.move(tell, check=lambda: audit.update(_check_log()))
        (settings.DATA_DIR / MOVED).write_text(json.dumps({"rows": report.rows, "database": connection.settings_dict["NAME"]}))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    tables = [{"table": moved.table, "rows": moved.rows, "sha256_sum": moved.digest} for moved in report.tables]
    return {"rows": report.rows, "tables": tables, "index_entries": report.index_entries, "audit": audit}


def _refuse_unreachable() -> None:
    from django.db import OperationalError, connection

    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise Refused(f"目标库连不上：{str(error).strip().splitlines()[-1]}", code="target_unreachable") from None


def _refuse_unready() -> None:
    """The source must be of this version, its keys must be here, and no worker may be at work."""
    from django.conf import settings
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    from tongxing.core.jobs import living_workers

    from .transfer import SOURCE

    executor = MigrationExecutor(connections[SOURCE])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Refused("SQLite 数据库还不是这个版本的。请先执行 tongxing migrate 升级，再搬迁。", code="not_migrated")
    for name in ("vault.json", "audit.key"):
        if not (Path(settings.KEY_DIR) / name).exists():
            raise Refused(f"密钥 {Path(settings.KEY_DIR) / name} 不在。没有它，搬过去的数据打不开、日志核验不了。", code="no_keys")
    if living_workers(SOURCE):
        raise Refused("后台任务进程还在运行。请先停掉服务和后台任务，再执行一次。", code="in_use")


def _make_tables() -> None:
    from django.core.management import call_command

    from tongxing.registry import partitioning

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    partitioning.arrange()


def _check_log() -> dict[str, Any]:
    """Verify the copied log with the seals and the anchor of the source, and note the move in it."""
    from tongxing.audit.log import COMMAND_LINE, record
    from tongxing.audit.verification import verify

    found = verify(late_after=NEVER_LATE)
    record("system.move_to_postgresql", by=COMMAND_LINE, object_type="database", label="数据库", after={"entries": found.entries})
    return {
        "blocks": found.blocks,
        "entries": found.entries,
        "unsealed": found.unsealed,
        "findings": [finding.message for finding in found.findings],
    }


def _tell(report: dict[str, Any]) -> None:
    from django.conf import settings

    for moved in report["tables"]:
        if moved["rows"]:
            click.echo(f"  {moved['table']}：{moved['rows']:,} 行，两边一致（{moved['sha256_sum'][:16]}）")
    audit = report["audit"]
    click.echo(f"已搬 {report['rows']:,} 行，重建检索 {report['index_entries']:,} 条，用时 {report['seconds']} 秒。")
    click.echo(f"审计日志：核对 {audit['blocks']} 块、{audit['entries']} 条，发现 {len(audit['findings'])} 个问题。")
    for finding in audit["findings"]:
        click.echo(f"  {finding}", err=True)
    click.echo(f"以后启动请设 {CURRENT} 为新库的地址（与刚才的 {TARGET} 相同）。上传的文件、密钥和锚点仍在 {settings.DATA_DIR}。")
    click.echo(f"原来的 SQLite 文件没有动；要退回去用它，请删除 {settings.DATA_DIR / MOVED}。")
