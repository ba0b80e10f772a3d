"""Acts on who examines: assessors, reviewers, moderators, invigilators of a batch; and what is still short of the usual numbers."""

from django.db import IntegrityError, transaction

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.policy import provisions

from .models import Application, AssessmentBatch, Assessor, AssessorKind, BatchState, Duty, DutyKind, ExamRoom
from .moving import held, insist_state
from .passing import parts_of
from .rules import can_manage, insist

STAFFED = (BatchState.PLANNED, BatchState.ANNOUNCED, BatchState.CLOSED, BatchState.FIXED)
SCORING = frozenset({DutyKind.CHIEF, DutyKind.ASSESSOR, DutyKind.REVIEWER})


@transaction.atomic
def assign_duty(batch: AssessmentBatch, assessor: Assessor, *, by: Actor, kind: str, room: ExamRoom | None = None) -> Duty:
    """Give somebody of the body a part in a batch. Nobody examines where he is a candidate, and nobody is at two sites on one day."""
    row = held(batch)
    insist(can_manage(by, row))
    insist_state(row, *STAFFED, doing="安排考务人员")
    # All rows of the person: two batches on one day wait for one another here.
    list(Assessor.objects.select_for_update(of=("self",)).filter(person_id=assessor.person_id).order_by("pk"))
    _insist_fit(row, assessor, DutyKind(kind))
    if room and room.batch_id != row.pk:
        raise Refused("所选考场不属于本批次，请改选。", code="other_room")
    try:
        with transaction.atomic():
            duty = Duty.objects.create(batch=row, assessor=assessor, kind=kind, room=room)
    except IntegrityError:
        raise Refused(f"“{assessor.person.name}”已担任本批次的{DutyKind(kind).label}。请刷新页面。", code="duty_exists") from None
    record("evaluation.assign_duty", by=by, of=row, after={"person": assessor.person.name, "duty": duty.get_kind_display()})
    return duty


def _insist_fit(batch: AssessmentBatch, assessor: Assessor, kind: DutyKind) -> None:
    name, day = assessor.person.name, batch.exam_on
    if assessor.organisation_id != batch.organisation_id:
        raise Refused(f"“{name}”不是这家评价机构的人员。请先由评价管理登记到这家机构。", code="other_body")
    if day < assessor.since or (assessor.until and day > assessor.until):
        raise Refused(f"“{name}”的聘期不含考试日 {day}。请改选他人，或更新聘期。", code="not_appointed")
    if kind == DutyKind.MODERATOR and assessor.kind != AssessorKind.MODERATOR:
        raise Refused(f"“{name}”登记的是{assessor.get_kind_display()}，不能担任内部督导员。请改选。", code="wrong_kind")
    if kind in SCORING and (assessor.kind != AssessorKind.ASSESSOR or assessor.level > batch.level):
        raise Refused(
            f"“{name}”（{assessor.get_kind_display()}，最高{assessor.get_level_display()}）不能考评{batch.get_level_display()}。请改选。",
            code="wrong_level",
        )
    if Application.objects.standing().filter(batch=batch, person_id=assessor.person_id).exists():
        raise Refused(f"“{name}”报名了本批次，不能同时担任考务工作。请改选他人。", code="is_candidate")
    elsewhere = Duty.objects.filter(assessor__person_id=assessor.person_id, batch__exam_on=day).exclude(batch__site_id=batch.site_id)
    other = elsewhere.exclude(batch__state=BatchState.CANCELLED).select_related("batch__site").first()
    if other:
        raise Refused(
            f"“{name}”当天（{day}）已在考点“{other.batch.site}”的批次 {other.batch.code} 有任务，一人一天只能在一个考点。请改选他人。",
            code="two_sites",
        )


@transaction.atomic
def remove_duty(duty: Duty, *, by: Actor) -> None:
    row = held(duty.batch)
    insist(can_manage(by, row))
    insist_state(row, *STAFFED, doing="调整考务人员")
    record("evaluation.remove_duty", by=by, of=row, before={"person": duty.assessor.person.name, "duty": duty.get_kind_display()})
    duty.delete()


def shortfalls(batch: AssessmentBatch, candidates: int) -> list[str]:
    """What a batch still lacks of the usual numbers of staff (facts §1, unconfirmed): shown as advice, nothing is refused for it."""
    day = batch.exam_on
    duties = list(Duty.objects.filter(batch=batch))
    assessors = sum(duty.kind in {DutyKind.CHIEF, DutyKind.ASSESSOR} for duty in duties)
    reviewers = sum(duty.kind == DutyKind.REVIEWER for duty in duties)
    invigilators = sum(duty.kind == DutyKind.INVIGILATOR for duty in duties)
    rooms = ExamRoom.objects.filter(batch=batch).count()
    found = _odd("考评员", assessors, int(provisions.value("evaluation.assessors", day)))
    if len(parts_of(batch.level)) > 2:
        found += _odd("综合评审委员", reviewers, int(provisions.value("evaluation.reviewers", day)))
    if not any(duty.kind == DutyKind.MODERATOR for duty in duties):
        found.append("还没有内部督导员")
    most = int(provisions.value("evaluation.candidates_per_invigilator", day))
    least = max(rooms * int(provisions.value("evaluation.invigilators_per_room", day)), -(-candidates // most))
    if invigilators < least:
        found.append(f"监考 {invigilators} 人，按 {rooms} 个考场、{candidates} 名考生应有 {least} 人")
    return found


def _odd(name: str, count: int, least: int) -> list[str]:
    if count < least:
        return [f"{name} {count} 人，通常不少于 {least} 人"]
    return [] if count % 2 else [f"{name} {count} 人，通常取单数"]
