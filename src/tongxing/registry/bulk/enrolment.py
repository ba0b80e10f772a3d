"""Bulk act on coordinators: people, enrolments, postings and duty areas that a sheet brings, in one transaction a call.

The rules are those of the single acts (`registry.people`, `registry.enrolment`, `registry.postings`); the sheet judged every row before.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from tongxing.areas.ledger import touch
from tongxing.core.uids import ordered_uids
from tongxing.registry import search
from tongxing.registry.identity import id_index, phone_index
from tongxing.registry.models import Assignment, Coordinator, DutyArea, Person, Posting, StatusPeriod
from tongxing.registry.models.fields import VaultColumn
from tongxing.registry.pasts import EDUCATION, ENGAGEMENT
from tongxing.sheets.sheet import Stale
from tongxing.sheets.writing import insert_dicts, lock, update_dicts

Fields = dict[str, Any]
TABLES: dict[str, Any] = {
    "assignment": Assignment,
    "duty": DutyArea,
    "posting": Posting,
    "period": StatusPeriod,
    "coordinator": Coordinator,
    "person": Person,
}
"""In the order in which undo removes them."""
PASTS = {"person": (EDUCATION, "education"), "coordinator": (ENGAGEMENT, "full_time")}
"""The columns whose past values are kept."""


@dataclass
class Part:
    """One record of a plan: new when `id` is None, else changed from `before` to `after` at `version`."""

    id: int | None = None
    version: int = 1
    uid: Any = None
    before: Fields = field(default_factory=dict)
    after: Fields = field(default_factory=dict)


@dataclass
class Enrolment:
    """What one row asks for. `ended` is the main posting that gives way to a new one."""

    person: Part
    coordinator: Part
    areas: set[int | None]
    posting: Fields | None = None
    ended: tuple[int, Fields, Fields] | None = None
    duty: Fields | None = None
    made: dict[str, int] = field(default_factory=dict)
    restored: list[tuple[str, int, Fields]] = field(default_factory=list)
    versions: dict[str, tuple[int, int]] = field(default_factory=dict)
    past: list[tuple[str, int, str]] = field(default_factory=list)

    @property
    def refs(self) -> Fields:
        refs: Fields = {"made": self.made, "versions": self.versions}
        if self.ended:
            number, _, after = self.ended
            refs["ended"] = (number, {name: value.isoformat() if isinstance(value, date) else value for name, value in after.items()})
        return refs

    @property
    def undo(self) -> Fields:
        areas = sorted(area for area in self.areas if area is not None)
        return {"restored": self.restored, "areas": areas, "past": self.past}


def sealing() -> Callable[[Fields, Any], Fields]:
    """What turns clear `id_number` and `phone` of a person (fields, uid) into their sealed columns and blind indexes; made once for many."""
    seal_number, seal_phone = (VaultColumn.sealing(Person, column) for column in ("id_number_sealed", "phone_sealed"))

    def sealed(fields: Fields, uid: Any) -> Fields:
        kept = dict(fields)
        if (number := kept.pop("id_number", None)) is not None:
            kept["id_number_sealed"] = seal_number(uid, number)
            kept["id_index"] = id_index(number)
        if (phone := kept.pop("phone", None)) is not None:
            kept["phone_sealed"] = seal_phone(uid, phone)
            kept["phone_index"] = phone_index(phone)
        return kept

    return sealed


@transaction.atomic
def enrol_many(plans: Sequence[Enrolment], *, by: Any, today: date) -> None:
    """Write the plans and fill their `made`, `restored` and `versions`. Raises Stale when a record moved on since it was looked at."""
    _people(plans)
    _coordinators(plans)
    _note_pasts(plans, today)
    _postings(plans, today)
    _duties(plans)
    touch({area for plan in plans for area in plan.areas})
    people = [(plan.person, "person" in plan.made) for plan in plans]
    search.add_people((part.id or 0, part.after["name"], part.after["area_id"]) for part, new in people if new)
    search.index_people([part.id for part, new in people if not new and part.id and {"name", "area_id"} & part.after.keys()])


def _people(plans: Sequence[Enrolment]) -> None:
    new = [plan for plan in plans if plan.person.id is None]
    rows, sealed = [], sealing()
    for plan, uid in zip(new, ordered_uids(len(new)), strict=True):
        plan.person.uid = uid
        rows.append({"uid": uid, **sealed(plan.person.after, uid)})
    for plan, number in zip(new, insert_dicts(Person, rows), strict=True):
        plan.person.id, plan.made["person"], plan.versions["person"] = number, number, (number, 1)
    _change("person", [plan for plan in plans if "person" not in plan.made])


def _coordinators(plans: Sequence[Enrolment]) -> None:
    new = [plan for plan in plans if plan.coordinator.id is None]
    uids = ordered_uids(len(new))
    rows = [{"uid": uid, "person_id": plan.person.id, **plan.coordinator.after} for plan, uid in zip(new, uids, strict=True)]
    for plan, number in zip(new, insert_dicts(Coordinator, rows), strict=True):
        plan.coordinator.id, plan.made["coordinator"], plan.versions["coordinator"] = number, number, (number, 1)
    periods = [
        {
            "coordinator_id": plan.coordinator.id,
            "status": plan.coordinator.after["status"],
            "since": plan.coordinator.after["enrolled_on"],
            "reason": "登记",
        }
        for plan in new
    ]
    for plan, number in zip(new, insert_dicts(StatusPeriod, periods), strict=True):
        plan.made["period"] = number
    _change("coordinator", [plan for plan in plans if "coordinator" not in plan.made])


def _change(what: str, plans: Iterable[Enrolment]) -> None:
    """Change existing people or coordinators whose version is still the one looked at."""
    changed = [(plan, part) for plan in plans if (part := getattr(plan, what)).after]
    model = TABLES[what]
    held = lock(model, (part.id for _, part in changed))
    if any(held.get(part.id) != part.version for _, part in changed):
        raise Stale
    now, rows, sealed = timezone.now(), [], sealing()
    for plan, part in changed:
        after = sealed(part.after, part.uid) if what == "person" else part.after
        rows.append((part.id, {**after, "version": part.version + 1, "updated_at": now}))
        plan.restored.append((what, part.id, {name: part.before[name] for name in after}))
        plan.versions[what] = (part.id, part.version + 1)
    update_dicts(model, rows)


def _note_pasts(plans: Sequence[Enrolment], today: date) -> None:
    """What a roster says anew holds from today on: past days keep what the record said until yesterday."""
    for what, (pasts, column) in PASTS.items():
        changed = {
            part.id: plan
            for plan in plans
            if (part := getattr(plan, what)).id and column in part.after and part.before.get(column) not in (None, "")
        }
        former = [(number, getattr(plan, what).before[column]) for number, plan in changed.items()]
        for number, until in pasts.note(former, since=today).items():
            changed[number].past.append((what, number, until.isoformat()))


def _postings(plans: Sequence[Enrolment], today: date) -> None:
    ended = [plan for plan in plans if plan.ended]
    update_dicts(Posting, [(number, after) for plan in ended if plan.ended for number, _, after in [plan.ended]])
    for plan in ended:
        if plan.ended:
            plan.restored.append(("posting", plan.ended[0], plan.ended[1]))
    new = [plan for plan in plans if plan.posting]
    rows = [{"coordinator_id": plan.coordinator.id, **(plan.posting or {})} for plan in new]
    for plan, number in zip(new, insert_dicts(Posting, rows), strict=True):
        plan.made["posting"] = number


def _duties(plans: Sequence[Enrolment]) -> None:
    new = [plan for plan in plans if plan.duty]
    rows = [{"coordinator_id": plan.coordinator.id, **(plan.duty or {})} for plan in new]
    for plan, number in zip(new, insert_dicts(DutyArea, rows), strict=True):
        plan.made["duty"] = number


def ends_before(since: date, began: date) -> date:
    """Last day of the posting that a new one from `since` follows."""
    return max(since - timedelta(days=1), began)
