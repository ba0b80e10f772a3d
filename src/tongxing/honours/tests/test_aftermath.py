"""What may go wrong between the notice and the roll, and what others read of it: changed lists, doubles, prolonged names, letters, statistics."""

import io
import zipfile
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from pypdf import PdfReader

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.core.suppression import Cell
from tongxing.evaluation.tests.world import refused_code as refused
from tongxing.honours import honouring, keeping, moving, noticing, objecting, packing, writing
from tongxing.honours.merging import follow_merge, follow_person_merge
from tongxing.honours.models import Honour, Kind, Nomination, NominationState, Notice, Stage
from tongxing.honours.statistics import statistics_of
from tongxing.papers.document import Heading, Paragraph
from tongxing.papers.render import to_pdf
from tongxing.registry.models import Organisation, Person
from tongxing.registry.tests.people_factories import a_coordinator, a_person, an_organisation

from .review_world import a_choice, a_dispatch, a_nominee, a_notice, at_stage, over
from .test_pages import page, send, signed_in
from .world import a_selection, a_society

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


def a_model(subject: Person | Organisation, **facts: object) -> Honour:
    values = {"level": "model", "year": 2024, "title": "2024 年度典型", "awarded_on": date(2024, 12, 1), "awarded_by": "人社局", **facts}
    return honouring.enter_honour(subject, by=COMMAND_LINE, **values)  # type: ignore[arg-type]


def text_of(pdf: bytes) -> str:
    return "".join(each.extract_text() for each in PdfReader(io.BytesIO(pdf)).pages)


def test_papers_of_a_list_that_changed_since_are_not_sent(jiyuan: SimpleNamespace) -> None:
    scene = a_notice(jiyuan.county, number=4)
    over(scene.selection)
    pack = packing.make_pack(at_stage(scene.selection, Stage.DOCUMENTS), by=COMMAND_LINE)
    at_stage(scene.selection, Stage.DISPATCH)
    gone = scene.chosen[0]
    assert {line["nominee"] for line in pack.manifest} == {"", *(one.number for one in scene.chosen)}
    moving.move(moving.held(gone), "withdraw", by=COMMAND_LINE, note="本人放弃")
    sent = {"by": COMMAND_LINE, "sent_on": TODAY(), "sent_how": "政务邮箱"}
    assert refused(lambda: packing.send_pack(pack, **sent)) == "moved_on"
    again = packing.make_pack(scene.selection, by=COMMAND_LINE)
    packing.send_pack(again, **sent)
    assert honouring.models_in(jiyuan.county.pk, scene.selection.year, Kind.PERSON, until=TODAY()) == 3


def test_who_stands_on_the_roll_already_is_not_entered_twice_by_the_dispatch(jiyuan: SimpleNamespace) -> None:
    scene = a_notice(jiyuan.county)
    mine = a_model(scene.chosen[0].subject, year=scene.selection.year, awarded_on=TODAY())
    over(scene.selection)
    pack = packing.make_pack(at_stage(scene.selection, Stage.DOCUMENTS), by=COMMAND_LINE)
    at_stage(scene.selection, Stage.DISPATCH)
    packing.send_pack(pack, by=COMMAND_LINE, sent_on=TODAY(), sent_how="政务邮箱")
    assert list(Honour.objects.filter(person=scene.chosen[0].person)) == [mine]


def test_a_model_counts_where_it_was_chosen_and_not_where_it_moved_to(jiyuan: SimpleNamespace) -> None:
    scene = a_dispatch(jiyuan.county)
    first, second, *_ = scene.chosen
    Person.objects.filter(pk=first.person_id).update(area=jiyuan.kejing)
    Person.objects.filter(pk=second.person_id).update(area=jiyuan.other_street)
    areas = (jiyuan.henan, jiyuan.county, jiyuan.kejing, jiyuan.qinyuan, jiyuan.other, jiyuan.other_street)
    counted = [honouring.models_in(area.pk, scene.selection.year, Kind.PERSON, until=TODAY()) for area in areas]
    assert counted == [3, 3, 1, 0, 0, 0]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ('a<b>:"c".pdf', "a_b___c_.pdf"),
        ("长" * 90 + ".docx", "长" * 60 + ".docx"),
        ("..", "_"),
        ("某某公司.", "某某公司"),
        ("协会（2026.5.20 更名）", "协会（2026.5.20 更名）"),
    ],
)
def test_names_in_the_pack_open_everywhere_and_keep_their_ending(name: str, safe: str) -> None:
    assert packing.safe(name) == safe


