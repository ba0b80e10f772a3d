"""`read`: decides by content what a file is, opens it safely, finds the header and hands out rows of text."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from django.conf import settings

from tongxing.core.errors import Refused

from . import excel, kinds, plaintext
from .headings import refuse_missing
from .lines import Lines
from .model import ColumnSpec, Header, Reading, Skipped, SourceRow, Worksheet


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
    """Open `path` (shown to people as `name`); raises Refused with a code when the file as a whole cannot be read.

    Limits default to the settings. Only the first worksheet whose header fits best is read, unless `worksheet` names one.
    """
    _refuse_too_large(path, byte_limit or settings.UPLOAD_LIMIT_BYTES)
    kind = kinds.kind_of(path, name)
    chosen = _opened(path, kind, columns, worksheet, expanded_limit or settings.SHEET_EXPANDED_LIMIT_BYTES)
    header = _judged(chosen, columns)
    skipped = Skipped()
    row_limit, cell_limit = row_limit or settings.SHEET_ROW_LIMIT, cell_limit or settings.SHEET_CELL_LENGTH_LIMIT
    if chosen.most > row_limit:
        _refuse_too_many(chosen, Lines(header, columns, Skipped(), row_limit=row_limit, cell_limit=cell_limit))
    lines = Lines(header, columns, skipped, row_limit=row_limit, cell_limit=cell_limit, errors=chosen.errors)
    return Reading(
        file=name,
        kind=kind,
        worksheet=chosen.name,
        worksheets=chosen.worksheets,
        header_row=header.row,
        mapping=header.mapping,
        headings=header.headings,
        units=header.units,
        unknown_headings=header.unknown,
        missing_headings=header.missing,
        rows=_with_a_first(lines.rows(chosen.lines()), header),
        encoding=chosen.encoding,
        delimiter=chosen.delimiter,
        skipped=skipped,
    )


def _refuse_too_large(path: Path, byte_limit: int) -> None:
    size = path.stat().st_size
    if size > byte_limit:
        raise Refused(
            f"文件有 {size / 1048576:.1f} MB，超过 {byte_limit >> 20} MB 的上限。请删除不需要的工作表和图片，或拆分后分别上传。",
            code="too_large",
            status=413,
        )


def _refuse_too_many(chosen: excel.Chosen, lines: Lines) -> None:
    """Before the first line is judged or written: a file that is too long is refused as a whole."""
    for _ in lines.rows(chosen.lines()):
        pass


def _opened(path: Path, kind: str, columns: Sequence[ColumnSpec], worksheet: str | None, expanded_limit: int) -> excel.Chosen:
    if kind == kinds.XLS:
        return excel.open_xls(path, columns, worksheet)
    if kind == kinds.XLSX:
        return excel.open_xlsx(path, columns, worksheet, expanded_limit)
    encoding = plaintext.encoding_of(path)
    delimiter, header, said = plaintext.find(path, encoding, columns)
    return excel.Chosen(
        "",
        [],
        header,
        said,
        lambda: plaintext.below(path, encoding, delimiter, header),
        encoding=encoding,
        delimiter=delimiter,
        most=plaintext.most_lines(path),
    )


def _judged(chosen: excel.Chosen, columns: Sequence[ColumnSpec]) -> Header:
    where = f"工作表“{chosen.name}”" if chosen.name else "文件"
    if not chosen.said:
        raise Refused(f"{where}里没有任何内容。请确认选对了文件。", code="empty")
    if chosen.header is None:
        wanted = "、".join(column.heading for column in columns if column.required) or "、".join(column.heading for column in columns)
        raise Refused(
            f"在{_listed(chosen.worksheets)}前 40 行里没有找到表头。表头应当包含：{wanted}。{_hidden(chosen.worksheets)}"
            "请下载模板，把内容按模板的表头整理后重新上传。",
            code="no_header",
        )
    refuse_missing(chosen.header, columns, where)
    return chosen.header


def _hidden(worksheets: Sequence[Worksheet]) -> str:
    """Hidden worksheets are never read; where nothing else is found, that may be the reason."""
    names = "、".join(f"“{sheet.name}”" for sheet in worksheets if sheet.hidden)
    return f"隐藏的工作表{names}没有读取，名册如果在那里，请先取消隐藏。" if names else ""


def _listed(worksheets: Sequence[Worksheet]) -> str:
    names = [f"“{sheet.name}”" for sheet in worksheets if not sheet.hidden]
    return f"工作表{'、'.join(names[:5])}{'等' if len(names) > 5 else ''}的" if names else "文件的"


def _with_a_first(rows: Iterator[SourceRow], header: Header) -> Iterator[SourceRow]:
    """The same rows, once it is certain that there is at least one."""
    first = next(rows, None)
    if first is None:
        raise Refused(f"第 {header.row} 行是表头，但下面没有数据。请填入至少一行后重新上传。", code="header_only")
    return chain([first], rows)
