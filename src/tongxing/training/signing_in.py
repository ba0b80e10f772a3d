"""Signing in by a rotating QR code: the code on the wall changes every few seconds, so that a photograph of it is soon worth nothing.

A code holds for its own time step and its neighbours, so that clocks that differ a little do no harm. It is exchanged for a pass of some
minutes, in which the trainee says who it is.
"""

import hmac
import time
from datetime import datetime, timedelta
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tongxing.audit.log import SystemActor
from tongxing.core.errors import Refused
from tongxing.policy import provisions

from .attendance import Mark, Taken, write_marks
from .models import AttendanceState, ClassState, Enrolment, Session, Source
from .models.enrolments import PLACE_HELD

SALT = "tongxing.training.sign-in"
DIGITS = 12
PASS_SECONDS = 300
NEIGHBOURS = (0, -1, 1)
OLD = "二维码已经过期。请扫墙上现在显示的码。"


def step_seconds() -> int:
    return int(provisions.value("training.qr_seconds"))


def token_of(session: Session, moment: float | None = None) -> str:
    """The code of a moment: the time step and a digest of it that nobody else can make."""
    step = int((time.time() if moment is None else moment) // step_seconds())
    return f"{step:x}-{_digest(session.uid, step)}"


def _digest(uid: UUID, step: int) -> str:
    return salted_hmac(SALT, f"{uid}:{step}", algorithm="sha256").hexdigest()[:DIGITS]


def holds(uid: UUID, token: str, moment: float | None = None) -> bool:
    """Whether a code is that of now, of the step before or of the one after."""
    raw, _, digest = token.partition("-")
    try:
        step = int(raw, 16)
    except ValueError:
        return False
    now = int((time.time() if moment is None else moment) // step_seconds())
    return step - now in NEIGHBOURS and hmac.compare_digest(_digest(uid, step).encode(), digest.encode())


def pass_for(session: Session) -> str:
    """What the code is exchanged for: some minutes for typing one's name."""
    return signing.dumps(str(session.uid), salt=SALT)


def pass_holds(uid: UUID, given: str) -> bool:
    try:
        return bool(signing.loads(given, salt=SALT, max_age=PASS_SECONDS) == str(uid))
    except signing.BadSignature:
        return False


def device_mark(cookie: str) -> str:
    """A telephone as the record knows it: tells two apart, leads back to none."""
    return salted_hmac("tongxing.training.device", cookie, algorithm="sha256").hexdigest()[:32] if cookie else ""


def found_trainee(session: Session, *, name: str, last_four: str, code: str) -> Enrolment:
    """Who it is by name, last four characters of the document and class code; one answer for everything that does not fit."""
    wrong = Refused("姓名、证件号后四位、班级代码对不上本班名册。请核对；仍不行请找老师点名。", code="not_found", status=422)
    held = session.training_class
    if not hmac.compare_digest(held.code.encode(), code.strip().encode()):
        raise wrong
    rows = held.enrolments.filter(state__in=PLACE_HELD, person__name=name.strip()).select_related("person")
    tail = last_four.strip().upper()
    fitting = [row for row in rows if len(tail) == 4 and row.person.id_number[-4:].upper() == tail]
    if len(fitting) != 1:
        raise wrong
    return fitting[0]


def state_at(session: Session, moment: datetime) -> str:
    """Present or late; refused before the doors open and after the session ended (provisions)."""
    opens = session.begins_at - timedelta(minutes=int(provisions.value("training.sign_in_minutes_before", session.on)))
    if moment < opens:
        raise Refused(f"{timezone.localtime(opens):%H:%M} 起可以签到，请稍后再扫。", code="too_early")
    if moment > session.ends_at:
        raise Refused("这次课已经结束，不能再扫码签到。请找老师说明情况。", code="too_late")
    late = session.begins_at + timedelta(minutes=int(provisions.value("training.late_minutes", session.on)))
    return AttendanceState.LATE if moment > late else AttendanceState.PRESENT


@transaction.atomic
def sign_in(session: Session, enrolment: Enrolment, *, device: str, moment: datetime | None = None) -> Taken:
    """Take down that the trainee scanned the code. Twice is once; a mark that the trainer made stays."""
    now = moment or timezone.now()
    if enrolment.training_class_id != session.training_class_id or enrolment.state not in PLACE_HELD:
        raise Refused("您不是这个班的学员，不能签到。", code="not_in_class", status=403)
    if session.training_class.state != ClassState.RUNNING:
        raise Refused("这个班没有在上课，不能签到。", code="not_running")
    actor = SystemActor(f"扫码签到：{enrolment.person.name}")
    mark = Mark(state_at(session, now), now, device_mark(device))
    known = session.attendance.filter(enrolment=enrolment).first()
    if known and known.state in {AttendanceState.PRESENT, AttendanceState.LATE}:
        return Taken(same=1, saved=[enrolment.pk])
    return write_marks(session, {enrolment.pk: mark}, by=actor, source=Source.QR)
