"""Size class of an enterprise: 《统计上大中小微型企业划分办法（2017）》, 国统字〔2017〕213号, industries by GB/T 4754-2017.

Large, medium and small enterprises must meet every lower limit of their row, else they drop a class; for micro one indicator below its
limit is enough. Units: employees in persons, revenue and assets in 万元. Figures that are missing give UNKNOWN with what is missing, unless
what is known already makes the enterprise micro. Finance (J), education (P), health (84), railways (53), letting of own real estate
(704) and public administration (S, T) stand outside the table: UNCLASSIFIED.
"""

from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from .models.organisations import OrganisationKind, Size

STANDARD = "国统字〔2017〕213号"
Number = int | float | Decimal


class Limits(NamedTuple):
    """One indicator of a row: which figure, its name and unit, and the lower limits of large, medium and small."""

    figure: int
    large: int
    medium: int
    small: int

    @property
    def title(self) -> str:
        return ("从业人员", "营业收入", "资产总额")[self.figure]

    @property
    def unit(self) -> str:
        return ("人", "万元", "万元")[self.figure]


class Row(NamedTuple):
    """One row of the table: its name and one or two indicators."""

    title: str
    limits: tuple[Limits, ...]


X, Y, Z = 0, 1, 2  # employees, revenue, assets: the letters of the standard


def _row(title: str, *limits: tuple[int, int, int, int]) -> Row:
    return Row(title, tuple(Limits(*limit) for limit in limits))


AGRICULTURE = _row("农、林、牧、渔业", (Y, 20_000, 500, 50))
INDUSTRY = _row("工业", (X, 1_000, 300, 20), (Y, 40_000, 2_000, 300))
CONSTRUCTION = _row("建筑业", (Y, 80_000, 6_000, 300), (Z, 80_000, 5_000, 300))
WHOLESALE = _row("批发业", (X, 200, 20, 5), (Y, 40_000, 5_000, 1_000))
RETAIL = _row("零售业", (X, 300, 50, 10), (Y, 20_000, 500, 100))
TRANSPORT = _row("交通运输业", (X, 1_000, 300, 20), (Y, 30_000, 3_000, 200))
STORAGE = _row("仓储业", (X, 200, 100, 20), (Y, 30_000, 1_000, 100))
POST = _row("邮政业", (X, 1_000, 300, 20), (Y, 30_000, 2_000, 100))
LODGING = _row("住宿业", (X, 300, 100, 10), (Y, 10_000, 2_000, 100))
CATERING = _row("餐饮业", (X, 300, 100, 10), (Y, 10_000, 2_000, 100))
TELECOM = _row("信息传输业", (X, 2_000, 100, 10), (Y, 100_000, 1_000, 100))
SOFTWARE = _row("软件和信息技术服务业", (X, 300, 100, 10), (Y, 10_000, 1_000, 50))
DEVELOPERS = _row("房地产开发经营", (Y, 200_000, 1_000, 100), (Z, 10_000, 5_000, 2_000))
PROPERTY = _row("物业管理", (X, 1_000, 300, 100), (Y, 5_000, 1_000, 500))
BUSINESS = _row("租赁和商务服务业", (X, 300, 100, 10), (Z, 120_000, 8_000, 100))
OTHERS = _row("其他未列明行业", (X, 300, 100, 10))

