"""The review and the meeting in the browser's words: from criteria to the final list, by officer and reviewers."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tongxing.honours.models import Assignment, Meeting, Nomination, Panel, Reviewer, Stage

from .review_world import PRESENT, a_bench, a_judge, a_nominee, a_panel, at_stage, score_all
from .test_pages import page, send, signed_in
from .world import a_selection

pytestmark = pytest.mark.django_db
CRITERIA = {"title_1": "业绩", "weight_1": "60", "guide_1": "", "title_2": "能力", "weight_2": "40", "guide_2": "看证书"}


def errors(answer: Any) -> str:
    return str(answer.content.decode())


def test_from_criteria_to_figures(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row = at_stage(a_selection(jiyuan.county), Stage.REVIEW)
    people = [a_nominee(row) for _ in range(2)]
    officer, judge = signed_in(cast.officer), a_judge(jiyuan.county)
    assert "还没有评审" in page(officer, "review", row.uid)
    assert "合计要是 100%" in errors(send(officer, "criteria-person", row.uid, **{**CRITERIA, "weight_2": "30"}))
    assert send(officer, "criteria-person", row.uid, **CRITERIA).status_code == 302
    assert send(officer, "reviewer-new", row.uid, user=judge.pk, party="expert", organisation="").status_code == 302
    assert "没有找到这家单位" in errors(send(officer, "reviewer-new", row.uid, user=judge.pk, party="expert", organisation="没有的单位"))
    a_bench(row, more=0)
    assert "还没有声明" in errors(send(officer, "panel-new-person", row.uid, each="4", mean="median", sight="never"))
    client = signed_in(judge)
    assert "请先声明回避关系" in page(client, "reviewing")
    mine = Reviewer.objects.get(user=judge)
    assert "请写明与" in errors(send(client, "declaration", mine.uid, name_1="某人"))
    assert send(client, "declaration", mine.uid).status_code == 302
    assert send(officer, "panel-new-person", row.uid, each="4", mean="median", sight="never").status_code == 302
    given = Assignment.objects.filter(reviewer=mine).order_by("pk")
    assert page(client, "reviewing").count("待评") == 2
    first = given[0]
    assert first.nomination.subject.name in page(client, "score", first.uid)
    fields = {f"score_{one.pk}": "88" for one in row.criteria.filter(kind="person")}
    assert send(client, "score", first.uid, **{**dict.fromkeys(fields, "101"), "comment": "", "submit": "1"}).status_code == 422
    assert "还没有打分" in errors(send(client, "score", first.uid, comment="", submit="1"))
    assert send(client, "score", first.uid, **fields, comment="扎实", keep="1").url.endswith(f"{first.uid}/")
    assert send(client, "score", first.uid, **fields, comment="扎实", submit="1").status_code == 302
    assert "提交评分" not in page(client, "score", first.uid)
    panel = Panel.objects.get()
    shown = page(officer, "panel", panel.uid)
    assert ("88.00" in shown, "评分封存" in shown) == (False, True)
    assert "还有 7 份评分没有提交" in errors(send(officer, "panel-close", panel.uid))
    score_all(panel, {people[0].pk: 88, people[1].pk: 70})
    assert send(officer, "panel-close", panel.uid).status_code == 302
    assert "88.00" in page(officer, "panel", panel.uid)
    again = {"assignment": str(first.uid), "reason": "填反了"}
    assert send(officer, "panel-reopen", panel.uid, **again).status_code == 302
    assert "填反了" in page(officer, "panel", panel.uid)
    assert "还有 1 份等您评分" in page(client, "reviewing")


def test_a_reviewer_steps_back_or_abstains_on_the_page(jiyuan: SimpleNamespace) -> None:
    scene = a_panel(jiyuan.county, nominees=5)
    mine = Assignment.objects.filter(panel=scene.panel).values_list("reviewer_id", flat=True)[0]
    rows = Assignment.objects.filter(reviewer_id=mine).select_related("reviewer__user").order_by("pk")
    client = signed_in(rows[0].reviewer.user)
    assert send(client, "score-recuse", rows[0].uid, reason="同学").status_code == 302
    page(client, "score", rows[0].uid, status=404)
    assert send(client, "score-abstain", rows[1].uid, reason="不熟悉").status_code == 302
    assert "弃权" in page(client, "score", rows[1].uid)


def test_a_meeting_is_held_voted_and_made_final(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    scene = a_panel(jiyuan.county, nominees=3)
    score_all(scene.panel, {one.pk: 80 + place for place, one in enumerate(scene.nominees)})
    officer, row = signed_in(cast.officer), scene.selection
    send(officer, "panel-close", scene.panel.uid)
    row = at_stage(row, Stage.MEETING)
    there = {f"{part}_{place}": getattr(one, part) for place, one in enumerate(PRESENT, start=1) for part in ("name", "party", "body")}
    facts = {"held_on": str(timezone.localdate()), "place": "三楼", "chair": "赵局", "minutes": "讨论了分布。"}
    assert "请选择代表哪一方" in errors(send(officer, "meeting-edit", row.uid, **facts, **{**there, "party_2": ""}))
    assert send(officer, "meeting-edit", row.uid, **facts, **there).status_code == 302
    ballots: dict[str, str] = {}
    for one in scene.nominees:
        ballots |= {f"agree_{one.pk}": "3", f"against_{one.pk}": "0", f"abstain_{one.pk}": "0", f"choice_{one.pk}": "chosen"}
    wrong = {**ballots, f"agree_{scene.nominees[0].pk}": "9"}
    assert "与参会 3 人不符" in errors(send(officer, "meeting-votes", row.uid, **wrong))
    assert send(officer, "meeting-votes", row.uid, **ballots).status_code == 302
    assert "至少推荐 1 名" in errors(send(officer, "meeting-close", row.uid, reason=""))
    assert send(officer, "meeting-close", row.uid, reason="今年没有社会组织申报").status_code == 302
    assert Meeting.objects.get().closed_on == timezone.localdate()
    shown = page(officer, "meeting", row.uid)
    assert ("名额说明" in shown, "一线" in shown, shown.count("拟推荐 第")) == (True, True, 3)
    assert send(officer, "meeting-reopen", row.uid, reason="票数录错").status_code == 302
    assert Nomination.objects.filter(state="accepted").count() == 3


def test_pages_take_a_constant_number_of_queries(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    scene = a_panel(jiyuan.county, nominees=2)
    score_all(scene.panel, {one.pk: 80 for one in scene.nominees})
    officer = signed_in(cast.officer)
    send(officer, "panel-close", scene.panel.uid)

    def asked() -> list[int]:
        numbers = []
        for name, uid in (("review", scene.selection.uid), ("panel", scene.panel.uid), ("meeting", scene.selection.uid)):
            with CaptureQueriesContext(connection) as queries:
                page(officer, name, uid)
            numbers.append(len(queries))
        return numbers

    asked()
    before = asked()
    for _ in range(4):
        more = a_nominee(scene.selection)
        Assignment.objects.bulk_create(Assignment(panel=scene.panel, reviewer=one, nomination=more) for one in scene.reviewers)
    assert asked() == before
