"""A holder's photo for the extract: judged, cut to one inch and drawn anew, so that nothing of the camera's notes or a prepared file stays.

The typesetter decodes and draws it (memory-safe code that turns the picture upright as its notes say), so no further library sees uploads.
"""

import struct
from collections.abc import Iterable
from io import BytesIO
from typing import BinaryIO

import typst
from django.core.files.base import File
from django.db import transaction

from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.files import store
from tongxing.files.scratch import private_folder
from tongxing.files.types import recognise
from tongxing.papers.render.pdf import picture
from tongxing.registry.models import Person

from .models import Photo
from .rules import can_set_photo

WIDTH, HEIGHT = 295, 413
"""One inch (25 mm × 35 mm) at 300 dots an inch (facts §2: 一寸)."""
LEAST_SIDE, MOST_PIXELS, MOST_BYTES = 295, 40_000_000, 10 * 1024 * 1024
DRAWN = b'#set page(width: %dpt, height: %dpt, margin: 0pt)\n#image("photo", format: "%s", width: 100%%, height: 100%%, fit: "cover")'
# Frame headers of JPEG (ITU T.81, table B.1) that hold the size; C4, C8 and CC are no frames.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def size_of(head: bytes) -> tuple[int, int]:
    """Width and height as the first bytes of a PNG or JPEG say; ValueError when they say none."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        width, height = struct.unpack(">II", head[16:24].ljust(8, b"\0"))
        return width, height
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        kind, length = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        if kind in _FRAMES:
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return width, height
        at += 1 if kind == 0xFF else 2 + length
    raise ValueError("no size")


def redrawn(content: bytes) -> bytes:
    """The photo as PNG of one inch; refused when it is no PNG or JPEG, too small, too large, or cannot be decoded."""
    if len(content) > MOST_BYTES:
        raise Refused(f"照片超过 {MOST_BYTES >> 20} MB。请缩小后重新上传。", code="photo_too_large")
    kind = recognise(BytesIO(content))
    if kind not in {"png", "jpeg"}:
        raise Refused("照片只能是 JPG 或 PNG 图片。请另存为其中一种后重新上传。", code="photo_kind")
    try:
        width, height = size_of(content)
    except ValueError:
        raise Refused("照片文件残缺，读不出尺寸。请用看图软件打开另存后重新上传。", code="photo_damaged") from None
    if width * height > MOST_PIXELS:
        raise Refused("照片像素太多，请缩小后重新上传。", code="photo_too_large")
    if min(width, height) < LEAST_SIDE:
        raise Refused(f"照片只有 {width}×{height} 像素，印出来不清楚。请用短边至少 {LEAST_SIDE} 像素的照片。", code="photo_too_small")
    return _drawn(content, "jpg" if kind == "jpeg" else "png")


def _drawn(content: bytes, kind: str) -> bytes:
    with private_folder() as folder:
        (folder / "photo").write_bytes(content)
        try:
            return picture(DRAWN % (WIDTH, HEIGHT, kind.encode()), root=folder)
        except typst.TypstError:
            raise Refused("照片文件残缺，打不开。请用看图软件打开另存后重新上传。", code="photo_damaged") from None


@transaction.atomic
def set_photo(person: Person, content: "bytes | File[bytes] | BinaryIO", *, by: Actor) -> Photo:
    """Keep a photo of a holder, drawn anew and sealed; the one before stays on file, the latest is printed."""
    insist(can_set_photo(by, person))
    if person.merged_into_id:
        raise Refused("该记录已并入另一条人员记录，请在保留的那一条上录入照片。", code="merged")
    made = redrawn(content if isinstance(content, bytes) else content.read(MOST_BYTES + 1))
    file = store.keep(made, name="照片.png", purpose="credentials.photo", by=by, area_code=person.area_id)
    photo = Photo.objects.create(person=person, file=file, set_by=by.display_name[:60])
    record("credentials.set_photo", by=by, of=person, after={"sha256": file.sha256})
    return photo


def photos_of(people: Iterable[int]) -> dict[int, Photo]:
    """The latest photo of each, with its file; one query."""
    rows = Photo.objects.filter(person__in=people).select_related("file").order_by("pk")
    return {photo.person_id: photo for photo in rows}


def follow_person_merge(keep: Person, drop: Person, *, by: Actor) -> None:
    """Photos of the record that goes belong to the one that stays."""
    moved = Photo.objects.filter(person=drop).update(person=keep)
    if moved:
        record("credentials.move_photos", by=by, of=keep, before={"person_id": drop.pk}, after={"person_id": keep.pk, "photos": moved})
