"""Taking attendance: the tap list (also without a line), the printed sheet, the table, corrections."""

import json
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.models import User
from tongxing.accounts.requests import user_of
from tongxing.core.access import insist, requires
from tongxing.core.errors import Refused
from tongxing.core.offline import own_copy
from tongxing.papers.book import XLSX
from tongxing.papers.render import to_pdf
from tongxing.registry.views.act_page import act_page, posted
from tongxing.training.attendance import Mark, correct_attendance, take_attendance
from tongxing.training.attendance_workbook import workbook_of
from tongxing.training.forms.attendance import CorrectionForm, TypedForm
from tongxing.training.models import AttendanceState, Enrolment, Session, Source
from tongxing.training.rules import can_run
from tongxing.training.sheets.attendance import AttendanceSheet
from tongxing.training.sign_in_sheet import read_typed, roster, sheet_of

from .found import found_class, found_session

LATER = timedelta(minutes=1)
MOST_TAPS = 500


def _back(session: Session) -> str:
    return reverse("training:attendance", args=[session.uid])


@requires("training.view")
@require_GET
def attendance(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The list of a session; whoever runs the class taps, others read."""
    session = found_session(request, uid)
    people = [row for row in roster(session) if _may_see(request, row)]
    known = {row.enrolment_id: row for row in session.attendance.prefetch_related("changes")}
    may_run = user_of(request).may("training.run") and bool(can_run(user_of(request), session.training_class))
    taking = may_run and session.training_class.state == "running" and session.on <= timezone.localdate()
    context = {
        "session": session,
        "held": session.training_class,
        "rows": [(row, known.get(row.pk)) for row in people],
        "states": AttendanceState.choices,
        "may_run": may_run,
        "taking": taking,
        "is_today": session.on == timezone.localdate(),
        "marked": sum(row.pk in known for row in people),
    }
    response = render(request, "training/attendance.html", context)
    return own_copy(request, response) if taking and context["is_today"] else response


def _may_see(request: HttpRequest, row: Enrolment) -> bool:
    """The names of a class's people are for its area and provider, and of the own area for everybody else."""
    user = user_of(request)
    held = row.training_class
    return bool(
        user.may_at("training.view", held.area_id)
        or user.may_at("training.view", row.person.area_id)
        or held.provider.organisation_id in user.scope("training.run").organisations
    )


def _marks(session: Session, chosen: dict[str, str], at: datetime) -> dict[int, Mark]:
    """Marks by enrolment uid, as ids; uids of other classes are left to the act, which refuses them."""
    ids = {str(row.uid): row.pk for row in session.training_class.enrolments.all()}
    if chosen.keys() - ids.keys():
        raise Refused("其中有不是本班学员的人，没有保存。请刷新页面，按现在的名册点名。", code="not_in_class", status=422)
    return {ids[uid]: Mark(state, at) for uid, state in chosen.items()}


@requires("training.run")
@require_POST
def attendance_take(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The whole list at once, for browsers without a script."""
    session = found_session(request, uid)
    chosen = {key.removeprefix("mark-"): str(value) for key, value in request.POST.items() if key.startswith("mark-") and value}
    if request.POST.get("rest") == "absent":
        missing = session.training_class.enrolments.holding_places().exclude(attendance__session=session)
        chosen = {str(row): AttendanceState.ABSENT for row in missing.values_list("uid", flat=True)} | chosen
    if not chosen:
        messages.warning(request, "没有点任何人，什么都没有保存。")
        return redirect(_back(session))
    done = take_attendance(session, _marks(session, chosen, timezone.now()), by=user_of(request), source=Source.TAP)
    messages.success(request, f"已保存：新记 {done.new} 人，更改 {done.changed} 人。")
    for text in done.conflicts.values():
        messages.warning(request, text)
    return redirect(_back(session))


@requires("training.run")
@require_POST
def attendance_sync(request: HttpRequest, uid: UUID) -> JsonResponse:
    """Taps as the browser sends them, at once or when the line is back; each is answered with how it stands now."""
    session = found_session(request, uid)
    insist(can_run(user_of(request), session.training_class))
    taps = _read_taps(request.body)
    ids = {str(row.uid): row.pk for row in session.training_class.enrolments.all()}
    now, results = timezone.now(), []
    for tap in taps:
        source = Source.OFFLINE if now - tap.at > LATER else Source.TAP
        results.append(_synced(session, ids.get(tap.enrolment), tap, source, user_of(request)))
    return JsonResponse({"results": results})


class Tap(NamedTuple):
    """One tap as the browser tells it: enrolment uid, state, and when the finger came down."""

    enrolment: str
    state: str
    at: datetime


def _read_taps(body: bytes) -> list[Tap]:
    now = timezone.now()
    try:
        # A telephone's clock that runs ahead must not win over every later mark.
        taps = [Tap(str(tap["enrolment"]), str(tap["state"]), min(_moment(tap["at"]), now)) for tap in json.loads(body)["taps"]]
    except (ValueError, KeyError, TypeError):
        raise Refused("点名数据看不懂，没有保存。请刷新页面重试。", code="bad_taps", status=400) from None
    if len(taps) > MOST_TAPS:
        raise Refused(f"一次最多送 {MOST_TAPS} 人的点名，没有保存。请刷新页面重试。", code="bad_taps", status=400)
    return sorted(taps, key=lambda tap: tap.at)


def _moment(raw: str) -> datetime:
    """A moment with its zone; ValueError for anything else."""
    moment = parse_datetime(raw)
    if moment is None or timezone.is_naive(moment):
        raise ValueError(raw)
    return moment


def _synced(session: Session, enrolment: int | None, tap: Tap, source: str, by: User) -> dict[str, Any]:
    answer = {"enrolment": tap.enrolment, "saved": False, "state": "", "message": ""}
    if enrolment is None:
        return answer | {"message": "不在本班名册上，没有保存。"}
    if timezone.localdate(tap.at) != session.on:
        return answer | {"message": "不是上课当天点的名，没有保存。请用“更正”并写明原因。"}
    try:
        done = take_attendance(session, {enrolment: Mark(tap.state, tap.at)}, by=by, source=source)
    except Refused as refused:
        return answer | {"message": refused.message}
    state = session.attendance.filter(enrolment_id=enrolment).values_list("state", flat=True).first() or ""
    return answer | {"saved": enrolment in done.saved, "state": state, "message": done.conflicts.get(enrolment, "")}


@requires("training.run")
def attendance_correct(request: HttpRequest, uid: UUID, person: UUID) -> HttpResponse:
    session = found_session(request, uid)
    row = get_object_or_404(session.training_class.enrolments.select_related("person"), uid=person)
    known = session.attendance.filter(enrolment=row).first()
    return act_page(
        request,
        CorrectionForm(posted(request), initial={"state": known.state if known else ""}),
        run=lambda v: correct_attendance(session, row, v["state"], by=user_of(request), reason=v["reason"]),
        back=_back(session),
        watched=lambda: [known] if known else [],
        title=f"更正考勤：{row.person.name}",
        done="已更正，原记录和原因都留着。",
        submit="更正",
        hint=f"{session}，现为“{known.get_state_display() if known else '没有记录'}”。",
    )


@requires("training.run")
@require_GET
def sheet_print(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The sign-in sheet to print."""
    session = found_session(request, uid)
    insist(can_run(user_of(request), session.training_class))
    response = HttpResponse(to_pdf(sheet_of(session)), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="sign-in-{session.on}.pdf"'
    return response


@requires("training.run")
def sheet_type(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Typing a signed sheet back, by its codes."""
    session = found_session(request, uid)

    def run(values: dict[str, Any]) -> None:
        typed = read_typed(session, values["codes"])
        if typed.problems:
            raise Refused("没有保存，请改正后再提交：" + "".join(typed.problems[:10]), code="bad_codes", status=422)
        marks = {pk: Mark(state, timezone.now()) for pk, state in typed.states.items()}
        if values["rest_absent"]:
            marked = set(session.attendance.values_list("enrolment_id", flat=True))
            rest = {row.pk for row in roster(session)} - marks.keys() - marked
            marks |= {pk: Mark(AttendanceState.ABSENT, timezone.now()) for pk in rest}
        done = take_attendance(session, marks, by=user_of(request), source=Source.PAPER)
        for text in done.conflicts.values():
            messages.warning(request, text)

    return act_page(
        request,
        TypedForm(posted(request)),
        run=run,
        back=_back(session),
        title=f"签到表补录：{session}",
        done="已补录。",
        submit="补录",
    )


@requires("training.run")
@require_GET
def attendance_upload(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The door to the sheet of attendance: the class's own table to fill in, and the file straight on to the check."""
    held = found_class(request, uid)
    insist(can_run(user_of(request), held))
    return render(request, "training/attendance_upload.html", {"held": held, "sheet": AttendanceSheet})


@requires("training.run")
@require_GET
def attendance_table(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The class's table to fill in."""
    held = found_class(request, uid)
    insist(can_run(user_of(request), held))
    response = HttpResponse(workbook_of(held), content_type=XLSX)
    response["Content-Disposition"] = (
        f"attachment; filename=\"attendance-{held.code}.xlsx\"; filename*=UTF-8''{quote(f'{held.title}考勤表')}.xlsx"
    )
    return response
