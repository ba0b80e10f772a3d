"""The auditor's workbook and the whole file of a claim: complete, without numbers in clear, logged with their purpose."""

import io
import struct
import zlib
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader, PdfWriter

from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.files import store
from tongxing.subsidies import auditing, claim_file
from tongxing.subsidies.models import Claim

from .scene import Scene, a_user, an_account, anew
from .test_pages import signed_in


def a_png() -> bytes:
    """Eight by eight grey points."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    rows = b"".join(b"\0" + bytes([128] * 8) for _ in range(8))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def a_pdf(pages: int = 2, password: str = "") -> bytes:
    writer, made = PdfWriter(), io.BytesIO()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    if password:
        writer.encrypt(password)
    writer.write(made)
    return made.getvalue()


def evidence(scene: Scene, *files: tuple[str, bytes]) -> tuple[int, ...]:
    return tuple(
        store.keep(SimpleUploadedFile(name, content), name=name, purpose="subsidies.evidence", by=scene.second, area_code=scene.jiyuan.county.pk).pk
        for name, content in files
    )  # fmt: skip


def pages_of(made: bytes) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(made), read_only=True)
    return {page.title: list(page.iter_rows(min_row=2, values_only=True)) for page in book.worksheets}


def workbook(scene: Scene, **changes: Any) -> dict[str, list[tuple[Any, ...]]]:
    today = timezone.localdate()
    days = {"since": today - timedelta(days=30), "until": today, "reason": "年度审计"}
    return pages_of(auditing.auditors_workbook(by=scene.approver, **days | changes))


def test_the_workbook_holds_every_claim_and_what_auditors_join(scene: Scene) -> None:
    account = an_account(999)
    first = scene.listed(scene.training(account=account))[1][0]
    second = scene.accepted(scene.training(account=account))[0]
    third = scene.opened(scene.ask())[0]
    pages = workbook(scene)
    head, *lines = pages["申请"]
    assert [dict(zip(head, line, strict=True))["受理号"] for line in lines] == [first.serial, second.serial, third.serial]
    line = dict(zip(head, lines[0], strict=True))
    assert (line["受理人"], line["审批人"], line["金额"]) == (first.handled_by, first.approved_by, first.amount)
    assert "豫人社规〔2022〕2号" in line["政策依据"]
    assert [row[3] for row in pages["共用账号"][1:]] == [first.serial, second.serial]
    assert [row[0] for row in pages["预审发现"][1:]].count(second.serial) == 1
    assert len(pages["拨付"]) == 2
    assert pages["岗位分离"][1:] == []
    text = str(pages)
    for claim in Claim.objects.select_related("person"):
        assert claim.person.id_number not in text
        assert claim.account not in text
    entry = Entry.objects.get(act="subsidies.audit_workbook")
    assert (entry.reason, entry.after["count"]) == ("年度审计", 3)
    assert entry.after["digest"] in text


def test_one_hand_in_two_posts_is_named(scene: Scene) -> None:
    claim = scene.approved()[0]
    Claim.objects.filter(pk=claim.pk).update(handled_by_id=claim.approved_by_id)
    assert [row[0] for row in workbook(scene)["岗位分离"][1:]] == [claim.serial]


def test_the_workbook_wants_a_purpose_a_period_and_claims_in_sight(scene: Scene) -> None:
    scene.opened()
    for changes in ({"reason": " "}, {"until": timezone.localdate() - timedelta(days=60)}):
        with pytest.raises(Refused):
            workbook(scene, **changes)
    far = a_user("far", "subsidy_approver", scene.jiyuan.other)

    with pytest.raises(Refused, match="没有您可以查看的"):
        auditing.auditors_workbook(by=far, since=timezone.localdate(), until=timezone.localdate(), reason="审计")


def test_the_whole_file_has_the_evidence_behind_it(scene: Scene) -> None:
    kept = evidence(scene, ("证明.pdf", a_pdf()), ("照片.png", a_png()), ("加密.pdf", a_pdf(1, "x")))
    claim = scene.listed(scene.training(evidence=kept))[1][0]
    made = claim_file.claim_file(anew([claim])[0], by=scene.handler, reason="归档")
    book = PdfReader(io.BytesIO(made))
    text = "".join(page.extract_text() for page in book.pages)
    assert [str(item.title) for item in book.outline if not isinstance(item, list)][-2:] == ["证明.pdf", "照片.png"]
    for words in (claim.serial, claim.person.name, "所用的政策参数", "另附原件", "公示", "拨付"):
        assert words in text
    assert claim.person.id_number not in text
    assert claim.account not in text
    assert Entry.objects.get(act="subsidies.claim_file").reason == "归档"
    with pytest.raises(Refused):
        claim_file.claim_file(claim, by=scene.handler, reason="")
    with pytest.raises(Refused):
        claim_file.claim_file(claim, by=scene.approver, reason="看看")


def test_both_come_out_of_their_pages(scene: Scene) -> None:
    claim = scene.opened()[0]
    handler = signed_in(scene.handler)
    made = handler.post(reverse("subsidies:file", args=[claim.uid]), {"reason": "归档"})
    assert (made["Content-Type"], made.content[:5]) == ("application/pdf", b"%PDF-")
    assert handler.post(reverse("subsidies:file", args=[claim.uid]), {"reason": ""}).status_code == 422
    today = timezone.localdate()
    typed = {"since": f"{today:%Y}-01-01", "until": str(today), "reason": "审计"}
    book = signed_in(scene.approver).post(reverse("subsidies:audit-workbook"), typed)
    assert "申请" in pages_of(book.content)
    empty = signed_in(scene.approver).post(reverse("subsidies:audit-workbook"), typed | {"since": "2001-01-01", "until": "2001-02-01"})
    assert "请换一个期间" in empty.content.decode()
