"""Acts of studying: take a heartbeat in, answer a question on the way, and hand the minutes to training when a lesson is done."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.policy import provisions
from tongxing.training.models import Enrolment, OnlineLesson
from tongxing.training.online import credit_online_minutes

from .earning import Beat, Heard, Limits, earn, is_through
from .marking import is_right
from .models import Checkpoint, CheckpointAnswer, Lesson, Progress, Seat, StudyDay


def begin(enrolment: Enrolment, lesson: Lesson) -> Progress:
    """The trainee's progress in a lesson, from nothing the first time. Refused when the class does not plan the lesson."""
    if not OnlineLesson.objects.filter(training_class_id=enrolment.training_class_id, key=lesson.uid).exists():
        raise Refused("这节课不在您班里的线上课里。请从“我的学习”打开。", code="not_planned", status=404)
    row, _ = Progress.objects.get_or_create(enrolment=enrolment, lesson=lesson)
    return row


@transaction.atomic
def hear(progress: Progress, beat: Beat, *, by: Actor, now: datetime | None = None) -> Heard:
    """Take a beat in. The person's seat is held, so that beats of all pages of a person come one after the other.

    A lesson that is done is credited to training in the same transaction.
    """
    now, limits = now or timezone.now(), Limits.today()
    seat, row = _held(progress)
    _insist_running(row)
    gate = open_checkpoint(row)
    stop_ms = (gate.second if gate else row.lesson.seconds) * 1000
    person_id, day = row.enrolment.person_id, timezone.localdate(now)
    so_far = StudyDay.objects.filter(person_id=person_id, on=day).aggregate(ms=Sum("earned_ms"))["ms"] or 0
    heard = earn(seat, row, beat, stop_ms=stop_ms, left_ms=limits.day_ms - so_far, now=now, limits=limits)
    if gate and row.furthest_ms >= stop_ms:
        heard.checkpoint = gate
        heard.go_to_ms = stop_ms if beat.position_ms > stop_ms else heard.go_to_ms
    _record_day(row, heard.gained_ms, now)
    seat.save(update_fields=["tab", "progress", "beat_at", "touched_at", "doubled_at"])
    row.save(update_fields=["position_ms", "furthest_ms", "earned_ms", "studied_at"])
    heard.done = _finish(row, limits.share, by)
    return heard


def _held(progress: Progress) -> tuple[Seat, Progress]:
    """The person's seat and the progress as they stand now, locked in this order until the transaction ends."""
    person_id = progress.enrolment.person_id
    Seat.objects.get_or_create(person_id=person_id)
    seat = Seat.objects.select_for_update(of=("self",)).get(person_id=person_id)
    rows = Progress.objects.select_for_update(of=("self",)).select_related("lesson", "enrolment__training_class__provider")
    return seat, rows.get(pk=progress.pk)


def _insist_running(row: Progress) -> None:
    if row.enrolment.training_class.state != "running" or row.enrolment.state != "admitted":
        raise Refused("只有开班期间的在班学员计学习时间。现在可以看，不再计时。", code="not_running")


def _record_day(row: Progress, gained_ms: int, now: datetime) -> None:
    known = {"person_id": row.enrolment.person_id, "first_at": now, "last_at": now}
    day, _ = StudyDay.objects.get_or_create(progress=row, on=timezone.localdate(now), defaults=known)
    day.earned_ms, day.last_at = day.earned_ms + gained_ms, now
    day.save(update_fields=["earned_ms", "last_at"])


def open_checkpoint(row: Progress) -> Checkpoint | None:
    """The first question on the way that is not yet answered rightly."""
    passed = row.answers.filter(passed_at__isnull=False).values("checkpoint_id")
    return row.lesson.checkpoints.exclude(pk__in=passed).select_related("question").order_by("second").first()


def _finish(row: Progress, share: int, by: Actor) -> bool:
    """Whether the lesson is done; the first time it is, its minutes go to training."""
    if row.done_at:
        return True
    if not is_through(row, row.lesson.seconds, share) or open_checkpoint(row):
        return False
    row.done_at = timezone.now()
    row.save(update_fields=["done_at"])
    credit_online_minutes(row.enrolment, row.lesson.uid, row.lesson.minutes, by=by)
    record(
        "learning.finish_lesson", by=by, of=row.lesson, after={"class": row.enrolment.training_class.title, "minutes": row.lesson.minutes}
    )
    return True


@transaction.atomic
def answer_checkpoint(progress: Progress, checkpoint: Checkpoint, letters: Iterable[str], *, by: Actor) -> bool:
    """Answer the question that stands in the way; it stays there until the answer is right. Returns whether it is."""
    _, row = _held(progress)
    _insist_running(row)
    gate = open_checkpoint(row)
    if gate is None or gate.pk != checkpoint.pk or row.furthest_ms < gate.second * 1000:
        raise Refused("现在没有要答的这道题，请刷新页面接着学。", code="no_checkpoint")
    answer, _ = CheckpointAnswer.objects.get_or_create(progress=row, checkpoint=gate)
    answer.tries += 1
    right = is_right(gate.question, letters)
    if right:
        answer.passed_at = timezone.now()
    answer.save(update_fields=["tries", "passed_at"])
    if right:
        _finish(row, int(provisions.value("learning.watched_share")), by)
    return right
