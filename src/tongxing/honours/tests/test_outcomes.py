"""From the meeting to the roll: the public notice and objections, the pack for the province, its answer, honours, letters."""

import csv
import io
import json
import re
import zipfile
from datetime import date, timedelta
from hashlib import sha256
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from docx import Document
from pypdf import PdfReader

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.credentials.models import Photo
from tongxing.evaluation.tests.world import refused_code as refused
from tongxing.files import store
from tongxing.honours import honouring, noticing, objecting, packing, selecting
from tongxing.honours.models import Award, DossierItem, Honour, Nomination, NominationState, Notice, Stage
from tongxing.registry.tests.people_factories import a_coordinator
from tongxing.workdays.calendar import Calendar

from .review_world import a_choice, a_dispatch, a_notice, at_stage, over
from .test_pages import page, send, signed_in

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


def read(client: Client, name: str, *args: object) -> str:
    answer = client.get(reverse(f"portal:{name}", args=args))
    assert answer.status_code == 200
    return " ".join(strip_tags(answer.content.decode()).split())


def test_names_stand_for_working_days_without_a_number_of_anybody(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    scene = a_choice(jiyuan.county)
    row, facts = scene.selection, {"title": "公示", "contact": "0391-6633001"}
    assert refused(lambda: noticing.draft_notice(row, by=cast.leader, **facts)) == "not_allowed"
    assert refused(lambda: noticing.draft_notice(row, by=cast.officer, title=" ", contact="x")) == "reason_missing"
    draft = noticing.draft_notice(row, by=cast.officer, **facts)
    assert refused(lambda: noticing.draft_notice(row, by=cast.officer, **facts)) == "exists"
    Nomination.objects.filter(pk=scene.chosen[0].pk).update(summary="联系电话 13800138000")
    assert refused(lambda: noticing.publish_notice(draft, by=cast.officer)) == "personal_data"
    Nomination.objects.filter(pk=scene.chosen[0].pk).update(summary="长期在一线。")
    shown = noticing.publish_notice(draft, by=cast.officer)
    assert Calendar().working_days_between(TODAY(), shown.ends_on) == 5
    text = read(Client(), "selection-notice", shown.uid)
    assert all(one.subject.name in text for one in scene.chosen)
    assert scene.left.subject.name not in text
    assert not re.search(r"\d{15,}|1\d{10}", text)
    assert refused(lambda: noticing.publish_notice(draft, by=cast.officer)) == "wrong_state"
    assert refused(lambda: selecting.complete_step(row, by=cast.officer)) == "not_done"


def test_an_attachment_with_a_number_stops_the_notice(jiyuan: SimpleNamespace) -> None:
    row = a_choice(jiyuan.county).selection
    file = SimpleUploadedFile("名单.txt", "张三 410881199003074312".encode())
    draft = noticing.draft_notice(row, by=COMMAND_LINE, title="公示", contact="0391-6633001", attachments=[file])
    assert refused(lambda: noticing.publish_notice(draft, by=COMMAND_LINE)) == "personal_data"
    assert Notice.objects.get().published_on is None


def test_an_objection_stops_one_name_and_its_outcome_is_public(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    scene = a_notice(jiyuan.county)
    first, second = scene.chosen[:2]
    posted = {"reference": first.number, "text": "事迹不实，电话 13800138000 可问", "name": "李某", "contact": "0391-1"}
    answer = Client().post(reverse("portal:selection-objection", args=[scene.notice.uid]), posted)
    assert "已收到您的异议" in answer.content.decode()
    wrong = Client().post(reverse("portal:selection-objection", args=[scene.notice.uid]), {**posted, "reference": "TJ1999-001"})
    assert wrong.status_code == 422
    row = first.objections.get()
    assert "13800138000" not in row.text
    first.refresh_from_db()
    assert (first.notice_left, second.notice_left) == (5, None)
    assert refused(lambda: noticing.withdraw_notice(scene.notice, by=cast.officer, reason="改名单")) == "objection_open"
    assert refused(lambda: objecting.settle_objection(row, by=cast.leader, upheld=False, finding="x", published="y")) == "not_allowed"
    told = "已核实，身份证 410881199003074312"
    assert (
        refused(lambda: objecting.settle_objection(row, by=cast.officer, upheld=False, finding="查过", published=told)) == "personal_data"
    )
    objecting.settle_objection(row, by=cast.officer, upheld=False, finding="查阅台账属实", published="经查阅台账，事迹属实。")
    assert refused(lambda: objecting.settle_objection(row, by=cast.officer, upheld=True, finding="x", published="y")) == "settled"
    assert "经查阅台账，事迹属实。" in read(Client(), "selection-notice", scene.notice.uid)
    two = objecting.raise_objection(scene.notice, second, by=COMMAND_LINE, text="冒名")
    objecting.settle_objection(two, by=cast.officer, upheld=True, finding="查实", published="经核查，异议成立。")
    states = dict(Nomination.objects.filter(pk__in=[first.pk, second.pk]).values_list("pk", "state"))
    assert states == {first.pk: NominationState.CHOSEN, second.pk: NominationState.STOPPED}
    assert objecting.reveal_contact(row, by=cast.officer, reason="答复") == "0391-1"
    assert Entry.objects.filter(act="honours.reveal_contact").count() == 1


def test_the_clock_of_an_objected_name_goes_on_with_the_days_that_were_left(jiyuan: SimpleNamespace) -> None:
    scene = a_notice(jiyuan.county)
    first = scene.chosen[0]
    Nomination.objects.filter(pk=first.pk).update(notice_until=TODAY() - timedelta(days=3), notice_left=2)
    row = first.objections.create(number="TJ-1", notice=scene.notice, text="旧案")
    assert not noticing.through(Nomination.objects.get(pk=first.pk), TODAY())
    objecting.settle_objection(row, by=COMMAND_LINE, upheld=False, finding="查过", published="不成立。")
    first.refresh_from_db()
    assert Calendar().working_days_between(TODAY(), first.notice_until) == 2
    late = scene.chosen[1]
    Nomination.objects.filter(pk=late.pk).update(notice_until=TODAY() - timedelta(days=1))
    assert refused(lambda: objecting.raise_objection(scene.notice, late, by=COMMAND_LINE, text="迟了")) == "not_on_show"


def test_the_pack_holds_every_paper_twice_with_true_digests(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    scene = a_notice(jiyuan.county)
    one = scene.chosen[0]
    file = store.keep("调解台账：共 12 件。".encode(), name="台账.txt", purpose="honours.dossier", by=COMMAND_LINE, area_code=one.area_id)
    DossierItem.objects.create(
        nomination=one, kind="file", source="f", label="调解台账", clause="notice:A1.3.1", file_id=file.pk, added_by="经办"
    )
    assert refused(lambda: packing.make_pack(scene.selection, by=cast.officer)) == "wrong_stage"
    over(scene.selection)
    at_stage(scene.selection, Stage.DOCUMENTS)
    Nomination.objects.filter(pk=one.pk).update(notice_until=TODAY())
    assert refused(lambda: packing.make_pack(scene.selection, by=cast.officer)) == "notice_runs"
    over(scene.selection)
    assert refused(lambda: packing.make_pack(scene.selection, by=cast.leader)) == "not_allowed"
    pack = packing.make_pack(scene.selection, by=cast.officer)
    with packing.open_pack(pack, by=cast.officer).open() as content:
        archive = zipfile.ZipFile(io.BytesIO(content.read()))
    names = archive.namelist()
    assert [name for name in names if name.startswith(("1-", "2-"))] == [
        "1-推荐函.docx",
        "1-推荐函.pdf",
        "2-推荐汇总表.docx",
        "2-推荐汇总表.pdf",
    ]
    assert sum(name.endswith("推荐表.docx") for name in names) == sum(name.endswith("事迹材料.pdf") for name in names) == 4
    assert sum("证明材料/01-台账.txt" in name for name in names) == 1
    for line in json.loads(archive.read("manifest.json")):
        found = archive.read(line["path"])
        assert (len(found), sha256(found).hexdigest()) == (line["bytes"], line["sha256"])
    listed = list(csv.reader(io.StringIO(archive.read("清单.csv").decode("utf-8-sig"))))
    assert len(listed) == len(pack.manifest) + 1
    letter = Document(io.BytesIO(archive.read("1-推荐函.docx")))
    assert all(each.subject.name in "".join(p.text for p in letter.paragraphs) for each in scene.chosen)
    short = PdfReader(io.BytesIO(archive.read(next(name for name in names if name.endswith("推荐表.pdf")))))
    assert len(short.pages) == 1
    assert one.number in short.pages[0].extract_text()
    everything = b"".join(archive.read(name) for name in names if name.endswith((".json", ".csv")))
    assert scene.left.subject.name.encode() not in everything
    assert packing.make_pack(scene.selection, by=cast.officer).round == 2


def test_too_few_go_to_the_province_only_with_a_reason(jiyuan: SimpleNamespace) -> None:
    scene = a_notice(jiyuan.county)
    stopped = objecting.raise_objection(scene.notice, scene.chosen[0], by=COMMAND_LINE, text="不实")
    objecting.settle_objection(stopped, by=COMMAND_LINE, upheld=True, finding="查实", published="成立。")
    over(scene.selection)
    row = at_stage(scene.selection, Stage.DOCUMENTS)
    assert refused(lambda: packing.make_pack(row, by=COMMAND_LINE)) == "too_few"
    assert packing.make_pack(row, by=COMMAND_LINE, reason="异议成立一名").round == 1


def test_what_is_sent_is_recommended_and_stands_on_the_roll(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    scene = a_dispatch(jiyuan.county)
    counted = [
        honouring.models_in(area.pk, 2026, kind, until=TODAY())
        for area in (jiyuan.county, jiyuan.other)
        for kind in ("person", "organisation")
    ]
    assert counted == [3, 1, 0, 0]
    assert set(Nomination.objects.filter(pk__in=[one.pk for one in scene.chosen]).values_list("state", flat=True)) == {"recommended"}
    assert refused(lambda: packing.send_pack(scene.pack, by=COMMAND_LINE, sent_on=TODAY(), sent_how="邮箱")) == "wrong_state"
    early = TODAY() - timedelta(days=1)
    assert refused(lambda: packing.receive_pack(scene.pack, by=COMMAND_LINE, received_on=early, receipt="1")) == "bad_day"
    assert packing.receive_pack(scene.pack, by=COMMAND_LINE, received_on=TODAY(), receipt="收文 12 号").receipt == "收文 12 号"
    first, second = scene.chosen[:2]
    assert refused(lambda: honouring.record_answer(scene.left, by=cast.officer, gold=True, awarded_on=TODAY())) == "wrong_state"
    gold = honouring.record_answer(first, by=cast.officer, gold=True, awarded_on=TODAY(), document="豫人社〔2026〕9号")
    assert gold is not None
    assert honouring.record_answer(second, by=cast.officer, gold=False, awarded_on=TODAY()) is None
    text = read(Client(), "honours-roll")
    assert "河南省金牌劳动关系协调员" in text
    honouring.withdraw_honour(gold, by=cast.officer, reason="申报材料不实")
    assert refused(lambda: honouring.withdraw_honour(gold, by=cast.officer, reason="再撤")) == "wrong_state"
    assert "撤销：申报材料不实" in read(Client(), "honours-roll")
    assert not Award.objects.exists()


def test_a_photo_is_public_only_with_a_consent_that_stands(jiyuan: SimpleNamespace) -> None:
    person = a_coordinator(jiyuan.kejing).person
    row = honouring.enter_honour(
        person, by=COMMAND_LINE, level="model", year=2024, title="2024 年度典型", awarded_on=date(2024, 12, 1), awarded_by="人社局"
    )
    file = store.keep(b"photo bytes", name="照片.txt", purpose="credentials.photo", by=COMMAND_LINE, area_code=person.area_id)
    Photo.objects.create(person=person, file=file, set_by="测试")
    address = reverse("portal:honour-photo", args=[row.uid])
    assert Client().get(address).status_code == 404
    honouring.set_consent(row, by=COMMAND_LINE, consent="2026-11-20 书面同意")
    answer = Client().get(address)
    assert b"".join(answer.streaming_content) == b"photo bytes"
    assert address in Client().get(reverse("portal:honours-roll")).content.decode()
    honouring.withdraw_honour(row, by=COMMAND_LINE, reason="不实")
    assert Client().get(address).status_code == 404
    again = {"level": "model", "year": 2024, "title": "补", "awarded_on": date(2024, 12, 1), "awarded_by": "人社局"}
    honouring.enter_honour(person, by=COMMAND_LINE, **again)
    assert refused(lambda: honouring.enter_honour(person, by=COMMAND_LINE, **again)) == "exists"
    assert refused(lambda: honouring.set_consent(Honour.objects.get(pk=row.pk), by=jiyuan_stranger(), consent="x")) == "not_allowed"


def jiyuan_stranger() -> object:
    from tongxing.accounts.models import User

    return User.objects.create(username="stranger", name="路人")


def test_letters_go_to_those_left_out_and_name_nobody_else(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    scene = a_choice(jiyuan.county)
    archive = zipfile.ZipFile(io.BytesIO(packing.letters(scene.selection, by=cast.officer)))
    (name,) = archive.namelist()
    text = "".join(each.extract_text() for each in PdfReader(io.BytesIO(archive.read(name))).pages)
    assert scene.left.subject.name in text
    assert not [one for one in scene.chosen if one.subject.name in text]
    assert refused(lambda: packing.letters(scene.selection, by=cast.leader)) == "not_allowed"


def test_the_pages_lead_from_the_notice_to_the_answer(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    scene = a_choice(jiyuan.county)
    officer, row = signed_in(cast.officer), scene.selection
    assert "拟公示" in page(officer, "notice", row.uid)
    assert send(officer, "notice-new", row.uid, title="公示", text="", contact="0391-6633001").status_code == 302
    assert send(officer, "notice-publish", row.uid).status_code == 302
    assert "还有 5 个工作日" in page(officer, "notice", row.uid)
    assert send(officer, "objection-new", row.uid, number=scene.chosen[0].number, text="电话反映", name="", contact="").status_code == 302
    case = scene.chosen[0].objections.get()
    assert case.number in page(officer, "objections")
    settled = {"upheld": "no", "finding": "查阅", "published": "不成立。"}
    assert send(officer, "objection", case.uid, **settled).status_code == 302
    over(row)
    at_stage(row, Stage.DOCUMENTS)
    assert send(officer, "pack-new", row.uid, reason="").status_code == 302
    pack = row.packs.get()
    at_stage(row, Stage.DISPATCH)
    assert send(officer, "pack-send", pack.uid, sent_on=str(TODAY()), sent_how="政务邮箱").status_code == 302
    assert send(officer, "pack-receipt", pack.uid, received_on=str(TODAY()), receipt="12 号").status_code == 302
    answer = {"gold": "yes", "awarded_on": str(TODAY()), "document": "9 号"}
    assert send(officer, "answer", scene.chosen[0].uid, **answer).status_code == 302
    shown = page(officer, "packs", row.uid)
    assert all(word in shown for word in ("评为省级金牌", "12 号", pack.sha256))
    assert "河南省金牌劳动关系协调员" in page(officer, "honours")
    assert send(officer, "letters", row.uid).headers["Content-Type"] == "application/zip"
    mine = Honour.objects.filter(level="model", kind="person")[0]
    assert send(officer, "honour-consent", mine.uid, consent="书面").status_code == 302
    assert send(officer, "honour-withdraw", mine.uid, reason="不实").status_code == 302
    new = {"level": "model", "year": "2021", "title": "典型", "awarded_on": "2021-12-01", "awarded_by": "人社局"}
    assert send(officer, "person-honour", mine.person.uid, **new).status_code == 302
