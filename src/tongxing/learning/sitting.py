"""Acts of sitting a mock examination: start, keep answers, hand in once. The clock is the server's; what came in time is marked."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import SYSTEM, Actor, record
from tongxing.core.errors import Refused
from tongxing.policy import provisions
from tongxing.registry.models import Person

from .banking import bank_version
from .drawing import paper_of
from .examining import locked, shortage
from .marking import earned, letters_of, partial_percent
from .models import Attempt, AttemptItem, Exam, Kind, Question, WrongAnswer
from .own import exams_of


class Given(NamedTuple):
    """An answer as the page sends it; `stamp` grows with every change, so that what was sent again undoes nothing."""

    letters: str
    stamp: int


@transaction.atomic
def start(exam: Exam, person: Person, *, by: Actor) -> Attempt:
    """Draw the paper and start the clock; an attempt that is running is gone on with. Starts of one examination come one after another."""
    held = locked(exam)
    running = Attempt.objects.filter(exam=held, person=person, submitted_at=None).first()
    if running:
        return running
    if not exams_of(person).filter(pk=held.pk).exists() or not held.is_open_on(timezone.localdate()):
        raise Refused("这场考试没有对您开放，或已经结束。", code="not_open")
    taken = Attempt.objects.filter(exam=held, person=person).count()
    if held.attempts and taken >= held.attempts:
        raise Refused(f"这场考试每人最多考 {held.attempts} 次，您已经考满。", code="no_attempts")
    version, seed = bank_version(), f"{held.seed}/{Attempt.objects.filter(exam=held).count() + 1}"
    paper, short = paper_of(held, seed, version)
    if short:
        raise Refused(f"题库最近有变动，题不够组卷：{shortage(held, short)}。请告诉培训管理岗。", code="too_few_questions")
    now = timezone.now()
    attempt = Attempt.objects.create(
        exam=held,
        person=person,
        number=taken + 1,
        seed=seed,
        bank_version=version,
        started_at=now,
        due_at=now + timedelta(minutes=held.minutes),
        total=sum(one.points for one in paper),
    )
    AttemptItem.objects.bulk_create(
        AttemptItem(attempt=attempt, position=place, question_id=one.question_id, points=one.points) for place, one in enumerate(paper, 1)
    )
    record("learning.start_exam", by=by, of=held, after={"number": attempt.number, "seed": seed, "bank_version": version})
    return attempt


def grace() -> timedelta:
    return timedelta(seconds=int(provisions.value("learning.grace_seconds")))


@transaction.atomic
def save_answers(attempt: Attempt, given: Mapping[int, Given], *, now: datetime | None = None) -> dict[int, str]:
    """Keep answers (position → answer); returns how every answer stands now. Refused when it was handed in or the time is over."""
    held = _locked(attempt)
    if held.submitted_at or (now or timezone.now()) > held.due_at + grace():
        raise Refused("已经交卷或时间已到，答案不能再改。", code="over")
    return _kept(held, given)


def _locked(attempt: Attempt) -> Attempt:
    return Attempt.objects.select_for_update(of=("self",)).select_related("exam", "person").get(pk=attempt.pk)


def _kept(held: Attempt, given: Mapping[int, Given]) -> dict[int, str]:
    items = {item.position: item for item in held.items.all()}
    changed = []
    for position, answer in given.items():
        item = items.get(position)
        if item and answer.stamp > item.stamp:
            item.answer, item.stamp = letters_of(answer.letters), answer.stamp
            changed.append(item)
    AttemptItem.objects.bulk_update(changed, ["answer", "stamp"])
    return {position: item.answer for position, item in items.items()}


@transaction.atomic
def submit(attempt: Attempt, given: Mapping[int, Given] | None = None, *, by: Actor, now: datetime | None = None) -> Attempt:
    """Hand in, once: a second time gives back what was marked. Answers that come after the time are left out; what was kept in time counts."""
    held, now = _locked(attempt), now or timezone.now()
    if held.submitted_at:
        return held
    late = now > held.due_at + grace()
    if given and not late:
        _kept(held, given)
    _mark(held)
    held.was_late, held.submitted_at = late, min(now, held.due_at + grace())
    held.save(update_fields=["submitted_at", "was_late", "points", "passed"])
    after = {"number": held.number, "points": str(held.points), "passed": held.passed, "late": late}
    record("learning.submit_exam", by=by, of=held.exam, after=after)
    return held


def _mark(held: Attempt) -> None:
    partial = partial_percent(timezone.localdate(held.started_at))
    items = list(held.items.select_related("question").prefetch_related("question__options"))
    for item in items:
        item.earned = earned(item.question.kind, item.question.right, item.answer, item.points, partial)
    AttemptItem.objects.bulk_update(items, ["earned"])
    held.points = sum((item.earned or Decimal(0) for item in items), Decimal(0))
    held.passed = held.points * 100 >= held.total * held.exam.pass_percent
    note_wrong(held.person, [item.question for item in items if (item.earned or 0) < item.points])


def note_wrong(person: Person, questions: list[Question]) -> None:
    """Put what was not answered rightly into the person's book of wrong answers, or back into it."""
    known = {row.question_id: row for row in WrongAnswer.objects.filter(person=person, question__in=questions)}
    now = timezone.now()
    for row in known.values():
        row.wrong, row.right_in_a_row, row.mastered_at, row.last_at = row.wrong + 1, 0, None, now
    WrongAnswer.objects.bulk_update(known.values(), ["wrong", "right_in_a_row", "mastered_at", "last_at"])
    fresh = [WrongAnswer(person=person, question=question, last_at=now) for question in questions if question.pk not in known]
    # Two papers handed in at one moment may hold the same question.
    WrongAnswer.objects.bulk_create(fresh, ignore_conflicts=True)


def close_overdue() -> int:
    """The periodic job (settings.PERIODIC): hand in what nobody handed in and the time is over for; returns how many."""
    late = Attempt.objects.filter(submitted_at=None, due_at__lt=timezone.now() - grace()).order_by("pk")[:500]
    return len([submit(attempt, by=SYSTEM) for attempt in late])


def counts_by_kind(attempt: Attempt) -> dict[str, tuple[int, int]]:
    """Kind → (right, all) of a marked paper."""
    right: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for item in attempt.items.select_related("question"):
        label = Kind(item.question.kind).label
        every[label] += 1
        right[label] += item.earned == item.points
    return {kind: (right[kind], number) for kind, number in every.items()}