OUTSIDE = {
    "J": "金融业",
    "P": "教育",
    "S": "公共管理、社会保障和社会组织",
    "T": "国际组织",
    "53": "铁路运输业",
    "84": "卫生",
    "704": "自有房地产经营活动",
}
SPLIT = {
    "F": "批发和零售业分属两行，需要 2 位代码：51 批发或 52 零售",
    "G": "交通运输、仓储和邮政业分属多行，需要 2 位代码，如 54 道路运输、59 仓储、60 邮政",
    "I": "信息传输、软件和信息技术服务业分属两行，需要 2 位代码：63、64 信息传输或 65 软件",
    "K": "房地产业分属多行，需要 4 位代码：7010 开发经营、7020 物业管理、7030 中介服务、7040 租赁经营、7090 其他",
    "70": "房地产业分属多行，需要 4 位代码：7010 开发经营、7020 物业管理、7030 中介服务、7040 租赁经营、7090 其他",
    "Q": "卫生不划型、社会工作划型，需要 2 位代码：84 卫生或 85 社会工作",
}
DIVISIONS: dict[str, Row] = {
    **{f"{number:02}": AGRICULTURE for number in range(1, 6)},
    **{f"{number:02}": INDUSTRY for number in range(6, 47)},
    **{f"{number:02}": CONSTRUCTION for number in range(47, 51)},
    "51": WHOLESALE,
    "52": RETAIL,
    **{f"{number:02}": TRANSPORT for number in range(54, 59)},
    "59": STORAGE,
    "591": TRANSPORT,  # 装卸搬运 counts as transport by the standard's note
    "60": POST,
    "61": LODGING,
    "62": CATERING,
    "63": TELECOM,
    "64": TELECOM,
    "65": SOFTWARE,
    "701": DEVELOPERS,
    "702": PROPERTY,
    "703": OTHERS,
    "709": OTHERS,
    "71": BUSINESS,
    "72": BUSINESS,
    **{f"{number:02}": OTHERS for number in range(73, 83)},
    "85": OTHERS,
    **{f"{number:02}": OTHERS for number in range(86, 91)},
    "A": AGRICULTURE,
    "B": INDUSTRY,
    "C": INDUSTRY,
    "D": INDUSTRY,
    "E": CONSTRUCTION,
    # both rows of H hold the same limits, so the letter is enough
    "H": LODGING._replace(title="住宿和餐饮业"),
    "L": BUSINESS,
    "M": OTHERS,
    "N": OTHERS,
    "O": OTHERS,
    "R": OTHERS,
}
SECTION_OF = {
    **{f"{number:02}": "J" for number in range(66, 70)},
    "83": "P",
    **{f"{number:02}": "S" for number in range(91, 97)},
    "97": "T",
}
CLASSES = (Size.LARGE, Size.MEDIUM, Size.SMALL)
LARGE, MEDIUM, SMALL, MICRO, UNKNOWN, UNCLASSIFIED = Size.LARGE, Size.MEDIUM, Size.SMALL, Size.MICRO, Size.UNKNOWN, Size.UNCLASSIFIED
# Social and public bodies are no enterprises: the rule does not speak of them (第二条).
NO_ENTERPRISES = frozenset(
    {
        OrganisationKind.MEDIATION,
        OrganisationKind.TRIPARTITE,
        OrganisationKind.UNION,
        OrganisationKind.ASSOCIATION,
        OrganisationKind.SOCIAL,
        OrganisationKind.GRASSROOTS,
    }
)


