"""Scores, completion, certificates, the archive, the calendar; a person's hours."""

from decimal import Decimal, InvalidOperation
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.core.values import half_width
from tongxing.papers.render import to_pdf
from tongxing.registry.models import Person
from tongxing.training import completing
from tongxing.training.calendar_file import calendar_of
from tongxing.training.certifying import archive_zip, certificates_zip, certify
from tongxing.training.hours import hours_of_people
from tongxing.training.models import Enrolment, TrainingClass
from tongxing.training.own import own_enrolments
from tongxing.training.papers import transcript_of
from tongxing.training.rules import can_manage_at, can_run

from .found import found_class
from .lists import ENROLMENT_TONES

SHOWN = ("invited", "applied", "waiting", "admitted", "completed", "incomplete")


def _must_see_all(request: HttpRequest, held: TrainingClass) -> None:
    """Results of everybody are for the class's area and its provider."""
    user = user_of(request)
    if not (user.may_at("training.view", held.area_id) or can_run(user, held)):
        raise PermissionDenied("全班的成绩和档案只对主管区划和承办机构开放。")


@requires("training.view")
@require_GET
def completion(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Everybody's hours and score, and what the rule says to it."""
    held, user = found_class(request, uid), user_of(request)
    _must_see_all(request, held)
    rows = completing.decisions_of(held)
    for row, _, _ in rows:
        row.tone = ENROLMENT_TONES[row.state]  # type: ignore[attr-defined]
    context = {
        "held": held,
        "rows": rows,
        "rule": completing.rule_on(held.ends_on),
        "may_write": user.may("training.run") and bool(can_run(user, held)) and held.state == "running",
        "may_certify": user.may("training.manage") and bool(can_manage_at(user, held.area_id)) and held.state == "finished",
        "certified": any(row.paper_id for row, _, _ in rows),
        "uncertified": sum(row.state == "completed" and row.paper_id is None for row, _, _ in rows),
    }
    return render(request, "training/completion.html", context)


@requires("training.run")
@require_POST
def scores(request: HttpRequest, uid: UUID) -> HttpResponse:
    held = found_class(request, uid)
    ids = {f"score-{row}": pk for row, pk in held.enrolments.values_list("uid", "pk")}
    given = {ids[key]: _score(value) for key, value in request.POST.items() if key in ids}
    changed = completing.record_scores(held, given, by=user_of(request))
    messages.success(request, f"已登记 {changed} 人的成绩。")
    return redirect("training:completion", uid)


def _score(raw: object) -> Decimal | None:
    text = half_width(str(raw)).strip().removesuffix("分")
    try:
        score = Decimal(text).quantize(Decimal("0.1")) if text else None
    except InvalidOperation:
        raise Refused(f"成绩“{text[:10]}”不是数字，没有保存。请返回核对。", code="bad_score", status=422) from None
    return score


@requires("training.run")
@require_POST
def complete(request: HttpRequest, uid: UUID) -> HttpResponse:
    held = found_class(request, uid)
    done = completing.complete_class(held, by=user_of(request))
    messages.success(request, f"已认定：结业 {done.completed} 人，未结业 {done.incomplete} 人。接下来办理结业。")
    return redirect("training:completion", uid)


@requires("training.manage")
@require_POST
def certificates_issue(request: HttpRequest, uid: UUID) -> HttpResponse:
    held = found_class(request, uid)
    number = certify(held, by=user_of(request))
    messages.success(request, f"已颁发 {number} 份培训合格证书，可以整批下载。")
    return redirect("training:completion", uid)


@requires("training.view")
@require_GET
def certificates(request: HttpRequest, uid: UUID) -> HttpResponse:
    held = found_class(request, uid)
    _must_see_all(request, held)
    content = certificates_zip(held, by=user_of(request), served=request.build_absolute_uri("/"))
    return _download(content, "application/zip", f"{held.title}-培训合格证书.zip")


@requires("training.view")
@require_GET
def archive(request: HttpRequest, uid: UUID) -> HttpResponse:
    held = found_class(request, uid)
    _must_see_all(request, held)
    content = archive_zip(held, by=user_of(request), served=request.build_absolute_uri("/"))
    return _download(content, "application/zip", f"{held.title}-档案.zip")


@requires("training.view")
@require_GET
def calendar(request: HttpRequest, uid: UUID) -> HttpResponse:
    held = found_class(request, uid)
    return _calendar(request, held)


@requires("training.own")
@require_GET
def own_calendar(request: HttpRequest, uid: UUID) -> HttpResponse:
    rows = TrainingClass.objects.filter(pk__in=own_enrolments(user_of(request)).values("training_class"))
    return _calendar(request, get_object_or_404(rows.select_related("course", "provider__organisation"), uid=uid))


def _calendar(request: HttpRequest, held: TrainingClass) -> HttpResponse:
    text = calendar_of(held, request.get_host().partition(":")[0])
    return _download(text.encode(), "text/calendar; charset=utf-8", f"{held.title}.ics")


def _download(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


# --- a person's hours
def _enrolments(request: HttpRequest, person: Person) -> list[Enrolment]:
    rows = Enrolment.objects.visible_to(user_of(request)).filter(person=person, state__in=SHOWN)
    return list(
        rows.select_related("training_class__provider__organisation", "training_class__course").order_by("-training_class__starts_on")
    )


@requires("desk.use")
@require_GET
def of_person(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The panel of a person's page: classes and hours."""
    person = get_object_or_404(Person.objects.visible_to(user_of(request)), uid=uid)
    rows = _enrolments(request, person)
    hours = hours_of_people(rows)
    for row in rows:
        row.tone = ENROLMENT_TONES[row.state]  # type: ignore[attr-defined]
    own = user_of(request).person_id == person.pk
    return render(request, "training/of_person.html", {"person": person, "rows": [(row, hours[row.pk]) for row in rows], "own": own})


@requires("desk.use")
@require_GET
def transcript(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The hours as PDF: for whoever may see the person's enrolments, among them the person."""
    person = get_object_or_404(Person.objects.visible_to(user_of(request)), uid=uid)
    rows = [row for row in _enrolments(request, person) if row.state in {"admitted", "completed", "incomplete"}]
    if not rows:
        raise Refused("还没有参加过培训，没有学时可以证明。", code="no_hours")
    response = HttpResponse(to_pdf(transcript_of(person, rows)), content_type="application/pdf")
    response["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(f'{person.name}-培训学时.pdf')}"
    return response
