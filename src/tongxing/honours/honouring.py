"""The honours roll (荣誉榜): models of a year and gold ones of the province, entered, withdrawn with a reason, shown with consent."""

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from tongxing.areas.scope import Scope, span_of
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused, said
from tongxing.core.values import clean_text
from tongxing.files.guard import leaks_in, refuse_leaks
from tongxing.registry.models import Organisation, Person

from . import moving
from .models import Honour, HonourLevel, Kind, Nomination, NominationState
from .rules import can_manage, insist

CLAUSE = "notice:3.3.1"
TITLES = {
    (Kind.PERSON, HonourLevel.MODEL): "年度劳动关系协调员典型",
    (Kind.ORGANISATION, HonourLevel.MODEL): "年度协调劳动关系社会组织典型",
    (Kind.PERSON, HonourLevel.GOLD): "河南省金牌劳动关系协调员",
    (Kind.ORGANISATION, HonourLevel.GOLD): "河南省金牌协调劳动关系社会组织",
}


@transaction.atomic
def enter_honour(
    subject: Person | Organisation,
    *,
    by: Actor,
    level: str,
    year: int,
    title: str,
    awarded_on: date,
    awarded_by: str,
    document: str = "",
    deed: str = "",
    nomination: Nomination | None = None,
) -> Honour:
    """Enter a line of the roll: by the selection itself, or by an officer for years before the system."""
    insist(can_manage(by, nomination.selection.area_id if nomination else subject.area_id))
    _insist_publishable(year, awarded_on, {"称号": title, "授予单位": awarded_by, "文号": document, "公开的事迹": deed})
    person = isinstance(subject, Person)
    try:
        with transaction.atomic():
            row = Honour.objects.create(
                kind=Kind.PERSON if person else Kind.ORGANISATION,
                person=subject if isinstance(subject, Person) else None,
                organisation=subject if isinstance(subject, Organisation) else None,
                nomination=nomination,
                area=nomination.selection.area if nomination else subject.area,
                year=year,
                level=level,
                title=said(clean_text(title, longest=80), "请填写称号的全称。", longest=80),
                awarded_on=awarded_on,
                awarded_by=said(clean_text(awarded_by, longest=120), "请填写授予单位。", longest=120),
                document=clean_text(document, longest=120),
                deed=clean_text(deed, longest=300),
                recorded_by=by.display_name[:60],
            )
    except IntegrityError as error:
        raise Refused("这一年的这项荣誉已经登记过，不用再登记。", code="exists", clause=CLAUSE) from error
    record("honours.enter_honour", by=by, of=row, label=f"{subject.name}：{row}", after={"level": level, "year": year, "title": row.title})
    return row


def _insist_publishable(year: int, awarded_on: date, words: dict[str, str]) -> None:
    """An honour is of a day that has come, and none of its words, all of them public, holds a number of somebody."""
    today = timezone.localdate()
    if awarded_on > today or year > today.year:
        raise Refused("授予日期或年度还没有到，请核对文件上的日期。", code="future_day", clause=CLAUSE)
    refuse_leaks(leak for where, text in words.items() for leak in leaks_in(text, where))


def enter_model(nomination: Nomination, *, by: Actor, on: date, awarded_by: str) -> Honour:
    """Who is recommended is a model of the year; a line that somebody entered before by hand is not written twice."""
    kind = Kind(nomination.kind)
    lines = Honour.objects.standing().filter(level=HonourLevel.MODEL, year=nomination.selection.year, kind=kind)
    if already := lines.filter(person=nomination.person, organisation=nomination.organisation).first():
        return already
    return enter_honour(
        nomination.subject,
        by=by,
        level=HonourLevel.MODEL,
        year=nomination.selection.year,
        title=f"{nomination.selection.year} {TITLES[kind, HonourLevel.MODEL]}",
        awarded_on=on,
        awarded_by=awarded_by,
        deed=nomination.summary,
        nomination=nomination,
    )


