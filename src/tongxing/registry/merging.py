"""Merging two records of one person (合并): rows move to the record that is kept, the other leads there for ever (notice:3.4.1)."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.areas import ledger
from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused

from .hosting import follow_host, leaves_of
from .models import ConductRecord, Coordinator, NotDuplicate, PastEducation, Person, RecordConfirmation
from .models.coordinators import CoordinatorStatus
from .models.fields import VaultColumn
from .people import audited
from .rules_people import can_merge
from .search import index_people

SEALED = (("id_number_sealed", "id_index"), ("phone_sealed", "phone_index"))


@transaction.atomic
def merge_people(keep: Person, drop: Person, *, by: Actor, reason: str = "") -> Person:
    """Move what hangs on `drop` to `keep` and let `drop` lead there. Upper rooms move theirs by their own acts (certificates.merging).

    Facts that `keep` lacks are taken from `drop`; where both say something, `keep` is right.
    """
    keep, drop = _both(keep, drop)
    insist(can_merge(by, keep, drop))
    before = {"keep": audited(keep), "drop": audited(drop)}
    filled = _fill(keep, drop)
    moved = {
        "conduct": ConductRecord.objects.filter(person=drop).update(person=keep),
        "confirmations": RecordConfirmation.objects.filter(person=drop).update(person=keep),
        "accounts": User.objects.filter(person_id=drop.pk).update(person_id=keep.pk),
        "coordinator": _move_coordinator(keep, drop),
    }
    if "education" in filled:
        PastEducation.objects.filter(person=drop).update(person=keep)
    Person.objects.filter(merged_into=drop).update(merged_into=keep)
    NotDuplicate.objects.filter(Q(first=drop) | Q(second=drop)).delete()
    drop.merged_into = keep
    drop.version += 1
    drop.updated_at = keep.updated_at = timezone.now()
    drop.save(update_fields=["merged_into", "id_index", "version", "updated_at"])
    keep.version += 1
    keep.save(update_fields=[*filled, "version", "updated_at"])
    after: dict[str, Any] = {"kept_id": keep.pk, "dropped_id": drop.pk, "filled": sorted(filled), "moved": moved}
    record("registry.merge_people", by=by, of=keep, before=before, after=after, reason=reason)
    ledger.touch({keep.area_id, drop.area_id})
    index_people([keep.pk, drop.pk])
    return keep


def _both(keep: Person, drop: Person) -> tuple[Person, Person]:
    if keep.pk == drop.pk:
        raise Refused("不能把一条记录并入它自己。请选另一条。", code="same_person")
    rows = {row.pk: row for row in Person.objects.select_for_update().filter(pk__in=[keep.pk, drop.pk]).order_by("pk")}
    keep, drop = rows[keep.pk], rows[drop.pk]
    if keep.merged_into_id or drop.merged_into_id:
        raise Refused("其中一条已经并入别的记录。请刷新待查重名单。", code="merged")
    if keep.id_index and drop.id_index and keep.id_type == drop.id_type:
        raise Refused(
            f"两条记录的证件号不同（{keep.id_masked} 与 {drop.id_masked}），不能合并。确属同一人时，请先更正抄错的证件号。",
            code="two_documents",
        )
    return keep, drop


def _fill(keep: Person, drop: Person) -> list[str]:
    """Take over what `keep` lacks; sealed values are sealed anew, for they open only in their own row."""
    filled: list[str] = []
    for field in ("sex", "born_on", "education", "politics"):
        if not getattr(keep, field) and getattr(drop, field):
            setattr(keep, field, getattr(drop, field))
            filled.append(field)
    for column, index in SEALED:
        if getattr(keep, index) or not getattr(drop, index):
            continue
        setattr(keep, column, VaultColumn.sealed_for(Person, column, keep.uid, VaultColumn.open(drop, column)))
        setattr(keep, index, getattr(drop, index))
        filled += [column, index]
        if index == "id_index":
            # Unique: the number is found under the record that is kept.
            keep.id_type, drop.id_index = drop.id_type, None
            filled.append("id_type")
    return filled


def _move_coordinator(keep: Person, drop: Person) -> str:
    list(Coordinator.objects.select_for_update().filter(person_id__in=[keep.pk, drop.pk]).order_by("pk"))
    theirs = Coordinator.objects.filter(person=drop).first()
    ours = Coordinator.objects.filter(person=keep).first()
    if theirs is None:
        return "none"
    if ours and ours.status == CoordinatorStatus.LEFT and theirs.status != CoordinatorStatus.LEFT:
        raise Refused("要保留的记录已退出协调员队伍，而另一条仍在队伍中。请反过来合并，保留仍在队伍中的那一条。", code="keep_the_standing")
    ledger.touch(leaves_of(theirs))
    if ours is None:
        theirs.person = keep
        theirs.save(update_fields=["person"])
        follow_host(theirs)
        ledger.touch(leaves_of(theirs))
        keep.refresh_from_db(fields=["area", "version"])
        return "moved"
    _join(ours, theirs)
    keep.refresh_from_db(fields=["area", "version"])
    return "joined"


def _join(ours: Coordinator, theirs: Coordinator) -> None:
    """Two enrolments of one person become one: history before ours is kept, the rest of theirs would overlap and goes."""
    first = ours.status_periods.order_by("since").first()
    if first:
        theirs.status_periods.filter(Q(until=None) | Q(until__gte=first.since)).delete()
    theirs.status_periods.update(coordinator=ours)
    for name, place in (("postings", "organisation_id"), ("duty_areas", "area_id"), ("assignments", "organisation_id")):
        theirs_held, ours_held = getattr(theirs, name), getattr(ours, name)
        standing = list(ours_held.filter(until=None).values_list(place, flat=True))
        theirs_held.filter(until=None, **{f"{place}__in": standing}).delete()
        if name == "postings" and standing:
            theirs_held.filter(until=None).update(is_primary=False)
        theirs_held.update(coordinator=ours)
    ours.enrolled_on = min(ours.enrolled_on, theirs.enrolled_on)
    ours.save(update_fields=["enrolled_on"])
    # The emptied enrolment stays as a row, since upper rooms may point at it; without postings or periods it counts nowhere.
    theirs.status, theirs.host_kind = CoordinatorStatus.LEFT, ""
    theirs.version += 1
    theirs.save(update_fields=["status", "host_kind", "version"])
    follow_host(ours)
    ledger.touch(leaves_of(ours))
