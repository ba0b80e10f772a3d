"""Telling users, and what they do with what they were told. A notice is its reader's own matter: no audit entry."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import Count, DateTimeField, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from tongxing.accounts.models import User
from tongxing.core.errors import Refused
from tongxing.core.prepared import Prepared, Slot

from .models import Kind, Notice, NoticeQuerySet


class Counts(NamedTuple):
    """What the page head shows."""

    unread: int
    todos: int
    overdue: int


def tell(
    users: Iterable[User], *, title: str, body: str = "", url: str = "", kind: str = Kind.INFO, due_on: date | None = None
) -> list[Notice]:
    """One notice for each user (each once), in two queries however many they are. `url` is an address inside this site."""
    if url and (not url.startswith("/") or not url_has_allowed_host_and_scheme(url, allowed_hosts=None)):
        raise ValueError("url of a notice must be an address inside this site")
    readers = {user.pk: user for user in users}
    rows = [
        Notice(user=user, title=title[:120], body=body, url=url, kind=kind if due_on is None else Kind.TODO, due_on=due_on)
        for user in readers.values()
    ]
    return Notice.objects.bulk_create(rows, batch_size=500)


def mark_read(notices: "Iterable[int]", *, by: User) -> int:
    """Mark one's own notices as read; returns how many were unread."""
    return Notice.objects.filter(user=by, pk__in=list(notices)).unread().update(read_at=timezone.now())


def mark_all_read(*, by: User) -> int:
    return Notice.objects.filter(user=by).unread().update(read_at=timezone.now())


def finish(notice: Notice, *, by: User) -> None:
    """Tick a to-do off."""
    if notice.user_id != by.pk:
        raise Refused("只能办结自己的待办。", code="not_yours", status=403)
    now = timezone.now()
    notice.done_at, notice.read_at = notice.done_at or now, notice.read_at or now
    notice.save(update_fields=["done_at", "read_at"])


def finish_many(notices: "Iterable[int]", *, by: User) -> int:
    """Tick one's own open to-dos off; returns how many were open."""
    return _finished(Notice.objects.filter(user=by, pk__in=list(notices)))


def settle(url: str) -> int:
    """The matter behind an address is done: tick off every to-do that leads there; returns how many were open."""
    return _finished(Notice.objects.filter(url=url))


def _finished(rows: NoticeQuerySet) -> int:
    now = timezone.now()
    return rows.open_todos().update(done_at=now, read_at=Coalesce("read_at", Value(now, output_field=DateTimeField())))


_unread_of = Prepared(
    Notice, lambda: Notice.objects.filter(user_id=Slot("user")).unread().order_by().values("user_id").annotate(n=Count("pk")).values("n")
)


def unread_by(user: User) -> int:
    """How many notices the user has not read: every page says so."""
    return _unread_of.number(user=user.pk) if user.may("notices.use") else 0


def counts(user: User) -> Counts:
    mine = Notice.objects.visible_to(user)
    todos = mine.open_todos()
    return Counts(mine.unread().count(), todos.count(), todos.filter(due_on__lt=timezone.localdate()).count())
