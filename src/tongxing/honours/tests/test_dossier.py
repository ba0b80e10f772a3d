"""The dossier: records ticked with what they prove, what changed since, files without numbers of people, who opens them, merges."""

import io
from types import SimpleNamespace
from typing import Any

import docx
import openpyxl
import pytest
from django.conf import settings
from django.core.files.base import ContentFile

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.certificates.models import Certificate
from tongxing.core.errors import Refused
from tongxing.evaluation.tests.world import refused_code as refused
from tongxing.files.models import StoredFile
from tongxing.files.tests.test_images import EXIF, a_jpeg
from tongxing.honours import awarding, dossier, evidence, nominating
from tongxing.honours.dossier import Change, Offer
from tongxing.honours.merging import follow_merge, follow_person_merge
from tongxing.honours.models import Assignment, Award, Conflict, DossierItem, ItemKind, Nomination, NominationState, Panel, Reviewer
from tongxing.papers.document import Document, Paragraph
from tongxing.papers.render import to_pdf
from tongxing.registry.models import OrganisationService, Posting
from tongxing.registry.tests.people_factories import an_id, an_organisation

from .world import a_draft, a_member, a_nomination, a_selection, a_society, a_text, a_visit, an_award, an_opinion, certify

pytestmark = pytest.mark.django_db
DEED = "notice:A1.3.1"


def started(jiyuan: SimpleNamespace) -> Nomination:
    member = a_member(an_organisation(jiyuan.kejing, name="济源一厂"))
    an_award(member.person)
    return nominating.start_nomination(a_selection(jiyuan.county), member.person, by=COMMAND_LINE)


def ticks(row: Nomination, **clauses: str) -> dict[dossier.Key, str]:
    """Everything that is offered, each proving what `clauses` says of its kind."""
    return {(one.kind.value, one.source): clauses.get(one.kind.value, "") for one in dossier.offers(row)}


def lines(row: Nomination) -> dict[str, Offer]:
    return {one.kind.value: one for one in dossier.offers(row)}


def word(text: str) -> bytes:
    made, buffer = docx.Document(), io.BytesIO()
    made.add_paragraph(text)
    made.save(buffer)
    return buffer.getvalue()


def excel(text: str) -> bytes:
    made, buffer = openpyxl.Workbook(), io.BytesIO()
    made.active["B3"] = text
    made.save(buffer)
    return buffer.getvalue()


def pdf(text: str) -> bytes:
    return to_pdf(Document(title="台账", blocks=[Paragraph(text)]))


def test_a_person_is_offered_what_the_rooms_below_know(jiyuan: SimpleNamespace) -> None:
    row = started(jiyuan)
    found = lines(row)
    assert set(found) == {"post", "certificate", "award"}
    assert "济源一厂" in found["post"].label
    assert (found["certificate"].clause, found["award"].clause) == ("notice:A1.1", "notice:A1.3.6")
    assert [one.ticked for one in found.values()] == [False, False, False]
    assert all(one.url.startswith("/") and one.permission for one in found.values())


def test_an_organisation_is_offered_members_and_services(jiyuan: SimpleNamespace) -> None:
    row = nominating.start_nomination(a_selection(jiyuan.county), a_society(jiyuan.kejing), by=COMMAND_LINE)
    kinds = [one.kind for one in dossier.offers(row)]
    assert (kinds.count(ItemKind.MEMBER), kinds.count(ItemKind.SERVICE)) == (3, 1)


@pytest.mark.parametrize("number", [1, 5])
def test_offers_ask_as_many_queries_for_many_records_as_for_few(
    jiyuan: SimpleNamespace, django_assert_num_queries: Any, number: int
) -> None:
    member = a_member(an_organisation(jiyuan.kejing))
    for year in range(number):
        an_award(member.person, name=f"第 {year} 届竞赛二等奖")
        certify(member)
    selection, society = a_selection(jiyuan.county), a_society(jiyuan.kejing, members=number)
    rows = [nominating.start_nomination(selection, who, by=COMMAND_LINE) for who in (member.person, society)]
    for row, expected in zip(rows, (5, 3), strict=True):
        dossier.set_ticks(row, by=COMMAND_LINE, ticked=ticks(row))
        fresh = Nomination.objects.select_related("selection", "person", "organisation").get(pk=row.pk)
        with django_assert_num_queries(expected):
            dossier.offers(fresh)


