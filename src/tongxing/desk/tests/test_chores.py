"""What waits on the start page in training, learning, evaluation, supervision and subsidies: for whom, and counted as the list behind counts."""

import re
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from django.test import Client
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.audit.log import COMMAND_LINE
from tongxing.desk import chores_of_programme as programme
from tongxing.desk.chore import Line
from tongxing.evaluation.tests.world import a_batch, a_filing, an_application, examined
from tongxing.evaluation.tests.world import published as results_published
from tongxing.learning import sitting
from tongxing.learning.models import Progress
from tongxing.learning.tests.world import a_question, an_exam, studied
from tongxing.subsidies.tests.scene import Scene, a_user
from tongxing.supervision.rectifying import answer
from tongxing.supervision.sanctioning import notify
from tongxing.supervision.tests.world import a_body, a_finding, a_visit, agent_of, an_inspector, overdue, proposed
from tongxing.training.models import ClassState, TrainingClass
from tongxing.training.tests.world import a_class, an_account


def lines(part: Any, user: User) -> dict[str, Line]:
    return {line.text: line for line in part(user) if line.count}


def listed(user: User, line: Line) -> int:
    """How many rows the list behind a line shows."""
    client = Client()
    client.force_login(user)
    page = client.get(line.url).content.decode()
    assert urlsplit(line.url).query
    found = re.search(r'class="tx-count[^>]*>\D*([\d,]+)', page)
    assert found, line.url
    return int(found[1].replace(",", ""))


def test_each_post_sees_its_own_step_of_a_claim(jiyuan: SimpleNamespace) -> None:
    scene = Scene(jiyuan)
    scene.opened()
    scene.accepted()
    scene.drafted(scene.approved())
    scene.listed()
    handler, approver, cashier = (lines(programme.subsidies, user) for user in (scene.handler, scene.approver, scene.cashier))
    assert set(handler) == {"笔补贴申请等待受理", "笔补贴已审批，等待公示"}
    assert set(approver) == {"笔补贴申请等待审批", "份补贴公示拟好了，等待发布", "份拨付单等待审核"}
    assert set(cashier) == set()
    for user, found in ((scene.handler, handler), (scene.approver, approver)):
        assert {text: listed(user, line) for text, line in found.items()} == {text: line.count for text, line in found.items()}


def test_batches_wait_for_checking_scores_and_issuing(jiyuan: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing)
    for stage in (None, examined, results_published):
        batch = a_batch(filing)
        an_application(batch, accepted=stage is not None)
        if stage:
            stage(batch)
    user = a_user("assess", "assessment", jiyuan.county)
    found = lines(programme.evaluation, user)
    assert set(found) == {"个评价批次有报名等待审核"}
    assert listed(user, found["个评价批次有报名等待审核"]) == 1
    assert "个评价批次等待录分" in lines(programme.evaluation, a_user("officer-1", "officer", jiyuan.county))


def test_classes_wait_for_review_and_for_their_end(jiyuan: SimpleNamespace) -> None:
    for state in (ClassState.FILED, ClassState.RUNNING):
        held = a_class(jiyuan.county)
        type(held).objects.filter(pk=held.pk).update(state=state, starts_on="2026-01-05", ends_on="2026-01-09")
    user = a_user("train", "training", jiyuan.county)
    found = lines(programme.training, user)
    assert set(found) == {"个培训班报备等待审核", "个培训班已过结束日期，还没有结业"}
    assert {listed(user, line) for line in found.values()} == {1}


def counts(found: dict[str, Line]) -> dict[str, int]:
    return {text: line.count for text, line in found.items()}


def test_supervision_waits_for_each_at_the_own_step(jiyuan: SimpleNamespace) -> None:
    body, sent = a_body(jiyuan.kejing), [an_inspector(jiyuan.kejing) for _ in range(2)]
    inspector, agent = sent[0].user, agent_of(body)
    for _ in range(2):
        a_visit(body, sent)
    officer, leader = a_user("officer-1", "officer", jiyuan.county), a_user("leader-1", "leader", jiyuan.county)
    found = lines(programme.supervision, inspector)
    assert counts(found) == {"次现场检查等您去做": 2}
    assert page_of(inspector, found["次现场检查等您去做"]).count('class="card supervision-mine"') == 2
    ordered, due = a_finding(jiyuan.kejing, body), overdue(a_finding(jiyuan.kejing, body))
    assert counts(lines(programme.supervision, officer)) == {}
    found = lines(programme.supervision, agent)
    assert counts(found) == {"个督导问题等待本机构整改，有的已逾期": 2}
    assert [listed(agent, line) for line in found.values()] == [2]
    answer(due, by=agent, text="已补签")
    found = lines(programme.supervision, officer)
    assert counts(found) == {"个督导问题已整改，等待复查": 1}
    assert [listed(officer, line) for line in found.values()] == [1]
    sanction = notify(proposed(ordered), by=COMMAND_LINE)
    found = lines(programme.supervision, agent)
    assert counts(found) == {"个督导问题等待本机构整改": 1, "项拟作处理已告知，可以陈述申辩": 1}
    assert [listed(agent, line) for line in found.values()] == [1, 1]
    type(sanction).objects.filter(pk=sanction.pk).update(state="heard")
    found = lines(programme.supervision, leader)
    assert counts(found) == {"项督导处理已听取意见，等待决定": 1}
    assert [listed(leader, line) for line in found.values()] == [1]


def page_of(user: User, line: Line) -> str:
    client = Client()
    client.force_login(user)
    return client.get(line.url).content.decode()


def test_lessons_and_examinations_wait_for_a_trainee(jiyuan: SimpleNamespace) -> None:
    world = studied(jiyuan)
    sat, _ = an_exam(jiyuan.county), an_exam(jiyuan.county)
    user = an_account("trainee", "trainee", area=jiyuan.county, person=world.row.person)
    found = lines(programme.own_learning, user)
    assert counts(found) == {"节线上课还没有学完": 1, "场模拟考试还没有考过": 2}
    page = page_of(user, found["节线上课还没有学完"])
    assert ('id="own-unfinished">1<' in page, 'id="own-to-sit">2<' in page) == (True, True)
    sitting.submit(sitting.start(sat, world.row.person, by=COMMAND_LINE), by=COMMAND_LINE)
    Progress.objects.update(done_at=timezone.now())
    assert counts(lines(programme.own_learning, user)) == {"场模拟考试还没有考过": 1}
    TrainingClass.objects.update(state="finished")
    Progress.objects.update(done_at=None)
    assert counts(lines(programme.own_learning, user)) == {"场模拟考试还没有考过": 1}, "a class that is over asks for nothing"


def test_drafts_of_the_bank_wait_for_those_who_keep_it(jiyuan: SimpleNamespace) -> None:
    a_question(use=False)
    a_question("case", use=False)
    a_question()
    user = a_user("train", "training", jiyuan.county)
    found = lines(programme.bank, user)
    assert counts(found) == {"道题还是草稿，等待核对启用": 2}
    assert [listed(user, line) for line in found.values()] == [2]
    assert lines(programme.bank, a_user("far", "training", jiyuan.other)) == {}


def test_who_has_no_part_in_it_sees_nothing(jiyuan: SimpleNamespace) -> None:
    Scene(jiyuan).opened()
    outsider = a_user("far", "subsidy_handler", jiyuan.other)
    assert lines(programme.subsidies, outsider) == {}
    a_finding(jiyuan.kejing)
    assert lines(programme.supervision, a_user("far-officer", "officer", jiyuan.other)) == {}
    assert lines(programme.own_learning, outsider) == {}
