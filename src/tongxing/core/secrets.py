"""The secrets of one installation: made once in the data folder, readable by its owner only."""

import os
import secrets as random
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def read_or_make(path: Path, make: Callable[[], str] = lambda: random.token_urlsafe(48)) -> str:
    """Return the content of `path`; on first start create it with mode 0600. Two processes may race: the first one wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        value = path.read_text().strip()
        if not value:
            raise ImproperlyConfigured(f"密钥文件 {path} 是空的，请从备份中恢复。") from None
        if path.stat().st_mode & 0o077:
            raise ImproperlyConfigured(f"密钥文件 {path} 其他用户可读，请执行 chmod 600。") from None
        return value
    with os.fdopen(handle, "w") as file:
        value = make()
        file.write(value + "\n")
    return value
