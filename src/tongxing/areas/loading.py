"""Loading the national division tables: a folder with provinces, cities, areas and streets as CSV, or one of these files, or an outline file.

Idempotent: a second run of the same file changes nothing. Areas that the file no longer holds are reported, never closed by themselves.
"""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction

from tongxing.core.errors import Refused

from . import noting
from .codes import full, kind_of, level, parent_codes, short_name_of
from .ledger import touch
from .models import Area
from .outlines import load_outlines

FILES = ("provinces.csv", "cities.csv", "areas.csv", "streets.csv")
BATCH = 5_000
SHOWN = 200
Tell = Callable[..., None]


class Division(NamedTuple):
    code: int
    name: str


def load_file(path: Path, *, by: Any, progress: Tell | None = None) -> dict[str, Any]:
    """Load divisions (folder or CSV) or outlines (JSON, GeoJSON); the report is what the command prints."""
    if path.is_dir() or path.suffix.lower() == ".csv":
        return load_divisions(path, by=by, progress=progress)
    if path.suffix.lower() in {".json", ".geojson"} and path.is_file():
        return load_outlines(path, by=by)
    raise Refused(f"{path} 不是区划表（CSV 或含 CSV 的目录）或边界文件（GeoJSON）。请核对路径。", code="area_file")


def load_divisions(source: Path, *, by: Any, progress: Tell | None = None) -> dict[str, Any]:
    """Read the tables and bring `Area` up to them in one transaction; returns counts and the names of what is gone or has no parent."""
    divisions = _read(source)
    with transaction.atomic():
        report, written = _bring_up(divisions, progress or (lambda *_: None))
        changed = report["changed"]
        noting.record(
            "areas.load", by=by, object_type="areas.area", object_id=source.name, label=f"区划表 {source.name}", after=_counts(report)
        )
        touch(code for code in written if level(code) == 9 and changed)
    return report


def _counts(report: dict[str, Any]) -> dict[str, int]:
    return {key: len(value) if isinstance(value, list) else value for key, value in report.items()}


def _read(source: Path) -> dict[int, Division]:
    paths = [source / name for name in FILES if (source / name).exists()] if source.is_dir() else [source]
    if not paths:
        raise Refused(f"目录 {source} 中没有 {'、'.join(FILES)}。请核对目录。", code="area_file")
    found: dict[int, Division] = {}
    for path in paths:
        for division in _rows(path):
            found.setdefault(division.code, division)
    return dict(sorted(found.items()))


def _rows(path: Path) -> Iterator[Division]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"code", "name"} <= set(reader.fieldnames or ()):
                raise Refused(f"{path.name} 的第一行应有 code 和 name 两列。", code="area_columns")
            for row in reader:
                yield Division(full(row["code"] or ""), (row["name"] or "").strip())
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Refused(f"{path.name} 读不出来（{type(error).__name__}）。请确认是 UTF-8 编码的 CSV。", code="area_file") from None
    except ValueError as error:
        raise Refused(f"{path.name} 中有不合格的区划代码：{error}。", code="area_code") from None


def _bring_up(divisions: dict[int, Division], tell: Tell) -> tuple[dict[str, Any], list[int]]:
    known = {area.code: area for area in Area.objects.all()}
    codes = known.keys() | divisions.keys()
    new: list[Area] = []
    changed: list[Area] = []
    orphans: list[str] = []
    for done, division in enumerate(divisions.values(), 1):
        parent = next((code for code in parent_codes(division.code) if code in codes), None)
        if parent is None and level(division.code) > 2:
            orphans.append(f"{division.code} {division.name}")
        elif division.code not in known:
            new.append(_new(division, parent, _name(parent, known, divisions)))
        elif _differs(known[division.code], division, _name(parent, known, divisions)):
            changed.append(known[division.code])
        if done % BATCH == 0:
            tell(done, len(divisions))
    # Parents come first: a code sorts before those below it.
    Area.objects.bulk_create(new, batch_size=BATCH)
    Area.objects.bulk_update(changed, ["name", "short_name", "kind"], batch_size=500)
    tell(len(divisions), len(divisions))
    gone = _gone(known, divisions)
    same = len(divisions) - len(new) - len(changed) - len(orphans)
    report = {"new": len(new), "changed": len(changed), "same": same, "gone": gone[:SHOWN], "without_parent": orphans[:SHOWN]}
    return report, [area.code for area in changed]


def _name(code: int | None, known: dict[int, Area], divisions: dict[int, Division]) -> str:
    if code is None:
        return ""
    return divisions[code].name if code in divisions else known[code].name


def _new(division: Division, parent: int | None, parent_name: str) -> Area:
    digits = level(division.code)
    short = short_name_of(division.name, division.code, parent_name)
    return Area(code=division.code, name=division.name, short_name=short[:60], kind=kind_of(short, digits), parent_id=parent)


def _differs(area: Area, division: Division, parent_name: str) -> bool:
    """Bring one area up to the table; a short name or kind that the bureau chose itself stays."""
    if area.name == division.name:
        return False
    before = short_name_of(area.name, area.code, parent_name)
    short = short_name_of(division.name, area.code, parent_name)
    if area.short_name == before:
        area.short_name = short[:60]
    if area.kind == kind_of(before, level(area.code)):
        area.kind = kind_of(short, level(area.code))
    area.name = division.name
    return True


def _gone(known: dict[int, Area], divisions: dict[int, Division]) -> list[str]:
    """National areas of a level and county that the table covers, which the table no longer holds."""
    levels = {level(code) for code in divisions}
    parents = {above for code in divisions for above in parent_codes(code)[:1]}
    return [
        f"{area.code} {area.name}"
        for area in known.values()
        if not area.local
        and area.valid_until is None
        and area.code not in divisions
        and level(area.code) in levels
        and (area.parent_id in parents or level(area.code) == 2)
    ]
