"""The answer that carries a file. Whoever calls it has checked the permission and written the log."""

import re
from collections.abc import Iterator

from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse

from .models import StoredFile


def served(file: StoredFile, *, inline: bool = False) -> FileResponse:
    """The file as an attachment; shown in the browser only when asked for and safe. Never cached, never a document with scripts."""
    shown = inline and file.may_show_inline
    response = FileResponse(file.open(), as_attachment=not shown, filename=file.name, content_type=file.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


RANGE = re.compile(r"bytes=(\d*)-(\d*)")
PIECE_BYTES, BLOCK_BYTES = 4 * 1024 * 1024, 64 * 1024
"""A player asks again for what follows: a long film never holds a thread longer than one piece takes."""


def served_in_pieces(file: StoredFile, asked: str) -> HttpResponseBase:
    """The part of a film or recording that a player asks for (`Range`, RFC 9110 §14), at most a piece at a time; 416 beyond its end."""
    span = _span(asked, file.size)
    if span is None:
        response: HttpResponseBase = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{file.size}"
        return response
    first, last = span
    response = StreamingHttpResponse(_blocks(file, first, last), status=206, content_type=file.content_type)
    response["Content-Range"] = f"bytes {first}-{last}/{file.size}"
    response["Content-Length"] = str(last - first + 1)
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """First and last byte to send; an answer without `Range` begins at the start. None when nothing of it exists."""
    match = RANGE.fullmatch(asked.strip())
    start, end = match.groups() if match else ("", "")
    if start:
        first, last = int(start), int(end) if end else size - 1
    elif end:
        first, last = max(0, size - int(end)), size - 1
    else:
        first, last = 0, size - 1
    if first >= size or last < first:
        return None
    return first, min(last, size - 1, first + PIECE_BYTES - 1)


def _blocks(file: StoredFile, first: int, last: int) -> Iterator[bytes]:
    with file.open() as source:
        source.seek(first)
        left = last - first + 1
        while left and (block := source.read(min(BLOCK_BYTES, left))):
            left -= len(block)
            yield block
