"""Issuing certificates for a batch: numbers without gaps or doubles, and the register of the room below, in one transaction.

Number (facts §2): filing number (13), last two digits of the year, level, serial (6). The serial's row is locked until the certificates stand:
whoever issues under the same filing, year and level waits, and a process that dies in between has given no number.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.audit.log import Actor, record
from tongxing.certificates.bulk import Entry, register_many
from tongxing.certificates.models import Certificate, CertificateKind, CertificateStatus
from tongxing.certificates.numbers import cross_check, read_number
from tongxing.core.errors import Refused
from tongxing.core.series import count_up
from tongxing.notices import inbox
from tongxing.registry.hosting import leaves_of
from tongxing.registry.models import Coordinator, Person

from .models import AssessmentBatch, BatchState, Candidate, Objection, ObjectionState, SerialCounter
from .moving import held, insist_state, move
from .rules import can_issue, insist

MOST_SERIALS = 999_999


class Issued(NamedTuple):
    """What one press of the button did: numbers given, names that wait (notice or objection), names held back with a reason."""

    numbers: list[str]
    waiting: int
    held: int


@transaction.atomic
def issue(batch: AssessmentBatch, *, by: Actor) -> Issued:
    """Issue to every passed candidate whose notice is over and whose name is free of objections; the others stay for another time."""
    row = held(batch)
    insist(can_issue(by, row))
    insist_state(row, BatchState.PUBLISHED, doing="发证")
    today = timezone.localdate()
    left = list(
        Candidate.objects.select_for_update(of=("self",))
        .filter(batch=row, passed=True, certificate=None)
        .select_related("person__merged_into", "application")
        .order_by("ticket")
    )
    ready = _free(left, today)
    _hold_back(row, ready, today)
    going = [one for one in ready if not one.held_reason]
    if left and not going:
        raise Refused(_nobody(row, left, ready), code="nobody_ready", clause="notice:3.1.4")
    numbers = _register(row, going, today, by) if going else []
    answer = Issued(numbers, len(left) - len(ready), len(ready) - len(going))
    if not answer.waiting and not answer.held:
        _finish(row, today, idle=not numbers)
    after = {"state": row.state, "numbers": [numbers[0], numbers[-1]] if numbers else [], "issued": len(numbers)}
    record("evaluation.issue", by=by, of=row, after=after | {"waiting": answer.waiting, "held": answer.held})
    _tell(row, going)
    return answer


def _finish(row: AssessmentBatch, today: date, *, idle: bool) -> None:
    """Nobody is left who passed; a failed name whose notice runs or who is objected to may still come to pass, so the batch stays open."""
    pending = Candidate.objects.filter(batch=row, certificate=None)
    disputed = Objection.objects.filter(candidate__in=pending, state=ObjectionState.OPEN).exists()
    if not disputed and not pending.filter(notice_until__gte=today).exists():
        move(row, "issue", issued_on=today)
    elif idle:
        raise Refused("没有待发证的人，但还有名字在公示或异议核查中，现在不能办结。请在期满、异议办结后再办。", code="nobody_ready")


def _free(candidates: Sequence[Candidate], today: date) -> list[Candidate]:
    """Those whose notice is over and who are not objected to."""
    disputed = set(Objection.objects.filter(candidate__in=candidates, state=ObjectionState.OPEN).values_list("candidate_id", flat=True))
    return [one for one in candidates if one.notice_until and one.notice_until < today and one.pk not in disputed]


def _hold_back(batch: AssessmentBatch, candidates: Sequence[Candidate], today: date) -> None:
    """Ask the register once more, under lock: the certificate that an entry rests on must still be valid, and the level not held by now."""
    resting = [one.application.resting_on_id for one in candidates if one.application.resting_on_id]
    basis = {row.pk: row for row in Certificate.objects.select_for_update(of=("self",)).filter(pk__in=resting).order_by("pk")}
    people = {_holder(one).pk for one in candidates}
    held_now = set(
        Certificate.objects.valid_on(today).filter(person__in=people, level__lte=batch.level).values_list("person_id", flat=True)
    )
    changed = []
    for one in candidates:
        earlier, reason = basis.get(one.application.resting_on_id or 0), ""
        if earlier and earlier.status == CertificateStatus.VOID:
            reason = f"申报所依据的证书 {earlier.number} 已作废（{earlier.status_reason}）"
        elif _holder(one).pk in held_now:
            reason = "登记册里已有同级或更高级的有效证书"
        if one.held_reason != reason[:200]:
            one.held_reason = reason[:200]
            changed.append(one)
    Candidate.objects.bulk_update(changed, ["held_reason"])


def _nobody(batch: AssessmentBatch, left: Sequence[Candidate], ready: Sequence[Candidate]) -> str:
    if ready:
        named = "；".join(f"准考证 {one.ticket}：{one.held_reason}" for one in ready[:5])
        return f"没有可以发证的人。{named}。请核实后恢复原证书，或取消该名结果。"
    return f"{len(left)} 名合格考生的公示期未满或有异议在核查（公示到 {batch.notice_until}），现在不能发证。请在期满、异议办结后再办。"


def _holder(candidate: Candidate) -> Person:
    """Whose certificate it is: two records of one person may have become one since the examination."""
    return candidate.person.merged_into or candidate.person


# --- numbers ---------------------------------------------------------------------------------------------------------------
def next_serials(batch: AssessmentBatch, year: int, count: int) -> list[str]:
    """`count` numbers that follow the last one given, and the highest that the register knows."""
    prefix = f"{batch.filing.number}{year % 100:02d}{batch.level}"

    def known() -> int:
        standing = Certificate.objects.filter(number__gte=f"{prefix}000000", number__lte=f"{prefix}999999")
        highest = standing.order_by("-number").values_list("number", flat=True).first()
        return int(highest[16:]) if highest else 0

    last = count_up(SerialCounter, count, past=known, filing_id=batch.filing_id, year=year, level=batch.level)
    if last > MOST_SERIALS:
        left = f"{prefix} 的流水号已到 {last - count}，不够 {count} 个。"
        raise Refused(f"{left}请核对登记册里编号最大的证书是否录错。", code="serials_used_up")
    return [f"{prefix}{serial:06d}" for serial in range(last - count + 1, last + 1)]


def _register(batch: AssessmentBatch, candidates: Sequence[Candidate], today: date, by: Actor) -> list[str]:
    """Write the certificates through the register's act, with the leaves they touch, and note them with the candidates."""
    numbers = next_serials(batch, today.year, len(candidates))
    for number in numbers:
        contradictions = cross_check(read_number(number), batch.level, today, [batch.filing.number])
        if contradictions:
            raise Refused(f"编号 {number} 有问题：{contradictions[0].message}", code=contradictions[0].code)
    leaves = _leaves({_holder(one).pk for one in candidates})
    fixed = {"kind": CertificateKind.SKILL_LEVEL.value, "level": batch.level, "issued_on": today}
    fixed |= {"body_id": batch.organisation_id, "body_name": batch.filing.organisation.name}
    entries = [
        Entry({"person_id": _holder(one).pk, "number": number, **fixed}, areas=leaves.get(_holder(one).pk, {_holder(one).area_id}))
        for one, number in zip(candidates, numbers, strict=True)
    ]
    try:
        # The fast way in speaks to the driver itself, so its errors are made Django's here.
        with connection.wrap_database_errors:
            register_many(entries, by=by)
    except IntegrityError:
        raise Refused("有编号刚刚被登记册占用，没有发出任何证书。请再按一次“发证”，系统会换新的编号。", code="number_taken") from None
    for one, entry in zip(candidates, entries, strict=True):
        one.certificate_id = entry.id
    Candidate.objects.bulk_update(candidates, ["certificate"])
    return numbers


def _leaves(people: set[int]) -> dict[int, set[int | None]]:
    """The leaf areas whose figures move with each holder who is a coordinator."""
    rows = Coordinator.objects.filter(person__in=people)
    return {row.person_id: set(leaves_of(row)) for row in rows}


def _tell(batch: AssessmentBatch, candidates: Sequence[Candidate]) -> None:
    readers = User.objects.filter(person_id__in=[_holder(one).pk for one in candidates], is_active=True)
    inbox.tell(readers, title=f"{batch.get_level_display()}证书已发", body="可在“我的档案”查看证书编号，扫码核验。")
