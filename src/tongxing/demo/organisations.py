"""About 2,000 invented enterprises of all sizes, and the bodies where coordinators sit."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from tongxing.areas.models import Area
from tongxing.registry.models import Organisation
from tongxing.registry.models.fields import VaultColumn
from tongxing.registry.models.organisations import OrganisationKind, OrganisationStatus, Party, Size
from tongxing.registry.size import classify

from .invention import Namer, credit_code, day_between, person_name, phone

ENTERPRISES = 2_000


class Trade(NamedTuple):
    """A line of business: GB/T 4754-2017 code, the word in the name, its weight, and what large, medium, small and micro look like.

    Figures are (employees, revenue, assets) ceilings of micro, small, medium and large; money in 万元.
    """

    industry: str
    word: str
    weight: int
    micro: tuple[int, int, int]
    small: tuple[int, int, int]
    medium: tuple[int, int, int]
    large: tuple[int, int, int]


TRADES = (
    Trade("3011", "水泥", 2, (19, 280, 500), (290, 1900, 3000), (980, 39000, 60000), (2600, 90000, 150000)),
    Trade("3311", "钢结构", 4, (19, 280, 400), (290, 1900, 2500), (980, 38000, 50000), (2200, 70000, 90000)),
    Trade("3212", "有色金属", 5, (19, 290, 500), (280, 1900, 3000), (990, 39000, 80000), (3200, 160000, 200000)),
    Trade("2631", "化工", 4, (18, 280, 400), (280, 1900, 3000), (900, 38000, 60000), (1900, 80000, 120000)),
    Trade("3484", "机械", 12, (19, 290, 300), (280, 1900, 2000), (900, 30000, 30000), (1700, 60000, 70000)),
    Trade("1391", "食品", 8, (19, 260, 200), (260, 1800, 1500), (700, 28000, 20000), (1400, 52000, 50000)),
    Trade("4710", "建筑工程", 12, (30, 290, 280), (200, 5800, 4800), (600, 70000, 60000), (1500, 120000, 110000)),
    Trade("5165", "物资贸易", 14, (4, 900, 300), (19, 4800, 1500), (150, 38000, 9000), (420, 80000, 30000)),
    Trade("5211", "百货", 14, (9, 95, 50), (48, 480, 200), (260, 18000, 5000), (700, 42000, 20000)),
    Trade("5431", "物流", 8, (19, 190, 150), (280, 2900, 1500), (900, 28000, 16000), (1600, 50000, 40000)),
    Trade("6110", "酒店", 4, (9, 95, 80), (95, 1900, 1500), (280, 9500, 9000), (520, 16000, 30000)),
    Trade("6210", "餐饮", 10, (9, 95, 40), (95, 1900, 500), (290, 9000, 3000), (600, 15000, 9000)),
    Trade("6513", "软件", 4, (9, 48, 30), (95, 950, 500), (280, 9500, 6000), (500, 20000, 15000)),
    Trade("7010", "置业", 2, (20, 95, 1900), (60, 900, 4900), (150, 19000, 9800), (400, 220000, 30000)),
    Trade("7020", "物业服务", 4, (95, 480, 100), (280, 980, 600), (900, 4800, 2000), (1500, 9000, 5000)),
    Trade("7212", "商务服务", 8, (9, 100, 95), (95, 800, 7500), (280, 5000, 100000), (500, 20000, 130000)),
    Trade("8111", "汽车服务", 6, (9, 80, 60), (95, 600, 400), (280, 3000, 2500), (460, 9000, 8000)),
    Trade("0111", "农业", 6, (30, 48, 100), (60, 480, 500), (200, 18000, 6000), (500, 26000, 20000)),
    Trade("8391", "职业培训", 2, (20, 100, 60), (60, 400, 300), (120, 900, 900), (200, 2000, 2000)),
)
SIZES = (Size.MICRO, Size.SMALL, Size.MEDIUM, Size.LARGE)
SIZE_WEIGHTS = (58, 33, 7, 2)
BODIES: tuple[tuple[str, str, str, str], ...] = (
    ("济源示范区人力资源和社会保障局（演示）", OrganisationKind.TRIPARTITE, Party.HR, "11"),
    ("济源示范区总工会（演示）", OrganisationKind.TRIPARTITE, Party.UNION, "81"),
    ("济源示范区工商业联合会（演示）", OrganisationKind.TRIPARTITE, Party.FEDERATION, "51"),
    ("济源市有色金属行业工会联合会（演示）", OrganisationKind.UNION, "", "81"),
    ("济源市建筑行业工会联合会（演示）", OrganisationKind.UNION, "", "81"),
    ("济源市劳动人事争议调解中心（演示）", OrganisationKind.MEDIATION, "", "52"),
    ("玉川片区劳动争议调解委员会（演示）", OrganisationKind.MEDIATION, "", "52"),
    ("济源市人力资源管理协会（演示）", OrganisationKind.ASSOCIATION, "", "51"),
    ("济源市中小企业协会（演示）", OrganisationKind.ASSOCIATION, "", "51"),
    ("济源市同行人力资源有限公司（演示）", OrganisationKind.HR_AGENCY, "", "91"),
    ("济源市英才人力资源有限公司（演示）", OrganisationKind.HR_AGENCY, "", "91"),
    ("河南愚公律师事务所（演示）", OrganisationKind.LEGAL_AGENCY, "", "31"),
    ("济源市和谐劳动关系促进中心（演示）", OrganisationKind.SOCIAL, "", "52"),
    ("济源市职工心理关爱中心（演示）", OrganisationKind.SOCIAL, "", "52"),
    ("济源市技能培训学校（演示）", OrganisationKind.TRAINING, "", "52"),
    ("济源市技能评价中心（演示）", OrganisationKind.ASSESSMENT, "", "52"),
)


def _figures(random: Random, trade: Trade, size: Size) -> tuple[int, Decimal, Decimal]:
    ceilings = (trade.micro, trade.small, trade.medium, trade.large)
    rank = SIZES.index(size)
    floor = ceilings[rank - 1] if rank else (2, 10, 10)
    employees, revenue, assets = (
        random.randint(int(low + (high - low) * 0.35), high) for low, high in zip(floor, ceilings[rank], strict=True)
    )
    return employees, Decimal(revenue), Decimal(assets)


def _sealed_phone(uid: UUID, number: str) -> str:
    return VaultColumn.sealed_for(Organisation, "contact_phone_sealed", uid, number)


def _enterprise(random: Random, namer: Namer, serial: int, area: Area, today: date) -> Organisation:
    trade = random.choices(TRADES, [trade.weight for trade in TRADES])[0]
    size = random.choices(SIZES, SIZE_WEIGHTS)[0]
    employees, revenue, assets = _figures(random, trade, size)
    facts: dict[str, Any] = {"employees": employees, "revenue": revenue, "assets": assets, "figures_year": today.year - 1}
    if random.random() < 0.03:
        facts = {"employees": None, "revenue": None, "assets": None, "figures_year": None}
    ended = day_between(random, date(today.year - 2, 1, 1), today) if random.random() < 0.03 else None
    name = namer.enterprise(trade.word)
    by_rule = classify(trade.industry, facts["employees"], facts["revenue"], facts["assets"]).size
    unplaced = random.random() < 0.02
    organisation = Organisation(
        credit_code=credit_code("91", serial),
        name=name,
        name_key=name,
        kind=OrganisationKind.ENTERPRISE,
        area=area.parent if unplaced and area.parent else area,
        unplaced=unplaced,
        address="济源示范区" if unplaced else f"济源示范区{area.short_name}演示路{serial % 300 + 1}号",
        industry=trade.industry,
        size=by_rule,
        size_by_rule=by_rule,
        status=OrganisationStatus.CLOSED if ended else OrganisationStatus.OPERATING,
        began_on=day_between(random, date(1998, 1, 1), date(today.year - 4, 12, 31)),
        ended_on=ended,
        legal_representative=person_name(random, random.choice((1, 2))),
        contact_name=person_name(random, random.choice((1, 2))),
        **facts,
    )
    organisation.contact_phone_sealed = _sealed_phone(organisation.uid, phone(serial))
    return organisation


def _bodies(random: Random, areas: list[Area], county: Area) -> Iterator[Organisation]:
    centre = next(area for area in areas if area.short_name == "沁园街道")
    for serial, (name, kind, party, prefix) in enumerate(BODIES, start=900_001):
        yield Organisation(
            credit_code=credit_code(prefix, serial),
            name=name,
            name_key=name,
            kind=kind,
            party=party,
            area=centre,
            address="济源示范区沁园街道演示路 1 号",
            size=Size.UNCLASSIFIED,
            size_by_rule=Size.UNCLASSIFIED,
            began_on=date(2005, 1, 1),
            contact_name=person_name(random, 2),
        )
    for serial, area in enumerate(areas, start=910_001):
        yield Organisation(
            credit_code=credit_code("11", serial),
            name=f"{area.short_name}劳动关系服务站（演示）",
            name_key=f"{area.short_name}劳动关系服务站（演示）",
            kind=OrganisationKind.GRASSROOTS,
            area=area,
            size=Size.UNCLASSIFIED,
            size_by_rule=Size.UNCLASSIFIED,
            began_on=date(2005, 1, 1),
        )


def build(random: Random, areas: list[Area], county: Area, today: date) -> list[Organisation]:
    """Create the organisations; parks and the four inner streets hold more and larger ones."""
    namer = Namer(random)
    weights = [3 if area.is_leaf and area.kind in {"park", "street"} else 1 for area in areas]
    rows = [_enterprise(random, namer, serial, random.choices(areas, weights)[0], today) for serial in range(1, ENTERPRISES + 1)]
    rows.extend(_bodies(random, areas, county))
    return Organisation.objects.bulk_create(rows, batch_size=500)
