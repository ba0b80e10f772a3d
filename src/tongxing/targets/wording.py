"""Figures as plain sentences, as an officer would say them: what is missing, and where most of it is."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from tongxing.areas.models import Area

from .figures import TargetFigure
from .models import Shape

VERBS = {"trained": "培训结业", "models": "选树报送", "model_organisations": "选树报送"}
Children = Sequence[tuple[Area, TargetFigure]]


def sentence(row: TargetFigure, children: Children = ()) -> str:
    """One sentence about one target."""
    if row.done is not None:
        return of_the_year(row.key, row.day.year, row.done, row.minimum, row.noun)
    if row.no_data:
        return f"暂无数据。目标是每年至少 {row.minimum} {row.noun}。"
    if not row.counted:
        return f"全部 {row.total} {row.noun}已免设。" if row.total else "这里没有需要覆盖的对象。"
    return _met(row, children) if row.met else _missing(row, children)


def of_the_year(key: str, year: int, done: int, minimum: int, noun: str) -> str:
    """How a yearly target stands: people trained, or models chosen and sent to the province."""
    left = max(0, minimum - done)
    told = f"离全年至少 {minimum} {noun}还差 {left} {noun}" if left else f"已达到全年至少 {minimum} {noun}的目标"
    return f"{year} 年已{VERBS.get(key, '完成')} {done} {noun}，{told}。"


def frozen_year(row: dict[str, Any], day: date) -> str:
    """The same of a frozen figure; empty where nothing was counted, as in reports made before the count was kept in them."""
    return "" if row.get("done") is None else of_the_year(row["key"], day.year, row["done"], row["minimum"], row["noun"])


def _met(row: TargetFigure, children: Children) -> str:
    if not row.vacant:
        return f"{row.counted} {row.noun}都有协调员{_uncertified(row)}。"
    return f"已达到 {row.share:.0%} 的要求，另有 {row.vacant} {row.noun}没有协调员{_where(children)}。"


def _missing(row: TargetFigure, children: Children) -> str:
    if row.shape == Shape.SMALL_SHARE and row.share < 1:
        return f"还差 {row.gap} {row.noun}才达到 {row.share:.0%}{_where(children)}。"
    return f"还有 {row.gap} {row.noun}没有协调员{_where(children)}{_uncertified(row)}。"


def _uncertified(row: TargetFigure) -> str:
    return f"，另有 {row.uncertified} {row.noun[0]}的协调员没有证书" if row.uncertified else ""


def _where(children: Children) -> str:
    """The two areas that hold most of the vacancies, when they hold at least half of them."""
    vacant = sorted(((row.vacant, area.short_name) for area, row in children if row.vacant), reverse=True)
    if len(vacant) < 2:
        return f"，在{vacant[0][1]}" if vacant else ""
    if sum(number for number, _ in vacant[:2]) * 2 < sum(number for number, _ in vacant):
        return f"，分布在 {len(vacant)} 个区划"
    return f"，集中在{vacant[0][1]}和{vacant[1][1]}"
