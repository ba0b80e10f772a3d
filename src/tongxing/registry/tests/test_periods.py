"""Whatever is asked of a coordinator in whatever order: the status history never overlaps, and today's status is its open stretch."""

from datetime import date, timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.errors import Refused
from tongxing.registry import enrolment
from tongxing.registry.models import Coordinator
from tongxing.registry.models.coordinators import CoordinatorStatus
from tongxing.registry.tests.people_factories import a_coordinator, an_organisation

START = date(2024, 1, 1)
ACTS = ["activate", "suspend", "resume", "leave", "rejoin", "transfer", "add_posting"]


def attempt(coordinator: Coordinator, act: str, host: object, on: date) -> None:
    """Do it, or be refused; nothing else may happen."""
    try:
        with transaction.atomic():
            if act == "rejoin":
                enrolment.rejoin(coordinator, host, by=COMMAND_LINE, on=on)
            elif act == "transfer":
                enrolment.transfer(coordinator, host, by=COMMAND_LINE, on=on)
            elif act == "add_posting":
                enrolment.add_posting(coordinator, host, by=COMMAND_LINE, since=on)
            else:
                getattr(enrolment, act)(coordinator, by=COMMAND_LINE, on=on, reason="测试")
    except Refused:
        pass
    coordinator.refresh_from_db()


def check(coordinator: Coordinator) -> None:
    periods = list(coordinator.status_periods.order_by("since"))
    for before, after in pairwise(periods):
        assert before.until == after.since - timedelta(days=1)
    assert (periods[-1].until, periods[-1].status) == (None, coordinator.status)
    held = coordinator.postings.filter(until=None)
    if coordinator.status == CoordinatorStatus.LEFT:
        assert held.count() == 0
    else:
        assert held.filter(is_primary=True).count() == 1
        main = held.get(is_primary=True).organisation
        assert (coordinator.area_id, coordinator.host_kind) == (main.area_id, main.kind)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 2), st.integers(0, 300)), max_size=8))
def test_history_never_overlaps(jiyuan: SimpleNamespace, steps: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        hosts = [an_organisation(jiyuan.kejing), an_organisation(jiyuan.qinyuan, kind="union"), an_organisation(jiyuan.park)]
        coordinator = a_coordinator(jiyuan.kejing, on=START, status="candidate")
        check(coordinator)
        for act, host, day in steps:
            attempt(coordinator, act, hosts[host], START + timedelta(days=day))
            check(coordinator)
        transaction.set_rollback(True)
