"""The online side of a class: lessons in its plan, how its trainees stand, examinations, feedback."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.learning.authoring import plan_for_class
from tongxing.learning.feedback import summary_of
from tongxing.learning.forms.lessons import PlanForm
from tongxing.learning.models import CheckpointAnswer, Exam, StudyDay
from tongxing.learning.rules import can_run, insist
from tongxing.learning.standing import lines_of, planned_with_lessons
from tongxing.registry.views.act_page import act_page, posted
from tongxing.training.hours import hours_of, online_hours
from tongxing.training.models import Enrolment, OnlineLesson
from tongxing.training.models.classes import PLANNABLE
from tongxing.training.models.enrolments import PLACE_HELD
from tongxing.training.online import drop_online

from .found import seen_class


@requires("learning.view")
@require_GET
def training_class(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Plan and trainees; of the trainees those whom the user may see."""
    held, user = seen_class(request, uid), user_of(request)
    people = Enrolment.objects.visible_to(user).filter(training_class=held, state__in=PLACE_HELD)
    planned = planned_with_lessons(held)
    lines = lines_of(held, people) if planned else []
    hours = hours_of(held, [line.enrolment.pk for line in lines]) if planned else {}
    may_run = bool(can_run(user, held))
    context = {
        "held": held,
        "planned": planned,
        "lines": [(line, hours[line.enrolment.pk]) for line in lines],
        "planned_hours": online_hours(held),
        "exams": Exam.objects.visible_to(user).filter(training_class=held),
        "may_plan": may_run and user.may("learning.teach") and held.state in PLANNABLE and held.mode != "offline",
        "may_see_feedback": held.state in {"finished", "archived"} and (may_run or user.may_at("learning.view", held.area_id)),
    }
    return render(request, "learning/class.html", context)


@requires("learning.view")
@require_GET
def of_class(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The card on the class's own page (settings.CLASS_PANELS)."""
    held = seen_class(request, uid)
    planned = held.online_lessons.count()
    return render(request, "learning/of_class.html", {"held": held, "planned": planned, "hours": online_hours(held)})


@requires("desk.use")
@require_GET
def record(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What one trainee studied on which day, and the questions on the way: for whoever may see the enrolment, among them the trainee."""
    rows = Enrolment.objects.visible_to(user_of(request)).select_related("person", "training_class")
    row = get_object_or_404(rows, uid=uid)
    days = StudyDay.objects.filter(progress__enrolment=row).select_related("progress__lesson").order_by("on", "pk")
    answers = CheckpointAnswer.objects.filter(progress__enrolment=row).select_related("progress__lesson", "checkpoint")
    context = {
        "row": row,
        "held": row.training_class,
        "days": days,
        "answers": answers,
        "hours": hours_of(row.training_class, [row.pk])[row.pk],
    }
    return render(request, "learning/record.html", context)


@requires("learning.teach")
def plan(request: HttpRequest, uid: UUID) -> HttpResponse:
    held, user = seen_class(request, uid), user_of(request)
    insist(can_run(user, held))
    return act_page(
        request,
        PlanForm(posted(request), user=user, training_class=held),
        run=lambda v: plan_for_class(v["lesson"], held, by=user),
        back=reverse("learning:class", args=[uid]),
        title=f"列入线上课：{held.title}",
        hint="列入以后，这节课的分钟计入本班应修学时。",
        done="已列入。",
        submit="列入",
        clause="notice:3.1.1",
    )


@requires("learning.teach")
@require_POST
def plan_drop(request: HttpRequest, uid: UUID, pk: int) -> HttpResponse:
    held = seen_class(request, uid)
    row = get_object_or_404(OnlineLesson.objects.filter(training_class=held), pk=pk)
    drop_online(row, by=user_of(request))
    messages.success(request, f"已从本班去掉“{row.title}”。")
    return redirect("learning:class", uid)


@requires("learning.view")
@require_GET
def feedback(request: HttpRequest, uid: UUID) -> HttpResponse:
    held, user = seen_class(request, uid), user_of(request)
    if not user.may_at("learning.view", held.area_id):
        insist(can_run(user, held))
    return render(request, "learning/feedback.html", {"held": held, "summary": summary_of(held)})
