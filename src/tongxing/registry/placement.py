"""Placement: the township that stands in an address (issue's rule: only when exactly one does)."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from tongxing.areas.models import TOWNSHIP_KINDS, Area, Kind

_ENDINGS = ("街道办事处", "办事处", "街道", "地区", "镇", "乡")
# After a short name these words make it something else: 克井路 is a road, 王屋山 a mountain.
_NOT_AFTER = r"[东南西北中新老一二三四]?(?:路|街|巷|道|大道|大街|桥|大桥|站|口|矿|厂|山|河|湖|水库|楼|酒店|市|县|区)"


class Finder:
    """A compiled pattern over the names of a set of towns; `find` costs a microsecond or two per address."""

    def __init__(self, towns: Sequence[Area]) -> None:
        self.towns: dict[str, Area | None] = {}
        shorts: dict[str, Area | None] = {}
        for town in towns:
            if town.kind not in TOWNSHIP_KINDS:
                continue
            # The national table puts the county before the name (济源市克井镇); people write the name alone.
            short = _short_of(town.short_name)
            full = {town.name, town.short_name, *(short + ending for ending in _endings_of(town.name))} - {short}
            for name in full:
                self.towns[name] = None if name in self.towns and self.towns[name] != town else town
            # 天坛, 北海, 玉泉 name roads, parks and flats all over a town: a street office counts only with its ending.
            if len(short) >= 2 and town.kind != Kind.STREET:
                shorts[short] = None if short in shorts and shorts[short] != town else town
        names = sorted(self.towns, key=len, reverse=True)
        self.full = re.compile("|".join(map(re.escape, names))) if names else None
        self.shorts = shorts
        short_names = sorted(shorts, key=len, reverse=True)
        self.short = re.compile(f"({'|'.join(map(re.escape, short_names))})(?!{_NOT_AFTER})") if short_names else None

    def find(self, address: str) -> Area | None:
        """The one township named in `address`; full names win over short ones; two different ones are none."""
        if not address:
            return None
        if self.full and (hits := {self.towns[name] for name in self.full.findall(address)}):
            return hits.pop() if len(hits) == 1 else None
        if self.short and (hits := {self.shorts[name] for name in self.short.findall(address)}):
            return hits.pop() if len(hits) == 1 else None
        return None


def _short_of(name: str) -> str:
    for ending in _ENDINGS:
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name[: -len(ending)]
    return name


def _endings_of(name: str) -> tuple[str, ...]:
    """How people write a kind of township: a street as 街道, 街道办事处, 办事处, 办; a town or township as 镇 or 乡 (they change)."""
    if name.endswith(("街道", "办事处")):
        return ("街道", "街道办事处", "办事处", "街道办")
    return ("镇", "乡") if name.endswith(("镇", "乡")) else ()


class WideFinder(Finder):
    """For more than one county: where an address names exactly one of them, only its own towns are meant.

    Every province has a 城关镇 in many counties; alone it is nobody's, behind a county's name it is that county's.
    """

    def __init__(self, counties: Sequence[Area], towns: Sequence[Area]) -> None:
        super().__init__(towns)
        self.county: dict[str, int | None] = {}
        for area in counties:
            for name in {area.name, area.short_name}:
                self.county[name] = None if name in self.county and self.county[name] != area.code else area.code
        self.lengths = sorted({len(name) for name in self.county})
        self.below: dict[int, list[Area]] = defaultdict(list)
        for town in towns:
            self.below[town.code // 10**6 * 10**6].append(town)
        self.finders: dict[int, Finder] = {}

    def find(self, address: str) -> Area | None:
        named = {
            self.county[part]
            for start in range(len(address))
            for length in self.lengths
            if (part := address[start : start + length]) in self.county
        }
        if len(named) == 1 and (code := named.pop()) is not None:
            if code not in self.finders:
                self.finders[code] = Finder(self.below[code])
            return self.finders[code].find(address)
        return super().find(address)


def finder(areas: Iterable[Area]) -> Finder:
    """A finder for many addresses: compile once, ask often. Among `areas`, counties tell whose towns are meant."""
    listed = list(areas)
    counties = [area for area in listed if area.kind == Kind.COUNTY]
    return WideFinder(counties, listed) if len(counties) > 1 else Finder(listed)
