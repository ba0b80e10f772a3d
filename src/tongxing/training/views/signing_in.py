"""The code on the wall, and what the telephone that scans it shows."""

import secrets
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from tongxing.accounts.models import User
from tongxing.accounts.requests import user_of
from tongxing.core.access import insist, public, requires
from tongxing.core.errors import Refused
from tongxing.core.limits import allow, client_of
from tongxing.papers import qr
from tongxing.training import signing_in
from tongxing.training.forms.attendance import SignInForm
from tongxing.training.models import Attendance, Enrolment, Session
from tongxing.training.models.enrolments import PLACE_HELD
from tongxing.training.rules import can_run

from .found import found_session

DEVICE = "tx_device"
YEAR_SECONDS = 365 * 24 * 3600
MOST_OPENED, MOST_TRIED, WINDOW = 600, 120, 600
"""A class of a hundred behind one router opens the page together; guessing names is stopped long before it pays."""
MOST_WRONG = 5


@requires("training.run")
@require_GET
def code(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The code, as large as the screen; the picture is fetched anew before its time is over."""
    session = found_session(request, uid)
    insist(can_run(user_of(request), session.training_class))
    path = reverse("training:sign-in", args=[session.uid, signing_in.token_of(session)])
    base = settings.PUBLIC_URL or request.build_absolute_uri("/")
    context = {
        "session": session,
        "held": session.training_class,
        "qr": qr.data_address(base.rstrip("/") + path),
        "signed": Attendance.objects.filter(session=session).exclude(state="absent").count(),
        "total": session.training_class.enrolments.holding_places().count(),
        "every": max(2, signing_in.step_seconds() // 2),
        "now": timezone.localtime(),
    }
    partial = request.headers.get("HX-Request") == "true"
    return render(request, "training/code_picture.html" if partial else "training/code.html", context)


@public
def sign_in(request: HttpRequest, uid: UUID, token: str) -> HttpResponse:
    """What the scanned code opens. GET exchanges the code for a pass; POST with the pass signs in."""
    client = client_of(request)
    session = get_object_or_404(
        Session.objects.select_related("training_class__provider__organisation", "training_class__course", "topic", "room"), uid=uid
    )
    own = _own(request, session)
    form = SignInForm(request.POST if request.method == "POST" and own is None else None)
    context = {"session": session, "held": session.training_class, "form": form, "own": own}
    if request.method != "POST":
        allow("training.open", client, most=MOST_OPENED, seconds=WINDOW)
        if not signing_in.holds(uid, token):
            return render(request, "training/sign_in_old.html", {**context, "text": signing_in.OLD}, status=410)
        return _with_device(request, render(request, "training/sign_in.html", {**context, "pass": signing_in.pass_for(session)}))
    allow("training.sign_in", client, most=MOST_TRIED, seconds=WINDOW)
    if not signing_in.pass_holds(uid, request.POST.get("pass", "")):
        return render(request, "training/sign_in_old.html", {**context, "text": signing_in.OLD}, status=410)
    return _signed(request, session, own, form, context)


def _signed(request: HttpRequest, session: Session, own: Enrolment | None, form: SignInForm, context: dict[str, object]) -> HttpResponse:
    context["pass"] = request.POST.get("pass", "")
    if own is None and not form.is_valid():
        return render(request, "training/sign_in.html", context, status=422)
    try:
        row = own or _named(session, form)
        done = signing_in.sign_in(session, row, device=request.COOKIES.get(DEVICE, ""))
    except Refused as refused:
        context["refused"] = refused.message
        return render(request, "training/sign_in.html", context, status=refused.status)
    held = Attendance.objects.get(session=session, enrolment=row)
    context |= {"row": row, "mark": held, "conflict": done.conflicts.get(row.pk, ""), "again": bool(done.same)}
    return render(request, "training/signed_in.html", context)


def _named(session: Session, form: SignInForm) -> Enrolment:
    """By name and last four; after some wrong tries for one name the door stays shut for a while."""
    name = form.cleaned_data["name"].strip()
    try:
        return signing_in.found_trainee(session, **form.cleaned_data)
    except Refused:
        allow("training.wrong", f"{session.pk}:{name}"[:100], most=MOST_WRONG, seconds=WINDOW)
        raise


def _own(request: HttpRequest, session: Session) -> Enrolment | None:
    """The enrolment of who is signed in with the own account."""
    user = request.user
    if not isinstance(user, User) or not user.person_id:
        return None
    rows = session.training_class.enrolments.filter(state__in=PLACE_HELD, person_id=user.person_id)
    return rows.select_related("person").first()


def _with_device(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A mark of the telephone, so that one that signs in many people is noticed; it says nothing of whose it is."""
    if not request.COOKIES.get(DEVICE):
        response.set_cookie(
            DEVICE, secrets.token_hex(16), max_age=YEAR_SECONDS, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
        )
    return response
