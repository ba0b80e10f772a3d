"""The yearly "confirm my record" (年度核实, notice:3.4.1–2): by the person, by the organisation's agent, or by the keeper of the area."""

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.models import Grant, User
from tongxing.accounts.roles import ROLES
from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.core.vault import masked_within
from tongxing.notices.inbox import settle, tell

from .models import Coordinator, Organisation, Person, RecordConfirmation
from .models.coordinators import CoordinatorStatus
from .models.fields import VaultColumn
from .rules_people import can_confirm_organisation, can_confirm_person, can_reveal_at


@transaction.atomic
def confirm_person(person: Person, *, by: Actor, year: int | None = None, remark: str = "") -> RecordConfirmation:
    """Say that the record of a person is right this year; `remark` says what should be changed by the keeper."""
    insist(can_confirm_person(by, person))
    year = _year(year)
    _refuse_twice(RecordConfirmation.objects.filter(person=person, year=year), remark)
    entry = _entered(person=person, year=year, by=by, remark=remark.strip())
    record("registry.confirm_person", by=by, of=person, after={"year": year, "remark": entry.remark})
    _ask_keepers(person, entry, by, reverse("registry:person", args=[person.uid]))
    return entry


@transaction.atomic
def confirm_organisation(organisation: Organisation, *, by: Actor, year: int | None = None, remark: str = "") -> RecordConfirmation:
    """Say that the record of an organisation is right this year; the reminders to its agents are done with that."""
    insist(can_confirm_organisation(by, organisation))
    year = _year(year)
    _refuse_twice(RecordConfirmation.objects.filter(organisation=organisation, year=year), remark)
    entry = _entered(organisation=organisation, year=year, by=by, remark=remark.strip())
    organisation.confirmed_on = timezone.localdate()
    organisation.save(update_fields=["confirmed_on"])
    record("registry.confirm_organisation", by=by, of=organisation, after={"year": year, "remark": entry.remark})
    _ask_keepers(organisation, entry, by, reverse("registry:organisation", args=[organisation.uid]))
    settle(confirm_page(organisation))
    return entry


def confirm_page(organisation: Organisation) -> str:
    """The address where the organisation is confirmed: what a reminder leads to."""
    return reverse("registry:organisation-confirm", args=[organisation.uid])


def _entered(*, year: int, by: Actor, remark: str, **subject: Any) -> RecordConfirmation:
    """A row with its remark sealed: people write their new phone or ID number there."""
    entry = RecordConfirmation(year=year, by=by.display_name[:60], **subject)
    entry.remark_sealed = VaultColumn.sealed_for(RecordConfirmation, "remark_sealed", entry.uid, remark)
    entry.save(force_insert=True)
    return entry


@transaction.atomic
def reveal_remark(entry: RecordConfirmation, *, by: Actor, reason: str) -> str:
    """What somebody wrote when confirming, in clear: the keeper mends the record by it. Leaves a read entry."""
    insist(can_reveal_at(by, entry.subject.area_id))
    if len(reason.strip()) < 2:
        raise Refused("查看完整内容需要写明用途，例如“按本人填写更正手机号”。", code="reason_missing")
    record("registry.reveal", by=by, of=entry.subject, after={"field": f"{entry.year} 年度核实意见"}, reason=reason.strip())
    return entry.remark


def _ask_keepers(subject: Person | Organisation, entry: RecordConfirmation, by: Actor, url: str) -> None:
    """What the person or the agent wants changed lands in the inbox of those who keep this area and its county."""
    if not entry.remark or not isinstance(by, User) or by.may_at("registry.edit", subject.area_id):
        return
    roles = [key for key, role in ROLES.items() if "registry.edit" in role.permissions]
    county = subject.area_id - subject.area_id % 1_000_000
    keepers = User.objects.filter(
        is_active=True, grants__in=Grant.objects.current().filter(role__in=roles, area_id__in={subject.area_id, county})
    ).distinct()
    tell(keepers, title=f"{subject} 请更正信息", body=f"{by.name}在 {entry.year} 年度核实时写道：{masked_within(entry.remark)}", url=url)


def _year(year: int | None) -> int:
    this_year = timezone.localdate().year
    if year is not None and not this_year - 1 <= year <= this_year:
        raise Refused(f"只能核实 {this_year - 1} 或 {this_year} 年度的信息。", code="bad_year")
    return year or this_year


def _refuse_twice(entries: "QuerySet[RecordConfirmation]", remark: str) -> None:
    entry = entries.order_by("at").first()
    if entry and not remark.strip():
        raise Refused(f"{entry.year} 年度已由{entry.by}核实，不必重复。如有变化，请在“需要更正的内容”里写明。", code="already_confirmed")


def unconfirmed(coordinators: "QuerySet[Coordinator]", year: int | None = None) -> "QuerySet[Coordinator]":
    """Of these coordinators, those in the register whose record nobody confirmed this year."""
    done = RecordConfirmation.objects.filter(person_id=OuterRef("person_id"), year=year or timezone.localdate().year)
    return coordinators.filter(~Exists(done), status__in=[CoordinatorStatus.ACTIVE, CoordinatorStatus.SUSPENDED])
