"""Objections (异议) to published results: an objection stops the clock of its name, and of no other (facts §2)."""

import uuid
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.holders import officers_of
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.core.values import clean_text
from tongxing.core.vault import masked_within
from tongxing.notices import inbox
from tongxing.registry.models.fields import VaultColumn
from tongxing.workdays import clock
from tongxing.workdays.calendar import add_working_days

from .models import AssessmentBatch, BatchState, Candidate, Objection, ObjectionState, Part, PartResult, ScoreEntry
from .moving import held
from .passing import parts_of
from .publishing import notice_days
from .rules import can_issue, can_manage, insist
from .scoring import judge, results_of

LONGEST = 2_000
MOST_TOGETHER = 20_000
"""Characters of one case with all that was put to it."""


@transaction.atomic
def raise_objection(candidate: Candidate, *, by: Actor, raised_on: date, raised_by: str, text: str, contact: str = "") -> Objection:
    """Enter an objection that came in during the notice. Numbers of people in the text are masked: the case is read by many."""
    batch, one = _on_show(candidate, by, raised_on)
    if not text.strip() or not raised_by.strip():
        raise Refused("请写明提出人和异议内容，核查时要用。", code="incomplete")
    assert one.notice_until is not None  # on show
    days, uid = clock.left(raised_on, one.notice_until), uuid.uuid4()
    try:
        with transaction.atomic():
            row = Objection.objects.create(
                uid=uid,
                candidate=one,
                raised_on=raised_on,
                raised_by=masked_within(raised_by.strip())[:60],
                text=masked_within(text.strip())[:LONGEST],
                contact_sealed=VaultColumn.sealed_for(Objection, "contact_sealed", uid, clean_text(contact, longest=100)),
                days_left=days,
                recorded_by=by.display_name[:60],
                recorded_by_id=by.pk,
            )
    except IntegrityError:
        raise Refused("这名考生已有一件正在核查的异议。请把新的内容补充到那一件，办结后再登记。", code="objection_open") from None
    after = {"ticket": one.ticket, "raised_on": raised_on.isoformat(), "left": days}
    record("evaluation.raise_objection", by=by, of=batch, after=after)
    _tell(batch, one, row)
    return row


@transaction.atomic
def object_in_public(batch: AssessmentBatch, ticket: str, *, by: Actor, text: str, name: str, contact: str) -> None:
    """An objection that somebody sends from the public page. What comes while one is looked into is put to that case; nobody learns of it."""
    one = Candidate.objects.filter(batch=batch, ticket=ticket, passed=True).first()
    if one is None:
        raise Refused("这份公示的名单里没有这个准考证号，请对照名单填写。", code="not_on_list")
    today = timezone.localdate()
    held(batch)
    case = Objection.objects.select_for_update(of=("self",)).filter(candidate=one, state=ObjectionState.OPEN).first()
    if case is None:
        raise_objection(one, by=by, raised_on=today, raised_by=name.strip() or "匿名", text=text, contact=contact)
        return
    said = f"{case.text}\n{today} 又收到（{masked_within(name.strip())[:60] or '匿名'}）：{masked_within(text.strip())}"
    if len(said) > MOST_TOGETHER:
        raise Refused("这名考生的异议正在核查，材料已经很多。请直接联系受理单位。", code="too_much")
    known = "；".join(filter(None, (VaultColumn.open(case, "contact_sealed"), clean_text(contact, longest=100))))
    case.text, case.contact_sealed = said, VaultColumn.sealed_for(Objection, "contact_sealed", case.uid, known)
    case.save(update_fields=["text", "contact_sealed"])
    record("evaluation.add_to_objection", by=by, of=batch, after={"ticket": one.ticket})
    _tell(batch, one, case)


def _on_show(candidate: Candidate, by: Actor, raised_on: date) -> tuple[AssessmentBatch, Candidate]:
    """Batch and candidate, held; refused unless the name stood in public notice on the day."""
    batch = held(candidate.batch)
    insist(can_manage(by, batch))
    one = Candidate.objects.select_for_update(of=("self",)).get(pk=candidate.pk)
    if batch.state != BatchState.PUBLISHED or not batch.notice_from or not one.notice_until:
        raise Refused(f"批次 {batch.code} 现在是“{batch.get_state_display()}”，不在公示期。请按申诉渠道处理。", code="wrong_state")
    if one.certificate_id:
        raise Refused("这名考生已经发证。确有问题，请在证书页面办理更正或作废。", code="already_issued")
    if not batch.notice_from <= raised_on <= min(one.notice_until, timezone.localdate()):
        raise Refused(
            f"提出日期应在公示期 {batch.notice_from} 至 {one.notice_until} 内、今天及以前。逾期的请按申诉渠道处理。", code="bad_day"
        )
    return batch, one


