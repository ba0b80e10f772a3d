"""What a rule says: the thing it saw, its figures in plain Chinese, what to do next. And the small statistics that rules share."""

import math
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Hit:
    """One thing seen. `reference` names it within its rule, the same on every day it is seen."""

    rule: str
    reference: str
    area_id: int
    organisation_id: int | None
    text: str
    advice: str
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        return self.rule, self.reference


def at_least(successes: int, trials: int, chance: float) -> float:
    """P(X ≥ successes) of a binomial: summed term by term, no approximation; terms as exp of logs, so that large numbers do not overflow."""
    if successes <= 0 or chance >= 1:
        return 1.0
    if chance <= 0:
        return 0.0
    log_hit, log_miss = math.log(chance), math.log1p(-chance)
    terms = (
        math.exp(math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1) + k * log_hit + (trials - k) * log_miss)
        for k in range(successes, trials + 1)
    )
    return min(1.0, math.fsum(terms))


def wilson_upper(successes: int, trials: int, z: float = 1.96) -> float:
    """The upper end of Wilson's interval (1927): what the true share may well be, given so few trials; 1 where there are none."""
    if not trials:
        return 1.0
    share, square = successes / trials, z * z
    middle = share + square / (2 * trials)
    width = z * math.sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    return min(1.0, (middle + width) / (1 + square / trials))


def percent(part: int, whole: int) -> str:
    return f"{part * 100 / whole:.0f}%" if whole else "–"
