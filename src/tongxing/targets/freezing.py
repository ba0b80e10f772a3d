"""Freezing a report: figures, lists and make-up of an area as of a day, with a hash, never changing (design §4.7).

The list is the denominator on record; `later` shows apart what has been added, lost or changed since.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.registry.models import Organisation

from .figures import TargetFigure, by_child, figures
from .models import FrozenReport, Target
from .reach import Reach
from .rules import can_freeze
from .spread import DIMENSIONS, make_up
from .units import State, Unit, describe, unit_rows

LONGEST_LIST = 50_000
LISTED_COLUMNS = ("对象", "区划", "规模或类别", "状态", "协调员", "证书编号", "空缺自", "免设至", "免设理由", "批准人")


def canonical(content: dict[str, Any]) -> str:
    """The one way this content is written as text: sorted keys, no blanks, UTF-8."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def freeze(area: Area, day: date, *, title: str, by: Actor) -> FrozenReport:
    """Make a frozen report of `area` as of `day`."""
    insist(can_freeze(by, area.code))
    today = timezone.localdate()
    if day > today:
        raise Refused("不能给以后的日期出定格报告，请改选今天或以前的日期。", code="future_day", status=422)
    text = canonical(_content(area, day))
    report = FrozenReport(
        title=title.strip() or f"{area.name}劳动关系协调员覆盖情况（截至{day}）",
        area_code=area.code,
        area_name=area.name,
        day=day,
        content=text,
        sha256=digest(text),
        made_by=by.display_name[:60],
    )
    _number(report, today)
    record("targets.freeze", by=by, of=report, after={"sha256": report.sha256, "day": str(day)})
    return report


def _number(report: FrozenReport, today: date) -> None:
    """覆盖-2026-0001: that of the year's newest plus one; when two are made at once, the unique number refuses the second."""
    start = f"覆盖-{today.year}-"
    last = FrozenReport.objects.filter(number__startswith=start).order_by("-pk").values_list("number", flat=True).first()
    report.number = f"{start}{int(last.rsplit('-', 1)[1]) + 1 if last else 1:04d}"
    try:
        with transaction.atomic():
            report.save(force_insert=True)
    except IntegrityError:
        raise Refused("同一时刻有人也在出具定格报告，编号被占用。请再点一次“出具”。", code="number_taken") from None


def _content(area: Area, day: date) -> dict[str, Any]:
    shown = figures(area.code, day)
    return {
        "area": {"code": area.code, "name": area.name},
        "day": str(day),
        "figures": [_figure(row) for row in shown],
        "children": {row.key: _children(area.code, row.key, day) for row in shown if not row.no_data},
        "lists": {row.key: _list(row.key, area.code, day) for row in shown if not row.no_data},
        "make_up": {key: [[cell.label, cell.number] for cell in make_up(area.code, day, key)] for key in DIMENSIONS},
    }


def _figure(row: TargetFigure) -> dict[str, Any]:
    return {
        "key": row.key,
        "title": row.title,
        "clause": row.clause,
        "deadline": str(row.deadline or ""),
        "minimum": row.minimum,
        "share": f"{row.share:g}",
        "total": row.total,
        "covered": row.covered,
        "certified": row.certified,
        "exempt": row.exempt,
        "vacant": row.vacant,
        "met": row.met,
        "no_data": row.no_data,
        "noun": row.noun,
        "done": row.done,
    }


def _children(area_code: int, key: str, day: date) -> list[list[Any]]:
    return [[area.name, row.total, row.covered, row.certified, row.exempt, row.vacant] for area, row in by_child(area_code, key, day)]


def _list(key: str, area_code: int, day: date) -> list[dict[str, Any]]:
    target = Target.objects.get(key=key)
    rows = unit_rows(target, Reach.below(area_code), day)
    if len(rows[: LONGEST_LIST + 1]) > LONGEST_LIST:
        raise Refused(f"名单超过 {LONGEST_LIST} 个，一份报告放不下。请按县或镇街分别出具。", code="too_long")
    return [_line(unit) for unit in describe_all(target, rows, day)]


def describe_all(target: Target, rows: Any, day: date, chunk: int = 500) -> list[Unit]:
    """Every unit described, in chunks so that no query names too many rows."""
    everything = list(rows)
    return [unit for start in range(0, len(everything), chunk) for unit in describe(target, everything[start : start + chunk], day)]


def _line(unit: Unit) -> dict[str, Any]:
    certificates = [cover.certificate for cover in unit.covers if cover.certificate]
    return {
        "ref": unit.ref,
        "name": unit.name,
        "area": unit.area_name,
        "detail": unit.detail,
        "state": unit.state,
        "people": unit.names,
        "certificate": "、".join(dict.fromkeys(certificates)),
        "vacant_since": str(unit.vacant_since or "") if unit.state == State.VACANT else "",
        **_spared(unit),
    }


def _spared(unit: Unit) -> dict[str, str]:
    """Why, on whose word and until when a unit needs no coordinator."""
    row = unit.exemption if unit.state == State.EXEMPT else None
    return {
        "exempt_until": str(row.until) if row else "",
        "exempt_reason": row.reason if row else "",
        "exempt_by": row.decided_by if row else "",
    }


def in_order(content: dict[str, Any], part: str) -> list[tuple[str, Any]]:
    """A part kept by target (children, lists) or by dimension (make_up), in the order people know; the canonical text sorts by key."""
    keys = DIMENSIONS if part == "make_up" else [row["key"] for row in content["figures"]]
    return [(key, content[part][key]) for key in keys if key in content[part]]


def read(report: FrozenReport) -> dict[str, Any]:
    """The content; refuses when it no longer matches its hash."""
    if not report.is_intact:
        raise Refused("这份报告的内容与校验值不一致，可能被改动过，不能使用。请联系系统管理员核查。", code="not_intact")
    content: dict[str, Any] = json.loads(report.content)
    return content


@dataclass(frozen=True)
class Later:
    """How a frozen list stands against today's: names only."""

    added: list[str]
    gone: list[str]
    newly_covered: list[str]
    newly_vacant: list[str]


def _as_of_now(lines: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The frozen lines by the reference that names the unit today: a record merged since stands under the one that was kept."""
    merged = {
        f"organisation-{pk}": f"organisation-{kept}"
        for pk, kept in Organisation.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into_id")
    }
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        ref = merged.get(line["ref"], line["ref"])
        # Two frozen lines of one unit: it was vacant only if both were.
        if ref not in found or found[ref]["state"] == State.VACANT:
            found[ref] = line
    return found


def later(report: FrozenReport, key: str) -> Later:
    """What has changed in one list since it was frozen; the frozen list itself stays the record."""
    frozen = _as_of_now(read(report)["lists"].get(key, []))
    target = Target.objects.get(key=key)
    rows: Any = unit_rows(target, Reach.below(report.area_code), timezone.localdate())
    if target.is_organisations:
        now = {f"organisation-{pk}": (name, state) for pk, name, state in rows.values_list("pk", "name", "state")}
    else:
        now = {f"{row.kind}-{row.id}": (row.name, row.state) for row in rows}
    both = frozen.keys() & now.keys()
    return Later(
        added=[now[ref][0] for ref in now.keys() - frozen.keys()],
        gone=[frozen[ref]["name"] for ref in frozen.keys() - now.keys()],
        newly_covered=[now[ref][0] for ref in both if frozen[ref]["state"] == State.VACANT and now[ref][1] != State.VACANT],
        newly_vacant=[now[ref][0] for ref in both if frozen[ref]["state"] != State.VACANT and now[ref][1] == State.VACANT],
    )
