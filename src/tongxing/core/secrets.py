"""The secrets of one installation: made once in the data folder, readable by its owner only."""

import contextlib
import os
import secrets as random
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def read_or_make(path: Path, make: Callable[[], str] = lambda: random.token_urlsafe(48)) -> str:
    """Return the content of `path`; on first start create it with mode 0600. Two processes may race: the first one wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _make(path, make())
    value = path.read_text().strip()
    if not value:
        raise ImproperlyConfigured(f"密钥文件 {path} 是空的，请从备份中恢复。")
    if path.stat().st_mode & 0o077:
        raise ImproperlyConfigured(f"密钥文件 {path} 其他用户可读，请执行 chmod 600。")
    return value


def _make(path: Path, value: str) -> None:
    """Written whole under another name and linked into place: nobody ever reads half a secret, nor is an empty file left behind."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    draft = Path(name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(value + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
