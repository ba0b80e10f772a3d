"""Issuing, reprinting and proving papers."""

import hashlib
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.papers.document import Document, Paragraph, Table, digest
from tongxing.papers.models import Copy, Paper
from tongxing.papers.proof import by_file, by_number
from tongxing.papers.register import copy_of, document_of, issue, verification_url

DOCUMENT = Document("缺口名单", [Paragraph("正文"), Table(["单位"], [["济源甲公司"]])], issued_by="人社局", issued_on=date(2026, 11, 22))

SERVED = "http://192.0.2.7:8112"


@pytest.fixture(autouse=True)
def _empty_cache(settings: object) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "papers"}}
    cache.clear()


def issued(world: SimpleNamespace, code: int | None = None) -> Paper:
    return issue(DOCUMENT, kind="缺口名单", by=COMMAND_LINE, area_code=code or world.kejing.code)


@time_machine.travel("2026-11-22 04:00:00+00:00", tick=False)
def test_numbers_run_on_and_start_anew_each_year(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    first = issue(DOCUMENT, kind="缺口名单", by=cast.officer, area_code=jiyuan.kejing.code)
    second = issue(DOCUMENT, kind="缺口名单", by=cast.officer, area_code=jiyuan.kejing.code)
    with time_machine.travel("2026-12-31 16:30:00+00:00"):
        third = issue(DOCUMENT, kind="缺口名单", by=cast.officer, area_code=jiyuan.kejing.code)
    assert [paper.number for paper in (first, second, third)] == ["同行-2026-000001", "同行-2026-000002", "同行-2027-000001"]
    assert (first.made_by, first.made_by_name, first.digest) == (cast.officer, "王经办（officer）", digest(DOCUMENT))
    entries = Entry.objects.filter(act="papers.issue").order_by("id")
    assert [entry.object_label for entry in entries] == [f"{paper.number} 缺口名单" for paper in (first, second, third)]
    assert {entry.area_code for entry in entries} == {jiyuan.kejing.code}


def test_only_for_areas_of_ones_own(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    for who, code in ((cast.other, jiyuan.kejing.code), (cast.township, jiyuan.qinyuan.code), (cast.nobody, jiyuan.kejing.code)):
        with pytest.raises(Refused) as caught:
            issue(DOCUMENT, kind="缺口名单", by=who, area_code=code)
        assert caught.value.code == "forbidden"
    with pytest.raises(Refused):
        issue(replace(DOCUMENT, title=" "), kind="缺口名单", by=COMMAND_LINE, area_code=jiyuan.kejing.code)
    assert Paper.objects.count() == 0


def test_a_paper_says_the_same_for_ever(jiyuan: SimpleNamespace) -> None:
    paper = Paper.objects.get(pk=issued(jiyuan).pk)
    document = document_of(paper, served=SERVED)
    assert digest(document) == paper.digest
    assert document.verification.url == verification_url(paper, served=SERVED)
    first, again = copy_of(paper, "pdf", by=COMMAND_LINE, served=SERVED), copy_of(paper, "pdf", by=COMMAND_LINE, served=SERVED)
    assert first == again
    for form in ("docx", "xlsx"):
        copy_of(paper, form, by=COMMAND_LINE, served=SERVED)
    assert [copy.format for copy in paper.copies.all()] == ["pdf", "docx", "xlsx"]
    assert Copy.objects.get(format="pdf").sha256 == hashlib.sha256(first).hexdigest()
    assert Entry.objects.filter(act="papers.copy").count() == 3


def test_a_list_that_nobody_prints_goes_out_as_excel_only(jiyuan: SimpleNamespace) -> None:
    long = Document("名单", [Table(["序号"], [[number] for number in range(10_001)])])
    paper = issue(long, kind="名单", by=COMMAND_LINE, area_code=jiyuan.kejing.code)
    for form in ("pdf", "docx"):
        with pytest.raises(Refused, match="10001 行"):
            copy_of(paper, form, by=COMMAND_LINE, served=SERVED)
    assert copy_of(paper, "xlsx", by=COMMAND_LINE, served=SERVED).startswith(b"PK")


def test_proof_by_number_and_digest(jiyuan: SimpleNamespace) -> None:
    paper = issued(jiyuan)
    for written in (paper.number, f" {paper.number} ", paper.number.removeprefix("同行-"), paper.number.replace("-", "－")):
        assert by_number(written).number == paper.number
    assert by_number(paper.number).agrees is None
    assert by_number(paper.number, paper.digest[:16]).agrees is True
    assert by_number(paper.number, paper.digest[:16].upper()).agrees is True
    assert by_number(paper.number, "0" * 16).agrees is False
    assert by_number(paper.number, paper.digest[:4]).agrees is False
    assert by_number("同行-2026-999999") is None
    assert by_number("' OR 1=1") is None


def test_proof_by_file(jiyuan: SimpleNamespace) -> None:
    paper = issued(jiyuan)
    made = copy_of(paper, "docx", by=COMMAND_LINE, served=SERVED)
    assert by_file([made[:100], made[100:]]).number == paper.number
    assert by_file([made, b" "]) is None


def test_the_public_page_shows_no_name(client: Client, cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    paper = issue(DOCUMENT, kind="缺口名单", by=cast.officer, area_code=jiyuan.kejing.code)
    page = client.get(reverse("papers:verify"), {"number": paper.number, "digest": paper.digest[:16]}).content.decode()
    assert ("一致" in page, "不一致" in page, paper.digest in page, "王经办" in page, "济源甲公司" in page) == (
        True,
        False,
        True,
        False,
        False,
    )
    assert "不一致" in client.get(reverse("papers:verify"), {"number": paper.number, "digest": "0" * 16}).content.decode()
    assert "未找到这个编号" in client.get(reverse("papers:verify"), {"number": "同行-2020-000009"}).content.decode()
    assert client.get(reverse("papers:verify")).status_code == 200


def test_a_file_is_compared_and_not_kept(client: Client, jiyuan: SimpleNamespace) -> None:
    made = copy_of(issued(jiyuan), "pdf", by=COMMAND_LINE, served=SERVED)
    url = reverse("papers:compare")
    assert "完全一致" in client.post(url, {"file": SimpleUploadedFile("a.pdf", made)}).content.decode()
    assert "未找到与这个文件一致" in client.post(url, {"file": SimpleUploadedFile("a.pdf", made + b" ")}).content.decode()
    assert "必填" in client.post(url).content.decode()


def test_verification_is_rate_limited(client: Client, db: None) -> None:
    url = reverse("papers:verify")
    answers = [client.get(url, {"number": "同行-2026-000001"}).status_code for _ in range(61)]
    assert (set(answers[:60]), answers[60]) == ({200}, 429)


def test_the_officer_lists_opens_and_downloads(client: Client, cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    paper, other = issued(jiyuan), issued(jiyuan, jiyuan.other.code)
    client.force_login(cast.officer)
    page = client.get(reverse("papers:papers")).content.decode()
    assert (paper.number in page, other.number in page) == (True, False)
    assert paper.number in client.get(reverse("papers:paper", args=[paper.uid])).content.decode()
    for form, start in (("pdf", b"%PDF"), ("docx", b"PK"), ("xlsx", b"PK")):
        answer = client.get(reverse("papers:copy", args=[paper.uid, form]))
        assert (answer.status_code, answer.content[: len(start)]) == (200, start)
        assert answer["Content-Disposition"].startswith("attachment")
    assert client.get(reverse("papers:copy", args=[paper.uid, "exe"])).status_code == 404
    assert client.get(reverse("papers:paper", args=[other.uid])).status_code == 404


def test_the_list_asks_the_same_number_of_questions(client: Client, cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(cast.officer)
    issued(jiyuan)
    client.get(reverse("papers:papers"))
    counts = []
    for more in (0, 2):
        for _ in range(more):
            issued(jiyuan)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(reverse("papers:papers"))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_code_leads_where_the_public_or_else_the_maker_reaches_this_house(
    client: Client, cast: SimpleNamespace, jiyuan: SimpleNamespace, settings: Any
) -> None:
    paper = issued(jiyuan)
    settings.ALLOWED_HOSTS, settings.PUBLIC_URL, settings.CSRF_TRUSTED_ORIGINS = ["*"], "", []
    client.force_login(cast.officer)

    def page(host: str) -> str:
        return client.get(f"/papers/{paper.uid}/", headers={"Host": host}).content.decode()

    assert "http://192.0.2.7:8112/papers/verify/?number=" in page("192.0.2.7:8112")
    assert "打不开" not in page("192.0.2.7:8112")
    assert "打不开" in page("127.0.0.1:8112")
    settings.CSRF_TRUSTED_ORIGINS = ["https://*.example.gov.cn", "https://tongxing.example.gov.cn"]
    assert verification_url(paper, served=SERVED).startswith("https://tongxing.example.gov.cn/papers/verify/")
    settings.PUBLIC_URL = "https://public.example.gov.cn"
    assert verification_url(paper, served=SERVED).startswith("https://public.example.gov.cn/papers/verify/")
    assert "打不开" not in page("127.0.0.1:8112")
