"""Kept figures always equal a raw recount, whatever happens in whatever order; gaps equal the vacant units; lists equal the figures."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongxing.areas.ledger import touch
from tongxing.areas.models import Area
from tongxing.certificates.models import Certificate
from tongxing.registry.models import Assignment, Coordinator, DutyArea, Organisation, Posting, StatusPeriod
from tongxing.targets.counting import Tally
from tongxing.targets.figures import tallies_of
from tongxing.targets.gaps import sync_gaps
from tongxing.targets.models import Exemption, Gap, LeafFigure, Target
from tongxing.targets.reach import Reach
from tongxing.targets.recounting import recount_all, refresh
from tongxing.targets.units import unit_rows

from .world import certificate, coordinator, enterprise, posting

pytestmark = pytest.mark.usefixtures("shipped")
CODES = [419001100000, 419001001000, 419001901000, 419001000000, 410102001000]
ACTS = [
    "enterprise",
    "resize",
    "close",
    "post",
    "unpost",
    "leave",
    "certify",
    "void",
    "duty",
    "assign",
    "exempt",
    "move",
    "party",
    "grassroots",
    "newcomer",
]


def _touch_of(holder: Coordinator) -> None:
    touch(
        {
            *Posting.objects.filter(coordinator=holder).values_list("organisation__area_id", flat=True),
            *Assignment.objects.filter(coordinator=holder).values_list("organisation__area_id", flat=True),
            *DutyArea.objects.filter(coordinator=holder).values_list("area_id", flat=True),
        }
    )


def _pick(model: Any, number: int) -> Any:
    rows = list(model.objects.order_by("id"))
    return rows[number % len(rows)] if rows else None


def act(name: str, number: int) -> None:
    area = Area.objects.get(code=CODES[number % len(CODES)])
    organisation, holder = _pick(Organisation, number), _pick(Coordinator, number // 3)
    _of_area(name, number, area, holder)
    if organisation is not None:
        _of_organisation(name, number, area, organisation)
    if organisation is not None and holder is not None:
        _of_holder(name, holder, organisation)


def _of_area(name: str, number: int, area: Area, holder: Coordinator | None) -> None:
    if name == "enterprise":
        enterprise(area, ["large", "medium", "small", "micro", "unknown"][number % 5])
    elif name == "party":
        enterprise(area, "unknown", kind="tripartite", party=["hr", "union", "federation"][number % 3])
    elif name == "grassroots":
        posting(coordinator(area), enterprise(area, "unknown", kind="grassroots"))
    elif name == "newcomer":
        coordinator(area, certified=True)
    elif name == "certify":
        who = holder or coordinator(area)
        certificate(who)
        _touch_of(who)
    elif name == "duty" and area.is_leaf:
        DutyArea.objects.create(coordinator=coordinator(area), area=area, since=date(2020, 1, 1))
        touch([area.code])


def _of_organisation(name: str, number: int, area: Area, organisation: Organisation) -> None:
    today, rows = timezone.localdate(), Organisation.objects.filter(pk=organisation.pk)
    if name == "resize":
        rows.update(size=["large", "small", "unknown"][number % 3])
    elif name == "close":
        rows.update(ended_on=today)
    elif name == "move":
        rows.update(area=area)
    elif name == "exempt":
        Exemption.objects.create(
            target_key=["enterprises", "small"][number % 2], unit_kind="organisation", unit_id=organisation.pk, unit_name="x",
            area_code=organisation.area_id, reason="x", state="approved", until=today + timedelta(days=number % 3), requested_by="x",
        )  # fmt: skip
    else:
        return
    touch([organisation.area_id, area.code])


def _of_holder(name: str, holder: Coordinator, organisation: Organisation) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    free = {"coordinator": holder, "organisation": organisation, "until": None}
    if name == "post" and not Posting.objects.filter(**free):
        posting(holder, organisation)
    elif name == "assign" and not Assignment.objects.filter(**free):
        Assignment.objects.create(coordinator=holder, organisation=organisation, since=date(2020, 1, 1))
    elif name == "unpost":
        Posting.objects.filter(coordinator=holder, until=None).update(until=yesterday)
    elif name == "leave":
        StatusPeriod.objects.filter(coordinator=holder, until=None).update(until=yesterday)
    elif name == "void":
        Certificate.objects.filter(person=holder.person).update(status="void", status_on=timezone.localdate())
    _touch_of(holder)


def recounted() -> dict[tuple[str, int], Tally]:
    """Every unit looked at by itself (`unit_rows` asks `EXISTS` per unit; the figures come from grouped sets)."""
    found: dict[tuple[str, int], Tally] = {}
    for target in Target.objects.coverage():
        for row in unit_rows(target, Reach(), timezone.localdate()):
            code = row.area_id if target.is_organisations else row.area_code
            tally = found.setdefault((target.key, code), Tally())
            covered = row.state in {"covered", "certified"}
            tally.add(Tally(1, covered, row.state == "certified", row.state == "exempt"))
    return found


def kept(*, rolled: bool) -> dict[tuple[str, int], Tally]:
    rows = LeafFigure.objects.filter(rolled=rolled)
    tallies = {(row.target_key, row.area_code): Tally(row.total, row.covered, row.certified, row.exempt) for row in rows}
    return {key: tally for key, tally in tallies.items() if tally}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 50)), min_size=3, max_size=25), st.integers(1, 5))
def test_figures_lists_and_gaps_agree_after_any_sequence(jiyuan: SimpleNamespace, steps: list[tuple[str, int]], every: int) -> None:
    with transaction.atomic():
        refresh()
        for place, (name, number) in enumerate(steps):
            act(name, number)
            if place % every == 0:
                sync_gaps()
        sync_gaps()
        own, rolled = kept(rolled=False), kept(rolled=True)
        assert own == recounted()
        assert {(gap.target_key, gap.area_code, gap.unit_kind, gap.unit_id) for gap in Gap.objects.standing()} == _vacant()
        recount_all()
        assert (kept(rolled=False), kept(rolled=True)) == (own, rolled)
        for code in (419001000000, 410000000000, 0, 419001100000):
            assert {k: t for k, t in tallies_of(code).items() if t} == _summed(own, code)
        transaction.set_rollback(True)


def _vacant() -> set[tuple[str, int, str, int]]:
    found = set()
    for target in Target.objects.coverage():
        for row in unit_rows(target, Reach(), timezone.localdate(), state="vacant"):
            if target.is_organisations:
                found.add((target.key, row.area_id, "organisation", row.pk))
            else:
                found.add((target.key, row.area_code, row.kind, row.id))
    return found


def _summed(own: dict[tuple[str, int], Tally], code: int) -> dict[str, Tally]:
    sums: dict[str, Tally] = {}
    for (key, leaf), tally in own.items():
        if Reach.below(code).holds(leaf):
            sums.setdefault(key, Tally()).add(tally)
    return sums
