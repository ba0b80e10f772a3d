"""A class's sessions as an iCalendar file (RFC 5545): telephones and mail programs take it in."""

from datetime import UTC, datetime

from django.utils import timezone

from .models import ClassState, Session, TrainingClass

LONGEST = 75
"""Octets of a line (RFC 5545 3.1); longer ones are folded."""


def calendar_of(held: TrainingClass, host: str) -> str:
    """The calendar; `host` makes the identifiers of the events unique. A cancelled class says so to calendars that hold it already."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tongxing//Training//ZH", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines.append(f"X-WR-CALNAME:{_text(held.title)}")
    for session in held.sessions.select_related("topic", "trainer", "room"):
        lines += _event(held, session, host)
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _event(held: TrainingClass, session: Session, host: str) -> list[str]:
    place = "线上" if session.is_online else " ".join(filter(None, (held.place, str(session.room or ""))))
    words = f"{held.provider}，{session.hours} 学时" + (f"，教师 {session.trainer}" if session.trainer else "")
    return [
        "BEGIN:VEVENT",
        f"UID:{session.uid}@{host}",
        f"SEQUENCE:{held.version}",
        f"DTSTAMP:{_moment(timezone.now())}",
        f"DTSTART:{_moment(session.begins_at)}",
        f"DTEND:{_moment(session.ends_at)}",
        f"SUMMARY:{_text(f'{session.topic or held.course.name}（{held.title}）')}",
        f"LOCATION:{_text(place)}",
        f"DESCRIPTION:{_text(words)}",
        f"STATUS:{'CANCELLED' if held.state == ClassState.CANCELLED else 'CONFIRMED'}",
        "END:VEVENT",
    ]


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(raw: str) -> str:
    """Text as a value (RFC 5545 3.3.11)."""
    return raw.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\r\n", "\\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Lines of at most 75 octets, never cut inside a character; the following ones begin with a blank."""
    parts: list[str] = []
    held = ""
    for character in line:
        most = LONGEST if not parts else LONGEST - 1
        if len((held + character).encode()) > most:
            parts.append(held)
            held = ""
        held += character
    return "\r\n ".join([*parts, held])
