"""Pictures lose what a telephone writes into them, and nothing of themselves."""

import struct
import zlib

import pytest

from tongxing.evaluation.tests.world import refused_code
from tongxing.files import images

EXIF = b"Exif\0\0II*\0\x08\0\0\0\x02\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x25\x88\x04\0\x01\0\0\0\x7b\0\0\0\0\0\0\0GPS 35.06,112.60"


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def a_jpeg(exif: bytes = EXIF) -> bytes:
    """The shape of a camera's picture: JFIF, Exif with place and orientation, a comment, tables, a scan with a stuffed byte, a film behind."""
    head = segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0") + segment(0xE1, exif) + segment(0xFE, "张三的手机".encode())
    picture = segment(0xDB, b"\0" + b"\x10" * 64) + segment(0xC0, b"\x08\0\x01\0\x01\x01\x01\x11\0") + segment(0xE2, b"MPF\0" + b"x" * 20)
    scan = segment(0xDA, b"\x01\x01\0\0\x3f\0") + b"\x12\xff\x00\x34\xff\xd0\x56"
    return b"\xff\xd8" + head + picture + scan + b"\xff\xd9" + b"ftypmp42 a film with a place"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def a_png() -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return (
        images.PNG
        + head
        + chunk(b"tEXt", b"Location\0 35.06")
        + chunk(b"eXIf", EXIF)
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
    )


@pytest.mark.once
def test_a_picture_keeps_itself_and_its_orientation_and_nothing_else() -> None:
    clean, ending = images.cleaned(a_jpeg())
    assert ending == "jpg"
    for gone in (b"GPS", "张三".encode(), b"MPF", b"film", b"\x25\x88"):
        assert gone not in clean
    assert b"\x01\x12\0\x03\0\0\0\x01\0\x06" in clean, "orientation 6 stays"
    assert clean.endswith(b"\x12\xff\x00\x34\xff\xd0\x56\xff\xd9")
    assert images.cleaned(clean)[0] == clean, "nothing is left to take away"
    png = images.cleaned(a_png())[0]
    assert (b"Location" in png, b"eXIf" in png, b"IDAT" in png) == (False, False, True)


@pytest.mark.once
def test_what_is_no_picture_or_half_a_picture_is_refused() -> None:
    assert refused_code(lambda: images.cleaned(b"\0\0\0 ftypheic")) == "picture_kind"
    whole = a_jpeg(exif=b"Exif\0\0II*\0\xff\xff\0\0")
    for cut in range(3, whole.index(b"\xff\xd9") - 1):
        with pytest.raises(Exception, match="重新拍"):
            images.cleaned(whole[:cut])
