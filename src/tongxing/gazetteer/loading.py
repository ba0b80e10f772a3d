"""Loading the national division tables (provinces, cities, counties, townships as CSV) into the tree."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from django.db import transaction

from tongxing.areas.models import Area, Kind
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused

from .codes import full_code, short_name, township_kind

FILES = ("provinces.csv", "cities.csv", "areas.csv", "streets.csv")
CHUNK = 2_000
Progress = Callable[[int, int], None]


class Divisions(NamedTuple):
    """What a load did, in areas; `gone` are areas in the tree, not local, that the tables no longer name (left as they are)."""

    new: int
    changed: int
    same: int
    gone: list[str]


class Line(NamedTuple):
    code: int
    name: str
    short_name: str
    kind: str
    parent: int | None


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        if not {"code", "name"} <= set(reader.fieldnames or ()):
            raise Refused(f"{file.name} 缺少 code、name 两列，请使用国家区划代码表。", code="not_divisions", status=422)
        yield from reader


def _lines(folder: Path) -> Iterator[Line]:
    """The four tables from the top down. A city without counties (东莞, 中山) stands once, and its townships hang on it."""
    counties: dict[int, str] = {}
    seen: set[int] = set()
    kinds = {"provinces.csv": Kind.PROVINCE, "cities.csv": Kind.PREFECTURE, "areas.csv": Kind.COUNTY}
    for name in FILES:
        file = folder / name
        if not file.exists():
            continue
        for row in _rows(file):
            code = full_code(row["code"])
            if code in seen:
                counties[code] = row["name"]
                continue
            seen.add(code)
            if name == "streets.csv":
                county = full_code(row["areaCode"])
                yield Line(code, row["name"], short_name(row["name"], counties.get(county, "")), township_kind(row["name"]), county)
                continue
            parent = {"provinces.csv": None, "cities.csv": row.get("provinceCode"), "areas.csv": row.get("cityCode")}[name]
            if name == "areas.csv":
                counties[code] = row["name"]
            yield Line(code, row["name"], row["name"], kinds[name], full_code(parent) if parent else None)


def _read(folder: Path) -> list[Line]:
    folder = folder if folder.is_dir() else folder.parent
    if not any((folder / name).exists() for name in FILES):
        raise Refused(f"没有找到区划代码表，文件夹里应有 {'、'.join(FILES)}。", code="no_divisions", status=422)
    try:
        lines = list(_lines(folder))
    except (UnicodeDecodeError, ValueError, KeyError) as fault:
        raise Refused(f"区划代码表读不下去（{fault}），请检查文件是否完整、是否为 UTF-8。", code="bad_divisions", status=422) from None
    if not lines:
        raise Refused("区划代码表是空的。", code="no_divisions", status=422)
    return lines


@transaction.atomic
def load_divisions(path: Path, *, by: Actor, progress: Progress | None = None) -> Divisions:
    """Load the tables in the folder `path` (or beside the file `path`): new areas come in, names and parents follow the table.

    What a bureau named itself stays: short names that differ from both old and new full names, local areas, validity dates, outlines.
    """
    lines = _read(path)
    standing = {area.code: area for area in Area.objects.all()}
    new: list[Area] = []
    changed: list[Area] = []
    for line in lines:
        area = standing.get(line.code)
        if area is None:
            new.append(Area(code=line.code, name=line.name, short_name=line.short_name, kind=line.kind, parent_id=line.parent))
        elif (area.parent_id, area.kind) != (line.parent, line.kind) and not area.local:
            area.parent_id, area.kind = line.parent, line.kind
            changed.append(area)
    for done in range(0, len(new), CHUNK):
        Area.objects.bulk_create(new[done : done + CHUNK])
        if progress:
            progress(min(done + CHUNK, len(new)), len(new))
    Area.objects.bulk_update(changed, ["parent_id", "kind"], batch_size=CHUNK)
    named = {line.code for line in lines}
    gone = [str(area) for area in standing.values() if area.code not in named and not area.local]
    report = Divisions(len(new), len(changed), len(lines) - len(new) - len(changed), gone)
    counts = {"新增": report.new, "变更": report.changed, "相同": report.same, "表中没有": len(gone)}
    record("gazetteer.load", by=by, object_type="areas.area", object_id="divisions", label="全国区划代码表", after=counts)
    return report
