"""Prizes that were won, for the rooms above: a prize satisfies notice:A1.3.6 by itself."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet

from .models import PROVINCIAL, CompetitionState, Prize, Rank, Result


class PrizeWon(NamedTuple):
    """`name` as the certificate says it, `rank` of the competition in Chinese."""

    name: str
    rank: str
    provincial: bool
    awarded_on: date


def winners(on: date) -> "QuerySet[Result]":
    """Results with a prize of competitions published up to a day: for filters of the rooms above, by `entry__person_id`."""
    return Result.objects.filter(
        entry__competition__state=CompetitionState.PUBLISHED, entry__competition__published_on__lte=on, prize__isnull=False
    )


def prizes_of(person_ids: Iterable[int], on: date) -> dict[int, list[PrizeWon]]:
    """Person id → the prizes of competitions published up to a day, the newest first; who has none is not in it. One query."""
    won = winners(on).filter(entry__person__in=list(person_ids))
    found: dict[int, list[PrizeWon]] = {}
    for row in won.select_related("entry__competition").order_by("-entry__competition__published_on", "pk"):
        competition = row.entry.competition
        assert row.prize
        assert competition.published_on
        prize = PrizeWon(
            f"{competition.title}{Prize(row.prize).label}",
            Rank(competition.rank).label,
            competition.rank in PROVINCIAL,
            competition.published_on,
        )
        found.setdefault(row.entry.person_id, []).append(prize)
    return found