def test_a_gold_one_is_answered_once_until_it_is_withdrawn(jiyuan: SimpleNamespace) -> None:
    one = a_dispatch(jiyuan.county).chosen[0]
    answer = {"by": COMMAND_LINE, "awarded_on": TODAY()}
    honouring.record_answer(one, gold=False, **answer)
    gold = honouring.record_answer(one, gold=True, **answer)
    assert refused(lambda: honouring.record_answer(one, gold=False, **answer)) == "answered"
    assert gold is not None
    honouring.withdraw_honour(gold, by=COMMAND_LINE, reason="登记有误")
    assert honouring.record_answer(one, gold=False, **answer) is None


@pytest.mark.parametrize("field", ["title", "awarded_by", "document", "deed"])
def test_nothing_that_the_roll_shows_holds_a_number_of_somebody(jiyuan: SimpleNamespace, field: str) -> None:
    assert refused(lambda: a_model(a_person(jiyuan.kejing), **{field: "联系 13800138000"})) == "personal_data"
    assert refused(lambda: a_model(a_person(jiyuan.kejing), year=TODAY().year + 1)) == "future_day"


def test_objections_of_two_areas_bear_their_own_numbers_though_the_nominations_share_one(jiyuan: SimpleNamespace) -> None:
    numbers = []
    for area in (jiyuan.county, jiyuan.other):
        row = at_stage(a_selection(area), Stage.REVIEW)
        one = a_nominee(row)
        Nomination.objects.filter(pk=one.pk).update(number="TJ2026-001", state="chosen", notice_until=TODAY())
        shown = Notice.objects.create(selection=row, title="公示", contact="0391-1", state="published", made_by="经办")
        numbers.append(objecting.raise_objection(shown, one, by=COMMAND_LINE, text="不实").number)
    assert numbers == ["419001-TJ2026-001-1", "410102-TJ2026-001-1"]


def test_an_objection_to_somebody_withdrawn_meanwhile_can_still_be_settled(jiyuan: SimpleNamespace) -> None:
    scene = a_notice(jiyuan.county)
    row = objecting.raise_objection(scene.notice, scene.chosen[0], by=COMMAND_LINE, text="不实")
    moving.move(moving.held(scene.chosen[0]), "withdraw", by=COMMAND_LINE, note="本人放弃")
    objecting.settle_objection(row, by=COMMAND_LINE, upheld=True, finding="查实", published="异议成立。")
    assert Nomination.objects.get(pk=scene.chosen[0].pk).state == NominationState.WITHDRAWN


def test_the_public_page_says_until_when_each_name_stands_and_takes_objections_to_the_last(jiyuan: SimpleNamespace) -> None:
    scene = a_notice(jiyuan.county)
    doubted, gone, *_ = scene.chosen
    row = objecting.raise_objection(scene.notice, doubted, by=COMMAND_LINE, text="不实")
    moving.move(moving.held(gone), "withdraw", by=COMMAND_LINE, note="本人放弃")
    address = reverse("portal:selection-notice", args=[scene.notice.uid])
    text = strip_tags(Client().get(address).content.decode())
    assert [text.count(word) for word in ("顺延", "不再列入", str(scene.notice.ends_on))] == [1, 1, 3]
    past, passed = TODAY() - timedelta(days=40), TODAY() - timedelta(days=10)
    Notice.objects.update(published_on=past, ends_on=passed, shown_until=TODAY())
    Nomination.objects.filter(pk=doubted.pk).update(notice_until=passed, notice_left=3)
    Nomination.objects.filter(pk=scene.chosen[2].pk).update(notice_until=passed)
    objecting.settle_objection(row, by=COMMAND_LINE, upheld=False, finding="查过", published="不成立。")
    notice = Notice.objects.get()
    assert notice.shown_until > Nomination.objects.get(pk=doubted.pk).notice_until > TODAY()
    assert "提交异议" in Client().get(address).content.decode()
    Nomination.objects.update(notice_until=passed)
    assert "提交异议" not in Client().get(address).content.decode()
    assert {name.number for name in noticing.names_on(notice)} == {one.number for one in scene.chosen if one != gone}


