"""The length of a WebM film (RFC 8794, RFC 9559): as its head states it, or, where a browser recorded it and states none, up to its last picture.

The file is walked flat: elements that hold others are entered, all else is stepped over, so that neither sizes that are left open nor the order
of the parts matter.
"""

import struct
from typing import BinaryIO

from django.core.files.base import File

SEGMENT, INFO, CLUSTER, GROUP = 0x18538067, 0x1549A966, 0x1F43B675, 0xA0
ENTERED = frozenset({SEGMENT, INFO, CLUSTER, GROUP})
SCALE, DURATION, TIMESTAMP = 0x2AD7B1, 0x4489, 0xE7
BLOCKS = frozenset({0xA3, 0xA1})
LONGEST_VALUE = 8
NANOSECONDS = 1_000_000_000
MOST_ELEMENTS = 2_000_000
"""Six hours of film with sound; what has more is made to keep the server busy."""


def seconds_of_webm(source: "BinaryIO | File[bytes]") -> int:
    """Whole seconds; 0 where nothing says how long it is."""
    source.seek(0)
    scale, stated, cluster, last = 1_000_000, 0.0, 0, 0
    walked = 0
    while (head := _element(source)) is not None and walked < MOST_ELEMENTS:
        walked += 1
        name, size = head
        if name in ENTERED:
            if name == CLUSTER and stated:
                break
            continue
        if size is None:
            break
        end = source.tell() + size
        if name in {SCALE, DURATION, TIMESTAMP} and size <= LONGEST_VALUE:
            held = source.read(size)
            if name == DURATION:
                stated = _float(held)
            elif name == SCALE:
                scale = int.from_bytes(held) or scale
            else:
                cluster = int.from_bytes(held)
        elif name in BLOCKS and _number(source, keep_mark=False) is not None:
            raw = source.read(2)
            last = max(last, cluster + (struct.unpack(">h", raw)[0] if len(raw) == 2 else 0))
        source.seek(end)
    return int((stated or last) * scale // NANOSECONDS)


def _element(source: "BinaryIO | File[bytes]") -> tuple[int, int | None] | None:
    """Name and size of the element that begins here (size None: left open); None at the end and in what is no element."""
    name = _number(source, keep_mark=True)
    if name is None:
        return None
    place = source.tell()
    size = _number(source, keep_mark=False)
    if size is None:
        return None
    length = source.tell() - place
    return name, None if size == (1 << 7 * length) - 1 else size


def _number(source: "BinaryIO | File[bytes]", *, keep_mark: bool) -> int | None:
    """A number whose first byte says how many follow; names keep that mark, sizes do not."""
    first = source.read(1)
    if not first or not first[0]:
        return None
    length = 9 - first[0].bit_length()
    rest = source.read(length - 1)
    if len(rest) < length - 1:
        return None
    head = first[0] if keep_mark else first[0] & ((1 << 8 - length) - 1)
    return int.from_bytes(bytes([head]) + rest)


def _float(held: bytes) -> float:
    form = {4: ">f", 8: ">d"}.get(len(held))
    value = struct.unpack(form, held)[0] if form else 0.0
    return value if 0 < value < 1e12 else 0.0
