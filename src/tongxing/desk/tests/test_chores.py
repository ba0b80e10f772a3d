"""What waits on the start page in training, evaluation and subsidies: for whom, and counted as the list behind counts."""

import re
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from tongxing.accounts.models import User
from tongxing.desk import chores_of_programme as programme
from tongxing.desk.chore import Line
from tongxing.evaluation.tests.world import a_batch, a_filing, an_application, examined
from tongxing.evaluation.tests.world import published as results_published
from tongxing.subsidies.tests.scene import Scene, a_user
from tongxing.training.models import ClassState
from tongxing.training.tests.world import a_class


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


def test_who_has_no_part_in_it_sees_nothing(jiyuan: SimpleNamespace) -> None:
    Scene(jiyuan).opened()
    outsider = a_user("far", "subsidy_handler", jiyuan.other)
    assert lines(programme.subsidies, outsider) == {}
