"""What this room hands on as papers (PDF, Word, Excel in the official layout): a frozen coverage report, a list of gaps."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.audit.log import Actor
from tongxing.core.errors import Refused
from tongxing.papers import register
from tongxing.papers.document import Block, Document, Heading, Paragraph, Table
from tongxing.papers.models import Paper

from .freezing import in_order, read
from .models import FrozenReport, Gap, Target
from .spread import DIMENSIONS
from .units import State
from .wording import frozen_year

LONGEST_LIST = 5_000
GAP_HEADINGS = ("序号", "对象", "目标", "区划", "空缺自", "责任人", "期限", "下一步")


def report_document(report: FrozenReport) -> Document:
    """The frozen report as a document: totals, child areas, who is vacant by name, make-up. Says nothing but what was frozen."""
    content = read(report)
    titles = {row["key"]: row["title"] for row in content["figures"]}
    blocks: list[Block] = [
        Heading("一、总体情况"),
        *(Paragraph(_said(row, report.day)) for row in content["figures"]),
        _totals(content["figures"]),
    ]
    blocks += _chapter(
        "二、分区情况", [(titles[key], _children(rows)) for key, rows in in_order(content, "children") if any(row[1] for row in rows)]
    )
    lists = [(titles[key], lines) for key, lines in in_order(content, "lists")]
    blocks += _chapter("三、空缺名单", _named(lists, State.VACANT, _vacant))
    blocks += _chapter("四、免设名单", _named(lists, State.EXEMPT, _exempt))
    blocks.append(Heading("五、协调员构成"))
    for key, groups in in_order(content, "make_up"):
        if groups:
            blocks.append(Table((DIMENSIONS[key].title, "人数"), groups, widths=(4, 1), numeric=(1,), title=f"按{DIMENSIONS[key].title}"))
    blocks.append(Paragraph(f"本报告由定格报告 {report.number} 生成，校验值 {_grouped(report.sha256)}。"))
    subtitle = "" if "截至" in report.title else f"（截至 {report.day}）"
    return Document(report.title, blocks, subtitle=subtitle, issued_by=settings.BUREAU_NAME, issued_on=timezone.localdate())


def _chapter(title: str, parts: Sequence[tuple[str, Table]]) -> list[Block]:
    """A chapter with its parts numbered as official papers number them; says so when there is none."""
    blocks: list[Block] = [Heading(title)]
    for number, (name, table) in enumerate(parts, 1):
        blocks += [Heading(f"（{numeral(number)}）{name}", 2), table]
    return blocks if parts else [*blocks, Paragraph("无。")]


def numeral(number: int) -> str:
    """1 to 99 in Chinese: 一, 十, 十一, 二十."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    return (digits[tens] if tens > 1 else "") + ("十" if tens else "") + (digits[ones] if ones or not tens else "")


def _children(rows: Sequence[Sequence[Any]]) -> Table:
    """Child areas that hold a unit: the parties stand at the county alone, eighteen lines of noughts would say nothing."""
    headings = ("区划", "总数", "已覆盖", "其中持证", "免设", "空缺")
    return Table(headings, [list(row) for row in rows if row[1]], widths=(3, 1, 1, 1, 1, 1), numeric=(1, 2, 3, 4, 5))


def _named(
    lists: Sequence[tuple[str, Sequence[dict[str, Any]]]], state: State, table: Callable[[Sequence[dict[str, Any]]], Table]
) -> list[tuple[str, Table]]:
    found = [(title, [line for line in lines if line["state"] == state]) for title, lines in lists]
    return [(f"{title}（{len(lines)}）", table(lines[:LONGEST_LIST])) for title, lines in found if lines]


def _exempt(lines: Sequence[dict[str, Any]]) -> Table:
    rows = [
        [number, line["name"], line["area"], line.get("exempt_reason", ""), line.get("exempt_by", ""), line["exempt_until"]]
        for number, line in enumerate(lines, 1)
    ]
    return Table(("序号", "对象", "区划", "理由", "批准人", "免设至"), rows, widths=(1, 6, 2.4, 4, 2, 2.4), numeric=(0,))


