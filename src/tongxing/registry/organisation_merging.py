"""Merging two records of one organisation: rows move to the record that is kept, the other leads there for ever."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from tongxing.accounts.models import Grant
from tongxing.areas import ledger
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused

from .hosting import follow_host, leaves_of
from .models import (
    Assignment,
    ConductRecord,
    ConfirmationReminder,
    Coordinator,
    Organisation,
    OrganisationContact,
    Posting,
    RecordConfirmation,
)
from .models.fields import VaultColumn
from .models.organisations import ENDED
from .organisation_facts import FILLED, audited, facts_of, put_services
from .placing import follow_organisations
from .rules import can_merge_organisations, insist
from .search import index_organisations, index_people
from .sizing import SIZE_FIELDS, settle_size

Follow = Callable[..., dict[str, list[int]]]


@transaction.atomic
def merge_organisations(keep: Organisation, drop: Organisation, *, by: Actor, reason: str = "") -> Organisation:
    """Move what hangs on `drop` to `keep` and let `drop` lead there. Facts that `keep` lacks are taken from `drop`.

    Upper rooms move theirs by acts of their own, named in `settings.ORGANISATION_MERGES`, in the same transaction. The entry holds both records' facts and the ids of every moved row: enough to take the merge back by hand.
    """
    keep, drop = _both(keep, drop)
    insist(can_merge_organisations(by, keep, drop))
    before = {"keep": audited(facts_of(keep)), "drop": audited(facts_of(drop))}
    touched, coordinators, before_area = *_touched(drop), keep.area_id
    moved = _move_held(keep, drop) | _move_rest(keep, drop)
    put_services(keep, [*facts_of(keep)["services"], *facts_of(drop)["services"]])
    filled = _fill(keep, drop)
    drop.merged_into = keep
    keep.updated_at = drop.updated_at = timezone.now()
    keep.version += 1
    drop.version += 1
    drop.save(update_fields=["merged_into", "credit_code", "no_code_reason", "version", "updated_at"])
    settle_size(keep)
    keep.save(update_fields=[*FILLED, "area", "unplaced", "no_code_reason", "contact_phone_sealed", *SIZE_FIELDS, "version", "updated_at"])
    Organisation.objects.filter(merged_into=drop).update(merged_into=keep)
    for follow in followers():
        moved |= follow(keep, drop, by=by)
    after: dict[str, Any] = {"kept_id": keep.pk, "dropped_id": drop.pk, "filled": filled, "moved": moved}
    record("registry.merge_organisations", by=by, of=keep, before=before, after=after, reason=reason)
    for coordinator in coordinators:
        coordinator.refresh_from_db()
        follow_host(coordinator)
        touched |= leaves_of(coordinator)
    follow_organisations([keep.pk])
    ledger.touch(touched | {before_area, keep.area_id, drop.area_id})
    index_organisations([keep.pk, drop.pk])
    index_people([coordinator.person_id for coordinator in coordinators])
    return keep


def followers() -> list[Follow]:
    """The acts of upper rooms: called with (keep, drop, by=…), they move their rows, write their own entry and name what they moved."""
    return [import_string(name) for name in settings.ORGANISATION_MERGES]


def _both(keep: Organisation, drop: Organisation) -> tuple[Organisation, Organisation]:
    if keep.pk == drop.pk:
        raise Refused("不能把一条记录并入它自己。请选另一条。", code="same_organisation")
    rows = {row.pk: row for row in Organisation.objects.select_for_update().filter(pk__in=[keep.pk, drop.pk]).order_by("pk")}
    keep, drop = rows[keep.pk], rows[drop.pk]
    if keep.merged_into_id or drop.merged_into_id:
        raise Refused("其中一条已经并入别的记录。请刷新页面。", code="merged")
    if keep.credit_code and drop.credit_code:
        raise Refused(
            f"两条记录的信用代码不同（{keep.credit_code} 与 {drop.credit_code}），不能合并。确属同一单位时，请先更正抄错的代码。",
            code="two_codes",
        )
    if keep.status in ENDED and drop.status not in ENDED:
        raise Refused(
            f"要保留的“{keep.name}”已{keep.get_status_display()}，而另一条仍在营。请反过来合并，保留仍在营的那一条。",
            code="keep_the_standing",
        )
    return keep, drop


def _touched(drop: Organisation) -> tuple[set[int], list[Coordinator]]:
    """Figures and coordinators that the move concerns, before it."""
    held = Posting.objects.filter(organisation=drop).values_list("coordinator_id", flat=True)
    carried = Assignment.objects.filter(organisation=drop).values_list("coordinator_id", flat=True)
    coordinators = list(Coordinator.objects.filter(id__in={*held, *carried}).select_related("person"))
    return {code for coordinator in coordinators for code in leaves_of(coordinator)}, coordinators


def _move_held(keep: Organisation, drop: Organisation) -> dict[str, list[int]]:
    """Postings and assignments. Where both records hold an open one of the same coordinator, the earlier beginning stays."""
    moved: dict[str, list[int]] = {}
    for key, model in (("postings", Posting), ("assignments", Assignment)):
        ours = {row.coordinator_id: row for row in model.objects.filter(organisation=keep, until=None)}
        moved[key] = []
        for row in model.objects.filter(organisation=drop):
            twin = ours.get(row.coordinator_id) if row.until is None else None
            if twin is None:
                moved[key].append(row.pk)
                continue
            if row.since < twin.since:
                twin.since = row.since
                twin.save(update_fields=["since"])
            row.delete()
        model.objects.filter(pk__in=moved[key]).update(organisation=keep)
    return moved


def _move_rest(keep: Organisation, drop: Organisation) -> dict[str, list[int]]:
    moved: dict[str, list[int]] = {}
    for key, model in (
        ("conduct", ConductRecord),
        ("confirmations", RecordConfirmation),
        ("contacts", OrganisationContact),
        ("reminders", ConfirmationReminder),
    ):
        rows: Any = model
        moved[key] = list(rows.objects.filter(organisation=drop).values_list("pk", flat=True))
        rows.objects.filter(pk__in=moved[key]).update(organisation=keep)
    # Who could act for the dropped record goes on acting for the organisation.
    moved["grants"] = list(Grant.objects.filter(organisation_id=drop.pk).values_list("pk", flat=True))
    Grant.objects.filter(pk__in=moved["grants"]).update(organisation_id=keep.pk)
    return moved


def _fill(keep: Organisation, drop: Organisation) -> list[str]:
    """Take over what `keep` lacks; the phone is sealed anew, for it opens only in its own row."""
    filled = [field for field in FILLED if _lacks(keep, field) and not _lacks(drop, field)]
    for field in filled:
        setattr(keep, field, getattr(drop, field))
    if keep.unplaced and not drop.unplaced:
        keep.area_id, keep.unplaced = drop.area_id, False
        filled.append("area_id")
    if "credit_code" in filled:
        # Unique: the code is found under the record that is kept.
        drop.credit_code, drop.no_code_reason, keep.no_code_reason = None, "已并入其他记录", ""
    if not keep.contact_phone_sealed and drop.contact_phone_sealed:
        keep.contact_phone_sealed = VaultColumn.sealed_for(Organisation, "contact_phone_sealed", keep.uid, drop.contact_phone)
        filled.append("contact_phone")
    return filled


def _lacks(organisation: Organisation, field: str) -> bool:
    """No value, or a mark that was not set; a count of 0 is a value."""
    value = getattr(organisation, field)
    return value is None or value is False or value == ""
