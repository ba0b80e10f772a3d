"""Messages about nominations: officers hear of a new one, the nominator of what became of it. Nobody who must keep away hears anything."""

from collections.abc import Iterable

from django.urls import reverse

from tongxing.accounts.holders import agents_of, officers_of
from tongxing.accounts.models import User
from tongxing.notices import inbox

from .models import Conflict, Nomination


def submitted(row: Nomination) -> None:
    """To the officers of the selection: something to check."""
    officers = officers_of(row.selection.area_id, "honours.manage")
    title = f"选树推荐待审核：{row.subject.name}"
    inbox.tell(_unbarred(officers, row), title=title, body=f"{row.number}，{row.get_way_display()}：{row.nominator_name}。", url=_page(row))


def answered(row: Nomination, title: str, body: str, *, kind: str = "info") -> None:
    """To whoever filled it in, and to the agents of the organisation that recommends."""
    users = list(User.objects.filter(pk=row.made_by_id, is_active=True)) if row.made_by_id else []
    if row.nominator_id:
        users += agents_of([row.nominator_id], "registry.own_organisation")
    inbox.tell(_unbarred(users, row), title=title, body=body, url=_page(row), kind=kind)


def _unbarred(users: Iterable[User], row: Nomination) -> list[User]:
    barred = set(Conflict.objects.filter(nomination=row, lifted_on=None).values_list("reviewer__user_id", flat=True))
    return [user for user in users if user.pk not in barred]


def _page(row: Nomination) -> str:
    return reverse("honours:nomination", args=[row.uid])