def test_ticks_are_set_with_what_they_prove_and_taken_back(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row = started(jiyuan)
    dossier.set_ticks(row, by=COMMAND_LINE, ticked=ticks(row, post=DEED))
    assert sorted(row.items.values_list("kind", "clause")) == [("award", ""), ("certificate", ""), ("post", DEED)]
    only = {("post", lines(row)["post"].source): "notice:A1.3.2"}
    dossier.set_ticks(row, by=COMMAND_LINE, ticked=only)
    assert list(row.items.values_list("kind", "clause")) == [("post", "notice:A1.3.2")]
    assert Entry.objects.filter(act="honours.set_ticks").count() == 2
    assert refused(lambda: dossier.set_ticks(row, by=COMMAND_LINE, ticked={("post", "0"): ""})) == "not_offered"
    assert refused(lambda: dossier.set_ticks(row, by=COMMAND_LINE, ticked=dict.fromkeys(only, "notice:A2.1"))) == "bad_clause"
    assert refused(lambda: dossier.set_ticks(row, by=cast.other, ticked=only)) == "not_allowed"
    submitted = a_nomination(row.selection)
    assert refused(lambda: dossier.set_ticks(submitted, by=COMMAND_LINE, ticked={})) == "wrong_state"


def test_a_ticked_record_is_kept_as_it_read_and_the_change_is_told(jiyuan: SimpleNamespace) -> None:
    row = started(jiyuan)
    dossier.set_ticks(row, by=COMMAND_LINE, ticked=ticks(row))
    before = lines(row)["post"].label
    Posting.objects.update(post="工会主席")
    awarding.strike_award(Award.objects.get(), by=COMMAND_LINE, reason="错人")
    Certificate.objects.all().delete()
    found = lines(row)
    assert {kind: one.change for kind, one in found.items()} == {
        "post": Change.CHANGED,
        "award": Change.VOID,
        "certificate": Change.GONE,
    }
    assert (found["post"].kept, "工会主席" in found["post"].label) == (before, True)
    assert dossier.renew(row, by=COMMAND_LINE) == 3
    assert {one.kind.value: (one.change, one.ticked) for one in dossier.offers(row)} == {"post": (None, True)}
    assert dossier.renew(row, by=COMMAND_LINE) == 0


def test_an_organisations_service_that_is_gone_is_told(jiyuan: SimpleNamespace) -> None:
    row = nominating.start_nomination(a_selection(jiyuan.county), a_society(jiyuan.kejing), by=COMMAND_LINE)
    dossier.set_ticks(row, by=COMMAND_LINE, ticked=ticks(row))
    OrganisationService.objects.all().delete()
    assert lines(row)["service"].change == Change.GONE


@pytest.mark.parametrize(("name", "make"), [("a.docx", word), ("a.xlsx", excel), ("a.pdf", pdf), ("a.txt", str.encode)])
def test_a_document_with_a_number_of_a_person_is_refused_with_its_place(jiyuan: SimpleNamespace, name: str, make: Any) -> None:
    row, number = started(jiyuan), an_id()
    upload = ContentFile(make(f"调解当事人证件号 {number}"), name=name)
    with pytest.raises(Refused, match="不能上传：附件“a") as caught:
        dossier.add_file(row, by=COMMAND_LINE, label="台账", clause=DEED, upload=upload)
    assert (caught.value.code, number in caught.value.message, StoredFile.objects.count()) == ("personal_data", False, 0)
    clean = ContentFile(make("全年调解劳动纠纷三十二件"), name=name)
    made = dossier.add_file(row, by=COMMAND_LINE, label="台账", clause=DEED, upload=clean)
    assert (made.clause, StoredFile.objects.get(pk=made.file_id).opens_with) == (DEED, "honours.manage")


def test_a_picture_is_taken_when_its_numbers_are_covered_and_loses_its_place(jiyuan: SimpleNamespace) -> None:
    row = started(jiyuan)

    def add(**facts: Any) -> DossierItem:
        values = {"label": "现场", "clause": "", "upload": ContentFile(a_jpeg(), name="IMG.JPG")}
        return dossier.add_file(row, by=COMMAND_LINE, **(values | facts))

    assert refused(add) == "not_covered"
    kept = StoredFile.objects.get(pk=add(covered=True).file_id)
    with kept.open() as content:
        assert EXIF not in content.read()
    assert kept.name == "IMG.jpg"
    for upload, code in (
        (ContentFile(b"\0\0\0\x18ftypheic", name="a.heic"), "file_type"),
        (ContentFile(b"MZ program", name="a.jpg"), "picture_kind"),
        (ContentFile(b"x" * (evidence.MOST_BYTES + 1), name="a.txt"), "file_too_large"),
    ):
        assert refused(lambda upload=upload: add(upload=upload, covered=True)) == code
    assert refused(lambda: add(label="电话 13800138000", covered=True)) == "personal_data"
    assert refused(lambda: add(label=" ", covered=True)) == "incomplete"


def test_a_file_is_removed_while_it_is_a_draft_and_there_are_so_many(jiyuan: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dossier, "MOST_FILES", 1)
    row = started(jiyuan)
    made = dossier.add_file(row, by=COMMAND_LINE, label="台账", clause=DEED, upload=a_text())
    assert refused(lambda: dossier.add_file(row, by=COMMAND_LINE, label="二", clause="", upload=a_text())) == "too_many"
    dossier.remove_file(made, by=COMMAND_LINE)
    assert refused(lambda: dossier.remove_file(made, by=COMMAND_LINE)) == "wrong_state"
    assert StoredFile.objects.count() == 1, "the file stays stored, so that the log's digest can be followed"


def test_a_file_is_opened_by_who_sees_it_and_by_its_reviewer_and_noted(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row = a_draft(a_selection(jiyuan.county), a_member(an_organisation(jiyuan.kejing)).person)
    made = dossier.add_file(row, by=COMMAND_LINE, label="台账", clause="", upload=a_text())
    row = nominating.submit(row, by=COMMAND_LINE)
    for by in (cast.officer, cast.township, cast.leader):
        assert evidence.open_file(row, made.file_id, by=by).name == "台账.txt"
    assert Entry.objects.filter(act="honours.open_file").count() == 3
    for by in (cast.other, cast.reviewer, cast.agent, cast.nobody):
        assert refused(lambda by=by: evidence.open_file(row, made.file_id, by=by)) == "not_allowed"
    reviewer = Reviewer.objects.create(selection=row.selection, user=cast.reviewer, party="expert")
    panel = Panel.objects.create(selection=row.selection, kind="person", each=1, seed="1", listed="")
    Assignment.objects.create(panel=panel, reviewer=reviewer, nomination=row)
    assert evidence.open_file(row, made.file_id, by=cast.reviewer).pk == made.file_id
    Conflict.objects.create(reviewer=reviewer, nomination=row, why="declared")
    assert refused(lambda: evidence.open_file(row, made.file_id, by=cast.reviewer)) == "not_allowed"
    strange = StoredFile.objects.create(
        name="x", stored_as="x", size=1, sha256="", content_type="", purpose="sheets.upload", opens_with="x"
    )
    assert refused(lambda: evidence.open_file(row, strange.pk, by=cast.officer)) == "no_file"


def test_opinions_and_visits_keep_their_paper_under_the_same_guard(jiyuan: SimpleNamespace) -> None:
    row = a_nomination(a_selection(jiyuan.county))
    for act in (an_opinion, a_visit):
        assert refused(lambda act=act: act(row, upload=a_text(f"证件 {an_id()}"))) == "personal_data"
        assert act(row, upload=a_text()).file_id


def test_nominations_follow_a_merged_person_and_the_later_of_two_is_withdrawn(jiyuan: SimpleNamespace) -> None:
    this, last = a_selection(jiyuan.county), a_selection(jiyuan.county, 2025)
    keep, drop = (a_member(an_organisation(jiyuan.kejing)).person for _ in range(2))
    first, second, other = a_nomination(this, drop), a_nomination(this, keep), a_nomination(last, drop)
    assert follow_person_merge(keep, drop, by=COMMAND_LINE) == 2
    states = dict(Nomination.objects.filter(person=keep).values_list("pk", "state"))
    assert states == {first.pk: "submitted", second.pk: "withdrawn", other.pk: "submitted"}
    assert "重复" in Nomination.objects.get(pk=second.pk).state_note
    assert "tongxing.honours.merging.follow_merge" in settings.ORGANISATION_MERGES


def test_the_one_that_got_too_far_to_be_withdrawn_stays_in_a_merge(jiyuan: SimpleNamespace) -> None:
    selection = a_selection(jiyuan.county)
    keep, drop = (a_member(an_organisation(jiyuan.kejing)).person for _ in range(2))
    first, second = a_nomination(selection, keep), a_nomination(selection, drop)
    Nomination.objects.filter(pk=second.pk).update(state=NominationState.RECOMMENDED)
    follow_person_merge(keep, drop, by=COMMAND_LINE)
    assert dict(Nomination.objects.values_list("pk", "state")) == {first.pk: "withdrawn", second.pk: "recommended"}
    third = a_nomination(selection, extra := a_member(an_organisation(jiyuan.kejing)).person)
    Nomination.objects.filter(pk=third.pk).update(state=NominationState.PASSED_OVER)
    follow_person_merge(keep, extra, by=COMMAND_LINE)
    assert Nomination.objects.get(pk=third.pk).state == NominationState.WITHDRAWN


def test_nominations_of_and_by_a_merged_organisation_follow(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    selection, keep, drop = a_selection(jiyuan.county), a_society(jiyuan.kejing), a_society(jiyuan.kejing)
    of_it, by_it = a_nomination(selection, drop), a_nomination(selection, a_member(an_organisation(jiyuan.kejing)).person)
    Nomination.objects.filter(pk=by_it.pk).update(nominator=drop)
    Reviewer.objects.create(selection=selection, user=cast.reviewer, party="union", organisation=drop)
    assert follow_merge(keep, drop, by=COMMAND_LINE) == {"nominations": 1, "recommended": 1, "honours": 0, "reviewers": 1}
    assert Nomination.objects.get(pk=of_it.pk).organisation_id == keep.pk
    assert follow_merge(keep, drop, by=COMMAND_LINE) == {"nominations": 0, "recommended": 0, "honours": 0, "reviewers": 0}
