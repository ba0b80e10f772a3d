"""Who completes a class: the rule, explained for every trainee, and the acts that write scores and completion (notice:3.1.1)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from tongxing.accounts.holders import accounts_of_people
from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.notices import inbox
from tongxing.policy import provisions
from tongxing.policy.decision import Decision

from .holding import locked, put
from .hours import Hours, hours_of
from .models import ClassState, Enrolment, EnrolmentState, TrainingClass
from .rules import can_run
from .telling import own_address


class Completed(NamedTuple):
    """How many completed, and how many did not."""

    completed: int
    incomplete: int


class Rule(NamedTuple):
    """The numbers of the completion rule as they hold on a day."""

    share: int
    score: int


def rule_on(day: date | None = None) -> Rule:
    """Provisions `training.attendance_share` and `training.test_score`."""
    return Rule(int(provisions.value("training.attendance_share", day)), int(provisions.value("training.test_score", day)))


def judge(hours: Hours, score: Decimal | None, rule: Rule) -> Decision:
    """Whether attendance and test suffice; both are said, so that everybody can count it again."""
    needed = hours.planned * rule.share / 100
    attended = hours.planned > 0 and hours.earned >= needed
    passed = score is not None and score >= rule.score
    enough = "达到" if attended else "未达到"
    online = f"，其中线上 {hours.online} 学时" if hours.online else ""
    reasons = [f"出勤 {hours.earned} / {hours.planned} 学时（{hours.share:.0f}%）{online}，{enough}要求的 {rule.share}%。"]
    if hours.unmarked:
        reasons.append(f"有 {hours.unmarked} 次课没有考勤记录，按没有到课计算。")
    if score is None:
        reasons.append("还没有考核成绩。")
    else:
        reasons.append(f"考核 {score:.1f} 分，{'合格' if passed else f'未达到合格线 {rule.score} 分'}。")
    facts = {"已得学时": hours.earned, "应修学时": hours.planned, "成绩": None if score is None else float(score)}
    return Decision(attended and passed, tuple(reasons), facts, ("notice:3.1.1",))


def decisions_of(held: TrainingClass) -> list[tuple[Enrolment, Hours, Decision]]:
    """Everybody who holds a place, with the answer of the rule on the class's last day; four queries and the provisions'."""
    rows = list(held.enrolments.holding_places().select_related("person", "paper").order_by("serial"))
    hours, rule = hours_of(held, [row.pk for row in rows]), rule_on(min(held.ends_on, timezone.localdate()))
    return [(row, hours[row.pk], judge(hours[row.pk], row.test_score, rule)) for row in rows]


@transaction.atomic
def record_scores(training_class: TrainingClass, scores: Mapping[int, Decimal | None], *, by: Actor) -> int:
    """Write test scores (enrolment id → score out of 100, None: not tested). Returns how many changed."""
    held = locked(training_class)
    insist(can_run(by, held))
    if held.state != ClassState.RUNNING:
        raise Refused(f"这个班现在是“{held.get_state_display()}”，不能登记成绩。", code="not_running")
    if any(score is not None and not 0 <= score <= 100 for score in scores.values()):
        raise Refused("成绩应在 0 至 100 分之间，请核对。", code="bad_score", status=422)
    rows = held.enrolments.filter(pk__in=list(scores), state=EnrolmentState.ADMITTED).select_related("person")
    changed = [row for row in rows if row.test_score != scores[row.pk]]
    before = {row.person.name: None if row.test_score is None else str(row.test_score) for row in changed}
    for row in changed:
        put(row, row.state, test_score=scores[row.pk])
    if changed:
        after = {row.person.name: None if row.test_score is None else str(row.test_score) for row in changed}
        record("training.record_scores", by=by, of=held, before=before, after=after)
    return len(changed)


@transaction.atomic
def complete_class(training_class: TrainingClass, *, by: Actor) -> Completed:
    """Judge everybody by the rule and write the result down, with the reasons for those who did not complete. All are told.

    Refused while sessions lie ahead, have no record of anybody, or somebody who attended enough has no score yet.
    """
    held = locked(training_class)
    insist(can_run(by, held))
    if held.state != ClassState.RUNNING:
        raise Refused(f"这个班现在是“{held.get_state_display()}”，不能认定结业。", code="not_running")
    _must_be_over(held)
    _must_have_studied(held)
    judged = [(row, hours, answer) for row, hours, answer in decisions_of(held) if row.state == EnrolmentState.ADMITTED]
    waiting = [row.person.name for row, hours, _ in judged if row.test_score is None and hours.earned]
    if waiting:
        names = "、".join(waiting[:5]) + (f"等 {len(waiting)} 人" if len(waiting) > 5 else "")
        raise Refused(f"{names}还没有考核成绩。没有参加考核的请登记 0 分，再认定结业。", code="no_score")
    day = max((session.on for session in held.sessions.all()), default=held.ends_on)
    for row, hours, answer in judged:
        if answer:
            put(row, EnrolmentState.COMPLETED, hours=hours.earned, completed_on=day, reason="")
        else:
            put(row, EnrolmentState.INCOMPLETE, hours=hours.earned, reason="".join(answer.reasons)[:200])
    done = Completed(sum(bool(answer) for _, _, answer in judged), sum(not answer for _, _, answer in judged))
    record("training.complete", by=by, of=held, after={**done._asdict(), "on": day.isoformat(), "rule": rule_on(day)._asdict()})
    for passed, title in ((True, "已结业"), (False, "未结业")):
        for row, _, answer in judged:
            if bool(answer) is passed:
                body = "".join(answer.reasons)
                inbox.tell(accounts_of_people([row.person_id]), title=f"{title}：{held.title}", body=body, url=own_address(held))
    return done


def _must_be_over(held: TrainingClass) -> None:
    sessions = list(held.sessions.prefetch_related("attendance"))
    today = timezone.localdate()
    if ahead := [session for session in sessions if session.on > today]:
        raise Refused(f"{ahead[0]} 还有课，上完课再认定结业。", code="too_early")
    if unmarked := [session for session in sessions if not session.attendance.all()]:
        raise Refused(f"{unmarked[0]} 的课没有任何考勤记录，请先补录。", code="no_attendance")


def _must_have_studied(held: TrainingClass) -> None:
    """Until the class's last day everybody may still study online; before it, only a class where nobody has to may be completed."""
    lessons = held.online_lessons.count()
    if not lessons or timezone.localdate() >= held.ends_on:
        return
    people = held.enrolments.filter(state=EnrolmentState.ADMITTED)
    if waiting := people.annotate(done=Count("online_credits")).filter(done__lt=lessons).count():
        raise Refused(f"还有 {waiting} 名学员没有学完线上课，可以学到 {held.ends_on}。请到那天以后再认定结业。", code="too_early")
