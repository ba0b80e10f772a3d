"""Sessions of a user. Django's session rows know no user, so a row of our own does."""

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import OperationalError, transaction
from django.http import HttpRequest
from django.utils import timezone

from tongxing.core.limits import client_of
from tongxing.core.locks import is_busy, patience
from tongxing.core.outages import LOST

from .models import User, UserSession


def begin(request: HttpRequest, user: User) -> None:
    """Note a session that has just been signed in to; called right after Django's login."""
    now = timezone.now().timestamp()
    request.session["started_at"] = request.session["seen_at"] = now
    request.session.pop("expired", None)
    if not request.session.session_key:
        request.session.save()
    UserSession.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "user": user,
            "ip": client_of(request)[:45],
            "agent": request.META.get("HTTP_USER_AGENT", "")[:200],
        },
    )


def touch(request: HttpRequest) -> None:
    """Note that somebody is at work. Nobody waits for it: while others write for long (SQLite), one of the next pages notes it."""
    session, now = request.session, timezone.now()
    before, changed = session["seen_at"], session.modified
    session["seen_at"] = now.timestamp()
    try:
        with patience(0), transaction.atomic():
            UserSession.objects.filter(session_key=session.session_key).update(seen_at=now)
            session.save()
        session.modified = False
    except OperationalError as error:
        if not is_busy(error):
            raise
        session["seen_at"], session.modified = before, changed
    except UpdateError as error:
        # The session store calls every failure so.
        if isinstance(error.__context__, LOST):
            raise error.__context__ from None
        # Ended meanwhile from elsewhere: the session middleware says so.
        session.modified = True


def end_all(user: User, *, except_key: str | None = None) -> int:
    """End every session of `user` at once (but the one named); returns how many."""
    rows = UserSession.objects.filter(user=user).exclude(session_key=except_key or "")
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    rows.delete()
    return len(keys)


def forget(session_key: str | None) -> None:
    UserSession.objects.filter(session_key=session_key or "").delete()


def sweep() -> int:
    """Drop rows of sessions that are too old to live; a worker calls it daily."""
    before = timezone.now() - timedelta(hours=settings.SESSION_HOURS)
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    return UserSession.objects.filter(started_at__lt=before).delete()[0]


def seconds_left(request: HttpRequest) -> int:
    """Until the session ends: by idleness or by its longest time, whichever comes first."""
    now = timezone.now().timestamp()
    idle = settings.SESSION_IDLE_MINUTES * 60 - (now - request.session.get("seen_at", now))
    total = settings.SESSION_HOURS * 3600 - (now - request.session.get("started_at", now))
    return max(0, int(min(idle, total)))
