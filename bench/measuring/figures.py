"""Medians, spread and percentiles of a handful of runs."""

from collections.abc import Sequence
from math import ceil
from statistics import median


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the sorted values do not pass (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def summary(values: Sequence[float]) -> dict[str, float]:
    """Median, least, most, and the spread between them as a share of the median."""
    middle = median(values)
    return {"median": middle, "least": min(values), "most": max(values), "spread": (max(values) - min(values)) / middle if middle else 0.0}


def latencies(seconds: Sequence[float]) -> dict[str, float]:
    """What a series of answer times says, in milliseconds."""
    return {name: percentile(seconds, share) * 1_000 for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("worst", 1.0))}
