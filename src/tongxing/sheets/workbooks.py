"""The two workbooks a sheet hands out: the template to fill in, and the lines that were sent back."""

from collections.abc import Iterable, Mapping, Sequence

from .reading import ColumnSpec

REASON_HEADING = "退回原因"


def template(
    title: str,
    columns: Sequence[ColumnSpec],
    *,
    choices: Mapping[str, Sequence[str]],
    example: Mapping[str, str],
    notes: Mapping[str, str],
) -> bytes:
    """An xlsx to fill in: `choices`, `example` and `notes` by column key."""
    raise NotImplementedError


def failed_rows(headings: Sequence[str], rows: Iterable[tuple[Sequence[str], str]], *, title: str = "退回") -> bytes:
    """An xlsx of only the bad lines: pairs of (original values in the order of `headings`, reason)."""
    raise NotImplementedError
