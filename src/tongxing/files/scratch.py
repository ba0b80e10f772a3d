"""Clear copies that a reader needs for a moment: in a folder of this installation, for its owner only, gone when the reader is done.

A copy bears the number and start time of its process. What a killed process left is removed when the next one starts, and by the timetable.
"""

import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from os import getpid
from pathlib import Path
from time import time
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from tongxing.core.processes import is_running, started

FOREIGN_SECONDS = 2 * 24 * 3600
"""After this time a copy of another machine's process counts as left behind."""


def place() -> Path:
    """The folder of clear copies, made on first use with mode 0700."""
    folder: Path = settings.SCRATCH_DIR
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _mark() -> str:
    return f"{socket.gethostname()[:40].replace('~', '-')}~{getpid()}~{started(getpid())}~"


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder for clear copies, removed at the end."""
    with tempfile.TemporaryDirectory(prefix=_mark(), dir=place()) as folder:
        yield Path(folder)


def sweep() -> None:
    """Remove what dead processes of this machine left, and what others left long ago. May run at any time."""
    here = _mark().partition("~")[0]
    for path in list(place().iterdir()):
        host, _, rest = path.name.partition("~")
        pid, _, rest = rest.partition("~")
        since = rest.partition("~")[0]
        mine = host == here and pid.isdecimal()
        if not is_running(int(pid), since) if mine else _age(path) > FOREIGN_SECONDS:
            _remove(path)


def _age(path: Path) -> float:
    try:
        return time() - path.lstat().st_mtime
    except FileNotFoundError:
        return 0


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


class ScratchUpload(TemporaryUploadedFile):
    """An upload too large for memory waits among the clear copies instead of the machine's common folder."""

    def __init__(self, name: Any, content_type: Any, size: Any, charset: Any, extra: Any = None) -> None:
        file = tempfile.NamedTemporaryFile(prefix=_mark(), suffix=".upload", dir=place())  # noqa: SIM115 - closed with the upload
        super(TemporaryUploadedFile, self).__init__(file, name, content_type, size, charset, extra)


class ScratchUploadHandler(TemporaryFileUploadHandler):
    """Django's handler of large uploads, with `ScratchUpload`."""

    def new_file(self, *arguments: Any, **named: Any) -> None:
        super(TemporaryFileUploadHandler, self).new_file(*arguments, **named)
        self.file = ScratchUpload(self.file_name, self.content_type, 0, self.charset, self.content_type_extra)
