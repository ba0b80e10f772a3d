"""Renames that all happen or none: what a restore does to the data folder.

A mark says that the change has begun. Killed in between, the next restore finishes it with the same folder for what was put aside, and
until then nothing else starts.
"""

import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

from django.conf import settings

MARK = "restore.unfinished"


def unfinished() -> str:
    """The name of the folder in which an unfinished restore put things aside; empty when there is none."""
    mark = settings.DATA_DIR / MARK
    return mark.read_text(encoding="utf-8").strip() if mark.exists() else ""


class Change:
    """`with Change(aside) as change: change.move(…)`; leaving by an exception takes every rename back."""

    def __init__(self, aside: Path) -> None:
        self.aside, self.mark, self.done = aside, settings.DATA_DIR / MARK, list[tuple[Path, Path]]()

    def __enter__(self) -> Self:
        return self

    def move(self, moves: list[tuple[Path, Path]]) -> None:
        """Put each source in the place of its target; what stood there goes aside, also where there is no source."""
        self._begin()
        for source, target in moves:
            if target.exists():
                kept = self.aside / target.name
                if kept.exists():
                    _remove(target)  # an unfinished restore put this here
                else:
                    self._rename(target, kept)
            if source.exists():
                self._rename(source, target)

    def _begin(self) -> None:
        with self.mark.open("w", encoding="utf-8") as file:
            file.write(self.aside.name)
            file.flush()
            os.fsync(file.fileno())
        self.aside.mkdir(exist_ok=True, mode=0o700)

    def _rename(self, source: Path, target: Path) -> None:
        source.rename(target)
        self.done.append((source, target))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None:
            for source, target in reversed(self.done):
                target.rename(source)
        self.mark.unlink(missing_ok=True)
        if self.aside.exists() and not any(self.aside.iterdir()):
            self.aside.rmdir()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
