"""Sitting a mock examination: start, the paper, autosave, handing in, the result, drawing the paper again."""

import json
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.audit.log import SYSTEM
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.learning import sitting
from tongxing.learning.drawing import RULE, paper_of
from tongxing.learning.models import Attempt, AttemptItem, Question
from tongxing.learning.own import exams_of
from tongxing.learning.sitting import Given

from .found import own_attempt, own_person, seen_attempt

LAST = 2**62
"""The stamp of what is handed in: it comes after every answer that was kept before."""


@requires("learning.own")
@require_POST
def start(request: HttpRequest, uid: UUID) -> HttpResponse:
    person = own_person(request)
    exam = get_object_or_404(exams_of(person), uid=uid)
    return redirect("learning:attempt", sitting.start(exam, person, by=user_of(request)).uid)


@requires("learning.own")
@require_GET
def attempt(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The paper while the time runs, the result afterwards."""
    held = own_attempt(request, uid)
    if held.submitted_at is None and timezone.now() > held.due_at + sitting.grace():
        held = sitting.submit(held, by=SYSTEM)
    if held.submitted_at:
        return result_page(request, held)
    left = max(0, int((held.due_at - timezone.now()).total_seconds()))
    return render(request, "learning/paper.html", {"attempt": held, "exam": held.exam, "items": items_of(held), "left": left})


def items_of(held: Attempt) -> list[AttemptItem]:
    """The paper with its options; the material of a case stands before the first of its questions. Three queries."""
    items = list(held.items.select_related("question__case").prefetch_related("question__options"))
    before = None
    for item in items:
        case = item.question.case
        item.material = case.stem if case and case.pk != before else ""  # type: ignore[attr-defined]
        before = case.pk if case else None
    return items


def result_page(request: HttpRequest, held: Attempt) -> HttpResponse:
    """Every question with what was answered, what is right, and why."""
    items = items_of(held)
    for item in items:
        item.is_full = item.earned == item.points  # type: ignore[attr-defined]
    own = user_of(request).person_id == held.person_id
    context = {"attempt": held, "exam": held.exam, "items": items, "own": own, "by_kind": sitting.counts_by_kind(held), "rule": RULE}
    return render(request, "learning/result.html", context)


@requires("learning.own")
@require_POST
def save(request: HttpRequest, uid: UUID) -> JsonResponse:
    """Answers as the page sends them, at once or when the line is back; answered with what is kept."""
    held = own_attempt(request, uid)
    kept = sitting.save_answers(held, _read(request.body))
    return JsonResponse({"kept": kept, "left": max(0, int((held.due_at - timezone.now()).total_seconds()))})


def _read(body: bytes) -> dict[int, Given]:
    try:
        said = json.loads(body)["answers"]
        return {int(place): Given(str(letters)[:8], min(int(stamp), LAST - 1)) for place, (letters, stamp) in list(said.items())[:500]}
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise Refused("答卷页面发来的内容看不懂，没有保存。请刷新页面。", code="bad_answers", status=400) from None


@requires("learning.own")
@require_POST
def submit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Hand in with everything that the page shows; a second press shows the same result."""
    held = own_attempt(request, uid)
    prefix = "answer-"
    places = [key for key in request.POST if key.startswith(prefix) and key.removeprefix(prefix).isdecimal()]
    given = {int(key.removeprefix(prefix)): Given("".join(request.POST.getlist(key))[:8], LAST) for key in places}
    done = sitting.submit(held, given, by=user_of(request))
    if done.was_late:
        messages.warning(request, "交卷时已过时限：按到时以前保存的答案评分。")
    return redirect("learning:attempt", uid)


@requires("desk.use")
@require_GET
def check(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Draw the paper again from its seed and the bank's version, and hold it against what was sat."""
    held = seen_attempt(request, uid)
    if held.submitted_at is None:
        raise Refused("交卷以后才能核对抽题。", code="running")
    drawn, short = paper_of(held.exam, held.seed, held.bank_version)
    codes = {row.pk: row.code for row in Question.objects.filter(pk__in=[one.question_id for one in drawn])}
    sat = list(held.items.values_list("question_id", flat=True))
    same = not short and [one.question_id for one in drawn] == sat
    context = {"attempt": held, "exam": held.exam, "rule": RULE, "same": same, "codes": [codes[one.question_id] for one in drawn]}
    return render(request, "learning/check.html", {**context, "blueprint": held.exam.blueprint.all()})
