"""Keeping the leaf figures true: the reader recounts what was touched before it sums (design §4.7).

What is touched is read first, counted next, and written last, in a transaction that deletes just those rows of the ledger: a writer who
commits in between leaves a row that the next reader finds. Whoever finds that another recount was written meanwhile counts again. Nobody
who writes ever waits for a reader who counts, not even on SQLite, where the write lock is taken for the writing alone.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from tongxing.areas.models import TouchedLeaf
from tongxing.sheets.writing import insert_many

from . import pacing
from .counting import Key, Tally, count_many
from .models import CountState, LeafFigure, Target, UnsyncedLeaf
from .reach import Reach, county_of, rolled_codes

BATCH = 2_000
COLUMNS = ("target_key", "area_code", "rolled", "total", "covered", "certified", "exempt")
# More touched leaves than this are counted sooner by counting all.
MANY_LEAVES = 5_000
_turn = threading.Lock()


def refresh() -> date:
    """Bring the figures up to today's truth; costs two look-ups when nothing was touched. Returns the day they hold for.

    A page that is only looked at takes the figures as they stand where counting would keep it waiting (pacing.py).
    """
    today = timezone.localdate()
    state = CountState.objects.filter(pk=1).first()
    asked = TouchedLeaf.objects.order_by("-id").values_list("id", flat=True).first()
    if state and state.day == today:
        if asked is None:
            return today
        if pacing.is_hurried() and pacing.touched_much():
            pacing.take_what_stands(state.counted_at, refresh)
            return today
    CountState.one()
    with _in_turn():
        while not _is_counted(today, asked or 0) and not _count(today):
            continue
    return today


@contextmanager
def _in_turn() -> Iterator[None]:
    """Many who want the same count wait for one: all of PostgreSQL, and on SQLite, whose only lock is the writers', those of a process."""
    if connection.vendor == "postgresql":
        with transaction.atomic():
            CountState.objects.select_for_update().get(pk=1)
            yield
    elif connection.in_atomic_block:
        # Holds the write lock already; who counts in another thread may be waiting for it.
        yield
    else:
        with _turn:
            yield


def _is_counted(today: date, asked: int) -> bool:
    """Whether somebody else meanwhile counted all that stood there when this reader came."""
    return CountState.objects.filter(pk=1, day=today).exists() and not TouchedLeaf.objects.filter(id__lte=asked).exists()


def _count(today: date) -> bool:
    """Count what is touched, or all; False when another recount was written while this one counted."""
    found = CountState.objects.get(pk=1)
    touched = dict(TouchedLeaf.objects.values_list("id", "area_code"))
    leaves = set(touched.values())
    whole = found.day != today or len(leaves) > MANY_LEAVES
    codes = leaves | {county_of(code) for code in leaves}
    counted = count_many(Target.objects.active_on(today).coverage(), today, Reach() if whole else Reach.exactly(codes))
    with transaction.atomic():
        # One row, whose day and time every recount changes: the lock of those who write figures, and how they know of each other.
        state = CountState.objects.select_for_update().get(pk=1)
        if (state.day, state.counted_at) != (found.day, found.counted_at):
            return False
        for start in range(0, len(touched), BATCH):
            TouchedLeaf.objects.filter(id__in=list(touched)[start : start + BATCH]).delete()
        if whole:
            _write_all(counted)
        else:
            _write_leaves(counted, codes)
        state.day, state.counted_at = today, timezone.now()
        state.save(update_fields=["day", "counted_at"])
    return True


def recount_all() -> date:
    """Count everything anew (once a day, and after targets changed): one grouped query per measure."""
    CountState.one()
    CountState.objects.filter(pk=1).update(day=None)
    return refresh()


def _write_all(own: dict[Key, Tally]) -> None:
    _replace([*_rows(own, rolled=False), *_rows(_rolled_up(own), rolled=True)])
    UnsyncedLeaf.objects.bulk_create([UnsyncedLeaf(area_code=0)])


def _rolled_up(own: dict[Key, Tally]) -> dict[Key, Tally]:
    """Sums of counties and what lies above; the leaves of a county are added up first, because all of them go the same way from there."""
    counties: dict[Key, Tally] = defaultdict(Tally)
    for (key, code), tally in own.items():
        counties[key, county_of(code)].add(tally)
    rolled: dict[Key, Tally] = defaultdict(Tally)
    for (key, county), tally in counties.items():
        for code in rolled_codes(county):
            rolled[key, code].add(tally)
    return rolled


def _replace(rows: list[tuple[Any, ...]]) -> None:
    """Put these figures in the place of all that are kept. From one day to the next hardly any differ: only those are written."""
    kept = set(LeafFigure.objects.values_list(*COLUMNS))
    fresh = [row for row in rows if row not in kept]
    if gone := kept.difference(rows):
        if len(gone) > MANY_LEAVES:
            LeafFigure.objects.all().delete()
            fresh = rows
        else:
            _forget(gone)
    insert_many(LeafFigure, COLUMNS, fresh)


def _forget(gone: Iterable[tuple[Any, ...]]) -> None:
    """Rows are unique by rolled, area and target."""
    by_target: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for key, code, rolled, *_ in gone:
        by_target[key, rolled].append(code)
    for (key, rolled), codes in by_target.items():
        for start in range(0, len(codes), BATCH):
            LeafFigure.objects.filter(target_key=key, rolled=rolled, area_code__in=codes[start : start + BATCH]).delete()


def _rows(tallies: dict[Key, Tally], *, rolled: bool) -> Iterable[tuple[Any, ...]]:
    return (
        (key, code, rolled, tally.total, tally.covered, tally.certified, tally.exempt) for (key, code), tally in tallies.items() if tally
    )


def _held(codes: Iterable[int], *, rolled: bool) -> dict[Key, Tally]:
    rows = LeafFigure.objects.filter(rolled=rolled, area_code__in=sorted(codes))
    return {
        (key, code): Tally(total, covered, certified, exempt)
        for key, code, total, covered, certified, exempt in rows.values_list(
            "target_key", "area_code", "total", "covered", "certified", "exempt"
        )
    }


def _write_leaves(counted: dict[Key, Tally], codes: set[int]) -> None:
    """Write what was counted in these areas and carry the difference up to county, prefecture, province and country."""
    new = {(key, code): tally for (key, code), tally in counted.items() if code in codes}
    old = _held(codes, rolled=False)
    rolled = _held({above for code in codes for above in rolled_codes(code)}, rolled=True)
    moved: dict[Key, Tally] = {}
    for key, code in old.keys() | new.keys():
        before, after = old.get((key, code), Tally()), new.get((key, code), Tally())
        if before == after:
            continue
        moved[key, code] = after
        for above in rolled_codes(code):
            sum_above = rolled.setdefault((key, above), Tally())
            sum_above.add(after)
            sum_above.add(before, -1)
    if moved:
        changed_above = {(key, above): rolled[key, above] for key, code in moved for above in rolled_codes(code)}
        _write(moved, rolled=False)
        _write(changed_above, rolled=True)
    UnsyncedLeaf.objects.bulk_create([UnsyncedLeaf(area_code=code) for code in sorted(codes)])


def _write(tallies: dict[Key, Tally], *, rolled: bool) -> None:
    rows = [
        LeafFigure(
            target_key=key,
            area_code=code,
            rolled=rolled,
            total=tally.total,
            covered=tally.covered,
            certified=tally.certified,
            exempt=tally.exempt,
        )
        for (key, code), tally in tallies.items()
    ]
    LeafFigure.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["rolled", "area_code", "target_key"],
        update_fields=["total", "covered", "certified", "exempt"],
    )
