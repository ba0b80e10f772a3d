"""Where backups lie, what they are called, and who may open them: the passphrase, the key ring, the note for whoever restores."""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.utils import timezone

from tongxing.core.errors import Refused
from tongxing.core.vault import ring

from .sealed import read_header

VARIABLE = "TONGXING_BACKUP_PASSPHRASE"
SHORTEST_PASSPHRASE = 12
NOTE_NAME = "恢复说明.txt"
_NAME = re.compile(r"tongxing-\d{8}-\d{6}\.backup")


def folder() -> Path:
    return Path(settings.BACKUP_DIR)


def new_file(now: datetime | None = None) -> Path:
    return folder() / f"tongxing-{timezone.localtime(now):%Y%m%d-%H%M%S}.backup"


def files_root() -> Path:
    return Path(cast("Any", settings.STORAGES)["default"]["OPTIONS"]["location"])


def stored_files() -> Iterator[tuple[str, Path]]:
    root = files_root()
    for path in sorted(root.rglob("*")) if root.exists() else []:
        if path.is_file() and not path.is_symlink():
            yield f"files/{path.relative_to(root).as_posix()}", path


def key_files() -> list[tuple[str, Path]]:
    return [(f"keys/{path.name}", path) for path in sorted(settings.KEY_DIR.glob("*")) if path.is_file()]


def ring_fingerprint() -> str:
    """Tells whether two installations share a key ring, without telling a key; empty where none was made or put back yet."""
    if not (settings.KEY_DIR / "vault.json").exists():
        return ""  # asking makes none: the real one may be on its way
    seal_key = settings.KEY_DIR / "audit.key"
    return hashlib.sha256(b"tongxing-ring|" + ring()[2] + (seal_key.read_bytes() if seal_key.exists() else b"")).hexdigest()[:16]


def known_passphrase() -> str:
    """What the installation gives for work that nobody watches: a variable or a file (a systemd credential, a container's secret); or ""."""
    given = os.environ.get(VARIABLE, "")
    if given or not settings.BACKUP_PASSPHRASE_FILE:
        return given
    try:
        return Path(settings.BACKUP_PASSPHRASE_FILE).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Refused(
            f"读不到备份口令文件 {settings.BACKUP_PASSPHRASE_FILE}（{error.strerror}）。请检查 {VARIABLE}_FILE 和文件的权限。",
            code="no_passphrase",
        ) from None


def clear_leftovers(age: timedelta) -> None:
    """Remove what a killed restore or drill left unpacked in the data folder: it is clear text."""
    for pattern in (".restore-*", ".drill-*"):
        for path in Path(settings.DATA_DIR).glob(pattern):
            if path.stat().st_mtime < (timezone.now() - age).timestamp():
                shutil.rmtree(path, ignore_errors=True)


def refuse_short(passphrase: str) -> None:
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise Refused(f"备份口令至少 {SHORTEST_PASSPHRASE} 个字符。", code="short_passphrase")


def own_backups(*, scheduled_only: bool = False) -> list[Path]:
    """The backups of this installation in its folder, newest first: by name and by what stands in clear at their beginning."""
    found = [path for path in folder().glob("tongxing-*.backup") if _NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink()]
    mine = ring_fingerprint()
    if not mine:
        return []
    ours = [path for path in found if (header := read_header(path)).get("ring") == mine and (header.get("scheduled") or not scheduled_only)]
    return sorted(ours, key=lambda path: path.name, reverse=True)


def write_note(place: Path, *, with_keys: bool) -> None:
    """The note for whoever stands before these files without the machine that wrote them. It tells no secret."""
    text = NOTE.format(ring=ring_fingerprint(), keys="含在备份文件里" if with_keys else "不在备份文件里，另行保管")
    (place / NOTE_NAME).write_text(text, encoding="utf-8")


NOTE = """同行：备份的保管和恢复
====================

这个文件夹里的 *.backup 用口令加密，没有口令谁也打不开，包括软件的作者。

三样东西，交给至少两个人分开保管
--------------------------------
1. 备份文件（本文件夹）        系统管理员；另存一份在别的楼或别的机器上。
2. 备份口令                    写在纸上密封，由科室负责人保管；系统管理员另有一份。
3. 密钥文件（keys.backup）     由另一个人保管，不与 1 放在一起。用下面的命令生成，换一个口令：
                                 tongxing backup --keys-only keys.backup
   密钥环编号：{ring}；密钥现在{keys}。
   没有密钥，恢复得出名单，但证件号码、电话和上传的文件永远打不开，审计日志也无法核验。

原来的机器没有了，怎样恢复
--------------------------
1. 在新机器上装好同一版本（或更新版本）的同行，设好 TONGXING_DATA_DIR
   （用 PostgreSQL 的，另建空库并设好 TONGXING_DATABASE_URL），先不要启动。
2. 放回密钥（备份含密钥的跳过）：  tongxing restore keys.backup
3. 恢复最近的备份：                tongxing restore tongxing-日期-时间.backup
   口令不对、文件损坏、密钥不配的，都会在动任何数据之前拒绝。
   完成后逐表打印行数和校验值。
4. 核验审计日志：                  tongxing audit verify
5. 启动服务，登录，抽查几条记录。

平时怎样知道备份是好的
----------------------
tongxing restore 文件 --verify   只核对，不恢复
tongxing drill                   把最近的备份恢复到临时的地方再清掉，报告用时
"""
