"""The e-mail outbox: rows first, sending later and apart, so that a dead mail server never stops an act."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from tongxing.audit import log
from tongxing.audit.log import Actor
from tongxing.core.errors import Refused
from tongxing.core.values import clean_text

from .models import LETTER_MOVES, Letter, LetterState

PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3))
"""After each failure the next try comes later; after the last one the letter has failed."""
STUCK_AFTER = timedelta(minutes=10)
BATCH = 100
RESENT_FROM = [state for state, moves in LETTER_MOVES.items() if "resend" in moves]


class Sent(NamedTuple):
    """What one run of `send_due` did."""

    sent: int
    failed: int


def can_send() -> bool:
    """Whether a mail server is configured; without one letters wait and can be read in the outbox."""
    return not settings.EMAIL_BACKEND.endswith("dummy.EmailBackend")


def queue(to: str, subject: str, body: str, *, by: Actor, area_code: int | None = None) -> Letter:
    """Put one letter into the outbox."""
    try:
        validate_email(to)
    except ValidationError:
        raise Refused(f"邮箱“{to}”的格式不对，邮件没有发出。请核对邮箱。", code="email_form") from None
    subject = clean_text(subject, longest=200, blanks=True)
    return Letter.objects.create(to=to, subject=subject, body=body, area_code=area_code, queued_by=by.display_name[:60])


@transaction.atomic
def resend(letter: Letter, *, by: Actor) -> Letter:
    """Send a sent or failed letter once more."""
    letter = Letter.objects.select_for_update().get(pk=letter.pk)
    if "resend" not in LETTER_MOVES[LetterState(letter.state)]:
        raise Refused("这封邮件正在等待发送，不需要重发。请稍后刷新查看结果。", code="letter_waiting")
    before = letter.get_state_display()
    letter.state, letter.attempts, letter.error, letter.next_try_at = LetterState.WAITING, 0, "", timezone.now()
    letter.save(update_fields=["state", "attempts", "error", "next_try_at"])
    log.record("notices.resend", by=by, of=letter, before={"状态": before}, after={"状态": letter.get_state_display()})
    return letter


@transaction.atomic
def resend_many(letters: Iterable[int], *, by: Actor) -> int:
    """Send those of these letters once more that are not waiting; returns how many. One entry for all of them."""
    rows = Letter.objects.select_for_update().filter(pk__in=list(letters), state__in=RESENT_FROM)
    before = {str(pk): str(LetterState(state).label) for pk, state in rows.values_list("pk", "state")}
    if not before:
        return 0
    Letter.objects.filter(pk__in=[int(pk) for pk in before]).update(
        state=LetterState.WAITING, attempts=0, error="", next_try_at=timezone.now()
    )
    log.record("notices.resend_many", by=by, object_type="notices.letter", object_id="many", label=f"{len(before)} 封邮件", before=before)
    return len(before)


def send_due(now: datetime | None = None) -> Sent:
    """Send what is due; a worker calls it every minute. Two workers never send the same letter: each claims its letters first."""
    now = now or timezone.now()
    if not can_send():
        return Sent(0, 0)
    Letter.objects.filter(state=LetterState.SENDING, claimed_at__lt=now - STUCK_AFTER).update(state=LetterState.WAITING)
    sent = failed = 0
    for letter in _claim(now):
        if _send(letter, now):
            sent += 1
        else:
            failed += 1
    return Sent(sent, failed)


@transaction.atomic
def _claim(now: datetime) -> list[Letter]:
    rows = list(Letter.objects.due(now).select_for_update(skip_locked=_can_skip()).order_by("id")[:BATCH])
    Letter.objects.filter(pk__in=[row.pk for row in rows]).update(state=LetterState.SENDING, claimed_at=now, attempts=F("attempts") + 1)
    for row in rows:
        row.attempts += 1
    return rows


def _can_skip() -> bool:
    return bool(transaction.get_connection().features.has_select_for_update_skip_locked)


def _send(letter: Letter, now: datetime) -> bool:
    try:
        EmailMessage(letter.subject, letter.body, to=[letter.to], connection=get_connection()).send()
    # ValueError: a subject or an address that no mail can carry; it must not hold up the letters behind it.
    except (SMTPException, OSError, ValueError) as error:
        give_up = letter.attempts > len(PAUSES)
        letter.state = LetterState.FAILED if give_up else LetterState.WAITING
        letter.next_try_at = now if give_up else now + PAUSES[letter.attempts - 1]
        letter.error = f"{type(error).__name__}：{error}"[:300]
        letter.save(update_fields=["state", "next_try_at", "error"])
        return False
    letter.state, letter.sent_at, letter.error = LetterState.SENT, timezone.now(), ""
    letter.save(update_fields=["state", "sent_at", "error"])
    return True
