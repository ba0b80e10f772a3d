"""QR codes say what they were made of, in each form in which they are shown."""

import re
import zlib
from base64 import b64decode
from itertools import chain

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from tongxing.papers import qr

ADDRESS = "https://tongxing.example.gov.cn/verify/eyJ1aWQiOiJhYmMifQ:1abcde:Zm9vYmFyYmF6cXV4/"


def read(png: bytes) -> str:
    """What a reader makes of a black and white PNG."""
    side, data, at = int.from_bytes(png[16:20], "big"), b"", 8
    while at < len(png):
        length, kind = int.from_bytes(png[at : at + 4], "big"), png[at + 4 : at + 8]
        data += png[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    plain, width = zlib.decompress(data), -(-side // 8) + 1
    lines = [plain[line * width + 1 : (line + 1) * width] for line in range(side)]
    return decoded(bytes(255 * (line[x // 8] >> (7 - x % 8) & 1) for line in lines for x in range(side)), side)


def decoded(pixels: bytes, side: int) -> str:
    found = zxingcpp.read_barcode(memoryview(pixels).cast("B", [side, side]))
    return found.text if found else ""


def test_the_png_is_read_back() -> None:
    assert read(qr.png(ADDRESS)) == ADDRESS


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=200))
def test_whatever_an_address_holds_is_read_back(text: str) -> None:
    assert read(qr.png(text, scale=3)) == text


@pytest.mark.parametrize("border", [0, qr.QUIET])
def test_the_svg_is_read_back(border: int) -> None:
    drawn = qr.svg(ADDRESS, border=border)
    (side,) = map(int, re.findall(r'viewBox="0 0 (\d+) ', drawn))
    scale, white = 4, 8
    pixels = [[255] * (side + 2 * white) * scale for _ in range((side + 2 * white) * scale)]
    for x, y, width, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", drawn):
        assert width == back
        left, right = ((int(x) + move + white) * scale for move in (0, int(width)))
        for line in range((int(y) + white) * scale, (int(y) + white + 1) * scale):
            pixels[line][left:right] = [0] * (right - left)
    assert decoded(bytes(chain.from_iterable(pixels)), len(pixels)) == ADDRESS


def test_the_inline_picture_is_white_around_the_code() -> None:
    kind, _, data = qr.data_address(ADDRESS).partition(";base64,")
    drawn = b64decode(data).decode()
    assert kind == "data:image/svg+xml"
    assert '<path fill="#fff"' in drawn
    assert "<script" not in drawn
