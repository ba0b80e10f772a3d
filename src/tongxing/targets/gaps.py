"""Gaps follow the states of units by themselves: opened when a unit falls vacant, closed when covered, exempt or no longer counted."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from tongxing.areas.models import Area
from tongxing.core.jobs import rest
from tongxing.registry.models import Organisation
from tongxing.workdays.calendar import add_working_days

from .definitions import number
from .evidence import Ref, vacancies_of
from .models import CountState, Gap, GapState, Target, UnsyncedLeaf
from .reach import PREFECTURE_WIDTH, Reach
from .recounting import BATCH, MANY_LEAVES, refresh
from .units import State, unit_rows

FEW_UNITS = 2_000
"""What a page may look through before it answers; with more to look through the worker is sooner there than the reader has patience."""
Vacant = dict[tuple[str, int], tuple[str, int]]
CLOSED_BY = {State.CERTIFIED: "已配备持证协调员", State.COVERED: "已配备协调员", State.EXEMPT: "已批准免设"}


def catch_up() -> bool:
    """For pages: brings the work list in line when that takes a moment, else leaves it to the worker, who does it every minute.

    Whether the list is in line.
    """
    refresh()
    waiting = set(UnsyncedLeaf.objects.values_list("area_code", flat=True))
    if not waiting:
        return True
    reach = _reach(waiting)
    units = (Organisation.objects.filter(reach.q("area_id")), Area.objects.filter(reach.q("code")))
    if sum(rows.order_by().values_list("pk")[: FEW_UNITS + 1].count() for rows in units) > FEW_UNITS:
        return False
    sync_gaps()
    return True


def _reach(codes: set[int]) -> Reach:
    return Reach() if 0 in codes or len(codes) > MANY_LEAVES else Reach.exactly(codes)


def _pieces(waiting: set[int]) -> list[Reach]:
    """What is to be looked at, the whole country a prefecture at a time: all its vacant units at once would not fit into a worker."""
    reach = _reach(waiting)
    if reach.codes is not None:
        return [reach]
    prefectures = sorted({code // PREFECTURE_WIDTH for code in Area.objects.order_by().values_list("code", flat=True)})
    return [Reach(first * PREFECTURE_WIDTH, (first + 1) * PREFECTURE_WIDTH - 1) for first in prefectures]


def sync_gaps() -> tuple[int, int]:
    """Bring the work list in line with the states of units in every area recounted since the last time; safe to repeat.

    Written in steps that each stand for themselves, so that nobody waits long for the write lock; what is waiting is let go of last, and
    a run that is broken off is made up for by the next. A unit that changes meanwhile is touched and looked at again.
    Returns how many gaps were opened and closed.
    """
    today = refresh()
    waiting = dict(UnsyncedLeaf.objects.values_list("id", "area_code"))
    if not waiting:
        return 0, 0
    counts = [_sync(target, reach, today) for reach in _pieces(set(waiting.values())) for target in Target.objects.coverage()]
    for ids in _chunks(list(waiting)):
        UnsyncedLeaf.objects.filter(id__in=ids).delete()
    return sum(opened for opened, _ in counts), sum(closed for _, closed in counts)


@contextmanager
def _step() -> Iterator[None]:
    """A transaction that no other run of this shares a moment with; a worker that was told to stop ends before it."""
    rest()
    with transaction.atomic():
        CountState.objects.select_for_update().get(pk=1)
        yield


def _is_chased(target: Target, today: date) -> bool:
    begun = target.active_from is None or target.active_from <= today
    return target.chased and begun and (target.active_until is None or target.active_until >= today)


def _vacant(target: Target, reach: Reach, today: date) -> Vacant:
    """(kind, id) -> (name, area code) of the units without a coordinator."""
    if not _is_chased(target, today):
        return {}
    rows: Any = unit_rows(target, reach, today, state=State.VACANT)
    if target.is_organisations:
        return {("organisation", pk): (name, code) for pk, name, code in rows.order_by().values_list("pk", "name", "area_id")}
    return {(row.kind, row.id): (row.name, row.area_code) for row in rows}


def _sync(target: Target, reach: Reach, today: date) -> tuple[int, int]:
    vacant = _vacant(target, reach, today)
    standing = Gap.objects.standing().filter(target_key=target.key)
    # A unit may have moved to another area: its gap is looked up by the unit as well as by the area.
    held = {(gap.unit_kind, gap.unit_id): gap for gap in standing.filter(reach.q("area_code"))}
    for chunk in _chunks([pk for kind, pk in vacant.keys() - held.keys()]):
        held |= {(g.unit_kind, g.unit_id): g for g in standing.filter(unit_id__in=chunk) if (g.unit_kind, g.unit_id) in vacant}
    vacant |= _elsewhere(target, [pk for kind, pk in held.keys() - vacant.keys() if kind == "organisation"], today)
    _follow(held, vacant)
    closed = _close(target, [gap for ref, gap in held.items() if ref not in vacant], today)
    return _open(target, {ref: vacant[ref] for ref in vacant.keys() - held.keys()}, today), closed


def _elsewhere(target: Target, ids: list[int], today: date) -> Vacant:
    """Those of the organisations that are vacant units all the same, outside the area that is looked at: they moved."""
    if not target.is_organisations or not _is_chased(target, today):
        return {}
    rows: Any = unit_rows(target, Reach(), today, state=State.VACANT)
    return {
        ("organisation", pk): (name, code)
        for chunk in _chunks(ids)
        for pk, name, code in rows.filter(pk__in=chunk).order_by().values_list("pk", "name", "area_id")
    }


def _chunks(items: list[Any]) -> Iterable[list[Any]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def _follow(held: dict[tuple[str, int], Gap], vacant: Vacant) -> None:
    """Names and areas as they stand now."""
    moved = []
    for ref, gap in held.items():
        if ref in vacant and (gap.unit_name, gap.area_code) != vacant[ref]:
            gap.unit_name, gap.area_code = vacant[ref]
            moved.append(gap)
    for chunk in _chunks(moved):
        with _step():
            Gap.objects.bulk_update(chunk, ["unit_name", "area_code"], batch_size=500)


def _close(target: Target, gaps: list[Gap], today: date) -> int:
    states, reasons = _states(target, gaps, today), defaultdict[str, list[int]](list)
    for gap in gaps:
        state = states.get((gap.unit_kind, gap.unit_id))
        reasons[CLOSED_BY.get(State(state), "") if state else "不再计入"].append(gap.pk)
    for reason, ids in reasons.items():
        for chunk in _chunks(ids):
            with _step():
                Gap.objects.filter(pk__in=chunk).update(closed_on=today, state=GapState.CLOSED, closed_reason=reason)
    return len(gaps)


def _states(target: Target, gaps: list[Gap], today: date) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    for chunk in _chunks(gaps):
        reach = Reach.exactly(gap.area_code for gap in chunk)
        rows: Any = unit_rows(target, reach, today)
        if target.is_organisations:
            rows = rows.filter(pk__in=[gap.unit_id for gap in chunk])
            found |= {("organisation", pk): state for pk, state in rows.order_by().values_list("pk", "state")}
        else:
            found |= {(row.kind, row.id): row.state for row in rows}
    return found


def _open(target: Target, vacant: Vacant, today: date) -> int:
    """New rows; a unit that was chased before keeps its owner and counts another round."""
    if not vacant:
        return 0
    due_on = add_working_days(today, int(number("targets.gap.due_working_days", today)))
    standing, opened = Gap.objects.standing().filter(target_key=target.key), 0
    for chunk in _chunks(sorted(vacant)):
        refs = [Ref(kind, pk, vacant[kind, pk][1]) for kind, pk in chunk]
        since = vacancies_of(target, refs, today)
        former = _former(target, chunk)
        with _step():
            # Another run may have opened some of them since they were looked at.
            open_now = set(standing.filter(unit_id__in=[pk for _, pk in chunk]).values_list("unit_kind", "unit_id"))
            gaps = [
                Gap(
                    target_key=target.key,
                    unit_kind=ref.kind,
                    unit_id=ref.id,
                    unit_name=vacant[ref.kind, ref.id][0],
                    area_code=ref.area_code,
                    vacant_since=since[ref][0],
                    opened_on=today,
                    due_on=due_on,
                    **_inherited(former.get((ref.kind, ref.id))),
                )
                for ref in refs
                if (ref.kind, ref.id) not in open_now
            ]
            Gap.objects.bulk_create(gaps)
        opened += len(gaps)
    return opened


def _former(target: Target, chunk: list[tuple[str, int]]) -> dict[tuple[str, int], Gap]:
    rows = Gap.objects.filter(~Q(closed_on=None), target_key=target.key, unit_id__in=[pk for _, pk in chunk]).order_by("round", "id")
    return {(gap.unit_kind, gap.unit_id): gap for gap in rows}


def _inherited(gap: Gap | None) -> dict[str, Any]:
    if gap is None:
        return {}
    state = GapState.CHASED if gap.owner_id else GapState.OPEN
    return {"round": gap.round + 1, "owner_id": gap.owner_id, "state": state, "note": gap.note}
