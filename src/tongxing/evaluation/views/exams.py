"""The examination: staff, rooms and seats, admission tickets, who came."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.evaluation import seating, sitting, staffing
from tongxing.evaluation.forms.batches import DrawForm, DutyForm, RoomForm, SeatForm
from tongxing.evaluation.models import AssessmentBatch, Attendance, BatchState, Candidate, Duty, ExamRoom
from tongxing.evaluation.sitting import Mark
from tongxing.evaluation.tickets import print_tickets
from tongxing.registry.views.act_page import act_page, posted

from .fetching import batch_of, done, frame, managed


# --- staff -----------------------------------------------------------------------------------------------------------------
@requires("evaluation.view")
@require_GET
def duties(request: HttpRequest, uid: UUID) -> HttpResponse:
    batch = batch_of(request, uid)
    rows = Duty.objects.filter(batch=batch).select_related("assessor__person", "room")
    count = Candidate.objects.filter(batch=batch).count() or batch.applications.filter(state="accepted").count()
    context = {"duties": rows, "open": batch.state in staffing.STAFFED, "shortfalls": staffing.shortfalls(batch, count)}
    return render(request, "evaluation/duties.html", context | frame(request, batch, "duties"))


@requires("evaluation.edit")
def duty_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    batch = managed(request, uid)
    return act_page(
        request,
        DutyForm(posted(request), batch=batch),
        run=lambda v: staffing.assign_duty(batch, v["assessor"], by=user_of(request), kind=v["kind"], room=v["room"]),
        back=reverse("evaluation:duties", args=[uid]),
        title=f"安排考务人员：{batch.title}",
        hint="一人一天只能在一个考点；报名本批次的人不能担任考务工作。",
        done="已安排。",
        submit="安排",
    )


@requires("evaluation.edit")
@require_POST
def duty_remove(request: HttpRequest, pk: int) -> HttpResponse:
    seen = AssessmentBatch.objects.visible_to(request.user)
    row = get_object_or_404(Duty.objects.filter(batch__in=seen).select_related("batch", "assessor__person"), pk=pk)
    return done(request, lambda: staffing.remove_duty(row, by=user_of(request)), "已取消这项安排。", "duties", row.batch.uid)


# --- rooms, seats, tickets ---------------------------------------------------------------------------------------------------
@requires("evaluation.applications")
@require_GET
def seats(request: HttpRequest, uid: UUID) -> HttpResponse:
    batch = batch_of(request, uid)
    candidates = list(Candidate.objects.filter(batch=batch).select_related("person", "room").order_by("room_id", "seat", "ticket"))
    rooms = [(room, [one for one in candidates if one.room_id == room.pk]) for room in batch.rooms.all()]
    context = {
        "rooms": rooms,
        "candidates": candidates,
        "unseated": [one for one in candidates if one.seat is None],
        "places": sum(room.capacity for room, _ in rooms),
        "rooms_open": batch.state in {BatchState.ANNOUNCED, BatchState.CLOSED, BatchState.FIXED},
        "seats_open": batch.state == BatchState.FIXED,
        "draw_form": DrawForm(),
    }
    return render(request, "evaluation/seats.html", context | frame(request, batch, "seats"))


@requires("evaluation.edit")
def room_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    batch = managed(request, uid)
    return act_page(
        request,
        RoomForm(posted(request)),
        run=lambda v: seating.add_room(batch, by=user_of(request), **v),
        back=reverse("evaluation:seats", args=[uid]),
        title=f"增加考场：{batch.title}",
        done="已增加考场。",
        submit="增加考场",
    )


@requires("evaluation.edit")
@require_POST
def room_remove(request: HttpRequest, pk: int) -> HttpResponse:
    seen = AssessmentBatch.objects.visible_to(request.user)
    room = get_object_or_404(ExamRoom.objects.filter(batch__in=seen).select_related("batch"), pk=pk)
    return done(request, lambda: seating.remove_room(room, by=user_of(request)), "已撤销考场。", "seats", room.batch.uid)


@requires("evaluation.edit")
@require_POST
def seats_draw(request: HttpRequest, uid: UUID) -> HttpResponse:
    batch, seed = batch_of(request, uid), request.POST.get("seed", "")
    return done(request, lambda: seating.draw_seats(batch, by=user_of(request), seed=seed), "已抽签编座，种子已记录。", "seats", uid)


@requires("evaluation.edit")
def seat_give(request: HttpRequest, uid: UUID) -> HttpResponse:
    batch = managed(request, uid)
    return act_page(
        request,
        SeatForm(posted(request), batch=batch),
        run=lambda v: seating.give_seat(v["candidate"], by=user_of(request), room=v["room"], seat=v["seat"], reason=v["reason"]),
        back=reverse("evaluation:seats", args=[uid]),
        title=f"调整座位：{batch.title}",
        hint="座位上有人的，两人对换。",
        done="座位已调整。",
        submit="调整",
    )


@requires("evaluation.edit")
@require_POST
def tickets(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The admission tickets of all candidates as one PDF."""
    batch = batch_of(request, uid)
    try:
        made = print_tickets(batch, by=user_of(request))
    except Refused as refused:
        if refused.status == 403:
            raise
        messages.error(request, refused.message)
        return redirect("evaluation:seats", uid)
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="tickets-{batch.code}.pdf"'
    return answer


# --- who came --------------------------------------------------------------------------------------------------------------
@requires("evaluation.applications")
@require_GET
def attendance(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _attendance(request, batch_of(request, uid), "")


def _attendance(request: HttpRequest, batch: AssessmentBatch, error: str) -> HttpResponse:
    rows = Candidate.objects.filter(batch=batch).select_related("person", "room").order_by("room_id", "seat", "ticket")
    typed = request.POST
    lines = [(one, typed.get(f"a{one.pk}", one.attendance), typed.get(f"n{one.pk}", one.attendance_note)) for one in rows]
    context: dict[str, Any] = {
        "lines": lines,
        "choices": Attendance.choices,
        "error": error,
        "open": batch.state == BatchState.FIXED and timezone.localdate() >= batch.exam_on,
        "early": batch.state == BatchState.FIXED and timezone.localdate() < batch.exam_on,
    }
    return render(request, "evaluation/attendance.html", context | frame(request, batch, "attendance"), status=422 if error else 200)


@requires("evaluation.edit")
@require_POST
def attendance_save(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Save the marks; with `rest`, everybody who is not marked came."""
    batch = batch_of(request, uid)
    rest, marks = "rest" in request.POST, {}
    for pk in Candidate.objects.filter(batch=batch).values_list("pk", flat=True):
        mark = request.POST.get(f"a{pk}", "")
        if mark in Attendance.values:
            came = Attendance.PRESENT if rest and mark == Attendance.EXPECTED else mark
            marks[pk] = Mark(came, request.POST.get(f"n{pk}", ""))
    try:
        changed = sitting.mark_attendance(batch, marks, by=user_of(request))
    except Refused as refused:
        if refused.status == 403:
            raise
        return _attendance(request, batch, refused.message)
    messages.success(request, f"已登记到考，改动 {changed} 人。")
    return redirect("evaluation:attendance", uid)
