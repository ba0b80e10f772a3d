"""Workbooks to hand on: gaps by township to be filled in and sent back, a list of units, a frozen report."""

from collections.abc import Iterable
from typing import Any

from tongxing.areas.models import Area
from tongxing.papers.book import Book

from .freezing import LISTED_COLUMNS, in_order, read
from .models import FrozenReport, Gap, Target
from .seats import Seat
from .spread import DIMENSIONS
from .units import State

GAP_COLUMNS = ("编号", "目标", "对象", "空缺自", "期限", "责任人", "最近联系", "下一步")
ASKED_COLUMNS = ("拟任协调员姓名", "联系电话", "是否持证", "证书编号", "预计到岗日期", "说明")


def gaps_by_township(gaps: Iterable[Gap], title: str) -> bytes:
    """One sheet a township: what is vacant, and yellow columns for the township to fill in and send back."""
    rows = sorted(gaps, key=lambda gap: (gap.area_code, gap.target_key, gap.unit_name))
    areas = dict(Area.objects.filter(code__in={gap.area_code for gap in rows}).values_list("code", "short_name"))
    titles = dict(Target.objects.values_list("key", "title"))
    book = Book()
    for code in sorted({gap.area_code for gap in rows}):
        theirs = [gap for gap in rows if gap.area_code == code]
        name = areas.get(code, str(code))
        book.sheet(name, f"{title} {name}（{len(theirs)} 个）", GAP_COLUMNS, [_gap_line(gap, titles) for gap in theirs], ASKED_COLUMNS)
    if not rows:
        book.sheet("缺口", f"{title}（没有缺口）", GAP_COLUMNS, [], ASKED_COLUMNS)
    return book.finish()


def _gap_line(gap: Gap, titles: dict[str, str]) -> list[Any]:
    owner = gap.owner.name if gap.owner else ""
    target = titles.get(gap.target_key, gap.target_key)
    return [gap.pk, target, gap.unit_name, gap.vacant_since, gap.due_on, owner, gap.last_contact_on, gap.next_step]


def seat_workbook(title: str, plan: Iterable[Seat]) -> bytes:
    columns = ("序号", "名额", "目标", "对象", "区划", "建议人选", "可销缺口", "理由")
    rows = [
        (line.number, line.seats, line.target_title, line.unit.name, line.unit.area_name, line.person, line.closes, line.reason)
        for line in plan
    ]
    book = Book()
    book.sheet("名额安排", title, columns, rows, ("姓名", "联系电话", "备注"))
    return book.finish()


def frozen(report: FrozenReport) -> bytes:
    """All of a frozen report: figures, child areas, lists, make-up; number and hash on the first sheet."""
    content = read(report)
    titles = {row["key"]: row["title"] for row in content["figures"]}
    head = ("目标", "条款", "期限", "总数", "已覆盖", "其中持证", "免设", "空缺", "是否达标", "全年任务", "本年完成")
    book = Book()
    book.sheet("总表", f"{report.title}（{report.number}，校验值 {report.sha256}）", head, [_total_line(row) for row in content["figures"]])
    for key, rows in in_order(content, "children"):
        columns = ("区划", "总数", "已覆盖", "其中持证", "免设", "空缺")
        book.sheet(f"分区 {titles[key]}", f"{titles[key]}：分区情况（截至 {report.day}）", columns, rows)
    for key, lines in in_order(content, "lists"):
        book.sheet(
            f"名单 {titles[key]}", f"{titles[key]}：名单（截至 {report.day}）", LISTED_COLUMNS, [_frozen_line(line) for line in lines]
        )
    groups = [[DIMENSIONS[key].title, label, number] for key, rows in in_order(content, "make_up") for label, number in rows]
    book.sheet("协调员构成", f"协调员构成（截至 {report.day}）", ("维度", "分组", "人数"), groups)
    return book.finish()


def _total_line(row: dict[str, Any]) -> list[Any]:
    named = [row["title"], row["clause"], row["deadline"]]
    # Reports made before the count of the year was kept have none.
    if (done := row.get("done")) is not None:
        return [*named, "", "", "", "", "", "达标" if done >= row["minimum"] else "未达标", row["minimum"], done]
    if row["no_data"]:
        return [*named, "暂无数据"]
    numbers = [row[name] for name in ("total", "covered", "certified", "exempt", "vacant")]
    return [*named, *numbers, "达标" if row["met"] else "未达标"]


def _frozen_line(line: dict[str, Any]) -> list[Any]:
    state = str(State(line["state"]).label)
    return [
        line["name"], line["area"], line["detail"], state, line["people"], line["certificate"], line["vacant_since"], line["exempt_until"],
        line.get("exempt_reason", ""), line.get("exempt_by", ""),
    ]  # fmt: skip
