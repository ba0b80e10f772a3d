"""Acts on a class that was let through: start, finish, archive; and cancelling and postponing, of which everybody is told."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused

from .classes import must_be_eligible
from .filing import moved
from .holding import save
from .models import EnrolmentState, TrainingClass
from .sessions import shift_sessions
from .telling import tell_everybody


@transaction.atomic
def start_class(training_class: TrainingClass, *, by: Actor) -> TrainingClass:
    """From the first day on: attendance can be taken, nobody moves up any more, what was only asked for lapses."""
    held = moved(training_class, "start", by=by)
    today = timezone.localdate()
    if today < held.starts_on:
        raise Refused(f"开班日期是 {held.starts_on}，到那一天再办理开班。", code="too_early")
    save(held, "state", "state_reason")
    lapsed = held.enrolments.filter(state__in=(EnrolmentState.INVITED, EnrolmentState.APPLIED, EnrolmentState.WAITING))
    number = lapsed.update(state=EnrolmentState.REFUSED, reason="已开班，未录取", updated_at=timezone.now())
    record("training.start_class", by=by, of=held, after={"on": today.isoformat(), "lapsed": number})
    return held


@transaction.atomic
def finish_class(training_class: TrainingClass, *, by: Actor) -> TrainingClass:
    """All is taught and judged; refused while somebody's completion is open (completing.py) or the last day lies ahead."""
    held = moved(training_class, "finish", by=by)
    last = max((session.on for session in held.sessions.all()), default=held.starts_on)
    if timezone.localdate() < last:
        raise Refused(f"最后一次课在 {last}，上完课再办理结业。", code="too_early")
    undecided = held.enrolments.filter(state=EnrolmentState.ADMITTED).count()
    if undecided:
        raise Refused(f"还有 {undecided} 名学员没有认定是否结业，请先在“结业”一栏认定。", code="undecided")
    save(held, "state", "state_reason")
    completed = held.enrolments.filter(state=EnrolmentState.COMPLETED).count()
    record("training.finish_class", by=by, of=held, after={"completed": completed})
    return held


@transaction.atomic
def archive_class(training_class: TrainingClass, *, by: Actor) -> TrainingClass:
    """Close the file on a class: from then on nothing of it changes."""
    held = moved(training_class, "archive", by=by)
    save(held, "state", "state_reason")
    record("training.archive_class", by=by, of=held)
    return held


@transaction.atomic
def cancel_class(training_class: TrainingClass, *, by: Actor, reason: str) -> TrainingClass:
    """Call a class off and tell everybody whom it concerns."""
    if not reason.strip():
        raise Refused("请写明取消的原因，会通知到每个学员。", code="reason_missing", status=422)
    held = moved(training_class, "cancel", by=by)
    held.state_reason = reason.strip()[:300]
    save(held, "state", "state_reason")
    told = tell_everybody(held, f"培训班取消：{held.title}", f"原定 {held.starts_on} 开班。原因：{held.state_reason}")
    record("training.cancel_class", by=by, of=held, after={"told": told}, reason=reason)
    return held


@transaction.atomic
def postpone_class(training_class: TrainingClass, *, by: Actor, starts_on: date, ends_on: date, reason: str) -> TrainingClass:
    """Move a class to later days. It has to be filed anew; planned sessions move by as many days, so that conflicts show."""
    if not reason.strip():
        raise Refused("请写明延期的原因，会通知到每个学员。", code="reason_missing", status=422)
    held = moved(training_class, "postpone", by=by)
    if not held.starts_on < starts_on <= ends_on:
        raise Refused(f"延期后的开班日期应晚于 {held.starts_on}，结束日期不早于开班日期。请核对。", code="bad_dates", status=422)
    must_be_eligible(held.provider, held.course, starts_on)
    before = {"starts_on": held.starts_on.isoformat(), "ends_on": held.ends_on.isoformat()}
    days = (starts_on - held.starts_on).days
    held.starts_on, held.ends_on, held.state_reason = starts_on, ends_on, reason.strip()[:300]
    save(held, "state", "state_reason", "starts_on", "ends_on")
    shift_sessions(held, days)
    told = tell_everybody(held, f"培训班延期：{held.title}", f"改为 {starts_on} 开班，{ends_on} 结束。原因：{held.state_reason}")
    after = {"starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat(), "told": told}
    record("training.postpone_class", by=by, of=held, before=before, after=after, reason=reason)
    return held
