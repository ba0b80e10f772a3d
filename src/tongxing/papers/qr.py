"""QR codes (ISO/IEC 18004, error correction M) as pictures for pages, PDF and Word."""

import struct
import zlib
from base64 import b64encode
from itertools import groupby
from typing import Any

import zxingcpp

QUIET = 4
"""Modules of white that a reader needs around the code; whoever sets it on white paper may leave them to the paper."""


def svg(text: str, *, border: int = 0) -> str:
    """The code as SVG of one path, a unit a module, with `border` modules of white around it."""
    rows = _modules(text)
    side = len(rows) + 2 * border
    runs = []
    for y, row in enumerate(rows, start=border):
        x = border
        for dark, run in groupby(row):
            width = len(list(run))
            if dark:
                runs.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{side * 4}" height="{side * 4}"><path d="{"".join(runs)}"/></svg>'


def data_address(text: str) -> str:
    """The code as an address that a page can show without a further request, on white."""
    drawn = svg(text, border=QUIET).replace("<path", '<path fill="#fff" d="M0 0h999v999H0z"/><path', 1)
    return f"data:image/svg+xml;base64,{b64encode(drawn.encode()).decode()}"


def png(text: str, *, scale: int = 6, border: int = QUIET) -> bytes:
    """The code as a black and white PNG, `scale` pixels a module."""
    rows = _modules(text)
    side = (len(rows) + 2 * border) * scale
    blank = b"\0" + b"\xff" * -(-side // 8)
    lines = [blank] * (border * scale)
    for row in rows:
        bits = "1" * (border * scale) + "".join(("0" if dark else "1") * scale for dark in row) + "1" * (border * scale)
        lines += [b"\0" + int(bits.ljust(-(-side // 8) * 8, "1"), 2).to_bytes(-(-side // 8), "big")] * scale
    lines += [blank] * (border * scale)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(lines))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


def _modules(text: str) -> list[list[bool]]:
    """The code's rows of modules, dark ones true."""
    image: Any = zxingcpp.create_barcode(text, zxingcpp.QRCode, ec_level="M").to_image(scale=1, add_quiet_zones=False)
    rows: Any = memoryview(image).tolist()
    return [[value == 0 for value in row] for row in rows]
