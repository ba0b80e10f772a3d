"""A person's own learning: what there is to do, a lesson, its heartbeats and the questions on the way."""

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.learning import studying
from tongxing.learning.earning import WORDS, Beat, Heard
from tongxing.learning.models import Attempt, Checkpoint, Lesson, Progress
from tongxing.learning.own import enrolments_of, exams_to_sit, lessons_of, may_give_feedback, open_exams_of, person_of, unfinished_lessons
from tongxing.learning.practising import open_wrong
from tongxing.policy import provisions

from .found import own_planned, own_progress

MOST_CLASSES = 10


@requires("learning.own")
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """Lessons by class, examinations, wrong answers, feedback that is still open."""
    person = person_of(user_of(request))
    if person is None:
        return render(request, "learning/own.html", {"known": False})
    classes = list(enrolments_of(person)[:MOST_CLASSES])
    attempts = list(Attempt.objects.filter(person=person).select_related("exam")[:20])
    running = {attempt.exam_id: attempt for attempt in attempts if attempt.submitted_at is None}
    context = {
        "known": True,
        "classes": [(row, lessons, may_give_feedback(row)) for row in classes if (lessons := lessons_of(row)) or may_give_feedback(row)],
        "exams": [(exam, running.get(exam.pk)) for exam in open_exams_of(person)],
        "attempts": [attempt for attempt in attempts if attempt.submitted_at],
        "wrong": open_wrong(person).count(),
        "unfinished": unfinished_lessons(person),
        "to_sit": exams_to_sit(person),
    }
    return render(request, "learning/own.html", context)


def blocks_of(text: str) -> list[tuple[str, str]]:
    """A text as headings, list items and paragraphs; the template escapes every one of them."""
    kinds = {"# ": "heading", "- ": "item"}
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [(kinds.get(line[:2], "paragraph"), line[2:] if line[:2] in kinds else line) for line in lines]


@requires("learning.own")
@require_GET
def study(request: HttpRequest, uid: UUID, lesson: UUID) -> HttpResponse:
    row, found = own_planned(request, uid, lesson)
    progress = studying.begin(row, found)
    counts = row.training_class.state == "running" and row.state == "admitted"
    context = {
        "row": row,
        "lesson": found,
        "progress": progress,
        "counts": counts,
        "every": int(provisions.value("learning.beat_seconds")),
        "idle_minutes": int(provisions.value("learning.idle_minutes")),
        "share": int(provisions.value("learning.watched_share")),
        "day_minutes": int(provisions.value("learning.minutes_a_day")),
        "start": 0 if progress.done_at else progress.furthest_ms // 1000,
        "checkpoints": found.checkpoints.count(),
        **content_of(found),
    }
    return render(request, "learning/study.html", context)


def content_of(lesson: Lesson) -> dict[str, object]:
    """What a page needs to show the lesson itself."""
    return {
        "blocks": blocks_of(lesson.text),
        "pages": [reverse("learning:page", args=[lesson.uid, number]) for number in lesson.pages.values_list("number", flat=True)],
        "film": reverse("learning:film", args=[lesson.uid]) if lesson.kind == "video" else "",
    }


@requires("learning.own")
@require_POST
def beat(request: HttpRequest, pk: int) -> JsonResponse:
    """A heartbeat of the page; answered with what it earned and what the page has to do."""
    said = _read(request.body)
    progress = own_progress(request, pk)
    heard = studying.hear(progress, said, by=user_of(request))
    return JsonResponse(_told(progress, heard))


def _read(body: bytes) -> Beat:
    try:
        said = json.loads(body)
        place = int(said["position"])
        return Beat(str(said["tab"]), min(place, 10**9), bool(said["visible"]), bool(said["touched"]), bool(said.get("leaving")))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise Refused("学习页面发来的内容看不懂。请刷新页面。", code="bad_beat", status=400) from None


def _told(progress: Progress, heard: Heard) -> dict[str, object]:
    row = Progress.objects.get(pk=progress.pk)
    told: dict[str, object] = {
        "earned": row.earned_ms // 1000,
        "furthest": row.furthest_ms // 1000,
        "why": heard.why,
        "words": WORDS.get(heard.why, ""),
        "go_to": None if heard.go_to_ms is None else heard.go_to_ms / 1000,
        "done": heard.done,
        "checkpoint": None,
    }
    if heard.checkpoint:
        question = heard.checkpoint.question
        told["checkpoint"] = {
            "url": reverse("learning:answer", args=[progress.pk, heard.checkpoint.pk]),
            "stem": question.stem,
            "many": question.kind == "multiple",
            "options": [[option.letter, option.text] for option in question.options.all()],
        }
    return told


@requires("learning.own")
@require_POST
def answer(request: HttpRequest, pk: int, checkpoint: int) -> JsonResponse:
    """The answer to a question on the way; only whether it is right is said."""
    progress = own_progress(request, pk)
    row = get_object_or_404(Checkpoint.objects.select_related("question"), pk=checkpoint, lesson_id=progress.lesson_id)
    letters = request.POST.getlist("answer")
    right = studying.answer_checkpoint(progress, row, letters, by=user_of(request))
    progress.refresh_from_db()
    words = "答对了，接着学。" if right else "不对，请想一想再答；想不起来，可以往回看。"
    return JsonResponse({"right": right, "words": words, "done": progress.done_at is not None})