def test_the_public_page_asks_as_many_queries_for_many_names_as_for_few(jiyuan: SimpleNamespace) -> None:
    counts = []
    for area, number in ((jiyuan.county, 3), (jiyuan.other, 5)):
        address = reverse("portal:selection-notice", args=[a_notice(area, number).notice.uid])
        with CaptureQueriesContext(connection) as caught:
            Client().get(address)
        counts.append(len(caught))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("written", [20, 100, 180, 260, 300])
@pytest.mark.parametrize("claimed", [1, 3, 6])
def test_the_short_form_has_one_page_however_much_was_written(jiyuan: SimpleNamespace, written: int, claimed: int) -> None:
    one = a_nominee(at_stage(a_selection(jiyuan.county), Stage.REVIEW))
    one.summary, one.nominator_name = "事" * written, "某" * 30
    one.deeds = [clause for clause, _ in keeping.deeds_of(one)][:claimed]
    made = PdfReader(io.BytesIO(to_pdf(writing.short_form(one, "某" * 40))))
    assert len(made.pages) == 1
    assert made.pages[0].extract_text().count("（盖章）") == 3


def test_the_papers_show_what_was_claimed_and_call_nothing_else_missing(jiyuan: SimpleNamespace) -> None:
    one = a_nominee(at_stage(a_selection(jiyuan.county), Stage.REVIEW), deeds=["notice:A1.3.2"])
    Nomination.objects.filter(pk=one.pk).update(verdict=keeping.as_kept(keeping.asked(one)), state="passed_over")
    one.refresh_from_db()
    facts = {"sender": "人社局", "on": date(2026, 11, 27)}
    for document in (writing.long_form(one, "", [], None, **facts), writing.feedback(one, **facts)):
        rows = [row for table in document.tables for row in table.rows if row[1] in {"符合", "不符合", "见材料"}]
        assert [row[0] for row in rows if "规章制度" in str(row[0]) or "技能竞赛" in str(row[0])] == [
            "指导完善规章制度、落实劳动标准成绩突出"
        ]
    heads = [block.text for block in document.blocks if isinstance(block, Heading)]
    assert (heads[0][:2], heads[1]) == ("一、", "二、以后还可以充实的业绩")
    assert [block.flush for block in document.blocks if isinstance(block, Paragraph)] == [True, False, False, False]


