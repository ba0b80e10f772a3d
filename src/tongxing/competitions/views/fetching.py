"""What the views of the room fetch: only what the user may see, else 404; tabs, and how states are coloured."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from tongxing.accounts.requests import user_of
from tongxing.competitions.models import Appeal, Aspect, Competition, Entrant, Judge, Quota, Round
from tongxing.competitions.rules import can_manage, insist

STATE_TONES = {
    "draft": "grey",
    "open": "teal",
    "drawn": "amber",
    "marking": "amber",
    "ranked": "teal",
    "published": "green",
    "cancelled": "red",
}
ENTRY_TONES = {"entered": "amber", "confirmed": "green", "withdrawn": "grey", "absent": "red"}
APPEAL_TONES = {"open": "amber", "upheld": "green", "rejected": "grey"}
TABS = (
    ("概况", "competition"),
    ("评分办法", "scheme"),
    ("选手", "entries"),
    ("裁判", "judges"),
    ("成绩", "results"),
    ("申诉", "appeals"),
    ("代表队", "team"),
)


def competition_of(request: HttpRequest, uid: UUID, *, managed: bool = False) -> Competition:
    row = get_object_or_404(Competition.objects.visible_to(user_of(request)).select_related("area"), uid=uid)
    return _managed(request, row) if managed else row


def judged_of(request: HttpRequest, uid: UUID) -> Competition:
    """A competition in which the user judges or keys."""
    return get_object_or_404(Competition.objects.judged_by(user_of(request)).select_related("area"), uid=uid)


def _managed(request: HttpRequest, row: Competition) -> Competition:
    insist(can_manage(user_of(request), row.area_id))
    return row


def _seen(request: HttpRequest) -> Any:
    return Competition.objects.visible_to(user_of(request))


def round_of(request: HttpRequest, uid: UUID) -> Round:
    """A round of a competition that the user runs."""
    row = get_object_or_404(Round.objects.filter(competition__in=_seen(request)).select_related("competition__area", "exam"), uid=uid)
    _managed(request, row.competition)
    return row


def judged_round_of(request: HttpRequest, uid: UUID) -> Round:
    """A round of a competition in which the user judges or keys."""
    rows = Round.objects.filter(competition__in=Competition.objects.judged_by(user_of(request)))
    return get_object_or_404(rows.select_related("competition__area"), uid=uid)


def aspect_of(request: HttpRequest, uid: UUID) -> Aspect:
    rows = Aspect.objects.filter(round__competition__in=_seen(request)).select_related("round__competition__area")
    row = get_object_or_404(rows, uid=uid)
    _managed(request, row.round.competition)
    return row


def quota_of(request: HttpRequest, uid: UUID) -> Quota:
    rows = Quota.objects.filter(competition__in=_seen(request)).select_related("competition__area", "area", "organisation")
    row = get_object_or_404(rows, uid=uid)
    _managed(request, row.competition)
    return row


def entry_of(request: HttpRequest, uid: UUID, *, managed: bool = True) -> Entrant:
    rows = Entrant.objects.visible_to(user_of(request)).select_related("person", "competition__area", "organisation")
    row = get_object_or_404(rows, uid=uid)
    if managed:
        _managed(request, row.competition)
    return row


def judge_of(request: HttpRequest, uid: UUID) -> Judge:
    rows = Judge.objects.visible_to(user_of(request)).select_related("competition__area", "user")
    row = get_object_or_404(rows, uid=uid)
    _managed(request, row.competition)
    return row


def appeal_of(request: HttpRequest, uid: UUID) -> Appeal:
    rows = Appeal.objects.visible_to(user_of(request)).select_related("entry__person", "entry__competition__area")
    row = get_object_or_404(rows, uid=uid)
    _managed(request, row.entry.competition)
    return row


def coded(row: Competition, code: str, aspect: UUID) -> tuple[Entrant, Aspect]:
    """An entry by its code, and an aspect, of a competition that the user judges."""
    entry = get_object_or_404(row.entries.marked(), code=code)
    return entry, get_object_or_404(Aspect.objects.select_related("round"), uid=aspect, round__competition=row)


def sheet_of(row: Competition, sheet: str) -> Judge | None:
    """Whose paper sheet an address names: a judge's, or the one of the measured aspects."""
    if sheet == "measured":
        return None
    try:
        return get_object_or_404(Judge.objects.serving(), uid=UUID(sheet), competition=row)
    except ValueError:
        raise Http404 from None


def frame(request: HttpRequest, row: Competition, here: str) -> dict[str, Any]:
    """What every page of a competition shows: its name, its state, the tabs."""
    user = user_of(request)
    return {
        "competition": row,
        "tone": STATE_TONES[row.state],
        "tabs": [(label, reverse(f"competitions:{name}", args=[row.uid]), name == here) for label, name in TABS],
        "may_manage": user.may("competitions.manage") and bool(can_manage(user, row.area_id)),
    }