def _said(row: dict[str, Any], day: date) -> str:
    if year := frozen_year(row, day):
        return f"{row['title']}：{year}"
    if row["no_data"]:
        return f"{row['title']}：暂无数据。"
    counted = row["total"] - row["exempt"]
    rate = f"，覆盖率 {row['covered'] / counted:.1%}" if counted else ""
    exempt = f"，免设 {row['exempt']}" if row["exempt"] else ""
    met = "已达标" if row["met"] else "未达标"
    deadline = f"，期限 {row['deadline']}" if row["deadline"] else ""
    covered = f"已覆盖 {row['covered']}（其中持证 {row['certified']}）"
    return f"{row['title']}：共 {row['total']}，{covered}{exempt}，空缺 {row['vacant']}{rate}，{met}{deadline}。"


def _totals(rows: Sequence[dict[str, Any]]) -> Table:
    names = ("total", "covered", "certified", "exempt", "vacant")
    lines = [[row["title"], *(row[name] for name in names), "达标" if row["met"] else "未达标"] for row in rows if not row["no_data"]]
    headings = ("目标", "总数", "已覆盖", "其中持证", "免设", "空缺", "结论")
    return Table(headings, lines, widths=(4, 1, 1, 1, 1, 1, 1), numeric=(1, 2, 3, 4, 5))


def _vacant(lines: Sequence[dict[str, Any]]) -> Table:
    rows = [[number, line["name"], line["area"], line["detail"], line["vacant_since"]] for number, line in enumerate(lines, 1)]
    return Table(("序号", "对象", "区划", "类别", "空缺自"), rows, widths=(1, 8, 3, 1.6, 2.4), numeric=(0,))


def gap_document(gaps: Iterable[Gap], area: Area, day: date) -> Document:
    """Open gaps as a paper, by area."""
    rows = sorted(gaps, key=lambda gap: (gap.area_code, gap.target_key, gap.unit_name))
    if not rows:
        raise Refused("没有选中还开着的缺口，没有出具清单。请先在列表中勾选。", code="nothing_selected", status=422)
    if len(rows) > LONGEST_LIST:
        raise Refused(f"清单超过 {LONGEST_LIST} 条，一份文书放不下。请先按目标或镇街筛选。", code="too_long", status=422)
    areas = dict(Area.objects.filter(code__in={gap.area_code for gap in rows}).values_list("code", "short_name"))
    titles = dict(Target.objects.values_list("key", "title"))
    lines = [
        [
            number,
            gap.unit_name,
            titles.get(gap.target_key, gap.target_key),
            areas.get(gap.area_code, ""),
            gap.vacant_since,
            gap.owner.name if gap.owner else "",
            gap.due_on,
            gap.next_step,
        ]
        for number, gap in enumerate(rows, 1)
    ]
    table = Table(GAP_HEADINGS, lines, widths=(1, 8, 3, 2.4, 2.4, 1.6, 2.4, 3), numeric=(0,))
    intro = Paragraph(f"截至 {day}，以下 {len(rows)} 个对象还没有劳动关系协调员，请按期限落实。")
    title = f"{area.name}劳动关系协调员缺口清单"
    return Document(title, [intro, table], issued_by=settings.BUREAU_NAME, issued_on=day, landscape=True)


def _grouped(digest: str) -> str:
    """A digest in groups of eight, so that it breaks at the end of a line and can be compared by eye."""
    return " ".join(digest[place : place + 8] for place in range(0, len(digest), 8))


@transaction.atomic
def issue_report(report: FrozenReport, *, by: Actor) -> Paper:
    """Give a frozen report its number and QR code; PDF, Word and Excel are made from the paper."""
    return register.issue(report_document(report), kind="覆盖情况报告", by=by, area_code=report.area_code)


@transaction.atomic
def issue_gaps(gaps: Iterable[Gap], area: Area, *, by: Actor) -> Paper:
    """Issue a list of gaps of an area."""
    return register.issue(gap_document(gaps, area, timezone.localdate()), kind="缺口清单", by=by, area_code=area.code)
