"""Townships and parks as rosters write them, within the county (or more) under which a batch stands."""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from tongxing.areas.models import Area, FormerName, Kind, Succession
from tongxing.areas.scope import span_of
from tongxing.core.identifiers import squeeze
from tongxing.registry.placement import Finder, finder
from tongxing.sheets.loader import Loader

_ENDINGS = re.compile(r"(街道办事处|办事处|街道办|街道|人民政府|镇政府|乡政府|镇|乡|片区|园区)$")
ABOVE = (Kind.PROVINCE, Kind.PREFECTURE, Kind.COUNTY)
JIYUAN = 419001_000000
_COUNTY_WORDS = ("济源市", "济源示范区", "济源产城融合示范区")
MOST_KNOWN = 50_000
Span = tuple[int, int]


@dataclass
class Places:
    """Names and codes of the areas a roster may name; `find` is a dictionary look-up."""

    areas: dict[int, Area]
    finder: Finder
    home: Area | None
    names: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    above: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))
    """Counties, prefectures and provinces by name, with the codes that stand below them."""
    lengths: tuple[int, ...] = ()
    """How long those names are, the longest first."""
    known: dict[str, list[Area]] = field(default_factory=dict)
    """What was found before, by spelling: a roster names the same few towns on every line."""

    def find(self, text: str) -> list[Area]:
        """All areas that `text` may mean: none, one, or several of the same name."""
        if (found := self.known.get(text)) is None:
            if len(self.known) > MOST_KNOWN:
                self.known.clear()
            self.known[text] = found = self._find(text)
        return found

    def _find(self, text: str) -> list[Area]:
        wanted = squeeze(text)
        if wanted.isdigit():
            code = int(wanted.ljust(12, "0"))
            return [self.areas[code]] if code in self.areas else []
        rest, within = wanted, [span_of(0)]
        while name := self._above(rest):
            rest = rest.removeprefix(name)
            within = [(max(low, a), min(high, b)) for low, high in within for a, b in self.above[name] if a <= high and low <= b]
        found = self.names.get(rest) or self.names.get(short_of(rest)) or self.names.get(wanted) or ()
        return [self.areas[code] for code in sorted(found) if any(low <= code <= high for low, high in within)]

    def _above(self, text: str) -> str:
        """The county, prefecture or province that `text` begins with, the longest name first, when something follows it."""
        return next((text[:length] for length in self.lengths if length < len(text) and text[:length] in self.above), "")


def short_of(name: str) -> str:
    """克井镇 → 克井, 沁园街道办事处 → 沁园."""
    short = _ENDINGS.sub("", name)
    return short if len(short) >= 2 else name


def places_for(loader: Loader) -> Places:
    """Six small queries for the whole batch: the home area, its county, everything valid below, and the names that areas bore before."""
    home = Area.objects.filter(code=loader.home).select_related("parent").first()
    top = home.parent if home is not None and home.is_leaf and home.parent is not None else home
    low, high = span_of(top.code if top else loader.home)
    found = {area.code: area for area in Area.objects.valid_on(loader.today).filter(code__range=(low, high))}
    places = Places(found, finder(found.values()), top)
    if low // 10**6 == JIYUAN // 10**6:
        for name in _COUNTY_WORDS:
            places.above[name].append(span_of(JIYUAN))
    higher = Area.objects.filter(code__in={low // 10**8 * 10**8, low // 10**10 * 10**10} - found.keys())
    for area in (*higher, *found.values()):
        if area.kind in ABOVE:
            for name in {squeeze(area.name), squeeze(area.short_name)}:
                places.above[name].append(span_of(area.code))
    for area in found.values():
        for name in {area.name, area.short_name}:
            places.names[squeeze(name)].add(area.code)
            if area.is_leaf:
                places.names[short_of(squeeze(name))].add(area.code)
    _add_old_names(places, low, high)
    places.lengths = tuple(sorted({len(name) for name in places.above}, reverse=True))
    return places


def _add_old_names(places: Places, low: int, high: int) -> None:
    """Rosters go on writing the names of before: of a renamed area, and of one that ended into exactly one area in use.

    A name that an area bears today is never taken for another's old one.
    """
    today = set(places.names)
    old = [(row.name, row.short_name, row.area_id) for row in FormerName.objects.filter(area__code__range=(low, high))]
    following: dict[int, list[int]] = defaultdict(list)
    for row in Succession.objects.filter(old__code__range=(low, high), old__valid_until__isnull=False).select_related("old"):
        following[row.old_id].append(row.new_id)
        old.append((row.old.name, row.old.short_name, row.old_id))
    for name, short, bearer in old:
        code = _last_of(bearer, following, places.areas)
        if code in places.areas:
            for written in {squeeze(name), squeeze(short), short_of(squeeze(name))} - today:
                places.names[written].add(code)


def _last_of(code: int, following: dict[int, list[int]], standing: dict[int, Area]) -> int:
    """The area in use that an area led to, as long as each step has one successor only."""
    seen = {code}
    while code not in standing and len(following[code]) == 1 and following[code][0] not in seen:
        code = following[code][0]
        seen.add(code)
    return code
