"""A person's own training: classes that are open, applying, the own record."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.registry.models import Person
from tongxing.training import enrolment as acts
from tongxing.training.completing import judge, rule_on
from tongxing.training.hours import hours_of
from tongxing.training.models import Enrolment, Funding, TrainingClass
from tongxing.training.models.enrolments import ENROLMENT_MOVES, OPEN, PLACE_HELD
from tongxing.training.own import classes_open_to, own_enrolments

from .lists import ENROLMENT_TONES


def _found(request: HttpRequest, uid: UUID) -> TrainingClass:
    return get_object_or_404(classes_open_to(user_of(request), timezone.localdate()), uid=uid)


@requires("training.own")
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    mine = list(own_enrolments(user))
    for row in mine:
        row.tone = ENROLMENT_TONES[row.state]  # type: ignore[attr-defined]
    held = {row.training_class_id for row in mine}
    coming = [row for row in classes_open_to(user, timezone.localdate()) if row.pk not in held and row.takes_applications]
    return render(request, "training/own.html", {"mine": mine, "coming": coming, "known": bool(user.person_id)})


@requires("training.own")
@require_GET
def own_class(request: HttpRequest, uid: UUID) -> HttpResponse:
    held = _found(request, uid)
    row = Enrolment.objects.filter(training_class=held, person_id=user_of(request).person_id or 0).first()
    hours = hours_of(held, [row.pk])[row.pk] if row and row.state in PLACE_HELD else None
    rule = rule_on(min(held.ends_on, timezone.localdate()))
    context = {
        "held": held,
        "row": row,
        "hours": hours,
        "rule": rule,
        "decision": judge(hours, row.test_score, rule) if row and hours else None,
        "marks": row.attendance.select_related("session").order_by("session__on", "session__begins") if row else (),
        "tone": ENROLMENT_TONES[row.state] if row else "",
        "sessions": held.sessions.select_related("topic", "trainer", "room"),
        "online": [(label, reverse(name)) for label, name in settings.OWN_CLASS_LINKS] if row and held.online_lessons.exists() else [],
        "may_apply": held.takes_applications and (row is None or row.state in ENROLMENT_MOVES["apply"].sources) and held.is_announced,
        "may_withdraw": row is not None and row.state in OPEN and held.takes_applications,
        "fundings": Funding.choices,
    }
    return render(request, "training/own_class.html", context)


@requires("training.own")
@require_POST
def own_apply(request: HttpRequest, uid: UUID) -> HttpResponse:
    held, user = _found(request, uid), user_of(request)
    person = Person.objects.filter(pk=user.person_id or 0).first()
    if person is None:
        raise Refused("您的账号还没有对应到人员档案，不能报名。请联系所在区划的人社经办。", code="no_person")
    row = acts.apply(held, person, by=user, funding=request.POST.get("funding", Funding.SUBSIDISED))
    said = {"admitted": "已录取。", "waiting": "名额已满，已进入候补，有空缺时自动录取并通知您。"}
    messages.success(request, said.get(row.state, "已报名，录取后会通知您。"))
    return redirect("training:own-class", uid)


@requires("training.own")
@require_POST
def own_withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    held = _found(request, uid)
    row = get_object_or_404(Enrolment, training_class=held, person_id=user_of(request).person_id or 0)
    acts.withdraw(row, by=user_of(request), reason=request.POST.get("reason", "本人退出"))
    messages.success(request, "已退出。")
    return redirect("training:own-class", uid)
