"""Pages of nominations: from the verdict to the review in the browser, one's own, who sees what, filters, cards, chores, query counts."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.models import Grant, User
from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.honours import dossier, nominating
from tongxing.honours.models import DossierItem, Nomination, Reviewer
from tongxing.registry.models import Posting
from tongxing.registry.tests.people_factories import an_id, an_organisation

from .test_pages import page, send, signed_in
from .world import a_draft, a_member, a_nomination, a_selection, a_society, a_text, a_violation, a_visit, an_award, an_opinion

pytestmark = pytest.mark.django_db
DEED = "notice:A1.3.1"


def person_of(jiyuan: SimpleNamespace, **facts: Any) -> Any:
    return a_member(an_organisation(jiyuan.kejing, **facts)).person


def test_a_township_recommends_and_the_officer_accepts_on_the_pages(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    selection, person = a_selection(jiyuan.county), person_of(jiyuan)
    township, officer = signed_in(cast.township), signed_in(cast.officer)
    assert "推荐" in page(township, "person", person.uid)
    assert "开始推荐" in page(township, "person-nominate", person.uid)
    made = send(township, "person-nominate", person.uid, selection=selection.pk, reason="")
    row = Nomination.objects.get()
    assert made.url == reverse("honours:nomination", args=[row.uid])
    assert "写简要事迹和主要事迹" in page(township, "nomination", row.uid)
    told = {"deeds": [DEED], "summary": "调解 32 件", "story": "进企业宣讲。", "front_line": "on"}
    assert "有身份证号码" in send(township, "nomination-edit", row.uid, **(told | {"story": an_id()})).content.decode()
    assert send(township, "nomination-edit", row.uid, **told).status_code == 302
    offer = dossier.offers(row)[0]
    sent = send(township, "dossier", row.uid, tick=[offer.key], **{f"clause:{offer.key}": DEED})
    assert sent.status_code == 302
    assert "材料齐了" not in page(township, "nomination", row.uid), "the employer's opinion is missing"
    assert send(township, "opinion-new", row.uid, **opinion()).status_code == 302
    assert "材料齐了，可以提交" in page(township, "nomination", row.uid)
    assert send(township, "nomination-submit", row.uid).status_code == 302
    shown = page(officer, "nomination", row.uid)
    assert all(word in shown for word in ("TJ2026-001", "待审核", "通过审核", offer.label, "调解 32 件", "现在再核对，没有变动"))
    visited = {"visited_on": str(timezone.localdate()), "place": "厂区", "visitors": "王经办、李专员", "findings": "属实", "confirmed": "1"}
    assert send(officer, "visit-new", row.uid, **visited).status_code == 302
    assert send(officer, "nomination-accept", row.uid, reason="").status_code == 302
    assert "进入评审" in page(township, "nomination", row.uid)
    assert "草稿" not in page(officer, "selection", selection.uid)


def opinion(**facts: Any) -> dict[str, Any]:
    values = {"origin": "employer", "body": "一厂", "agrees": "1", "text": "同意", "given_on": str(timezone.localdate())}
    return values | facts


def test_an_agent_recommends_its_own_and_sees_nothing_else(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    selection, host = a_selection(jiyuan.county), a_society(jiyuan.kejing, members=3)
    stranger = person_of(jiyuan)
    user = User.objects.create_user("of-them", "matrix-lamp-7", name="协会经办")
    Grant.objects.create(user=user, role="agent", organisation_id=host.pk, since=date(2020, 1, 1), granted_by="测试")
    agent = signed_in(user)
    assert "开始推荐" in page(agent, "mine")
    form = page(agent, "mine-new")
    assert (host.name in form, stranger.name in form) == (True, False)
    assert send(agent, "mine-new", selection=selection.pk, subject=f"person:{stranger.uid}").status_code == 200
    assert send(agent, "mine-new", selection=selection.pk, subject=f"organisation:{host.uid}").status_code == 302
    row = Nomination.objects.get()
    assert (row.way, row.nominator_id) == ("organisation", host.pk)
    assert "持证协调员" in page(agent, "dossier", row.uid)
    assert row.organisation is not None
    assert row.organisation.name in page(agent, "mine")
    page(agent, "nominations", status=403)
    page(agent, "selection", selection.uid, status=403)
    page(agent, "person-nominate", stranger.uid, status=404)
    other = a_nomination(selection, stranger)
    page(agent, "nomination", other.uid, status=404)


def test_a_coordinator_applies_for_the_own_person_only(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    selection, host = a_selection(jiyuan.county), an_organisation(jiyuan.kejing)
    me, colleague = a_member(host).person, a_member(host).person
    user = User.objects.create_user("me", "matrix-lamp-7", name=me.name, person_id=me.pk)
    Grant.objects.create(user=user, role="coordinator", organisation_id=host.pk, since=date(2020, 1, 1), granted_by="测试")
    own = signed_in(user)
    form = page(own, "mine-new")
    assert (f"本人：{me.name}" in form, colleague.name in form) == (True, False)
    assert send(own, "mine-new", selection=selection.pk, subject=f"person:{me.uid}").status_code == 302
    assert Nomination.objects.get().way == "self"
    assert "我的推荐" in page(own, "mine")
    assert "选树" in own.get(reverse("honours:of-person", args=[me.uid])).content.decode()


def test_a_returned_one_is_a_chore_and_so_is_one_to_check(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row = a_nomination(a_selection(jiyuan.county), person_of(jiyuan), by=cast.township)
    township, officer = signed_in(cast.township), signed_in(cast.officer)
    home = reverse("desk:home")
    assert "份选树推荐等待审核" in officer.get(home).content.decode()
    assert "等待审核" not in township.get(home).content.decode()
    assert send(officer, "nomination-return", row.uid, reason="缺协议书").status_code == 302
    assert "份选树推荐被退回，等待补正" in township.get(home).content.decode()
    assert "缺协议书" in page(township, "mine")
    assert send(township, "nomination-submit", row.uid).status_code == 302
    assert send(officer, "nomination-refuse", row.uid, reason="不从事这项工作").status_code == 302
    assert "不符合条件" in page(township, "nomination", row.uid)


def test_a_refusal_of_the_rules_is_said_on_the_page(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    officer = signed_in(cast.officer)
    row = a_draft(a_selection(jiyuan.county), person_of(jiyuan), by=cast.officer)
    a_violation(row.subject, date(2020, 1, 1))
    assert "没有重大违法失信记录：2020-01-01" in page(officer, "nomination", row.uid)
    answer = officer.post(reverse("honours:nomination-submit", args=[row.uid]), follow=True)
    assert "不能提交，按" in answer.content.decode()
    forged = send(officer, "dossier", row.uid, tick=["post:0"])
    assert (forged.status_code, "登记里已没有或已作废" in forged.content.decode()) == (200, True)


def test_what_changed_since_it_was_handed_in_is_told(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    officer = signed_in(cast.officer)
    row = a_nomination(a_selection(jiyuan.county), person_of(jiyuan))
    a_violation(row.subject, date(2020, 1, 1))
    Posting.objects.filter(coordinator__person_id=row.person_id).update(post="工会主席")
    shown = page(officer, "nomination", row.uid)
    assert "此后有 1 项变动" in shown
    assert "勾选后登记有变动" in shown
    assert "现在：2020-01-01" in shown


def test_files_are_sent_opened_and_removed_on_the_pages(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    township = signed_in(cast.township)
    row = a_draft(a_selection(jiyuan.county), person_of(jiyuan), by=cast.township)
    facts = {"label": "调解台账", "clause": DEED}
    leaking = SimpleUploadedFile("台账.txt", f"证件 {an_id()}".encode())
    assert "不能上传" in send(township, "file-new", row.uid, upload=leaking, **facts).content.decode()
    assert send(township, "file-new", row.uid, upload=SimpleUploadedFile("台账.txt", "三十二件".encode()), **facts).status_code == 302
    item = DossierItem.objects.get(kind="file")
    assert "调解台账" in page(township, "nomination", row.uid)
    opened = township.get(reverse("honours:file", args=[item.uid]))
    assert b"".join(opened.streaming_content).decode() == "三十二件"
    assert Entry.objects.filter(act="honours.open_file").count() == 1
    page(signed_in(cast.officer), "file", item.uid, status=404)
    assert send(township, "file-remove", item.uid).status_code == 302
    assert not DossierItem.objects.filter(kind="file").exists()


def test_the_list_is_filtered_and_searched(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    selection, officer = a_selection(jiyuan.county), signed_in(cast.officer)
    person, society = a_nomination(selection, person_of(jiyuan)), a_nomination(selection, a_society(jiyuan.kejing))
    draft = a_draft(selection, person_of(jiyuan))

    def found(**query: str) -> set[str]:
        shown = page(officer, "nominations", **query)
        return {row.subject.name for row in (person, society, draft) if row.subject.name in shown}

    both = {person.subject.name, society.subject.name}
    assert found() == both, "a draft is its nominator's own"
    assert found(kind="person") == {person.subject.name}
    assert found(deed="notice:A2.3.1") == {society.subject.name}
    assert found(q="TJ2026-002") == {society.subject.name}
    assert found(q=person.subject.name) == {person.subject.name}
    assert (found(selection=str(selection.pk)), found(state="accepted"), found(way="self")) == (both, set(), set())


def test_who_reviews_finds_no_nominee_in_lists_counts_and_pages(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    selection = a_selection(jiyuan.county)
    row = a_nomination(selection, person_of(jiyuan))
    union = User.objects.create_user("union", "matrix-lamp-7", name="工会")
    Grant.objects.create(user=union, role="union", area=jiyuan.county, since=date(2020, 1, 1), granted_by="测试")
    client = signed_in(union)
    assert row.number in page(client, "nominations")
    assert "1 协调员 待审核" in page(client, "selection", selection.uid)
    Reviewer.objects.create(selection=selection, user=union, party="union")
    assert row.number not in page(client, "nominations")
    assert "协调员 待审核" not in page(client, "selection", selection.uid)
    page(client, "nomination", row.uid, status=404)


def test_the_register_shows_nominations_on_cards(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    selection, officer = a_selection(jiyuan.county), signed_in(cast.officer)
    person, society = a_nomination(selection, person_of(jiyuan)), a_nomination(selection, a_society(jiyuan.kejing))
    an_award(person.subject)
    card = page(officer, "of-person", person.subject.uid)
    assert ("TJ2026-001" in card, "技能竞赛三等奖" in card, "选树资格" in card) == (True, True, True)
    assert "TJ2026-002" in page(officer, "of-organisation", society.subject.uid)
    for name, row, card_name in (("person", person, "of-person"), ("organisation", society, "of-organisation")):
        answer = officer.get(reverse(f"registry:{name}", args=[row.subject.uid]))
        assert reverse(f"honours:{card_name}", args=[row.subject.uid]) in answer.content.decode()
    handler = User.objects.create_user("handler", "matrix-lamp-7", name="补贴经办")
    Grant.objects.create(user=handler, role="subsidy_handler", area=jiyuan.county, since=date(2020, 1, 1), granted_by="测试")
    shown = signed_in(handler).get(reverse("registry:organisation", args=[society.subject.uid])).content.decode()
    assert reverse("honours:of-organisation", args=[society.subject.uid]) not in shown
    page(signed_in(handler), "of-person", person.subject.uid, status=403)


def queries(client: Client, *asked: Any) -> int:
    page(client, *asked)
    with CaptureQueriesContext(connection) as found:
        page(client, *asked)
    return len(found)


def test_pages_ask_as_many_queries_for_many_as_for_few(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    selection, officer = a_selection(jiyuan.county), signed_in(cast.officer)
    row = a_draft(selection, person_of(jiyuan), by=cast.officer)
    counts: dict[str, list[int]] = {"nominations": [], "mine": [], "nomination": [], "dossier": [], "selection": []}
    for number in range(3):
        a_nomination(selection, person_of(jiyuan), by=cast.officer)
        an_award(row.person, name=f"第 {number} 届竞赛三等奖")
        dossier.add_file(row, by=cast.officer, label=f"台账 {number}", clause=DEED, upload=a_text())
        an_opinion(row, upload=a_text())
        dossier.set_ticks(row, by=cast.officer, ticked={(one.kind.value, one.source): DEED for one in dossier.offers(row)})
        for name, found in counts.items():
            asked = {"nominations": [], "mine": [], "selection": [selection.uid]}.get(name, [row.uid])
            found.append(queries(officer, name, *asked))
    assert {name: found for name, found in counts.items() if len(set(found[1:])) > 1} == {}


def test_an_unconfirmed_visit_and_a_late_year_are_told(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    officer = signed_in(cast.officer)
    row = a_nomination(a_selection(jiyuan.county), person_of(jiyuan))
    an_opinion(row)
    a_visit(row, confirmed=False)
    assert "走访核实认为材料不属实" in page(officer, "nomination", row.uid)
    assert "走访核实认为材料不属实" in page(officer, "nomination-accept", row.uid)
    assert send(officer, "nomination-accept", row.uid, reason="").status_code == 200
    assert send(officer, "nomination-accept", row.uid, reason="已补核").status_code == 302
    assert send(officer, "nomination-withdraw", row.uid, reason="").status_code == 200
    assert send(officer, "nomination-withdraw", row.uid, reason="本人放弃").status_code == 302
    nominating.start_nomination(row.selection, row.subject, by=COMMAND_LINE)


def test_two_who_tick_at_once_do_not_undo_one_another(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    officer = signed_in(cast.officer)
    row = nominating.start_nomination(a_selection(jiyuan.county), person_of(jiyuan), by=cast.officer)
    post, paper = dossier.offers(row)
    dossier.set_ticks(row, by=cast.officer, ticked={(post.kind.value, post.source): DEED})
    found = officer.get(reverse("honours:dossier", args=[row.uid])).context["seen"]
    dossier.set_ticks(row, by=cast.officer, ticked={(post.kind.value, post.source): "notice:A1.3.3"})
    answer = send(officer, "dossier", row.uid, tick=[paper.key], **{f"clause:{paper.key}": "notice:A1.1", "seen": found})
    assert (answer.status_code, "所以没有保存" in answer.content.decode()) == (200, True)
    assert f'value="{paper.key}" checked' in answer.content.decode(), "what was ticked is still there"
    assert list(row.items.values_list("kind", "clause")) == [("post", "notice:A1.3.3")]
