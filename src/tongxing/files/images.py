"""Pictures without what a telephone writes into them: place, time, device. Only the picture itself and its orientation are kept.

JPEG (ITU-T T.81 annex B): a list of segments up to the scan; everything in APPn and COM goes, but JFIF, Adobe's colour mark and colour
profiles stay, without which colours are wrong. PNG (ISO/IEC 15948): a list of chunks; ancillary ones go but those of colour.
"""

import zlib
from typing import Literal

from tongxing.core.errors import Refused

JPEG, PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
SOS, EOI, APP0, APP1, APP2, APP14, APP15, COM = 0xDA, 0xD9, 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
KEPT_CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT"}
ORIENTATION = 0x0112
BAD = "照片文件不完整，读不出来。请重新拍一张。"


def cleaned(raw: bytes) -> tuple[bytes, str]:
    """The picture without metadata, and the ending of its kind; refused for anything but JPEG and PNG."""
    try:
        if raw.startswith(JPEG):
            return _jpeg(raw), "jpg"
        if raw.startswith(PNG):
            return _png(raw), "png"
    except (IndexError, ValueError):
        raise Refused(BAD, code="bad_picture", status=422) from None
    raise Refused("照片只收 JPG 和 PNG。苹果手机请在“设置—相机—格式”里选“兼容性最佳”后重新拍。", code="picture_kind", status=422)


def _jpeg(raw: bytes) -> bytes:
    """Segments before the scans are sorted out; inside and after a scan only what belongs to the picture, up to its end."""
    parts, place, turned = [JPEG], 2, 1
    while True:
        if raw[place] != 0xFF:
            raise ValueError(place)
        marker = raw[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if marker == EOI:
            break
        length = int.from_bytes(raw[place + 2 : place + 4], "big")
        segment = raw[place : place + 2 + length]
        if length < 2 or len(segment) != length + 2:
            raise ValueError(place)
        if marker == APP1 and segment[4:10] == b"Exif\0\0":
            turned = _orientation(segment[10:])
        if _belongs(marker, segment):
            parts.append(segment)
        place += len(segment)
        if marker == SOS:
            end = _end_of_scan(raw, place)
            parts.append(raw[place:end])
            place = end
    # A thumbnail, a film or anything else behind the end of the picture is left behind.
    parts.append(b"\xff\xd9")
    if turned != 1:
        parts.insert(1, _exif(turned))
    return b"".join(parts)


def _belongs(marker: int, segment: bytes) -> bool:
    if marker == COM:
        return False
    if not APP0 <= marker <= APP15:
        return True
    if marker == APP0:
        return segment[4:9] == b"JFIF\0"
    return (marker == APP2 and segment[4:16] == b"ICC_PROFILE\0") or (marker == APP14 and segment[4:9] == b"Adobe")


def _end_of_scan(raw: bytes, place: int) -> int:
    """Where the next marker stands that is neither stuffing nor a restart."""
    while True:
        place = raw.index(b"\xff", place)
        if raw[place + 1] != 0 and not 0xD0 <= raw[place + 1] <= 0xD7:
            return place
        place += 2


def _orientation(tiff: bytes) -> int:
    """How the camera was held (1 to 8); 1 where it is not said."""
    if tiff[:2] not in {b"II", b"MM"}:
        return 1
    order: Literal["little", "big"] = "little" if tiff[:2] == b"II" else "big"
    start = int.from_bytes(tiff[4:8], order)
    for entry in range(int.from_bytes(tiff[start : start + 2], order)):
        field = tiff[start + 2 + entry * 12 : start + 14 + entry * 12]
        if len(field) == 12 and int.from_bytes(field[:2], order) == ORIENTATION:
            value = int.from_bytes(field[8:10], order)
            return value if 1 <= value <= 8 else 1
    return 1


def _exif(orientation: int) -> bytes:
    """An Exif segment that says nothing but the orientation."""
    tiff = b"MM\0*\0\0\0\x08" + b"\0\x01" + b"\x01\x12\0\x03\0\0\0\x01" + orientation.to_bytes(2, "big") + b"\0\0" + b"\0\0\0\0"
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body


def _png(raw: bytes) -> bytes:
    parts, place = [PNG], len(PNG)
    while True:
        length, kind = int.from_bytes(raw[place : place + 4], "big"), raw[place + 4 : place + 8]
        chunk = raw[place : place + 12 + length]
        if len(chunk) != 12 + length or zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
            raise ValueError(place)
        if kind in KEPT_CHUNKS:
            parts.append(chunk)
        place += len(chunk)
        if kind == b"IEND":
            return b"".join(parts)
