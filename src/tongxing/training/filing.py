"""Filing a class before it starts, and the review of it (facts §10: roster, teaching plan, trainers, resources, test plan)."""

from collections import Counter
from datetime import date, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.holders import agents_of, officers_of
from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.notices import inbox
from tongxing.policy import provisions
from tongxing.policy.decision import Decision
from tongxing.workdays.calendar import add_working_days

from .clashes import clashes_within
from .courses import hours_required
from .holding import locked, save
from .hours import online_hours
from .models import CLASS_MOVES, ClassMove, ClassState, Session, TrainingClass
from .rules import can_move, moves_of
from .suspending import insist_running, suspended_on
from .telling import class_address

MOVE = {move.act: move for move in CLASS_MOVES}
TOWARDS_THE_FIRST_DAY = frozenset({"file", "approve", "start"})
"""What a suspended provider's classes cannot do; they may still be sent back, postponed and cancelled."""


def last_filing_day(starts_on: date, on: date | None = None) -> date:
    """The last day on which a class that starts then can be filed (provision `training.filing_days_before`)."""
    return starts_on - timedelta(days=int(provisions.value("training.filing_days_before", on)))


def filing_decision(training_class: TrainingClass, on: date | None = None) -> Decision:
    """Whether everything that a filing consists of is there; every missing part is said."""
    day = on or timezone.localdate()
    sessions = list(training_class.sessions.all())
    people = training_class.enrolments.holding_places().count()
    online, required = online_hours(training_class), hours_required(training_class.course.level, day)
    planned = sum(session.hours for session in sessions) + online
    last = last_filing_day(training_class.starts_on, day)
    missing = [
        sentence
        for ok, sentence in (
            (people > 0, "学员名册：还没有录取学员，请先录取。"),
            (training_class.teaching_plan.strip(), "教学计划：还没有填写。"),
            (sessions or online, "课程表：还没有排课，也没有安排线上课。"),
            (not planned or planned >= required, f"学时：已排 {planned} 学时，要求至少 {required} 学时。"),
            (all(session.trainer_id for session in sessions), "师资：有课次没有安排教师。"),
            (all(session.room_id or session.is_online for session in sessions), "场地：有线下课次没有安排教室。"),
            (training_class.materials.strip(), "教学资源：还没有填写教材、设备或线上资源。"),
            (training_class.test_plan.strip(), "考核方案：还没有填写。"),
            (day <= last, f"期限：{training_class.starts_on} 开班应在 {last} 以前报备，已经过期，请先把开班日期延后。"),
        )
        if not ok
    ]
    missing += clashes_within(training_class)
    warnings = _busy_days(sessions, day)
    reasons = (*missing, *warnings) if missing else ("报备材料齐全。", *warnings)
    facts = {"学员": people, "课次": len(sessions), "已排学时": planned, "要求学时": required, "报备截止": last.isoformat()}
    return Decision(not missing, tuple(reasons), facts, ("notice:3.1.1",))


def _busy_days(sessions: list[Session], on: date) -> list[str]:
    """Days with more class hours than is wont: said, not forbidden (facts §10)."""
    most = int(provisions.value("training.hours_a_day", on))
    hours: Counter[date] = Counter()
    for session in sessions:
        hours[session.on] += session.hours
    return [f"提示：{day} 排了 {number} 学时，超过每天 {most} 学时。" for day, number in sorted(hours.items()) if number > most]


@transaction.atomic
def file_class(training_class: TrainingClass, *, by: Actor) -> TrainingClass:
    """Hand the class in; the review has some working days from the day after."""
    held = moved(training_class, "file", by=by)
    decision = filing_decision(held)
    if not decision:
        raise Refused("还不能报备：" + "".join(decision.reasons), code="filing_incomplete", clause="notice:3.1.1", status=422)
    today = timezone.localdate()
    held.filed_on, held.filed_by_id, held.reviewed_on, held.reviewed_by = today, by.pk, None, ""
    held.review_due_on = add_working_days(today, int(provisions.value("training.review_working_days", today)))
    save(held, "state", "state_reason", "filed_on", "filed_by_id", "review_due_on", "reviewed_on", "reviewed_by")
    record("training.file_class", by=by, of=held, after={"review_due_on": held.review_due_on.isoformat(), **decision.facts})
    reviewers = [user for user in officers_of(held.area_id, "training.review") if user.pk != by.pk]
    inbox.tell(
        reviewers,
        title=f"待审核开班报备：{held.title}",
        body=f"{held.provider} 报备，{held.starts_on} 开班，请在 {held.review_due_on} 前审核。",
        url=class_address(held),
        due_on=held.review_due_on,
    )
    return held


@transaction.atomic
def return_class(training_class: TrainingClass, *, by: Actor, reason: str) -> TrainingClass:
    """Send the filing back to be completed."""
    if not reason.strip():
        raise Refused("请写明要补正什么，对方才知道怎么改。", code="reason_missing", status=422)
    return _reviewed(training_class, "return", "开班报备退回补正", by=by, reason=reason.strip())


@transaction.atomic
def approve_class(training_class: TrainingClass, *, by: Actor, remark: str = "") -> TrainingClass:
    """Let the class be held as it was filed; whoever filed it cannot do this."""
    return _reviewed(training_class, "approve", "准予开班", by=by, reason=remark.strip())


def _reviewed(training_class: TrainingClass, act: str, title: str, *, by: Actor, reason: str) -> TrainingClass:
    held = moved(training_class, act, by=by)
    held.state_reason = reason[:300]
    held.reviewed_on, held.reviewed_by = timezone.localdate(), by.display_name[:60]
    save(held, "state", "state_reason", "reviewed_on", "reviewed_by")
    after = {"state": held.state, "due_on": held.review_due_on and held.review_due_on.isoformat()}
    if act == "return":
        record("training.return_class", by=by, of=held, after=after, reason=reason)
    else:
        record("training.approve_class", by=by, of=held, after=after, reason=reason)
    inbox.settle(class_address(held))
    agents = agents_of([held.provider.organisation_id], "training.run")
    inbox.tell(agents, title=f"{title}：{held.title}", body=reason, url=reverse("training:class", args=[held.uid]))
    return held


def open_moves(training_class: TrainingClass, by: Actor) -> list[ClassMove]:
    """The moves that stand open to `by` and lead somewhere: a suspended provider's class does not come nearer to its first day."""
    moves = moves_of(training_class, by)
    if not any(move.act in TOWARDS_THE_FIRST_DAY for move in moves):
        return moves
    if not suspended_on(training_class.provider.organisation_id, training_class.course.level, timezone.localdate()):
        return moves
    return [move for move in moves if move.act not in TOWARDS_THE_FIRST_DAY]


def moved(training_class: TrainingClass, act: str, *, by: Actor) -> TrainingClass:
    """The class, locked, with the state that `act` leads to (not yet saved); refused where the table of moves knows no such way."""
    move = MOVE[act]
    held = locked(training_class)
    insist(can_move(by, held, move))
    if held.state not in move.sources:
        raise Refused(f"这个班现在是“{held.get_state_display()}”，不能办理“{move.label}”。请刷新页面查看。", code="wrong_state")
    if act in TOWARDS_THE_FIRST_DAY:
        insist_running(held.provider.organisation_id, held.course.level, f"办理“{move.label}”")
    held.state, held.state_reason = ClassState(move.target), ""
    return held
