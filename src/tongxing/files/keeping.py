"""Files that an earlier version stored in clear are sealed where they lie; runs when a worker starts."""

import os
from pathlib import Path

from django.core.files.storage import default_storage

from .sealed import MAGIC, SealedStorage, seal_stream

HALF = ".sealing"


def seal_old() -> int:
    """Seal every stored file that still lies in clear; how many. A kill in the middle leaves the clear file for the next run."""
    if not isinstance(default_storage, SealedStorage):
        return 0
    root, sealed = Path(default_storage.location), 0
    for path in sorted(root.rglob("*")) if root.exists() else ():
        if path.suffix == HALF:
            path.unlink(missing_ok=True)
        elif path.is_file() and not _is_sealed(path):
            _seal(path, path.relative_to(root).as_posix())
            sealed += 1
    return sealed


def _is_sealed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def _seal(path: Path, name: str) -> None:
    half = path.with_name(path.name + HALF)
    with path.open("rb") as source, os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        target.writelines(seal_stream(source, name))
        target.flush()
        os.fsync(target.fileno())
    half.replace(path)
