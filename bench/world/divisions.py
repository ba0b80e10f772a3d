"""The division tree: the national tables when they are at hand, otherwise invented ones of the same size and shape."""

import csv
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from pathlib import Path
from random import Random
from typing import NamedTuple

from tongxing.areas.models import LEAF_KINDS
from tongxing.gazetteer.codes import full_code, short_name, township_kind

NATIONAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "divisions"
FILES = ("provinces.csv", "cities.csv", "areas.csv", "streets.csv")
# How many there are in the tables of 2023-06-30 (NBS).
PROVINCES, CITIES, COUNTIES, TOWNSHIPS = 31, 342, 2_978, 41_352
# A country for a quick look whether everything runs: all provinces, few of everything else.
SMALL = (62, 124, 800)
_PROVINCE_CODES = (
    *range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66)
)  # fmt: skip
_SYLLABLES = "安柏昌德恩丰高和吉康乐明宁平庆荣山泰文兴永云泽中正"


class Leaf(NamedTuple):
    """A township, street or park: where an enterprise can stand."""

    code: int
    name: str
    county: str

    @property
    def county_code(self) -> int:
        return self.code // 1_000_000


def folder(work: Path, *, small: bool = False) -> Path:
    """The folder that holds the four tables; invented ones, and all small ones, are written below `work`."""
    if not small and all((NATIONAL / name).exists() for name in FILES):
        return NATIONAL
    made = work / ("divisions-small" if small else "divisions")
    if not (made / FILES[-1]).exists():
        made.mkdir(parents=True, exist_ok=True)
        invent(made, *(SMALL if small else ()))
    return made


@lru_cache(maxsize=2)
def leaves(tables: Path) -> tuple[Leaf, ...]:
    """All places that rosters may name, in the order of their codes."""
    counties = {full_code(row["code"]): row["name"] for row in _rows(tables / "areas.csv")}
    found = []
    for row in _rows(tables / "streets.csv"):
        county = counties.get(full_code(row["areaCode"]))
        if county and township_kind(row["name"]) in LEAF_KINDS:
            found.append(Leaf(full_code(row["code"]), short_name(row["name"], county), county))
    return tuple(sorted(found))


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as handle:
        yield from csv.DictReader(handle)


def invent(made: Path, cities: int = CITIES, counties: int = COUNTIES, townships: int = TOWNSHIPS) -> None:
    """Tables of the true size, or another: codes spread evenly, names that come again in many counties, as 城关镇 does."""
    random = Random(2_023)
    names = ["".join(pair) for pair in product(_SYLLABLES, repeat=2)]
    prefectures = _below([f"{code}" for code in _PROVINCE_CODES], cities, 2)
    districts = _below(prefectures, counties, 2)
    towns = _below(districts, townships, 3)
    _write(made / "provinces.csv", ("code", "name"), [(code, f"{names[int(code)]}省") for code in map(str, _PROVINCE_CODES)])
    _write(made / "cities.csv", ("code", "name", "provinceCode"), [(c, f"{random.choice(names)}市", c[:2]) for c in prefectures])
    _write(
        made / "areas.csv",
        ("code", "name", "cityCode", "provinceCode"),
        [(c, f"{names[number % len(names)]}{random.choice('县区市')}", c[:4], c[:2]) for number, c in enumerate(districts)],
    )
    _write(
        made / "streets.csv",
        ("code", "name", "areaCode", "provinceCode", "cityCode"),
        [(c, f"{random.choice(names)}{random.choice(('街道', '镇', '镇', '乡'))}", c[:6], c[:2], c[:4]) for c in towns],
    )


def _below(parents: list[str], number: int, digits: int) -> list[str]:
    """`number` codes shared out among `parents`, each parent's counted from 1."""
    each, rest = divmod(number, len(parents))
    return [f"{parent}{at:0{digits}d}" for place, parent in enumerate(parents) for at in range(1, each + (place < rest) + 1)]


def _write(file: Path, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(heads)
        writer.writerows(rows)
