"""Objections (异议) to a name on show: a case that stops the clock of that name and of no other, with an outcome that everybody may read."""

import uuid
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.holders import officers_of
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused, said
from tongxing.core.values import clean_text
from tongxing.core.vault import masked_within
from tongxing.files.guard import leaks_in, refuse_leaks
from tongxing.notices import inbox
from tongxing.policy import provisions
from tongxing.registry.models.fields import VaultColumn
from tongxing.workdays import clock

from . import moving
from .models import Nomination, NominationState, Notice, NoticeState, Objection, Outcome
from .rules import can_manage, insist

LONGEST = 2_000


def on_show(notice: Notice, number: str) -> Nomination | None:
    """The nomination that a line of a shown notice is about."""
    return Nomination.objects.filter(
        selection_id=notice.selection_id, number=clean_text(number, longest=20).upper(), state=NominationState.CHOSEN
    ).first()


@transaction.atomic
def raise_objection(notice: Notice, nomination: Nomination, *, by: Actor, text: str, name: str = "", contact: str = "") -> Objection:
    """Enter an objection against a name on show. The first one stops its clock; the days that were left are kept."""
    held = moving.held(nomination)
    today = timezone.localdate()
    shown = Notice.objects.get(pk=notice.pk)
    if shown.state != NoticeState.PUBLISHED or held.state != NominationState.CHOSEN or held.notice_until is None:
        raise Refused("这一名不在公示期内。公示期外的问题请向人社部门反映。", code="not_on_show")
    waiting = Objection.objects.filter(nomination=held, outcome=Outcome.OPEN).exists()
    if held.notice_until < today and not waiting:
        raise Refused("公示期已满，不再受理异议。仍有问题请向人社部门反映。", code="not_on_show")
    uid = uuid.uuid4()
    row = Objection.objects.create(
        uid=uid,
        number=_number(held),
        notice=shown,
        nomination=held,
        text=masked_within(said(text, "请写明异议的内容和线索，便于核查。", longest=LONGEST))[:LONGEST],
        by_name=masked_within(clean_text(name, longest=60)),
        contact_sealed=VaultColumn.sealed_for(Objection, "contact_sealed", uid, clean_text(contact, longest=100)),
    )
    if not waiting:
        held.notice_left, held.version = clock.left(today, held.notice_until), held.version + 1
        held.save(update_fields=["notice_left", "version"])
    record("honours.raise_objection", by=by, of=row, area_code=held.selection.area_id, after={"nomination": held.number})
    _tell(held, row)
    return row


def _number(held: Nomination) -> str:
    """419001-TJ2026-003-1: the area that selects, the nomination and a running number; nominations of two areas may bear one number."""
    return f"{str(held.selection.area_id).rstrip('0')}-{held.number}-{Objection.objects.filter(nomination=held).count() + 1}"


def _tell(held: Nomination, row: Objection) -> None:
    officers = officers_of(held.selection.area_id, "honours.manage")
    inbox.tell(officers, title=f"选树公示异议：{row.number}", body=row.text[:200], url=reverse("honours:objection", args=[row.uid]))


@transaction.atomic
def settle_objection(objection: Objection, *, by: Actor, upheld: bool, finding: str, published: str) -> Objection:
    """Say what was found, and what the public reads of it. Upheld: the name is not recommended. Otherwise its clock goes on."""
    held = moving.held(objection.nomination)
    insist(can_manage(by, held.selection.area_id))
    row = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
    if row.outcome != Outcome.OPEN:
        raise Refused("这件异议已经办结。请刷新页面。", code="settled")
    row.finding = said(finding, "请写明核查的过程和结论，要答复提出人。", longest=500)
    row.published = said(published, "请写明公开的处理结果，公示页上要登。", longest=300)
    refuse_leaks(leaks_in(row.published, "公开的处理结果"))
    row.outcome = Outcome.UPHELD if upheld else Outcome.DISMISSED
    row.settled_on, row.settled_by = timezone.localdate(), by.display_name[:60]
    row.save(update_fields=["outcome", "finding", "published", "settled_on", "settled_by"])
    record("honours.settle_objection", by=by, of=row, area_code=held.selection.area_id, after={"outcome": row.outcome}, reason=row.finding)
    others = Objection.objects.filter(nomination=held, outcome=Outcome.OPEN)
    if upheld:
        others.update(
            outcome=Outcome.UPHELD,
            finding="随同一名的另一件异议办结",
            published=row.published,
            settled_on=row.settled_on,
            settled_by=row.settled_by,
        )
        # One that was withdrawn meanwhile is off the list already.
        if moving.can_move(held, "stop"):
            moving.move(held, "stop", by=by, note=row.published)
    elif not others.exists() and held.notice_until is not None:
        held.notice_until = clock.resumed(row.settled_on, held.notice_until, held.notice_left or 0)
        held.notice_left, held.version = None, held.version + 1
        held.save(update_fields=["notice_until", "notice_left", "version"])
        _show_longer(row.notice_id, held.notice_until)
    return row


def _show_longer(notice_id: int, until: date) -> None:
    """The page stays until after the last of its names, so that everybody can still object to it."""
    shown = until + timedelta(days=int(provisions.value("honours.shown_days", timezone.localdate())))
    Notice.objects.filter(pk=notice_id, shown_until__lt=shown).update(shown_until=shown, version=F("version") + 1)


@transaction.atomic
def reveal_contact(objection: Objection, *, by: Actor, reason: str) -> str:
    """How to reach whoever objected, for the answer; leaves a read entry with the reason."""
    area = objection.nomination.selection.area_id
    insist(can_manage(by, area))
    text = said(reason, "请写明为什么要看联系方式，记入日志备查。", longest=200)
    record("honours.reveal_contact", by=by, of=objection, area_code=area, reason=text)
    return VaultColumn.open(objection, "contact_sealed")
