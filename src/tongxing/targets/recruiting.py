"""From gaps to a training class (notice:3.1.1): the units behind gaps and seats are asked to send somebody; who is known by name is asked in person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.registry.models import Coordinator, Organisation, Person
from tongxing.registry.models.organisations import OrganisationKind
from tongxing.training.inviting import invite_organisations, invite_people
from tongxing.training.models import TrainingClass

from .models import Contact, Gap, GapState
from .rules import can_chase
from .seats import Seat
from .units import State

WHY = "缺口：{}"
UNCERTIFIED = "在岗未持证"


class Wanted(NamedTuple):
    """A unit that wants somebody trained: kind and id as units have them, its name and the target's title."""

    kind: str
    id: int
    name: str
    why: str


@dataclass
class Recruited:
    """What one press did. `unreachable`: units that belong to no registered organisation."""

    organisations: int = 0
    people: int = 0
    known: int = 0
    without_account: int = 0
    unreachable: list[str] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        text = f"已邀请 {self.organisations} 家单位、{self.people} 人"
        text += f"，{self.known} 个先前已邀请" if self.known else ""
        text += f"；其中 {self.without_account} 个没有账号，收不到站内通知，请电话联系" if self.without_account else ""
        text += f"；{'、'.join(self.unreachable[:5])}没有登记对应的单位，没有邀请" if self.unreachable else ""
        return f"{text}。"


@transaction.atomic
def invite_for_gaps(training_class: TrainingClass, gaps: Sequence[Gap], titles: dict[str, str], *, by: Actor) -> Recruited:
    """Invite the units of open gaps, and write the contact down with each gap. `titles`: what targets are called, by key."""
    held = list(Gap.objects.select_for_update(of=("self",)).standing().filter(pk__in=[gap.pk for gap in gaps]).order_by("pk"))
    insist(can_chase(by, *{gap.area_code for gap in held}), clause="notice:4.1")
    done = _invite(training_class, [Wanted(g.unit_kind, g.unit_id, g.unit_name, titles.get(g.target_key, "")) for g in held], by)
    reached = [gap for gap in held if gap.unit_name not in done.unreachable]
    today, text = timezone.localdate(), f"邀请派人参加培训：{training_class.title}"
    who = by.display_name[:60]
    Contact.objects.bulk_create(
        Contact(gap=gap, happened_on=today, means=Contact.Means.MESSAGE, with_whom="", result=text[:300], by=who) for gap in reached
    )
    for gap in reached:
        gap.state, gap.last_contact_on, gap.version = GapState.CHASED, today, gap.version + 1
        gap.next_step, gap.next_step_on = "等单位报送参训人员", training_class.starts_on
    Gap.objects.bulk_update(reached, ["state", "last_contact_on", "version", "next_step", "next_step_on"], batch_size=500)
    _record(training_class, done, by)
    return done


@transaction.atomic
def invite_for_seats(training_class: TrainingClass, lines: Sequence[Seat], *, by: Actor) -> Recruited:
    """Invite what the seat plan names: units without a coordinator as organisations, coordinators without a certificate in person."""
    insist(can_chase(by, *{line.unit.area_code for line in lines}))
    uncertified = [line for line in lines if line.unit.state == State.COVERED]
    vacant = [line for line in lines if line.unit.state != State.COVERED]
    done = _invite(training_class, [Wanted(line.unit.kind, line.unit.id, line.unit.name, line.target_title) for line in vacant], by)
    coordinators = {cover.coordinator_id for line in uncertified for cover in line.unit.covers if not cover.is_certified}
    people = Person.objects.filter(pk__in=Coordinator.objects.filter(pk__in=coordinators).values("person_id"))
    if coordinators:
        asked = invite_people(training_class, people, by=by, why=UNCERTIFIED)
        done.people, done.known = asked.new, done.known + asked.known
        done.without_account += asked.without_account
    _record(training_class, done, by)
    return done


def _invite(training_class: TrainingClass, wanted: Iterable[Wanted], by: Actor) -> Recruited:
    """By the reason they are asked for, since an invitation says it."""
    done = Recruited()
    by_reason: dict[str, dict[int, Organisation]] = {}
    for unit, organisations in _hosts(list(wanted)):
        if not organisations:
            done.unreachable.append(unit.name)
        by_reason.setdefault(WHY.format(unit.why), {}).update({organisation.pk: organisation for organisation in organisations})
    for why, found in by_reason.items():
        if found:
            asked = invite_organisations(training_class, found.values(), by=by, why=why)
            done.organisations, done.known = done.organisations + asked.new, done.known + asked.known
            done.without_account += asked.without_account
    return done


def _hosts(wanted: list[Wanted]) -> list[tuple[Wanted, list[Organisation]]]:
    """Which organisation would send somebody: the unit itself, or for a township or park its grass-roots offices. Two queries."""
    own = Organisation.objects.standing().in_bulk([unit.id for unit in wanted if unit.kind == "organisation"])
    codes = [unit.id for unit in wanted if unit.kind == "area"]
    offices: dict[int, list[Organisation]] = {}
    for office in Organisation.objects.operating_on(timezone.localdate()).filter(area_id__in=codes, kind=OrganisationKind.GRASSROOTS):
        offices.setdefault(office.area_id, []).append(office)
    found = []
    for unit in wanted:
        if unit.kind == "area":
            found.append((unit, offices.get(unit.id, [])))
        else:
            found.append((unit, [own[unit.id]] if unit.kind == "organisation" and unit.id in own else []))
    return found


def _record(training_class: TrainingClass, done: Recruited, by: Actor) -> None:
    after = {"organisations": done.organisations, "people": done.people, "known": done.known, "unreachable": done.unreachable}
    record("targets.recruit", by=by, of=training_class, after=after)
