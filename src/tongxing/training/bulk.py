"""Bulk acts that the sheet of attendance calls: one transaction for a chunk; `sheets` writes the audit entry of the batch."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from tongxing.audit.log import Actor
from tongxing.core.access import insist
from tongxing.sheets.dependants import listed
from tongxing.sheets.matching import among
from tongxing.sheets.sheet import Stale
from tongxing.sheets.writing import remove_many

from .holding import locked
from .models import Attendance, AttendanceChange, ClassState, Enrolment, EnrolmentState, Session, Source, TrainingClass
from .rules import can_run

Refs = dict[str, Any]
Stand = tuple[int, str, str]
"""The latest change of a mark (0: none), its state and its remark: what a mark says, so that a later hand on it is noticed."""
KEPT = ("state", "source", "by", "device", "remark")
MOMENTS = ("at", "recorded_at")


@dataclass
class Entry:
    """One mark of a row. `seen` is the mark it changes as it stood when the row was judged; None adds one."""

    class_id: int
    session_id: int
    enrolment_id: int
    state: str
    remark: str = ""
    seen: tuple[int, Stand] | None = None
    id: int = 0
    change: int = 0
    before: dict[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> tuple[int, int]:
        return self.session_id, self.enrolment_id

    @property
    def refs(self) -> Refs:
        """What undo needs to know the mark again; sheets keeps it."""
        latest = self.change or (self.seen[1][0] if self.seen else 0)
        return {"mark": self.id, "change": self.change, "stand": [latest, self.state, self.remark], "versions": {}}


def stands_of(marks: Mapping[int, Attendance]) -> dict[int, Stand]:
    """What each mark says now, with its latest change; one query."""
    changes = among(AttendanceChange.objects.order_by(), "attendance", marks)
    latest = dict(changes.values_list("attendance").annotate(Max("pk")))
    return {pk: (latest.get(pk, 0), row.state, row.remark) for pk, row in marks.items()}


@transaction.atomic
def take_many(entries: Sequence[Entry], *, by: Actor) -> None:
    """Write marks and changes of marks; fills `id`, `change` and `before`. Raises Stale where something moved on since the rows were judged."""
    _hold({entry.class_id for entry in entries}, by)
    _still_in_class(entries)
    standing = _standing(entries)
    stands = stands_of({row.pk: row for row in standing.values()})
    for entry in entries:
        old = standing.get(entry.place)
        if (old.pk, stands[old.pk]) != entry.seen if old else entry.seen:
            raise Stale
    now, who = timezone.now(), by.display_name[:60]
    fresh = [entry for entry in entries if entry.seen is None]
    made = Attendance.objects.bulk_create(
        Attendance(
            session_id=entry.session_id,
            enrolment_id=entry.enrolment_id,
            state=entry.state,
            remark=entry.remark,
            source=Source.SHEET,
            at=now,
            by=who,
        )
        for entry in fresh
    )
    for entry, row in zip(fresh, made, strict=True):
        entry.id = row.pk
    _change([(entry, standing[entry.place]) for entry in entries if entry.seen], who, now)


def _hold(classes: Iterable[int], by: Actor) -> None:
    """The classes, locked one after another in one order, and running."""
    for pk in sorted(classes):
        held = locked(TrainingClass(pk=pk))
        insist(can_run(by, held))
        if held.state != ClassState.RUNNING:
            raise Stale


def _still_in_class(entries: Sequence[Entry]) -> None:
    admitted = Enrolment.objects.filter(state=EnrolmentState.ADMITTED)
    people = set(among(admitted, "id", {entry.enrolment_id for entry in entries}).values_list("pk", "training_class"))
    sessions = set(among(Session.objects.order_by(), "id", {entry.session_id for entry in entries}).values_list("pk", "training_class"))
    for entry in entries:
        if (entry.enrolment_id, entry.class_id) not in people or (entry.session_id, entry.class_id) not in sessions:
            raise Stale


def _standing(entries: Sequence[Entry]) -> dict[tuple[int, int], Attendance]:
    rows = among(Attendance.objects.all(), "session", {entry.session_id for entry in entries})
    wanted = {entry.place for entry in entries}
    found = {(row.session_id, row.enrolment_id): row for row in rows}
    return {place: row for place, row in found.items() if place in wanted}


def _change(pairs: Sequence[tuple[Entry, Attendance]], who: str, now: datetime) -> None:
    """Marks that say something else from now on; what they said is kept with each. A remark alone is no change of the mark."""
    moved = [(entry, row) for entry, row in pairs if entry.state != row.state]
    kept = AttendanceChange.objects.bulk_create(
        AttendanceChange(
            attendance=row,
            before=row.state,
            after=entry.state,
            source_before=row.source,
            source=Source.SHEET,
            reason=entry.remark,
            by=who,
        )
        for entry, row in moved
    )
    for (entry, _), change in zip(moved, kept, strict=True):
        entry.change = change.pk
    for entry, row in pairs:
        entry.id, entry.before = row.pk, _as_it_stood(row)
        if entry.change:
            row.state, row.source, row.at, row.recorded_at, row.by = entry.state, Source.SHEET, now, now, who
        row.remark = entry.remark
    Attendance.objects.bulk_update([row for _, row in pairs], [*KEPT, *MOMENTS], batch_size=500)


def _as_it_stood(row: Attendance) -> dict[str, Any]:
    """JSON; moments to the microsecond."""
    return {name: getattr(row, name) for name in KEPT} | {name: getattr(row, name).isoformat() for name in MOMENTS}


def what_stands_against(refs: Sequence[Refs]) -> list[str]:
    """Marks that somebody changed since, people whose result was decided, classes that are over."""
    ids = [ref["mark"] for ref in refs]
    rows = among(Attendance.objects.all(), "id", ids).select_related("session__training_class", "enrolment__person")
    marks = {row.pk: row for row in rows}
    stands = stands_of(marks)
    found: dict[str, set[str]] = defaultdict(set)
    gone = sum(pk not in marks for pk in ids)
    for ref in refs:
        if not (row := marks.get(ref["mark"])):
            continue
        held = row.session.training_class
        if held.state != ClassState.RUNNING:
            found[f"现在是“{held.get_state_display()}”，考勤已作为结业的依据"].add(held.title)
        elif row.enrolment.state != EnrolmentState.ADMITTED:
            found["的结业已经认定"].add(row.enrolment.person.name)
        elif [*stands[row.pk]] != ref["stand"]:
            found["的考勤后来更正过，或本人又签过到"].add(f"{row.enrolment.person.name} {row.session}")
    said = [f"{listed(sorted(names))}{why}" for why, names in found.items()]
    return [*said, f"有 {gone} 条考勤已不在系统中"] if gone else said


@transaction.atomic
def take_back(made: Sequence[Refs], changed: Sequence[tuple[Refs, Mapping[str, Any]]]) -> None:
    """Remove marks that were added, and let changed ones say what they said. Raises Stale when somebody changed one since."""
    touched = [*made, *(ref for ref, _ in changed)]
    ids = [ref["mark"] for ref in touched]
    for pk in sorted(set(among(Attendance.objects.order_by(), "id", ids).values_list("session__training_class", flat=True))):
        locked(TrainingClass(pk=pk))
    if what_stands_against(touched):
        raise Stale
    remove_many(Attendance, [ref["mark"] for ref in made])
    remove_many(AttendanceChange, [ref["change"] for ref, _ in changed if ref["change"]])
    rows = Attendance.objects.in_bulk([ref["mark"] for ref, _ in changed])
    for ref, before in changed:
        row = rows[ref["mark"]]
        for name in KEPT:
            setattr(row, name, before[name])
        for name in MOMENTS:
            setattr(row, name, datetime.fromisoformat(before[name]))
    Attendance.objects.bulk_update(rows.values(), [*KEPT, *MOMENTS], batch_size=500)
