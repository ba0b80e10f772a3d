"""Acts on organisations (单位): register, change, close, reopen; sizes, placing and merging stand in their own modules."""

import uuid
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from tongxing.areas import ledger
from tongxing.areas.models import Area
from tongxing.audit.log import Actor, record
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused

from .hosting import follow_host, leaves_of
from .models import Assignment, Coordinator, Organisation, PastEnd, Posting
from .models.organisations import ENDED, STATUS_MOVES, OrganisationKind, OrganisationStatus
from .organisation_facts import FIELDS, LABELS, audited, facts_of, judged, put, put_services, spoken
from .organisation_merging import merge_organisations
from .placing import follow_organisations, place_organisations
from .rules import can_edit_at, can_edit_organisation, insist
from .search import index_organisations, index_people
from .sizing import SIZE_FIELDS, clear_override, override_size, settle_size
from .whereabouts import ALWAYS, note_moves

__all__ = [
    "change_status",
    "clear_override",
    "close_organisation",
    "merge_organisations",
    "override_size",
    "place_organisations",
    "register_organisation",
    "update_organisation",
]


def holder_of_code(code: str | None) -> Organisation | None:
    """Who is registered under this credit code; a merged record leads to the one it was merged into."""
    found = Organisation.objects.select_related("merged_into", "area").filter(credit_code=code).first() if code else None
    return (found.merged_into or found) if found else None


def _refuse_double(code: str | None, but: int | None = None) -> None:
    holder = holder_of_code(code)
    if holder and holder.pk != but:
        raise Refused(
            f"信用代码 {code} 已登记为“{holder.name}”（{holder.area}），一个单位只登记一次。请打开已有记录修改，或核对代码。",
            code="organisation_exists",
        )


def _place(values: dict[str, Any], area: Area) -> None:
    """An enterprise known only down to its county waits in the queue 未归属; other bodies may belong to a county or city."""
    values["area_id"] = area.code
    values["unplaced"] = values["kind"] == OrganisationKind.ENTERPRISE and not area.is_leaf


@transaction.atomic
def register_organisation(*, by: Actor, area: Area, **facts: Any) -> Organisation:
    """Enter an organisation; `facts` are the fields of `organisation_facts`. The size class follows from the figures."""
    insist(can_edit_at(by, area.code))
    values = judged(facts)
    _refuse_double(values.get("credit_code"))
    _place(values, area)
    organisation = Organisation(uid=uuid.uuid4(), area=area)
    put(organisation, values)
    settle_size(organisation)
    try:
        with transaction.atomic():
            organisation.save(force_insert=True)
    except IntegrityError:
        raise Refused("该信用代码刚刚被他人登记，请刷新后查看已有记录。", code="organisation_exists") from None
    put_services(organisation, values["services"])
    after = {field: value for field, value in audited(facts_of(organisation)).items() if value not in (None, "", [], False)}
    record("registry.register_organisation", by=by, of=organisation, after=after | {"size": organisation.size})
    ledger.touch([organisation.area_id])
    index_organisations([organisation.pk])
    return organisation


@transaction.atomic
def update_organisation(
    organisation: Organisation, *, by: Actor, version: int, area: Area | None = None, area_since: date | None = None, **facts: Any
) -> Organisation:
    """Change the facts given by name. Refused when the record moved on since `version` was read, with both values and who changed them.

    A new `area` holds from `area_since` (today) and past days keep the former one; `whereabouts.ALWAYS` says that the record was wrong.
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    insist(can_edit_organisation(by, organisation))
    insist(can_edit_at(by, area.code if area else organisation.area_id))
    present = facts_of(organisation)
    values = judged(present | facts)
    _place(values, area or organisation.area)
    if organisation.version != version:
        raise Refused(_conflict(organisation, present, values), code="edit_conflict")
    _refuse_double(values["credit_code"], but=organisation.pk)
    changed = [field for field in present if present[field] != values[field]]
    if not changed:
        return organisation
    old_area, old_size, was_unplaced = organisation.area_id, organisation.size, organisation.unplaced
    if "area_id" in changed:
        _note_move(organisation, ALWAYS if was_unplaced else area_since or timezone.localdate())
    put(organisation, values)
    put_services(organisation, values["services"])
    settle_size(organisation)
    organisation.version += 1
    organisation.updated_at = timezone.now()
    organisation.save(update_fields=[*FIELDS, "name_key", "contact_phone_sealed", *SIZE_FIELDS, "version", "updated_at"])
    before, after = ({field: facts[field] for field in changed} for facts in (audited(present), audited(values)))
    if organisation.size != old_size:
        before["size"], after["size"] = old_size, organisation.size
    if "area_id" in changed and area_since and not was_unplaced:
        after["area_since"] = "更正登记" if area_since == ALWAYS else area_since.isoformat()
    record("registry.update_organisation", by=by, of=organisation, before=before, after=after)
    _follow(organisation, changed, old_area)
    return organisation


def _note_move(organisation: Organisation, since: date) -> None:
    if since > timezone.localdate():
        raise Refused(f"迁入日期 {since:%Y-%m-%d} 还没有到。请在当天办理，或改为今天及以前的日期。", code="future_day")
    note_moves([(organisation.pk, organisation.area_id)], since=since)


def _follow(organisation: Organisation, changed: list[str], old_area: int) -> None:
    """Coordinators go with their host's kind and area; figures and search with both."""
    if {"kind", "area_id"} & set(changed):
        follow_organisations([organisation.pk])
    ledger.touch({old_area, organisation.area_id})
    index_organisations([organisation.pk])