def test_the_letter_to_an_organisation_names_none_of_its_members(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    society = a_society(jiyuan.kejing, members=2)
    one = a_nominee(at_stage(a_selection(jiyuan.county), Stage.REVIEW), society)
    kept = keeping.as_kept(keeping.asked(one))
    Nomination.objects.filter(pk=one.pk).update(state="passed_over", verdict=kept)
    names = [posting.coordinator.person.name for posting in society.postings.all()]
    assert all(name in str(kept) for name in names)
    text = text_of(packing.letter_to(Nomination.objects.get(pk=one.pk), by=cast.officer))
    assert (society.name[:6] in text, "有 3 名以上持证协调员" in text.replace("\n", "")) == (True, True)
    assert not [name for name in names if name in text]


def test_a_letter_goes_to_one_who_was_left_out_and_to_nobody_else(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    scene = a_choice(jiyuan.county)
    assert refused(lambda: packing.letter_to(scene.chosen[0], by=cast.officer)) == "wrong_state"
    assert refused(lambda: packing.letter_to(scene.left, by=cast.leader)) == "not_allowed"
    answer = send(signed_in(cast.officer), "letter", scene.left.uid)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert scene.left.subject.name in text_of(answer.content)
    assert Entry.objects.filter(act="honours.write_letter").count() == 1
    archive = zipfile.ZipFile(io.BytesIO(packing.letters(scene.selection, by=cast.officer)))
    assert [scene.left.subject.name in name for name in archive.namelist()] == [True]


def test_honours_follow_a_merged_record_and_a_double_is_dropped(jiyuan: SimpleNamespace) -> None:
    keep, drop = a_person(jiyuan.kejing), a_person(jiyuan.kejing)
    a_model(keep), a_model(drop), a_model(drop, year=2023, awarded_on=date(2023, 12, 1))
    assert follow_person_merge(keep, drop, by=COMMAND_LINE) == 1
    assert sorted(Honour.objects.values_list("year", "person_id")) == [(2023, keep.pk), (2024, keep.pk)]
    assert Entry.objects.filter(act="honours.drop_double").count() == 1
    one, other = an_organisation(jiyuan.kejing, name="甲协会"), an_organisation(jiyuan.kejing, name="乙协会")
    a_model(other)
    assert follow_merge(one, other, by=COMMAND_LINE)["honours"] == 1


def test_the_pages_of_person_and_organisation_show_their_honours(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    person, body = a_coordinator(jiyuan.kejing).person, a_society(jiyuan.kejing)
    row = a_model(person)
    a_model(body, title="2024 年度社会组织典型")
    officer = signed_in(cast.officer)
    assert "2024 年度典型" in page(officer, "of-person", person.uid)
    assert "2024 年度社会组织典型" in page(officer, "of-organisation", body.uid)
    honouring.withdraw_honour(row, by=COMMAND_LINE, reason="材料不实")
    assert "撤销：材料不实" in page(officer, "of-person", person.uid)
    assert "补登荣誉" in page(officer, "person", person.uid)
    assert "补登荣誉" in page(officer, "organisation", body.uid)
    a_model(person, year=2023, title="2023 年度典型", awarded_on=date(2023, 12, 1))
    narrowed = page(officer, "honours", year="2023", kind="person")
    assert ("2023 年度典型" in narrowed, "2024 年度典型" in narrowed) == (True, False)


def test_statistics_name_nobody_and_hide_small_cells(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row = at_stage(a_selection(jiyuan.county), Stage.REVIEW)
    assert statistics_of(row, cast.officer) is None
    people = [a_nominee(row, a_coordinator(jiyuan.kejing).person) for _ in range(6)]
    a_nominee(row, a_society(jiyuan.qinyuan, members=0))
    found = statistics_of(row, cast.officer)
    assert found is not None
    assert (found.total, found.share) == (7, None)
    assert [(one.title, one.cells) for one in found.spreads if one.cells] == [
        ("推荐方式", [Cell("区划推荐", 7)]),
        ("结果", [Cell("在办", 7)]),
    ]
    Nomination.objects.filter(selection=row).update(state="passed_over")
    Nomination.objects.filter(pk=people[0].pk).update(state="refused")
    assert statistics_of(row, cast.officer).share is None  # type: ignore[union-attr]
    for _ in range(4):
        refused_one = a_nominee(row, a_coordinator(jiyuan.kejing).person)
        Nomination.objects.filter(pk=refused_one.pk).update(state="refused")
    whole = statistics_of(row, cast.officer)
    assert whole is not None
    assert whole.share == pytest.approx(6 / 11)
    shown = page(signed_in(cast.leader), "selection", row.uid)
    assert "提交推荐 11 份，办结的有 55% 进入评审" in shown
    assert not [one for one in people if one.subject.name in shown]
    assert "提交推荐" not in page(signed_in(cast.township), "selection", row.uid)
