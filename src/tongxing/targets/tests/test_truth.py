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
ACTS = ["enterprise", "resize", "close", "post", "unpost", "leave", "certify", "void", "duty", "assign", "exempt", "move", "party", "day"]


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


def act(name: str, number: int) -> None:  # noqa: C901, PLR0912 - one branch an act keeps the sequence readable
    area, today = Area.objects.get(code=CODES[number % len(CODES)]), timezone.localdate()
    organisation, holder = _pick(Organisation, number), _pick(Coordinator, number // 3)
    if name == "enterprise":
        enterprise(area, ["large", "medium", "small", "micro", "unknown"][number % 5])
    elif name == "party":
        enterprise(area, "unknown", kind="tripartite", party=["hr", "union", "federation"][number % 3])
    elif name == "post":
        posting(holder or coordinator(area), organisation or enterprise(area)) if not Posting.objects.filter(
            coordinator=holder, organisation=organisation, until=None
        ) else None
    elif name == "certify":
        certificate(holder or coordinator(area))
        _touch_of(holder or Coordinator.objects.latest("id"))
    elif name == "duty" and area.is_leaf:
        who = coordinator(area)
        DutyArea.objects.create(coordinator=who, area=area, since=date(2020, 1, 1))
        touch([area.code])
    elif organisation is None:
        return
    elif name == "resize":
        Organisation.objects.filter(pk=organisation.pk).update(size=["large", "small", "unknown"][number % 3])
        touch([organisation.area_id])
    elif name == "close":
        Organisation.objects.filter(pk=organisation.pk).update(ended_on=today)
        touch([organisation.area_id])
    elif name == "move":
        Organisation.objects.filter(pk=organisation.pk).update(area=area)
        touch([organisation.area_id, area.code])
    elif name == "exempt":
        target = ["enterprises", "small"][number % 2]
        Exemption.objects.create(
            target_key=target, unit_kind="organisation", unit_id=organisation.pk, unit_name="x", area_code=organisation.area_id,
            reason="x", state="approved", until=today + timedelta(days=number % 3), requested_by="x",
        )  # fmt: skip
        touch([organisation.area_id])
    elif holder is None:
        return
    elif name == "assign" and not Assignment.objects.filter(coordinator=holder, organisation=organisation, until=None):
        Assignment.objects.create(coordinator=holder, organisation=organisation, since=date(2020, 1, 1))
        touch([organisation.area_id])
    elif name == "unpost":
        Posting.objects.filter(coordinator=holder, until=None).update(until=today - timedelta(days=1))
        _touch_of(holder)
    elif name == "leave":
        StatusPeriod.objects.filter(coordinator=holder, until=None).update(until=today - timedelta(days=1))
        _touch_of(holder)
    elif name == "void":
        holder.person.certificates.update(status="void", status_on=today)
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
