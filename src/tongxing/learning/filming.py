"""What an uploaded file gives a lesson: the length of a film, the pages of a PDF as pictures."""

import struct
from io import BytesIO
from threading import Lock
from typing import Any, BinaryIO

import typst
from django.core.files.base import File
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from tongxing.core.errors import Refused
from tongxing.files.scratch import private_folder

from .webm import seconds_of_webm

MOST_PAGES = 80
"""Every page becomes a picture while the teacher waits."""
WIDTH, PPI = "18cm", 144.0
"""About a thousand points across: sharp on a telephone, readable on a desk."""
EBML = b"\x1a\x45\xdf\xa3"
NO_LENGTH = "读不出视频的时长。请用剪辑软件另存为 MP4（H.264）后重新上传。"
_TURN = Lock()


def seconds_of(source: "BinaryIO | File[bytes]") -> int:
    """The length in whole seconds of a WebM film, or of an MP4 film or recording (ISO/IEC 14496-12: moov, mvhd)."""
    source.seek(0)
    if source.read(4) == EBML:
        if seconds := seconds_of_webm(source):
            return seconds
        raise Refused(NO_LENGTH, code="no_length", status=422)
    source.seek(0, 2)
    end = source.tell()
    inside = _box(source, b"moov", 0, end)
    found = _box(source, b"mvhd", *inside) if inside else None
    if found is None:
        raise Refused(NO_LENGTH, code="no_length", status=422)
    source.seek(found[0])
    held = source.read(32)
    try:
        # Version 1 has times of 8 bytes, version 0 of 4; scale and length follow the two dates.
        scale, length = struct.unpack_from(">IQ", held, 20) if held[0] == 1 else struct.unpack_from(">II", held, 12)
    except (struct.error, IndexError):
        scale, length = 0, 0
    if not scale or length < scale:
        raise Refused(NO_LENGTH, code="no_length", status=422)
    return int(length // scale)


def _box(source: "BinaryIO | File[bytes]", name: bytes, start: int, end: int) -> tuple[int, int] | None:
    """Where the content of the first box `name` between two places begins and ends."""
    while start + 8 <= end:
        source.seek(start)
        size, kind = struct.unpack(">I4s", source.read(8))
        head = 8
        if size == 1:
            raw = source.read(8)
            if len(raw) < 8:
                return None
            size, head = struct.unpack(">Q", raw)[0], 16
        size = size or end - start
        if size < head:
            return None
        if kind == name:
            return start + head, min(end, start + size)
        start += size
    return None


def pictures_of(pdf: bytes) -> list[bytes]:
    """Every page as PNG. Refused when the file is closed by a password, broken, or too long."""
    try:
        reader = PdfReader(BytesIO(pdf))
        closed, number = reader.is_encrypted, 0 if reader.is_encrypted else len(reader.pages)
    except (PyPdfError, ValueError, KeyError, RecursionError) as error:
        raise Refused("PDF 文件打不开。请重新导出后再上传。", code="bad_pdf", status=422) from error
    if closed:
        raise Refused("PDF 设有密码。请去掉密码后再上传。", code="closed_pdf", status=422)
    if not 1 <= number <= MOST_PAGES:
        raise Refused(f"PDF 有 {number} 页，课件每份 1 至 {MOST_PAGES} 页，请拆开上传。", code="too_many_pages", status=422)
    lines = [f'#image("lesson.pdf", page: {page}, width: {WIDTH})' for page in range(1, number + 1)]
    with private_folder() as folder, _TURN:
        (folder / "lesson.pdf").write_bytes(pdf)
        source = folder / "pages.typ"
        source.write_text("#set page(width: auto, height: auto, margin: 0pt)\n" + "\n#pagebreak()\n".join(lines))
        try:
            made: Any = typst.compile(source, format="png", ppi=PPI, root=folder)
        except typst.TypstError as error:
            raise Refused("PDF 里有不能显示的内容。请用“打印为 PDF”重新导出后再上传。", code="bad_pdf", status=422) from error
    return made if isinstance(made, list) else [made]
