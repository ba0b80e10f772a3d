"""Films in the pieces that a player asks for."""

from typing import Any

import pytest

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.errors import Refused
from tongxing.files.models import StoredFile
from tongxing.files.serving import PIECE_BYTES, served_in_pieces
from tongxing.files.store import keep

pytestmark = pytest.mark.django_db
HEAD = b"\x00\x00\x00\x18ftypmp42"


@pytest.fixture
def film(settings: Any, tmp_path: Any) -> StoredFile:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "tongxing.files.sealed.SealedStorage", "OPTIONS": {"location": tmp_path}},
    }
    content = HEAD + bytes(range(256)) * 20_000
    return keep(content, name="第一课.mp4", purpose="tests.film", by=COMMAND_LINE, area_code=None)


def asked(film: StoredFile, span: str) -> tuple[int, str, bytes]:
    answer: Any = served_in_pieces(film, span)
    content = b"".join(answer.streaming_content) if answer.streaming else b""
    assert answer.status_code == 416 or answer["Content-Length"] == str(len(content))
    return answer.status_code, answer["Content-Range"], content


def test_a_player_gets_what_it_asks_for_and_never_more_than_a_piece(film: StoredFile) -> None:
    size = film.size
    with film.open() as source:
        whole = source.read()
    assert film.content_type == "video/mp4"
    for span, first, last in (
        ("bytes=0-11", 0, 11),
        ("bytes=100-", 100, min(size, 100 + PIECE_BYTES) - 1),
        ("bytes=1048570-1048590", 1_048_570, 1_048_590),
        ("bytes=-7", size - 7, size - 1),
        ("", 0, PIECE_BYTES - 1),
        (f"bytes={size - 1}-{size + 99}", size - 1, size - 1),
    ):
        assert asked(film, span) == (206, f"bytes {first}-{last}/{size}", whole[first : last + 1])


@pytest.mark.parametrize("span", ["bytes=99999999-", "bytes=9-3"])
def test_beyond_the_end_there_is_nothing(film: StoredFile, span: str) -> None:
    assert asked(film, span)[:2] == (416, f"bytes */{film.size}")


def test_a_film_is_known_by_its_content() -> None:
    with pytest.raises(Refused) as refused:
        keep(b"not a film at all", name="a.mp4", purpose="tests.film", by=COMMAND_LINE, area_code=None)
    assert refused.value.code == "file_content"


def test_a_film_that_a_browser_recorded_is_known_by_its_content() -> None:
    head = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84"
    held = keep(head + b"webm" + bytes(90), name="第一课.webm", purpose="tests.film", by=COMMAND_LINE, area_code=None)
    assert (held.content_type, held.may_show_inline) == ("video/webm", False)
    with pytest.raises(Refused):
        keep(head + b"matroska" + bytes(90), name="第一课.webm", purpose="tests.film", by=COMMAND_LINE, area_code=None)
