"""`tongxing coverage | gaps`: how we stand, and who is missing, by name."""

from dataclasses import asdict, is_dataclass
from datetime import date
from typing import Any

import click

from tongxing.core.errors import Refused

from .chinese import ChineseCommand, Day, Whole
from .output import as_json, table
from .start import start_with_data

ROW = ("total", "covered", "certified", "exempt", "vacant")


@click.command(cls=ChineseCommand, short_help="各项建设目标的覆盖情况")
@click.option("--area", type=Whole(), default=None, metavar="区划代码", help="12 位区划代码，默认为本地（TONGXING_AREA）")
@click.option("--on", type=Day(), default=None, metavar="日期", help="截至哪一天，默认今天")
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def coverage(area: int | None, on: date | None, json_wanted: bool) -> int:
    """每项目标：应覆盖、已覆盖、持证、免设、空缺和覆盖率。"""
    start_with_data()
    from tongxing.targets.figures import figures

    place = known_area(area)
    rows = [_plain(figure) for figure in figures(place.code, on)]
    if json_wanted:
        as_json({"area": place.code, "name": place.name, "on": on or date.today(), "targets": rows})
        return 0
    click.echo(f"{place.name} 截至 {on or date.today()}")
    table(
        ("目标", "应覆盖", "已覆盖", "持证", "免设", "空缺", "覆盖率", "依据"),
        [(row["title"], *_numbers(row), _percent(row), row["clause"]) for row in rows],
    )
    return 0


@click.command(cls=ChineseCommand, short_help="列出还没有协调员的单位、镇街和园区")
@click.option("--area", type=Whole(), default=None, metavar="区划代码", help="12 位区划代码，默认为本地（TONGXING_AREA）")
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def gaps(area: int | None, json_wanted: bool) -> int:
    """逐个点名的缺口清单。有缺口时退出码为 1。"""
    start_with_data()
    from tongxing.targets.gaps import sync_gaps

    place = known_area(area)
    sync_gaps()
    rows = _standing_gaps(place.code)
    if json_wanted:
        as_json({"area": place.code, "name": place.name, "gaps": rows})
    else:
        table(("目标", "名称", "区划", "空缺自", "责任人", "期限"), [list(row.values())[1:] for row in rows])
        click.echo(f"共 {len(rows)} 个缺口。")
    return 1 if rows else 0


def _standing_gaps(area_code: int) -> list[dict[str, Any]]:
    from tongxing.areas.scope import span_of
    from tongxing.targets.models import Gap

    rows = (
        Gap.objects.standing()
        .filter(area_code__range=span_of(area_code))
        .select_related("owner")
        .order_by("target_key", "area_code", "unit_name")
    )
    return [
        {
            "id": gap.pk,
            "target": gap.target_key,
            "unit": gap.unit_name,
            "area": gap.area_code,
            "vacant_since": gap.vacant_since,
            "owner": gap.owner.name if gap.owner else None,
            "due_on": gap.due_on,
        }
        for gap in rows
    ]


def known_area(code: int | None) -> Any:
    from django.conf import settings

    from tongxing.areas.models import Area

    place = Area.objects.filter(code=code or settings.PROGRAMME_AREA).first()
    if place is None:
        raise Refused(f"没有区划 {code or settings.PROGRAMME_AREA}。请核对代码，或先用 tongxing areas load 载入区划。", code="unknown_area")
    return place


def _plain(figure: Any) -> dict[str, Any]:
    row = asdict(figure) if is_dataclass(figure) and not isinstance(figure, type) else dict(figure._asdict())
    return row | {"rate": figure.rate, "gap": figure.gap, "met": figure.met}


def _numbers(row: dict[str, Any]) -> list[object]:
    if row["done"] is not None:
        return [f"全年 {row['minimum']}", f"本年 {row['done']}", "–", "–", max(0, row["minimum"] - row["done"])]
    return ["暂无数据"] * len(ROW) if row["no_data"] else [row[key] for key in ROW]


def _percent(row: dict[str, Any]) -> str:
    if row["done"] is not None:
        return f"{row['done'] / row['minimum']:.1%}" if row["minimum"] else ""
    return "" if row["no_data"] or row["rate"] is None else f"{row['rate']:.1%}"
