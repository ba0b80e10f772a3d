"""Units that are few enough to be listed one by one: tripartite parties and areas (notice:2.2, 2.3)."""

from dataclasses import dataclass
from datetime import date

from django.db.models import BigIntegerField, ExpressionWrapper, F

from tongxing.areas.models import Area, Kind
from tongxing.core.columns import Filled
from tongxing.registry.models import Organisation, Posting
from tongxing.registry.models.organisations import OrganisationKind, Party, operates
from tongxing.registry.whereabouts import placed_on

from .covering import Cover, covered_by, duty_holders, holders, holding
from .definitions import NOTHING_HELD, Held, minimum_of
from .models import Exemption, Shape, Target, Way
from .reach import COUNTY_WIDTH, Reach, county_of

PARTY_NUMBER = {party: number for number, party in enumerate(Party.values)}


@dataclass(frozen=True)
class ListedUnit:
    """One unit with its state. A party without a registered body has the kind `party` and a number made of county and party."""

    kind: str
    id: int
    name: str
    area_code: int
    covered: bool
    certified: bool
    exempt: bool = False
    detail: str = ""

    @property
    def pk(self) -> str:
        return f"{self.kind}-{self.id}"

    @property
    def area_id(self) -> int:
        """By the name that organisations have for it, so that one list orders both."""
        return self.area_code

    @property
    def state(self) -> str:
        if self.covered:
            return "certified" if self.certified else "covered"
        return "exempt" if self.exempt else "vacant"


def listed_units(target: Target, day: date, reach: Reach, held: Held = NOTHING_HELD) -> list[ListedUnit]:
    """All units of a tripartite or area target, in the order of area codes. `held`: the provisions of the day, when they are known."""
    minimum = minimum_of(target, day, held)
    if target.shape == Shape.AREAS:
        return _area_units(target, day, reach, minimum)
    if target.shape == Shape.TRIPARTITE:
        return _party_units(target, day, reach.of_counties(), minimum)
    return []


def _exempted(target: Target, day: date, reach: Reach) -> set[tuple[str, int]]:
    rows = Exemption.objects.in_force(day).filter(reach.q("area_code"), target_key=target.key)
    return set(rows.values_list("unit_kind", "unit_id"))


def _area_units(target: Target, day: date, reach: Reach, minimum: int) -> list[ListedUnit]:
    areas = Area.objects.valid_on(day).filter(reach.q("code"), kind__in=target.area_kind_list).order_by("code")
    cover = _cover_of_areas(target, day, reach, minimum)
    exempted, labels = _exempted(target, day, reach), dict(Kind.choices)
    return [
        ListedUnit(
            "area",
            code,
            name,
            code,
            code in cover.covered,
            code in cover.certified,
            code not in cover.covered and ("area", code) in exempted,
            labels[kind],
        )
        for code, name, kind in areas.values_list("code", "name", "kind")
    ]


def _cover_of_areas(target: Target, day: date, reach: Reach, minimum: int) -> Cover:
    """By a duty area, or by a posting at the area's grass-roots organisation."""
    cover = Cover()
    if Way.DUTY_AREA in target.way_list:
        cover |= covered_by(duty_holders(day, reach), minimum)
    if Way.POSTING in target.way_list:
        posts = holding(Posting, day).filter(operates(day, "organisation__"), organisation__kind=OrganisationKind.GRASSROOTS)
        cover |= covered_by(holders(placed_on(posts, day, reach.q, "organisation__"), "area_on", day), minimum)
    return cover


def _bodies(target: Target, day: date, reach: Reach) -> list[tuple[int, str, int, str]]:
    """County, party, id and name of the registered bodies of the parties."""
    # Bodies are few. `Filled` names the condition of the index that holds only them; with a bound of its column SQLite takes it, too.
    rows = Organisation.objects.operating_on(day).filter(Filled("party"), party__in=target.party_list, area_id__gt=0)
    rows = rows.exclude(kind=OrganisationKind.ENTERPRISE).order_by()
    if reach.codes is None:
        rows = rows.filter(reach.q("area_id"))
    else:
        county = ExpressionWrapper(F("area_id") / COUNTY_WIDTH, output_field=BigIntegerField())
        rows = rows.alias(county=county).filter(county__in=sorted({code // COUNTY_WIDTH for code in reach.codes}))
    return sorted(
        (county_of(area_code), party, pk, name)
        for pk, name, area_code, party in rows.values_list("id", "name", "area_id", "party")
        if reach.holds(county_of(area_code))
    )


def _party_units(target: Target, day: date, reach: Reach, minimum: int) -> list[ListedUnit]:
    """Registered bodies of the parties, and for each county the parties of which no body is registered."""
    found = _bodies(target, day, reach)
    posts = holding(Posting, day).filter(organisation_id__in=[pk for _, _, pk, _ in found])
    cover = covered_by(holders(posts, "organisation_id", day), minimum)
    exempted = _exempted(target, day, reach)
    units = [
        ListedUnit(
            "organisation",
            pk,
            name,
            county,
            pk in cover.covered,
            pk in cover.certified,
            pk not in cover.covered and ("organisation", pk) in exempted,
            Party(party).label,
        )
        for county, party, pk, name in found
    ]
    return sorted(
        [*units, *_missing_parties(target, day, reach, {(county, party) for county, party, _, _ in found}, exempted)],
        key=lambda unit: (unit.area_code, unit.kind, unit.id),
    )


def _missing_parties(
    target: Target, day: date, reach: Reach, found: set[tuple[int, str]], exempted: set[tuple[str, int]]
) -> list[ListedUnit]:
    counties = Area.objects.valid_on(day).filter(reach.q("code"), kind=Kind.COUNTY).order_by("code").values_list("code", "name")
    missing, labels = [], dict(Party.choices)
    for code, name in counties:
        for party in target.party_list:
            if (code, party) not in found:
                number, label = code * 10 + PARTY_NUMBER[party], labels[party]
                missing.append(
                    ListedUnit("party", number, f"{name}{label}", code, False, False, ("party", number) in exempted, f"{label}（未登记）")
                )
    return missing
