"""`read`: decides by content what a file is, opens it safely, finds the header and hands out rows of text."""

from collections.abc import Sequence
from pathlib import Path

from tongxing.core.errors import Refused

from .model import ColumnSpec, Reading


def read(
    path: Path,
    columns: Sequence[ColumnSpec],
    *,
    name: str,
    worksheet: str | None = None,
    row_limit: int | None = None,
    cell_limit: int | None = None,
    byte_limit: int | None = None,
    expanded_limit: int | None = None,
) -> Reading:
    """Open `path` (shown to people as `name`); raises Refused with a code when the file as a whole cannot be read."""
    raise Refused("尚未完成。", code="unsupported")
