"""The extract on paper: every printed field, the photo, a code that reads back and proves itself."""

import json
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typst
import zxingcpp
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.certificates.register import void_certificate
from tongxing.core.errors import Refused
from tongxing.credentials import extracts, keys, payload
from tongxing.credentials.extracts import print_extracts
from tongxing.credentials.photos import set_photo
from tongxing.papers import qr
from tongxing.papers.render import pdf

from .scene import BASE, a_certificate, a_picture

ID_NUMBER = "419001199003071237"


def text_of(made: bytes) -> list[str]:
    return ["".join(page.extract_text().split()) for page in PdfReader(BytesIO(made)).pages]


def code_of(run: Any) -> str:
    with pytest.raises(Refused) as refused:
        run()
    return refused.value.code


@pytest.fixture
def one(jiyuan: SimpleNamespace) -> Any:
    return a_certificate(jiyuan.kejing, name="欧阳修远", holder={"id_number": ID_NUMBER})


def test_the_paper_says_what_it_is_and_holds_every_printed_field(cast: SimpleNamespace, one: Any) -> None:
    set_photo(one.person, a_picture(), by=cast.officer)
    made = print_extracts([one], base=BASE, by=cast.officer)
    (text,) = text_of(made)
    for said in (
        "职业技能等级证书登记摘录",
        "不是证书原件，不盖印章",
        "欧阳修远",
        "居民身份证",
        "419001********1237",
        "劳动关系协调员",
        "工种/职业方向--",
        "三级/劳动关系协调员",
        one.number,
        "济源某评价机构",
        "2023年6月1日",
        "有效",
        "http://zscx.osta.org.cn",
        "http://pjjg.osta.org.cn",
        keys.signer().kid,
    ):
        assert said in text, said
    assert ID_NUMBER not in text
    assert len(PdfReader(BytesIO(made)).pages[0].images) == 1
    entry = Entry.objects.get(act="credentials.print_extracts")
    assert entry.after["numbers"] == [one.number]


def test_the_code_on_the_paper_is_read_and_proven(cast: SimpleNamespace, one: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The drawn page as a picture, read by zxing as a phone would: what it holds proves itself with the published key."""
    drawn: list[Any] = []
    original = extracts.typeset

    def typeset(source: Path, inputs: dict[str, str], **options: Any) -> bytes:
        compiler = typst.Compiler(source, root=source.parent, font_paths=pdf._fonts())
        drawn.append(compiler.compile(format="png", ppi=96.0, sys_inputs=inputs))
        return original(source, inputs, **options)

    monkeypatch.setattr(extracts, "typeset", typeset)
    print_extracts([one], base=BASE, by=cast.officer)
    (found,) = zxingcpp.read_barcodes(picture_of(drawn[0]))
    assert found.text.startswith(f"{BASE}/c/")
    assert ID_NUMBER not in found.text
    claims = payload.read(found.text, keys.trusted())
    assert (claims.number, claims.name, claims.level, claims.body_name) == (one.number, "欧**远", 3, "济源某评价机构")


def picture_of(png: bytes) -> Any:
    """A PNG of eight bits a channel as rows of grey values, which is what zxing reads."""
    import struct
    import zlib

    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (depth, kind) == (8, 6)
    at, packed = 33, b""
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        packed += png[at + 8 : at + 8 + length] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += length + 12
    raw, stride, before, rows = zlib.decompress(packed), width * 4 + 1, bytearray(width), bytearray()
    for start in range(0, height * stride, stride):
        # A channel knows nothing of the others: the red one is enough.
        before = unfiltered(raw[start], bytearray(raw[start + 1 : start + stride : 4]), before)
        rows += before
    return memoryview(bytes(rows)).cast("B", (height, width))


def unfiltered(how: int, line: bytearray, before: bytearray) -> bytearray:
    """PNG (ISO/IEC 15948) §9, for one channel."""
    if how == 2 and not any(line):
        return before
    left = corner = 0
    for at, up in enumerate(before):
        guess = left + up - corner
        nearest = min((left, up, corner), key=lambda value: abs(guess - value)) if how == 4 else 0
        left = line[at] = (line[at] + (0, left, up, (left + up) // 2, nearest)[how]) & 255
        corner = up
    return line


def test_a_long_body_name_still_makes_a_code_that_is_read(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    one = a_certificate(jiyuan.kejing, body_name="济源产城融合示范区" * 14)
    text = payload.address(BASE, payload.signed(payload.claims_of(one, on=one.issued_on), keys.signer()))
    (found,) = zxingcpp.read_barcodes(picture_of_modules(text))
    assert found.text == text


def picture_of_modules(text: str) -> Any:
    image: Any = zxingcpp.create_barcode(text, zxingcpp.QRCode, ec_level="M").to_image(scale=3)
    assert qr.svg(text)
    return image


def test_the_number_in_clear_takes_a_purpose_and_a_right(cast: SimpleNamespace, one: Any) -> None:
    (text,) = text_of(print_extracts([one], base=BASE, by=cast.officer, reason="招聘单位要求"))
    assert ID_NUMBER in text
    entry = Entry.objects.get(act="credentials.print_extracts")
    assert (entry.after["完整证件号码"], entry.reason) == (True, "招聘单位要求")
    assert ID_NUMBER not in json.dumps(entry.after)


def test_who_may_not_and_what_may_not_be_printed(cast: SimpleNamespace, one: Any, jiyuan: SimpleNamespace) -> None:
    for user in (cast.other, cast.leader, cast.nobody):
        assert code_of(lambda user=user: print_extracts([one], base=BASE, by=user)) == "not_allowed"
    assert code_of(lambda: print_extracts([], base=BASE, by=cast.officer)) == "nothing_chosen"
    assert code_of(lambda: print_extracts([one] * 201, base=BASE, by=cast.officer)) == "too_many"
    ended = void_certificate(a_certificate(jiyuan.kejing), by=COMMAND_LINE, reason="发证有误")
    assert code_of(lambda: print_extracts([one, ended], base=BASE, by=cast.officer)) == "not_valid"


def test_many_are_one_file_with_the_same_queries(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    made = [a_certificate(jiyuan.kejing) for _ in range(12)]
    for one in made[::3]:
        set_photo(one.person, a_picture(), by=cast.officer)
    keys.signer()
    counts = []
    for few in (made[:1], made):
        with CaptureQueriesContext(connection) as queries:
            pages = text_of(print_extracts(few, base=BASE, by=cast.officer))
        counts.append(len(queries))
        assert [one.number in page for one, page in zip(few, pages, strict=True)] == [True] * len(few)
    assert counts[0] == counts[1]