@transaction.atomic
def record_answer(nomination: Nomination, *, by: Actor, gold: bool, awarded_on: date, document: str = "") -> Honour | None:
    """What the province decided on somebody recommended; gold ones stand on the roll."""
    held = moving.held(nomination)
    insist(can_manage(by, held.selection.area_id))
    if held.state != NominationState.RECOMMENDED:
        raise Refused("还没有报送省级，不能登记省级结果。", code="wrong_state", clause="notice:3.3.2")
    if awarded_on > timezone.localdate():
        raise Refused("结果日期还没有到，请核对。", code="future_day")
    if Honour.objects.standing().filter(nomination=held, level=HonourLevel.GOLD).exists():
        raise Refused("已经登记为省级金牌。登记有误的，先在荣誉榜撤销，再登记结果。", code="answered", clause="notice:3.3.2")
    held.state_note, held.version = ("评为省级金牌" if gold else "省级未入选"), held.version + 1
    held.save(update_fields=["state_note", "version"])
    record("honours.record_answer", by=by, of=held, after={"gold": gold, "on": str(awarded_on)}, reason=document)
    if not gold:
        return None
    kind = Kind(held.kind)
    return enter_honour(
        held.subject,
        by=by,
        level=HonourLevel.GOLD,
        year=held.selection.year,
        title=TITLES[kind, HonourLevel.GOLD],
        awarded_on=awarded_on,
        awarded_by="河南省协调劳动关系三方机制",
        document=document,
        deed=held.summary,
        nomination=held,
    )


def _held(honour: Honour, by: Actor) -> Honour:
    row = Honour.objects.select_for_update(of=("self",)).select_related("person", "organisation").get(pk=honour.pk)
    insist(can_manage(by, row.area_id))
    return row


@transaction.atomic
def withdraw_honour(honour: Honour, *, by: Actor, reason: str) -> Honour:
    """Take an honour back; its line stays on the roll with the reason, and counts no more."""
    row = _held(honour, by)
    if row.withdrawn_on:
        raise Refused("这项荣誉已经撤销。请刷新页面。", code="wrong_state")
    row.withdrawn_reason = said(reason, "请写明撤销的原因，荣誉榜上要登。", longest=200)
    refuse_leaks(leaks_in(row.withdrawn_reason, "撤销原因"))
    row.withdrawn_on, row.version = timezone.localdate(), row.version + 1
    row.save(update_fields=["withdrawn_on", "withdrawn_reason", "version"])
    record("honours.withdraw_honour", by=by, of=row, after={"withdrawn_on": str(row.withdrawn_on)}, reason=row.withdrawn_reason)
    return row


@transaction.atomic
def set_consent(honour: Honour, *, by: Actor, consent: str) -> Honour:
    """The consent to show the photo in public, in what form and of which day; empty takes it back at once."""
    row = _held(honour, by)
    if row.person_id is None:
        raise Refused("社会组织没有照片，不用登记同意书。", code="no_photo")
    before, row.photo_consent, row.version = row.photo_consent, clean_text(consent, longest=120), row.version + 1
    row.save(update_fields=["photo_consent", "version"])
    record("honours.set_consent", by=by, of=row, before={"consent": before}, after={"consent": row.photo_consent})
    return row


def models_in(area_code: int, year: int, kind: str, *, until: date) -> int:
    """How many models of a year stand on the roll on a day (notice:3.3.1): those whom the area chose, or one above it among its own.

    Who moved away since counts where the choice was made, not for the county that took them in.
    """
    scope = Scope((span_of(area_code),))
    own = scope.as_q("person__area_id") | scope.as_q("organisation__area_id")
    counted = scope.as_q("area_id") | own & scope.reaching_up("area_id")
    standing = Q(withdrawn_on=None) | Q(withdrawn_on__gt=until)
    rows = Honour.objects.filter(standing, counted, year=year, level=HonourLevel.MODEL, kind=kind, awarded_on__lte=until)
    return rows.count()
