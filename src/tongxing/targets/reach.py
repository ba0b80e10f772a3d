"""Which areas a question is about: one subtree, or the leaves that were touched."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from tongxing.areas.scope import WHOLE_COUNTRY, span_of

COUNTY_WIDTH, PREFECTURE_WIDTH = 10**6, 10**8
ROLLED_WIDTHS = (COUNTY_WIDTH, PREFECTURE_WIDTH, 10**10)


def county_of(code: int) -> int:
    return code // COUNTY_WIDTH * COUNTY_WIDTH


def is_rolled(code: int) -> bool:
    """Whether figures of this area are kept as sums of all below it: counties and above."""
    return code % COUNTY_WIDTH == 0


def rolled_codes(code: int) -> set[int]:
    """The county, prefecture, province and country above (or at) a code."""
    return {code // width * width for width in ROLLED_WIDTHS} | {0}


@dataclass(frozen=True)
class Reach:
    """A range of codes, or exactly these codes."""

    low: int = WHOLE_COUNTRY[0]
    high: int = WHOLE_COUNTRY[1]
    codes: frozenset[int] | None = None

    @classmethod
    def below(cls, area_code: int) -> "Reach":
        return cls(*span_of(area_code))

    @classmethod
    def exactly(cls, codes: Iterable[int]) -> "Reach":
        return cls(codes=frozenset(codes))

    def q(self, field: str) -> Q:
        if self.codes is not None:
            return Q(**{f"{field}__in": sorted(self.codes)})
        if (self.low, self.high) == WHOLE_COUNTRY:
            return Q()
        return Q(**{f"{field}__gte": self.low, f"{field}__lte": self.high})

    def holds(self, code: int) -> bool:
        return code in self.codes if self.codes is not None else self.low <= code <= self.high

    def of_counties(self) -> "Reach":
        """The counties that these codes touch: what stands at the county (the tripartite parties) depends on all of it."""
        if self.codes is None:
            return self
        return Reach(codes=frozenset(county_of(code) for code in self.codes))
