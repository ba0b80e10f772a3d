"""`tongxing backup | restore`."""

from datetime import datetime
from pathlib import Path

import click

from tongxing.core.errors import Refused

from .chinese import ChineseCommand
from .output import as_json, progress, secret
from .start import start_django, start_with_data

SHORTEST_PASSPHRASE = 12
VARIABLE = "TONGXING_BACKUP_PASSPHRASE"


@click.command(cls=ChineseCommand, short_help="备份数据库和上传的文件（加密）")
@click.argument("file", metavar="[文件]", required=False, type=click.Path(path_type=Path))
@click.option("--with-keys", is_flag=True, help="连同密钥一起备份（默认不含，密钥应另行保管）")
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def backup(file: Path | None, with_keys: bool, json_wanted: bool) -> int:
    """服务不用停。口令取自环境变量 TONGXING_BACKUP_PASSPHRASE，没有时在终端询问；丢了口令就打不开备份。"""
    start_with_data()
    from django.conf import settings

    from tongxing.audit.log import COMMAND_LINE, record

    from .backup import write_backup

    target = (file or settings.DATA_DIR / "backups" / f"tongxing-{datetime.now():%Y%m%d-%H%M%S}.backup").resolve()  # noqa: DTZ005
    if target.exists():
        raise Refused(f"{target} 已存在。请换一个文件名。", code="exists")
    target.parent.mkdir(parents=True, exist_ok=True)
    passphrase = _passphrase(confirm=True)
    with progress("备份") as tell:
        manifest = write_backup(target, passphrase, with_keys=with_keys, tell=tell)
    size = target.stat().st_size
    report = {"file": str(target), "files": len(manifest["files"]), "bytes": size, "with_keys": with_keys}
    record("system.backup", by=COMMAND_LINE, object_type="backup", object_id=target.name, label="备份", after=report)
    if json_wanted:
        as_json({"status": "applied", **report})
    else:
        click.echo(f"已备份到 {target}（{report['files']} 个文件，{size / 1_048_576:.1f} MB）。")
        click.echo("密钥也在备份里，请像密钥一样保管。" if with_keys else f"密钥不在备份里，请另行保管 {settings.KEY_DIR}。")
    return 0


@click.command(cls=ChineseCommand, short_help="从备份恢复")
@click.argument("file", metavar="文件", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="数据目录里已有数据时也恢复（原数据挪到一旁）")
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def restore(file: Path, force: bool, json_wanted: bool) -> int:
    """先停服务再恢复。备份里的每个文件都核对无误后才动数据目录。"""
    start_django()
    if not file.is_file():
        raise Refused(f"找不到备份文件 {file}。", code="no_file")
    from tongxing.audit.log import COMMAND_LINE, record

    from .backup import restore_backup
    from .prepare import prepare_database

    with progress("恢复") as tell:
        manifest = restore_backup(file, _passphrase(confirm=False), force=force, tell=tell)
    prepare_database()
    report = {"made_at": manifest["made_at"], "files": len(manifest["files"])}
    record("system.restore", by=COMMAND_LINE, object_type="backup", object_id=file.name, label="恢复", after=report)
    if json_wanted:
        as_json({"status": "applied", **report})
    else:
        click.echo(f"已恢复到 {manifest['made_at']} 的状态（{report['files']} 个文件）。")
    return 0


def _passphrase(*, confirm: bool) -> str:
    passphrase = secret(VARIABLE, "备份口令", confirm=confirm)
    if confirm and len(passphrase) < SHORTEST_PASSPHRASE:
        raise Refused(f"备份口令至少 {SHORTEST_PASSPHRASE} 个字符。", code="short_passphrase")
    return passphrase
