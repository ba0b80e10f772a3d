"""From scores to a ranking (合分排名): weighted totals, median or trimmed mean, outliers, ties. Pure, in Decimal.

The order never depends on the order in which scores come. Equal figures share a place ("1, 2, 2, 4") unless the tie rule parts them:
first the other mean, then the lowest single total, then the criterion of the greatest weight; what is still equal is left to the meeting.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

CENT = Decimal("0.01")
FENCE = Decimal("1.5")
"""Tukey's fence: how many quartile ranges beyond the quartiles a total is called an outlier."""
LEAST_FOR_FENCE = 4
"""With fewer totals no quartile says anything."""


class Weighted(NamedTuple):
    """What one reviewer gave, by criterion: score 0 to 100 and weight in percent."""

    scores: tuple[tuple[int, int], ...]


class Placed(NamedTuple):
    """One nominee's figure and place; `tied`: still equal with others after the tie rule."""

    key: str
    figure: Decimal | None
    place: int
    tied: bool


def total(weighted: Weighted) -> Decimal:
    """The weighted total of one reviewer, 0 to 100."""
    weight = sum(share for _, share in weighted.scores)
    points = sum(score * share for score, share in weighted.scores)
    return rounded(Decimal(points) / Decimal(weight))


def rounded(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def median(totals: Iterable[Decimal]) -> Decimal:
    """The middle total; of an even number the mean of the middle two."""
    ordered = sorted(totals)
    half = len(ordered) // 2
    return rounded(ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2)


def trimmed(totals: Iterable[Decimal]) -> Decimal:
    """The mean without one highest and one lowest total; of fewer than three totals, of all."""
    ordered = sorted(totals)
    kept = ordered[1:-1] if len(ordered) > 2 else ordered
    return rounded(sum(kept, Decimal(0)) / len(kept))


MEANS = {"median": (median, trimmed), "trimmed": (trimmed, median)}


def outliers(totals: Mapping[str, Decimal]) -> set[str]:
    """Keys of totals far from the others (Tukey's fences); none where there are fewer than four."""
    if len(totals) < LEAST_FOR_FENCE:
        return set()
    ordered = sorted(totals.values())
    low, high = _quarter(ordered, 1), _quarter(ordered, 3)
    reach = FENCE * (high - low)
    return {key for key, value in totals.items() if value < low - reach or value > high + reach}


def _quarter(ordered: Sequence[Decimal], quarter: int) -> Decimal:
    """The quartile by linear interpolation between the ordered totals."""
    place = Decimal(quarter * (len(ordered) - 1)) / 4
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


class Sheet(NamedTuple):
    """All submitted totals of one nominee, and what it got in the criterion of the greatest weight."""

    key: str
    totals: tuple[Decimal, ...]
    chief: tuple[Decimal, ...]


def ranked(sheets: Iterable[Sheet], mean: str) -> list[Placed]:
    """All nominees in their order; those whom nobody scored stand last, without a figure."""
    keys = {sheet.key: _key(sheet, mean) for sheet in sheets}
    order = sorted(keys, key=lambda key: ([-part for part in keys[key] or ()], key) if keys[key] else ([Decimal(1)], key))
    placed: list[Placed] = []
    for position, key in enumerate(order, start=1):
        same = [other for other in order if keys[other] == keys[key]]
        place = placed[-1].place if placed and keys[placed[-1].key] == keys[key] else position
        rank = keys[key]
        placed.append(Placed(key, rank[0] if rank else None, place, len(same) > 1))
    return placed


def _key(sheet: Sheet, mean: str) -> tuple[Decimal, ...] | None:
    """What decides, the greater the better; None for a nominee without a single score."""
    if not sheet.totals:
        return None
    first, second = MEANS[mean]
    return first(sheet.totals), second(sheet.totals), min(sheet.totals), first(sheet.chief)
