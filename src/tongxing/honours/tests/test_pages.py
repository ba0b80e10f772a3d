"""Pages of the yearly selection: a year planned and stepped in the browser, verdicts with clauses, who sees what, query counts."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from tongxing.honours.models import Award, Selection
from tongxing.registry.tests.people_factories import a_coordinator, an_organisation

from .world import a_member, a_selection, a_society, an_award, certify

pytestmark = pytest.mark.django_db


def page(client: Client, name: str, *args: object, status: int = 200, **query: str) -> str:
    answer = client.get(reverse(f"honours:{name}", args=args), query)
    assert answer.status_code == status, answer.content.decode()[:500]
    return " ".join(strip_tags(answer.content.decode()).split())


def send(client: Client, view: str, /, *args: object, **data: Any) -> Any:
    return client.post(reverse(f"honours:{view}", args=args), data)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_year_is_planned_and_its_first_step_done_on_the_page(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    officer = signed_in(cast.officer)
    assert "建年度计划" in page(officer, "selections")
    made = send(officer, "selection-new", area=jiyuan.county.pk, year="2026", title="", judged_on="", note="按通知办理")
    row = Selection.objects.get()
    assert made.url == reverse("honours:selection", args=[row.uid])
    shown = page(officer, "selection", row.uid)
    assert all(step.get_stage_display() in shown for step in row.steps.all())
    assert "从 11 月 30 日按工作日倒排" in shown
    again = send(officer, "selection-new", area=jiyuan.county.pk, year="2026", title="", judged_on="", note="")
    assert "已经建好" in again.content.decode()
    early = send(officer, "selection-new", area=jiyuan.county.pk, year="2021", title="", judged_on="", note="")
    assert (early.status_code, Selection.objects.count()) == (200, 1)
    assert send(officer, "selection-done", row.uid, done_on="2026-01-05", remark="济人社〔2026〕8号").status_code == 302
    assert "济人社〔2026〕8号" in page(officer, "selection", row.uid)
    assert send(officer, "selection-reopen", row.uid, reason="通知要改").status_code == 302
    assert send(officer, "selection-cancel", row.uid, reason="并入上级选树").status_code == 302
    assert "已取消：并入上级选树" in page(officer, "selection", row.uid)


def test_each_step_can_be_given_other_days_and_a_short_notice_is_refused(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    officer, row = signed_in(cast.officer), a_selection(jiyuan.county)
    days = {f"days_{step.stage}": step.days for step in row.steps.all()}
    facts = {"title": row.title, "judged_on": "2026-10-09", "note": "", "reason": ""}
    short = send(officer, "selection-edit", row.uid, **facts, **(days | {"days_notice": 3}))
    assert "公示不少于 5 个工作日" in short.content.decode()
    assert send(officer, "selection-edit", row.uid, **facts, **(days | {"days_visit": 12})).status_code == 302
    assert row.steps.get(stage="visit").days == 12


def test_people_are_judged_on_the_reference_day_and_narrowed_by_certificate(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    holder, without, foreign = a_coordinator(jiyuan.kejing), a_coordinator(jiyuan.kejing), a_coordinator(jiyuan.other_street)
    certify(holder)
    an_award(holder.person)
    row, officer = a_selection(jiyuan.county), signed_in(cast.officer)
    everybody = page(officer, "people", row.uid)
    assert (holder.person.name in everybody, without.person.name in everybody) == (True, True)
    assert foreign.person.name not in everybody
    assert "没有有效证书" in everybody
    assert without.person.name not in page(officer, "people", row.uid, paper="1")
    assert holder.person.name not in page(officer, "people", row.uid, paper="0")
    assert without.person.name not in page(officer, "people", row.uid, award="1")


def test_organisations_show_their_members_and_when_they_fall_short(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    enough, few = a_society(jiyuan.kejing), a_society(jiyuan.kejing, members=2)
    an_organisation(jiyuan.kejing, name="某企业")
    posting = enough.postings.all()[0]
    type(posting).objects.filter(pk=posting.pk).update(until=date(2027, 3, 31))
    row, officer = a_selection(jiyuan.county), signed_in(cast.officer)
    shown = page(officer, "organisations", row.uid)
    assert ("2027-03-31 以后不足" in shown, "还差 1 名" in shown, "某企业" in shown) == (True, True, False)
    assert few.name not in page(officer, "organisations", row.uid, enough="1")
    verdict = page(officer, "organisation", enough.uid, on="2026-11-01")
    assert ("附件2 一" in verdict, "2027-03-31 以后不足 3 名" in verdict) == (True, True)


def test_the_same_person_gets_another_explained_answer_for_2022(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    worker = a_coordinator(
        jiyuan.kejing, organisation=an_organisation(jiyuan.kejing, kind="tripartite", name="济源总工会"), on=date(2022, 1, 1)
    )
    officer = signed_in(cast.officer)
    now, then = (page(officer, "person", worker.person.uid, on=day) for day in ("2026-11-01", "2022-11-01"))
    assert "2026 年须持证；没有证书也能推荐只限 2022 年" in now
    assert "在济源总工会从事协调劳动关系工作，按 2022 年的规定可以推荐" in then
    assert "请选 2022 年以后的日期" in page(officer, "person", worker.person.uid, on="2021-06-01")


def test_an_award_is_entered_and_struck_on_the_page(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    member, officer = a_member(an_organisation(jiyuan.kejing)), signed_in(cast.officer)
    facts = {
        "kind": "prize",
        "name": "省技能竞赛二等奖",
        "rank": "province",
        "awarded_on": "2025-10-20",
        "awarded_by": "省人社厅",
        "document": "",
    }
    assert send(officer, "award-new", member.person.uid, **facts).status_code == 302
    assert "已经登记过" in send(officer, "award-new", member.person.uid, **facts).content.decode()
    assert "获省级“省技能竞赛二等奖”" in page(officer, "person", member.person.uid)
    assert "省技能竞赛二等奖" in page(officer, "awards", rank="province")
    assert send(officer, "award-strike", Award.objects.get().uid, reason="登记错人").status_code == 302
    assert "作废：登记错人" in page(officer, "person", member.person.uid)


def test_a_township_looks_at_the_countys_selection_and_its_own_people_only(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    own, neighbour = a_coordinator(jiyuan.kejing), a_coordinator(jiyuan.qinyuan)
    row, township = a_selection(jiyuan.county), signed_in(cast.township)
    shown = page(township, "people", row.uid)
    assert (own.person.name in shown, neighbour.person.name in shown) == (True, False)
    page(township, "person", neighbour.person.uid, status=404)
    assert "完成“" not in page(township, "selection", row.uid)
    assert send(township, "selection-done", row.uid, done_on="2026-01-05").status_code == 403
    page(signed_in(cast.other), "selection", row.uid, status=404)


@pytest.mark.parametrize("name", ["people", "organisations"])
def test_the_lists_ask_as_many_queries_for_many_rows_as_for_few(jiyuan: SimpleNamespace, cast: SimpleNamespace, name: str) -> None:
    row, officer, counts = a_selection(jiyuan.county), signed_in(cast.officer), []
    for _ in range(3):
        a_society(jiyuan.kejing)
        with CaptureQueriesContext(connection) as queries:
            page(officer, name, row.uid)
        counts.append(len(queries))
    assert counts[1] == counts[2]
