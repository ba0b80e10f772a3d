"""Photos: only real pictures, cut to one inch, drawn anew, sealed."""

from types import SimpleNamespace
from zlib import crc32

import pytest

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.errors import Refused
from tongxing.credentials.models import Photo
from tongxing.credentials.photos import HEIGHT, WIDTH, follow_person_merge, photos_of, redrawn, set_photo, size_of
from tongxing.registry.tests.people_factories import a_person

from .scene import a_picture


def code_of(content: bytes) -> str:
    with pytest.raises(Refused) as refused:
        redrawn(content)
    return refused.value.code


def chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + crc32(kind + data).to_bytes(4, "big")


def test_a_photo_is_cut_to_one_inch_and_keeps_no_notes() -> None:
    plain = a_picture()
    noted = plain[:33] + chunk(b"tEXt", b"Comment\0GPS 35.08,112.59") + plain[33:]
    made = redrawn(noted)
    assert size_of(made) == (WIDTH, HEIGHT)
    assert b"GPS" not in made
    assert made == redrawn(plain)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"GIF89a" + b"\0" * 99, "photo_kind"),
        (b"%PDF-1.7", "photo_kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo_kind"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "photo_damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (60_000).to_bytes(4, "big") * 2, "photo_too_large"),
        (b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (600).to_bytes(4, "big") * 2, "photo_damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (100).to_bytes(4, "big") * 2, "photo_too_small"),
        (b"\xff\xd8\xff\xc0\0\x11\x08\x01\x90\x01\x2c" + b"\0" * 20, "photo_damaged"),
        (b"\x89PNG" + b"\0" * (11 << 20), "photo_too_large"),
    ],
)
def test_what_is_no_photo_is_refused(content: bytes, code: str) -> None:
    assert code_of(content) == code


def test_the_latest_photo_counts_and_follows_a_merge(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    keep, drop = a_person(jiyuan.kejing), a_person(jiyuan.kejing)
    set_photo(drop, a_picture(), by=cast.officer)
    latest = set_photo(drop, a_picture(colour="9f5f5f"), by=cast.township)
    assert photos_of([keep.pk, drop.pk]) == {drop.pk: latest}
    with latest.file.open() as file:
        assert size_of(file.read()) == (WIDTH, HEIGHT)
    assert latest.file.opens_with == "registry.reveal"
    follow_person_merge(keep, drop, by=COMMAND_LINE)
    assert photos_of([keep.pk, drop.pk]) == {keep.pk: latest}
    with pytest.raises(Refused):
        set_photo(keep, a_picture(), by=cast.other)
    assert Photo.objects.count() == 2
