"""Enterprises by number: the same seed and number give the same enterprise, on any machine, in a roster or in a database.

Sizes are shared out as the fourth national economic census counted them at the end of 2018: of all legal-person enterprises 85.3 % micro,
13.2 % small, 1.3 % medium, the rest large (国家统计局《第四次全国经济普查系列报告之十二》, 2019-12-18). Figures then follow from the
limits of 国统字〔2017〕213号, so that the rule of the house finds the size that was drawn.
"""

from bisect import bisect
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import NamedTuple

from tongxing.core.identifiers import CREDIT_ALPHABET, credit_check_character
from tongxing.registry.models.organisations import OrganisationStatus, Size
from tongxing.registry.size import Row, row_of

from . import words
from .divisions import Leaf, leaves

SIZES = (Size.MICRO, Size.SMALL, Size.MEDIUM, Size.LARGE)
SHARES = (0.853, 0.132, 0.013, 0.002)
WITHOUT_FIGURES, ENDED = 0.03, 0.03
TRADES = (
    ("3011", "水泥", 2), ("3311", "钢结构", 4), ("3212", "有色金属", 3), ("2631", "化工", 3), ("3484", "机械", 10), ("1391", "食品", 7),
    ("4710", "建筑工程", 9), ("5165", "物资贸易", 14), ("5211", "百货", 16), ("5431", "物流", 6), ("6110", "酒店", 3), ("6210", "餐饮", 8),
    ("6513", "软件", 6), ("7010", "置业", 2), ("7020", "物业服务", 3), ("7212", "商务服务", 10), ("8111", "汽车服务", 5), ("0111", "农业", 5),
    ("7840", "园林绿化", 2), ("8010", "家政服务", 3),
)  # fmt: skip
USUAL = ((2, 10, 10), (12, 300, 200), (150, 4_000, 3_000), (900, 60_000, 50_000))
FIRST_DAY = date(1995, 1, 1)


class Enterprise(NamedTuple):
    """What a roster says of one enterprise; money in 万元."""

    number: int
    name: str
    credit_code: str
    leaf: Leaf
    address: str
    industry: str
    size: Size
    employees: int | None
    revenue: int | None
    assets: int | None
    status: OrganisationStatus
    began_on: date
    ended_on: date | None
    legal_representative: str
    contact_name: str
    phone: str


class Country:
    """All enterprises of one seed; `enterprise(number)` may be asked in any order."""

    def __init__(self, tables: Path, seed: int, *, province: int | None = None) -> None:
        self.tables, self.seed = tables, seed
        self.leaves: Sequence[Leaf] = [leaf for leaf in leaves(tables) if province is None or leaf.code // 10**10 == province]
        self._random = Random()
        self._trade_weights = list(accumulate(weight for _, _, weight in TRADES))
        self._size_weights = list(accumulate(SHARES))

    @cached_property
    def _leaf_weights(self) -> list[float]:
        """A few counties hold most enterprises, and a few townships most of a county."""
        random, weights, counties = Random(self.seed), [], dict[int, float]()
        for leaf in self.leaves:
            county = counties.setdefault(leaf.county_code, random.lognormvariate(0, 1))
            weights.append(county * random.lognormvariate(0, 0.8))
        return list(accumulate(weights))

    def enterprise(self, number: int) -> Enterprise:
        random = self._random
        random.seed(self.seed * 1_000_003 + number)
        leaf = self.leaves[bisect(self._leaf_weights, random.random() * self._leaf_weights[-1], hi=len(self.leaves) - 1)]
        industry, trade, _ = TRADES[bisect(self._trade_weights, random.random() * self._trade_weights[-1], hi=len(TRADES) - 1)]
        rank = bisect(self._size_weights, random.random(), hi=len(SIZES) - 1)
        figures = _figures(random, industry, rank)
        missing = random.random() < WITHOUT_FIGURES
        began = FIRST_DAY + timedelta(days=random.randrange(10_900))
        ended = began + timedelta(days=random.randrange(30, 400)) if random.random() < ENDED else None
        return Enterprise(
            number=number,
            name=words.enterprise(random, leaf.county, trade),
            credit_code=credit_code(leaf.county_code, number),
            leaf=leaf,
            address=f"{leaf.county}{leaf.name}建设路{random.randrange(1, 999)}号",
            industry=industry,
            size=Size.UNKNOWN if missing else SIZES[rank],
            employees=None if missing else figures[0],
            revenue=None if missing else figures[1],
            assets=None if missing else figures[2],
            status=OrganisationStatus.CLOSED if ended else OrganisationStatus.OPERATING,
            began_on=began,
            ended_on=ended,
            legal_representative=words.person(random),
            contact_name=words.person(random),
            phone=phone(number),
        )


def _figures(random: Random, industry: str, rank: int) -> tuple[int, int, int]:
    """Employees, revenue and assets that the standard's row for `industry` puts into the class `rank` (0 micro … 3 large)."""
    row = row_of(industry)
    assert isinstance(row, Row)
    figures = [max(1, round(usual * random.uniform(0.7, 1.5))) for usual in USUAL[rank]]
    for limit in row.limits:
        floors = (0, limit.small, limit.medium, limit.large, limit.large * 4)
        # Most of a class stand near its lower end.
        figures[limit.figure] = floors[rank] + int((floors[rank + 1] - floors[rank] - 1) * random.random() ** 2)
    return figures[0], figures[1], figures[2]


def credit_code(county_code: int, number: int) -> str:
    """A valid code that nobody holds: registration 91, the county, then MX and the number to base 31."""
    digits = ""
    for _ in range(7):
        number, digit = divmod(number, 31)
        digits = CREDIT_ALPHABET[digit] + digits
    first17 = f"91{county_code:06d}MX{digits}"
    return first17 + credit_check_character(first17)


def phone(number: int) -> str:
    return f"1{3 + number % 7}{number % 10**9:09d}"
