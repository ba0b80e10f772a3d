"""Public notices of claims: drafted, guarded, published, counted down by working days, taken down by themselves."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import SYSTEM, Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.core.values import clean_text
from tongxing.files import store
from tongxing.files.guard import Leak, leaks_in, leaks_in_file, refuse_leaks
from tongxing.files.models import StoredFile
from tongxing.policy import provisions
from tongxing.workdays import calendar

from . import moving
from .models import Claim, ClaimState, Round, RoundState
from .prechecking import examine
from .rules import may_at

PURPOSE = "subsidies.notice"


@transaction.atomic
def draft_round(
    claims: Sequence[Claim],
    *,
    by: Actor,
    area_code: int,
    title: str,
    contact: str,
    text: str = "",
    attachments: "Sequence[File[bytes]]" = (),
) -> Round:
    """Put approved claims on a notice that is not yet published."""
    insist(may_at(by, "subsidies.handle", area_code))
    if not claims:
        raise Refused("没有选择任何申请，请先勾选要公示的申请。", code="nothing")
    kept = [store.keep(file, name=file.name or "附件", purpose=PURPOSE, by=by, area_code=area_code).pk for file in attachments]
    row = Round.objects.create(
        area_id=area_code,
        title=clean_text(title, longest=120),
        contact=clean_text(contact, longest=200),
        text=text.strip(),
        attachments=kept,
        made_by=by.display_name[:60],
    )
    held = moving.locked(claim.pk for claim in claims)
    for claim in held:
        insist(may_at(by, "subsidies.handle", claim.area_id))
        if claim.state != ClaimState.APPROVED or claim.round_id:
            raise Refused(f"{claim.serial} 不在待公示之列，或已列入另一份公示。请刷新后重选。", code="wrong_state")
        claim.round = row
    Claim.objects.bulk_update(held, ["round"], batch_size=500)
    record("subsidies.draft_round", by=by, of=row, after={"count": len(held), "serials": [claim.serial for claim in held[:200]]})
    return row


def public_lines(row: Round) -> list[dict[str, Any]]:
    """The list as the public reads it: names, never numbers in clear."""
    claims = Claim.objects.filter(round=row).select_related("person", "payee_person", "payee_organisation").order_by("serial")
    return [
        {
            "serial": claim.serial,
            "name": claim.person.name,
            "id": covered(claim.person.id_number),
            "kind": claim.get_kind_display(),
            "level": claim.get_level_display().partition("/")[0],
            "payee": claim.payee_name,
            "amount": str(claim.amount),
        }
        for claim in claims
    ]


def covered(number: str) -> str:
    """An ID number for everybody's eyes: its beginning alone. The last four signs open the way of the claim, so they are never shown."""
    kept = number[:6] if len(number) == 18 else number[:1]
    return kept + "*" * (len(number) - len(kept))


def leaks_of(row: Round, lines: Sequence[dict[str, Any]]) -> list[Leak]:
    """All that would be read by everybody, looked through for personal numbers."""
    found = [*leaks_in(row.title, "标题"), *leaks_in(row.text, "正文"), *leaks_in(row.contact, "联系方式")]
    for number, line in enumerate(lines, start=1):
        for key in ("name", "id", "payee"):
            found += leaks_in(line[key], f"名单第 {number} 行")
    for file in StoredFile.objects.filter(pk__in=row.attachments):
        with file.open() as content:
            found += leaks_in_file(content.read(), file.name)
    return found


@transaction.atomic
def publish_round(row: Round, *, by: Actor) -> Round:
    """Show the list to the public. Refuses when a personal number stands anywhere in it, or a claim lost its ground meanwhile."""
    row = _locked(row)
    insist(may_at(by, "subsidies.approve", row.area_id))
    if row.state != RoundState.DRAFT:
        raise Refused(f"这份公示{row.get_state_display()}，不能再发布。请刷新页面。", code="wrong_state")
    claims = moving.locked(Claim.objects.filter(round=row).values_list("pk", flat=True))
    if not claims:
        raise Refused("名单是空的，没有可以公示的申请。", code="nothing")
    for pk, found in examine(claims).items():
        serial = next(claim.serial for claim in claims if claim.pk == pk)
        raise Refused(f"{serial} 有新的预审发现：{found[0].text}请先核实或移出名单。", code="findings_open")
    lines = public_lines(row)
    refuse_leaks(leaks_of(row, lines), clause="notice:3.1.2")
    today = timezone.localdate()
    row.state, row.lines, row.published_on, row.published_by = RoundState.PUBLISHED, lines, today, by.display_name[:60]
    row.ends_on = calendar.add_working_days(today, int(provisions.value("subsidies.notice_days", today)))
    row.shown_until = row.ends_on + timedelta(days=int(provisions.value("subsidies.shown_days", today)))
    row.version += 1
    row.save(update_fields=["state", "lines", "published_on", "published_by", "ends_on", "shown_until", "version"])
    moving.move(claims, "publish", by=by, note=f"公示至 {row.ends_on}", notice_until=row.ends_on)
    record("subsidies.publish_round", by=by, of=row, after={"count": len(claims), "ends_on": row.ends_on.isoformat()})
    return row


@transaction.atomic
def withdraw_round(row: Round, *, by: Actor, reason: str) -> Round:
    """Take a notice down before its time; its claims go back to approval and need a new notice."""
    row = _locked(row)
    insist(may_at(by, "subsidies.approve", row.area_id))
    if row.state == RoundState.WITHDRAWN:
        raise Refused("这份公示已经撤下。请刷新页面。", code="wrong_state")
    if not reason.strip():
        raise Refused("请写明撤下的原因。", code="reason_missing")
    claims = moving.locked(Claim.objects.filter(round=row).values_list("pk", flat=True))
    back = [claim for claim in claims if claim.state in {ClaimState.APPROVED, ClaimState.NOTICED, ClaimState.OBJECTED, ClaimState.CLEARED}]
    fields = {"fund": None, "round": None, "notice_until": None, "approved_by": "", "approved_by_id": None}
    moving.move(back, "reopen", by=by, note=f"公示撤下：{reason.strip()}", **fields)
    before = {"state": row.state}
    row.state, row.withdrawn_reason, row.version = RoundState.WITHDRAWN, reason.strip()[:200], row.version + 1
    row.save(update_fields=["state", "withdrawn_reason", "version"])
    record("subsidies.withdraw_round", by=by, of=row, before=before, after={"state": row.state, "count": len(back)}, reason=reason)
    return row


def clear_due(on: date | None = None) -> int:
    """Claims whose days are over without an objection may be paid; the worker asks every hour. Gives how many."""
    day = on or timezone.localdate()
    cleared = 0
    for pk in Claim.objects.filter(state=ClaimState.NOTICED, notice_until__lt=day).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            held = moving.locked([pk])
            # Somebody may have objected since the query.
            if held[0].state != ClaimState.NOTICED or held[0].notice_until is None or held[0].notice_until >= day:
                continue
            moving.move(held, "clear", by=SYSTEM, note="公示期满，没有未决异议")
            record("subsidies.clear", by=SYSTEM, of=held[0], after={"notice_until": str(held[0].notice_until)})
            cleared += 1
    return cleared


def _locked(row: Round) -> Round:
    return Round.objects.select_for_update().get(pk=row.pk)