class SizeDecision:
    """The size and, worked out only when somebody asks, the reasons in plain Chinese."""

    __slots__ = ("__dict__", "_facts", "size")

    def __init__(self, size: Size, facts: tuple[Row | str, tuple[Number | None, ...]]) -> None:
        self.size = size
        self._facts = facts

    @cached_property
    def reasons(self) -> tuple[str, ...]:
        row, figures = self._facts
        return (row,) if isinstance(row, str) else _explain(self.size, row, figures)

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the figures that the row needs and that are absent."""
        row, figures = self._facts
        return () if isinstance(row, str) else tuple(limit.title for limit in row.limits if figures[limit.figure] is None)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SizeDecision) and (self.size, self.reasons) == (other.size, other.reasons)

    def __hash__(self) -> int:
        return hash((self.size, self.reasons))

    def __repr__(self) -> str:
        return f"SizeDecision({self.size.value}, {self.reasons})"


_rows: dict[str, Row | SizeDecision] = {}


def row_of(industry: str) -> Row | SizeDecision:
    """The row for a code (letter, two to four digits, or both as in C3011), or the decision where no row can be told."""
    found = _rows.get(industry)
    if found is None:
        found = _find_row(industry)
        if len(_rows) < 10_000:  # codes come from outside: the memory of them must not grow without end
            _rows[industry] = found
    return found


def _find_row(industry: str) -> Row | SizeDecision:
    code = industry.strip().upper()
    if len(code) > 1 and code[0].isalpha():
        code = code[1:]
    if not code:
        return SizeDecision(UNKNOWN, ("缺少行业代码，无法按标准划型", ()))
    for outside in (code[:3], code[:2], code[:1], SECTION_OF.get(code[:2], "")):
        if outside in OUTSIDE and (outside.isdigit() or outside == code or outside == SECTION_OF.get(code[:2])):
            return SizeDecision(UNCLASSIFIED, (f"{OUTSIDE[outside]}不在{STANDARD}的划型范围内", ()))
    for prefix in (code[:3], code[:2], code):
        if prefix in DIVISIONS:
            return DIVISIONS[prefix]
    if code in SPLIT:
        return SizeDecision(UNKNOWN, (SPLIT[code], ()))
    return SizeDecision(UNKNOWN, (f"行业代码 {industry} 不在 GB/T 4754-2017 中，无法划型", ()))


def classify(industry: str, employees: Number | None, revenue: Number | None, assets: Number | None) -> SizeDecision:
    """Size class by the 2017 rule; figures in persons and 万元, None where unknown."""
    row = _rows.get(industry) or row_of(industry)
    if row.__class__ is SizeDecision:
        return row
    figures = (employees, revenue, assets)
    step, missing = 0, False
    for figure, large, medium, small in row[1]:  # type: ignore[index]
        value = figures[figure]
        if value is None:
            missing = True
        elif value < small:
            return SizeDecision(MICRO, (row, figures))  # type: ignore[arg-type]
        elif value < medium:
            step = 2
        elif value < large and step < 1:
            step = 1
    return SizeDecision(UNKNOWN if missing else CLASSES[step], (row, figures))  # type: ignore[arg-type]


def decide(kind: str, industry: str, employees: Number | None, revenue: Number | None, assets: Number | None) -> SizeDecision:
    """`classify` for an organisation of any kind: bodies that are no enterprises are not classified."""
    if kind in NO_ENTERPRISES:
        return SizeDecision(UNCLASSIFIED, (f"{OrganisationKind(kind).label}不是企业，不适用{STANDARD}", ()))
    return classify(industry, employees, revenue, assets)


def _plain(value: Number) -> str:
    return f"{Decimal(str(value)).normalize():f}"


def _class_of(limit: Limits, value: Number) -> int:
    """0 large … 3 micro, by this indicator alone."""
    return 0 if value >= limit.large else 1 if value >= limit.medium else 2 if value >= limit.small else 3


def _explain(size: Size, row: Row, figures: tuple[Number | None, ...]) -> tuple[str, ...]:
    labels = (Size.LARGE.label, Size.MEDIUM.label, Size.SMALL.label, Size.MICRO.label)
    known = [(limit, value) for limit in row.limits if (value := figures[limit.figure]) is not None]
    missing = [limit.title for limit in row.limits if figures[limit.figure] is None]
    ranks = [_class_of(limit, value) for limit, value in known]
    if missing and size == UNKNOWN:
        ceiling = f"；已知数据最高可划为{labels[max(ranks)]}" if ranks else ""
        return (f"{row.title}：缺少{'、'.join(missing)}，暂不能划型{ceiling}",)
    if size == MICRO:
        low = [f"{limit.title} {_plain(value)} {limit.unit}<{limit.small}" for limit, value in known if value < limit.small]
        return (f"{row.title}：{'，'.join(low)}，微型只须满足一项，划为微型",)
    best = min(ranks)
    parts = []
    for (limit, value), rank in zip(known, ranks, strict=True):
        floor = (limit.large, limit.medium, limit.small)[best]
        parts.append(
            f"{limit.title} {_plain(value)} {limit.unit}{'≥' if rank <= best else '<'}{floor}{'' if limit.figure == X else ' 万元'}"
        )
    fall = max(ranks) - best
    verdict = f"全部达到{labels[best]}下限，划为{labels[best]}" if fall == 0 else f"降{'一二三'[fall - 1]}档为{labels[max(ranks)]}"
    return (f"{row.title}：{'，'.join(parts)}，{verdict}",)