def _conflict(organisation: Organisation, present: dict[str, Any], wanted: dict[str, Any]) -> str:
    """Both values of every field that differs, and who changed the record last."""
    differing = [field for field in present if present[field] != wanted[field]]
    mine, theirs = audited(wanted), audited(present)
    pairs = "；".join(
        f"{LABELS[field]}：现为“{spoken(field, theirs[field])}”，您填的是“{spoken(field, mine[field])}”" for field in differing
    )
    last = Entry.objects.filter(object_type=organisation._meta.label_lower, object_id=str(organisation.pk)).first()
    who = f"{last.actor_name}于 {timezone.localtime(last.at):%m-%d %H:%M} " if last else "有人"
    return f"您打开页面后，{who}改过这个单位，您的修改没有保存。{pairs or '两处内容一致'}。请重新打开修改页核对后再提交。"


@transaction.atomic
def change_status(organisation: Organisation, status: str, *, by: Actor, on: date | None = None, reason: str = "") -> Organisation:
    """Along STATUS_MOVES. An end (注销, 吊销, 迁出) counts from `on`: postings and assignments end the day before.

    Reopening restores none of them; the days between stay days without the organisation.
    """
    on = on or timezone.localdate()
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    insist(can_edit_organisation(by, organisation))
    move = next((move for move in STATUS_MOVES if move.target == status and organisation.status in move.sources), None)
    if move is None:
        raise Refused(f"单位现在是“{organisation.get_status_display()}”，不能这样变更。请刷新页面后重新选择。", code="no_such_move")
    if on > timezone.localdate():
        raise Refused(f"日期 {on:%Y-%m-%d} 还没有到。请在当天办理，或改为今天及以前的日期。", code="future_day")
    if organisation.began_on and on < organisation.began_on:
        raise Refused(f"日期 {on:%Y-%m-%d} 早于成立日期 {organisation.began_on:%Y-%m-%d}，请核对。", code="before_began")
    before: dict[str, Any] = {"status": organisation.status, "ended_on": organisation.ended_on and organisation.ended_on.isoformat()}
    if organisation.ended_on and not move.ends:
        _note_end(organisation, organisation.ended_on, on)
    organisation.status = move.target
    organisation.ended_on = on if move.ends else None
    organisation.version += 1
    organisation.updated_at = timezone.now()
    organisation.save(update_fields=["status", "ended_on", "version", "updated_at"])
    after = {"status": move.target.value, "ended_on": on.isoformat() if move.ends else None}
    if move.ends:
        after |= _end_all(organisation, on, move.label)
    record("registry.change_status", by=by, of=organisation, before=before, after=after, reason=reason)
    ledger.touch([organisation.area_id])
    return organisation


def _note_end(organisation: Organisation, ended_on: date, reopened_on: date) -> None:
    """The days between end and reopening do not count, today or when somebody looks back."""
    if reopened_on < ended_on:
        raise Refused(f"恢复日期 {reopened_on:%Y-%m-%d} 早于终止日期 {ended_on:%Y-%m-%d}，请核对。", code="before_end")
    if reopened_on > ended_on:
        PastEnd.objects.create(organisation=organisation, since=ended_on, until=reopened_on - timedelta(days=1))


def close_organisation(
    organisation: Organisation, *, by: Actor, on: date | None = None, status: str = OrganisationStatus.CLOSED, reason: str = ""
) -> Organisation:
    """End an organisation (注销 unless told otherwise) from `on`; its postings and assignments end the day before."""
    if status not in ENDED:
        raise Refused("终止只能选注销、吊销或迁出。请重新选择。", code="no_such_move")
    return change_status(organisation, status, by=by, on=on, reason=reason)


def _end_all(organisation: Organisation, on: date, label: str) -> dict[str, Any]:
    """End what is held at the organisation; returns the names for the log. What began on or after the last day keeps its first day alone."""
    last = on - timedelta(days=1)
    named: dict[str, Any] = {}
    touched: set[int] = set()
    coordinators: dict[int, Coordinator] = {}
    models: tuple[tuple[str, Any], ...] = (("postings", Posting), ("assignments", Assignment))
    for key, model in models:
        rows = list(model.objects.filter(Q(until=None) | Q(until__gte=on), organisation=organisation).select_related("coordinator__person"))
        for row in rows:
            row.until, row.reason = max(last, row.since), row.reason or f"单位{label}"
            coordinators[row.coordinator_id] = row.coordinator
        touched |= {code for row in rows for code in leaves_of(row.coordinator)}
        model.objects.bulk_update(rows, ["until", "reason"])
        if rows:
            named[key] = [str(row.coordinator) for row in rows]
    for coordinator in coordinators.values():
        follow_host(coordinator)
        touched |= leaves_of(coordinator)
    ledger.touch(touched)
    index_people([coordinator.person_id for coordinator in coordinators.values()])
    return named
