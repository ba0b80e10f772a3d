"""Scope: what part of the country a user reaches, as ranges of area codes plus single organisations. Empty scope sees nothing."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

WHOLE_COUNTRY = (0, 999_999_999_999)


def span_of(code: int) -> tuple[int, int]:
    """First and last code of the subtree below a 12-digit `code`: the digits after the last level it names are free."""
    if code == 0:
        return WHOLE_COUNTRY
    for width in (10**10, 10**8, 10**6, 10**3):
        if code % width == 0:
            return code, code + width - 1
    return code, code


@dataclass(frozen=True)
class Scope:
    """Area ranges and organisation ids a grant opens. Built by `accounts`, read by every `visible_to`."""

    ranges: tuple[tuple[int, int], ...] = ()
    organisations: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.ranges or self.organisations)

    def covers(self, code: int | None) -> bool:
        return code is not None and any(low <= code <= high for low, high in self.ranges)

    def as_q(self, area_field: str, organisation_field: str = "") -> Q:
        """A filter for rows whose area lies in scope (or whose organisation is named); matches nothing when the scope is empty."""
        query = Q(pk__in=[])
        if WHOLE_COUNTRY in self.ranges:
            # No range: an engine would take it for a narrow one, and read all rows through the index of areas.
            return query | Q(**{f"{area_field}__isnull": False})
        for low, high in self.ranges:
            query |= Q(**{f"{area_field}__gte": low, f"{area_field}__lte": high})
        if organisation_field and self.organisations:
            query |= Q(**{f"{organisation_field}__in": self.organisations})
        return query

    def reaching_up(self, area_field: str) -> Q:
        """Rows in scope, and those of the areas above it: what a county runs is open to its townships."""
        above = {root - root % width for root in self.roots for width in (10**10, 10**8, 10**6)}
        query = self.as_q(area_field)
        return query | Q(**{f"{area_field}__in": sorted(above)}) if above else query

    @property
    def roots(self) -> list[int]:
        return [low for low, _ in self.ranges]


def merge(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Sort ranges and drop those inside another (subtrees never overlap in part)."""
    kept: list[tuple[int, int]] = []
    for low, high in sorted(set(ranges), key=lambda pair: (pair[0], -pair[1])):
        if not kept or low > kept[-1][1]:
            kept.append((low, high))
    return tuple(kept)