def _tell(batch: AssessmentBatch, one: Candidate, row: Objection) -> None:
    """Whoever decides: the certificate waits for them."""
    deciding = officers_of(batch.area_id, "evaluation.issue")
    inbox.tell(
        deciding,
        title=f"结果异议：{batch.title} {one.ticket}"[:120],
        body=row.text[-200:],
        url=reverse("evaluation:results", args=[batch.uid]),
    )


def _deciding(objection: Objection, answer: str, by: Actor) -> tuple[Objection, Candidate, AssessmentBatch]:
    """Batch, candidate and objection, held in this order; refused unless the objection is open and `by` had no hand in the scores."""
    batch = held(objection.candidate.batch)
    insist(can_issue(by, batch))
    one = Candidate.objects.select_for_update(of=("self",)).get(pk=objection.candidate_id)
    row = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
    if row.state != ObjectionState.OPEN:
        raise Refused(f"这件异议已办结（{row.get_state_display()}）。请刷新页面。", code="already_decided")
    if not answer.strip():
        raise Refused("请写明核查结论，要答复提出人。", code="reason_missing")
    if by.pk is not None and ScoreEntry.objects.filter(candidate=one, by_id=by.pk).exists():
        raise Refused("录入过这名考生分数的人不能处理对它的异议，请交同事办理。", code="same_person", status=403)
    return row, one, batch


def _close(row: Objection, state: ObjectionState, answer: str, by: Actor) -> None:
    row.state, row.answer = state, masked_within(answer.strip())[:500]
    row.decided_by, row.decided_on = by.display_name[:60], timezone.localdate()
    row.save(update_fields=["state", "answer", "decided_by", "decided_on"])


@transaction.atomic
def dismiss_objection(objection: Objection, *, by: Actor, answer: str) -> Objection:
    """The result stands: the clock of the name runs on with the working days that were left."""
    row, one, batch = _deciding(objection, answer, by)
    _close(row, ObjectionState.DISMISSED, answer, by)
    assert one.notice_until is not None  # an objection needs a notice
    one.notice_until = clock.resumed(timezone.localdate(), one.notice_until, row.days_left)
    one.save(update_fields=["notice_until"])
    after = {"ticket": one.ticket, "state": row.state, "until": one.notice_until.isoformat()}
    record("evaluation.dismiss_objection", by=by, of=batch, after=after, reason=answer)
    return row


@transaction.atomic
def uphold_objection(objection: Objection, *, by: Actor, answer: str, part: str, value: Decimal | None) -> Objection:
    """The score was wrong: it is corrected, the pass rule asked again, and the name stands in public notice for the full time anew."""
    row, one, batch = _deciding(objection, answer, by)
    result = PartResult.objects.select_for_update().filter(candidate=one, part=part).first() if part in parts_of(batch.level) else None
    if result is None or result.kept_from_id:
        raise Refused("这一科没有本批次的成绩可以更正。请改选科目，沿用的成绩到原批次处理。", code="no_part")
    if value is not None and not 0 <= value <= 100:
        raise Refused(f"{value} 不在 0 至 100 之间。请对照评分表核对。", code="score_range")
    if result.value == value:
        raise Refused("更正后的分数与原分数相同。异议不成立请选“不成立”。", code="same_score")
    before = {"ticket": one.ticket, "part": part, "score": result.value is not None and float(result.value), "passed": one.passed}
    result.value, result.settled_by, result.reason, result.at = (
        value,
        by.display_name[:60],
        f"异议更正：{answer.strip()}"[:200],
        timezone.now(),
    )
    result.save(update_fields=["value", "settled_by", "reason", "at"])
    judge(one, batch, results_of([one]).get(one.pk, {}))
    today = timezone.localdate()
    one.notice_until = add_working_days(today, notice_days(today))
    one.save(update_fields=["passed", "outcome", "notice_until"])
    _close(row, ObjectionState.UPHELD, answer, by)
    after = {
        "part": Part(part).label,
        "score": value is not None and float(value),
        "passed": one.passed,
        "until": one.notice_until.isoformat(),
    }
    record("evaluation.uphold_objection", by=by, of=batch, before=before, after=after, reason=answer)
    return row


@transaction.atomic
def reveal_contact(objection: Objection, *, by: Actor, reason: str) -> str:
    """How to reach whoever objected, for the answer; leaves a read entry with the reason."""
    insist(can_issue(by, objection.candidate.batch))
    if not reason.strip():
        raise Refused("请写明为什么要看联系方式，记入日志备查。", code="reason_missing")
    record(
        "evaluation.reveal_contact",
        by=by,
        of=objection.candidate.batch,
        after={"ticket": objection.candidate.ticket},
        reason=reason.strip(),
    )
    return VaultColumn.open(objection, "contact_sealed")
