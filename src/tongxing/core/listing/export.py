"""All matching rows as a workbook: written row by row to a temporary file, so that memory stays flat; one audit entry each."""

import tempfile
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.utils.module_loading import import_string
from rustpy_xlsxwriter import FastExcel, Format

from tongxing.core.identifiers import squeeze
from tongxing.core.vault import mask

from .columns import Column
from .page import Listing, ListPage
from .paging import HeldRows, Ordering, fetched, in_order, sorted_at_once

CHUNK = 2_000
HEADER_ROW = 2
MOST_DIGITS = 6
NOT_IN_A_NAME = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
"""What Excel takes in no name of a worksheet."""
MOST_CELLS = 20_000


def workbook(request: HttpRequest, page: ListPage, rows: "QuerySet[Any] | HeldRows") -> FileResponse:
    """The rows with the columns on show; above them title, number of rows, filters and day."""
    listing = Listing(page, request)
    today = timezone.localdate()
    count = len(rows) if isinstance(rows, HeldRows) else rows.order_by().count()
    chosen = "勾选的记录" if request.POST.getlist("ids") and request.POST.get("all") != "1" else _conditions(listing)
    facts = f"共 {count:,} 条　条件：{chosen}　截至 {today}　导出人：{request.user}"
    file = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115 - FileResponse closes it
    columns = listing.columns
    last = max(len(columns) - 1, 1)
    merges = [(0, 0, 0, last, page.title, Format().set_bold().set_font_size(14)), (1, 0, 1, last, facts)]
    FastExcel(file.name).format(datetime_format="yyyy-mm-dd").freeze(row=HEADER_ROW + 1, col=1).sheet(
        page.title.translate(NOT_IN_A_NAME)[:31],
        _records(page, request, rows, columns) if count else [{column.label: None for column in columns}],
        header_row=HEADER_ROW,
        merge_ranges=merges,
        column_widths={column.label: float(column.width) for column in columns},
        header_format=Format().set_bold(),
        autofilter=True,
    ).save()
    _record(request, page, count, chosen)
    return FileResponse(file, as_attachment=True, filename=f"{page.title}_{today:%Y%m%d}.xlsx")


def _conditions(listing: Listing) -> str:
    """The filters in words. Lists are searched by ID and phone numbers too: neither the log nor the sheet keeps one in clear."""
    text = listing.search
    if sum(character.isdigit() for character in text) <= MOST_DIGITS:
        return listing.filter_text
    return listing.filter_text.replace(text, mask(squeeze(text), 3, 4))


def _records(page: ListPage, request: HttpRequest, rows: "QuerySet[Any] | HeldRows", columns: list[Column]) -> Iterator[dict[str, Any]]:
    orderings = page.orderings(request)
    if not isinstance(rows, HeldRows) and all(column.reads for column in columns):
        yield from _plain_records(columns, rows, orderings)
        return
    for ids in in_order(rows, *orderings, CHUNK):
        for row in page.described(fetched(rows, ids), request):
            yield {column.label: column.exported(row) for column in columns}


def _plain_records(columns: list[Column], rows: QuerySet[Any], orderings: tuple[Ordering, Ordering]) -> Iterator[dict[str, Any]]:
    """Columns that are each made of one value: no record is made for a row, and no cell twice for the same value."""
    labels, cells = [column.label for column in columns], [_Cells(column) for column in columns]
    for _, *values in _values(rows, orderings, ["pk", *(column.reads for column in columns)]):
        yield dict(zip(labels, map(_Cells.__getitem__, cells, values), strict=True))


def _values(rows: QuerySet[Any], orderings: tuple[Ordering, Ordering], paths: list[str]) -> Iterator[Any]:
    """Sorted in one go where that may be: one pass over the table, while ids in order would be looked up all over it."""
    if (at_once := sorted_at_once(rows, *orderings)) is not None:
        yield from at_once.values_list(*paths).iterator(chunk_size=CHUNK)
        return
    for ids in in_order(rows, *orderings, CHUNK):
        by_id = {values[0]: values for values in rows.order_by().filter(pk__in=ids).values_list(*paths)}
        yield from (by_id[pk] for pk in ids if pk in by_id)


class _Cells(dict[Any, Any]):
    """The cells of one column by the value they are made of: in a list most values come again and again."""

    def __init__(self, column: Column) -> None:
        super().__init__()
        self.column, self.names = column, column.reads.split("__")

    def __missing__(self, value: Any) -> Any:
        row = value
        for name in reversed(self.names):
            row = SimpleNamespace(**{name: row})
        cell = self.column.exported(row)
        if len(self) < MOST_CELLS:
            self[value] = cell
        return cell


def _record(request: HttpRequest, page: ListPage, count: int, filters: str) -> None:
    """Who took which list away. The log is above core, so settings name its function."""
    record = import_string(settings.AUDIT_EXPORT)
    record(
        "core.export",
        by=request.user,
        object_type="core.list",
        object_id=page.key,
        label=page.title,
        after={"rows": count, "filters": filters},
    )
