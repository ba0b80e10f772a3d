"""The ranking as arithmetic: weighted totals, the order of those who stay level, ranks, prizes. Knows no table.

* A round counts raw score / full score x weight; practice and theory are each rounded to 0.01, half up, and the total is their sum.
* Of equal totals the practice rounds part in their order, then the theory rounds, then the named aspects in theirs, each by its raw score.
* Who is equal in all of this shares the rank. Ranks are dense: 1, 1, 2. Prizes go by how many are ahead: two who share the first rank
  take the first prize and a second.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import NamedTuple

CENT = Decimal("0.01")


class Part(NamedTuple):
    """A round as the ranking sees it."""

    key: int
    title: str
    weight: int
    full: Decimal
    practice: bool


class Performance(NamedTuple):
    """What somebody reached: the raw score of each round, and the named aspects (title, score) in the order in which they part."""

    key: int
    rounds: Mapping[int, Decimal]
    ties: tuple[tuple[str, Decimal], ...] = ()


class Standing(NamedTuple):
    """`ahead`: how many are better. `decided_by`: what parted those of the same total, empty where nothing had to."""

    key: int
    practice: Decimal
    theory: Decimal
    total: Decimal
    rank: int
    ahead: int
    shared: bool
    decided_by: str


class _Scored(NamedTuple):
    key: int
    practice: Decimal
    theory: Decimal
    chain: tuple[tuple[str, Decimal], ...]

    @property
    def total(self) -> Decimal:
        return self.practice + self.theory

    @property
    def order(self) -> tuple[Decimal, ...]:
        return (self.total, *(value for _, value in self.chain))


def weighted(parts: Iterable[Part], rounds: Mapping[int, Decimal]) -> Decimal:
    """The weighted sum of some rounds, rounded to 0.01 half up."""
    total = sum((rounds[part.key] * part.weight / part.full for part in parts), Decimal(0))
    return total.quantize(CENT, ROUND_HALF_UP)


def standings(parts: Sequence[Part], performances: Iterable[Performance]) -> list[Standing]:
    """Everybody from the first to the last; who shares a rank stands by key. The order of `performances` changes nothing."""
    practice, theory = [part for part in parts if part.practice], [part for part in parts if not part.practice]
    scored = [
        _Scored(
            one.key,
            weighted(practice, one.rounds),
            weighted(theory, one.rounds),
            (*((part.title, one.rounds[part.key]) for part in (*practice, *theory)), *one.ties),
        )
        for one in performances
    ]
    scored.sort(key=lambda one: one.key)
    scored.sort(key=lambda one: one.order, reverse=True)
    level = {total: [one.chain for one in group] for total, group in groupby(scored, key=lambda one: one.total)}
    found: list[Standing] = []
    ahead = 0
    for rank, (_, group) in enumerate(groupby(scored, key=lambda one: one.order), start=1):
        held = list(group)
        for one in held:
            by = _decided(one.chain, level[one.total])
            found.append(Standing(one.key, one.practice, one.theory, one.total, rank, ahead, len(held) > 1, by))
        ahead += len(held)
    return found


def _decided(chain: tuple[tuple[str, Decimal], ...], level: Iterable[tuple[tuple[str, Decimal], ...]]) -> str:
    """The last comparison that was needed to part this one from those of the same total."""
    needed = [next((place for place, (own, theirs) in enumerate(zip(chain, other, strict=True)) if own != theirs), None) for other in level]
    places = [place for place in needed if place is not None]
    return chain[max(places)][0] if places else ""


def prize_of(ahead: int, numbers: Mapping[int, int]) -> int | None:
    """The prize of somebody with so many ahead; `numbers` is how many there are of each, 1 the highest."""
    taken = 0
    for prize in sorted(numbers):
        taken += numbers[prize]
        if ahead < taken:
            return prize
    return None
