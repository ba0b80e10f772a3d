"""Figures of a selection that name nobody: small cells are hidden as in the public statistics, since three of a kind are soon guessed."""

from collections import Counter
from dataclasses import dataclass

from tongxing.accounts.models import User
from tongxing.core.suppression import Cell, published, published_total

from .models import Kind, Nomination, NominationState, Selection, Way

OUTCOMES: dict[str, str] = {
    NominationState.SUBMITTED: "在办",
    NominationState.RETURNED: "在办",
    NominationState.ACCEPTED: "在办",
    NominationState.CHOSEN: "拟推荐、已推荐",
    NominationState.RECOMMENDED: "拟推荐、已推荐",
    NominationState.PASSED_OVER: "未入选",
    NominationState.REFUSED: "不符合条件",
    NominationState.STOPPED: "异议成立",
    NominationState.WITHDRAWN: "已撤回",
}
TO_REVIEW = frozenset({"拟推荐、已推荐", "未入选", "异议成立"})


@dataclass(frozen=True)
class Spread:
    """How the nominations spread over one dimension; empty where every cell would be too small."""

    title: str
    cells: list[Cell]


@dataclass(frozen=True)
class Statistics:
    """`total` and `share` (of those decided on, how many went to the review) are None where they rest on too few."""

    total: int | None
    share: float | None
    spreads: list[Spread]


def statistics_of(selection: Selection, user: User) -> Statistics | None:
    """Of all that were handed in and that the user need not keep away from; None before there is one. One query."""
    rows = Nomination.objects.filter(selection=selection).exclude(number="").not_barred(user)
    found = list(rows.values_list("kind", "way", "area__short_name", "state"))
    if not found:
        return None
    outcomes = Counter(OUTCOMES[state] for *_, state in found if state in OUTCOMES)
    dimensions = {
        "类别": Counter(Kind(kind).label for kind, *_ in found),
        "推荐方式": Counter(Way(way).label for _, way, *_ in found),
        "区划": Counter(area for _, _, area, _ in found),
        "结果": outcomes,
    }
    return Statistics(published_total(len(found)), _share(outcomes), [_spread(title, cells) for title, cells in dimensions.items()])


def _spread(title: str, numbers: Counter[str]) -> Spread:
    """A dimension of which no number may be shown is not listed at all."""
    cells = published((str(label), number) for label, number in numbers.items())
    return Spread(title, cells if any(cell.count is not None for cell in cells) else [])


def _share(outcomes: Counter[str]) -> float | None:
    """Of those that were decided on, how many went to the review; None where either side is too small to be shown."""
    reviewed = sum(outcomes[label] for label in TO_REVIEW)
    decided = reviewed + outcomes["不符合条件"]
    told = (
        decided and published_total(decided) and published_total(reviewed) is not None and published_total(decided - reviewed) is not None
    )
    return reviewed / decided if told else None
