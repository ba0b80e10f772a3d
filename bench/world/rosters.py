"""Roster files as bureaux send them, about one row in a hundred bad, and a manifest of which row is bad in which way.

Rows count as Excel counts: the headings stand in row 1, the first record in row 2.
"""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from rustpy_xlsxwriter import FastExcel

from .enterprises import Country, Enterprise
from .faults import ENTERPRISE_FAULTS, PEOPLE_FAULTS, Cells, Fault
from .people import Someone, someone

BAD_SHARE = 0.01
WITHOUT_TOWNSHIP = 0.05
FIRST_ROW = 2
LEVEL_WORDS = {1: "一级", 2: "二级", 3: "三级", 4: "四级"}
Manifest = dict[int, tuple[str, tuple[str, ...]]]


def enterprise_rows(country: Country, first: int, count: int) -> Iterator[Cells]:
    """`count` good rows from the enterprise `first` on. A township whose name comes again is given by its code, as the import asks."""
    named = Counter(leaf.name for leaf in country.leaves)
    for number in range(first, first + count):
        found = country.enterprise(number)
        township = found.leaf.name if named[found.leaf.name] == 1 else str(found.leaf.code)
        yield _enterprise_cells(found, "" if number % 100 < WITHOUT_TOWNSHIP * 100 else township)


def _enterprise_cells(found: Enterprise, township: str) -> Cells:
    return {
        "单位名称": found.name,
        "统一社会信用代码": found.credit_code,
        "行业": found.industry,
        "从业人员数": found.employees,
        "营业收入(万元)": found.revenue,
        "资产总额(万元)": found.assets,
        "数据年度": 2025,
        "所属镇街": township,
        "地址": found.address,
        "法定代表人": found.legal_representative,
        "联系人": found.contact_name,
        "联系电话": found.phone,
        "成立日期": found.began_on,
        "状态": found.status.label,
        "终止日期": found.ended_on,
    }


def people_rows(country: Country, employers: Sequence[int], seed: int, first: int, count: int) -> Iterator[Cells]:
    """`count` good rows from the person `first` on; they work at the enterprises `employers` in turn."""
    standing = [found for found in map(country.enterprise, employers) if found.ended_on is None]
    for number in range(first, first + count):
        employer = standing[number % len(standing)]
        yield _person_cells(someone(seed, number, employer.leaf.county_code), employer)


def _person_cells(person: Someone, employer: Enterprise) -> Cells:
    return {
        "姓名": person.name,
        "身份证号": person.id_number,
        "性别": "男" if person.sex == 1 else "女",
        "手机号": person.phone,
        "工作单位": employer.name,
        "统一社会信用代码(单位)": employer.credit_code,
        "职务": person.post,
        "专/兼职": "专职" if person.full_time else "兼职",
        "技能等级": LEVEL_WORDS.get(person.level, ""),
        "证书编号": person.certificate,
        "发证日期": person.issued_on,
        "评价机构": "示例职业技能评价中心" if person.level else "",
        "学历": "大学本科",
        "任职时间": person.since,
    }


def spoiled(rows: Iterable[Cells], faults: Sequence[Fault], seed: int, manifest: Manifest) -> Iterator[Cells]:
    """The rows with faults strewn in, every kind in turn; `manifest` gets row → (kind, codes it may be refused with)."""
    random, earlier, turn = Random(seed), None, 0
    for row, cells in enumerate(rows, start=FIRST_ROW):
        if earlier is not None and random.random() < BAD_SHARE:
            fault = faults[turn % len(faults)]
            turn += 1
            fault.spoil(cells, earlier, random)
            manifest[row] = (fault.kind, fault.codes)
        elif earlier is None or random.random() < 0.01:
            earlier = dict(cells)
        yield cells


def write(path: Path, rows: Iterable[Cells]) -> None:
    """One sheet, .xlsx or .csv by the file's ending."""
    if path.suffix == ".xlsx":
        FastExcel(str(path)).format(datetime_format="yyyy-mm-dd").sheet(
            "名册", ({k: _cell(v) for k, v in row.items()} for row in rows)
        ).save()
        return
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        for number, row in enumerate(rows):
            if not number:
                writer.writerow(row)
            writer.writerow(["" if value is None else value for value in row.values()])


def _cell(value: Any) -> Any:
    return None if value == "" else value


def write_with_manifest(path: Path, rows: Iterable[Cells], faults: Sequence[Fault], seed: int) -> None:
    """The file, and beside it `<file>.manifest.json`."""
    manifest: Manifest = {}
    write(path, spoiled(rows, faults, seed, manifest))
    manifest_of(path).write_text(json.dumps({str(row): fault for row, fault in manifest.items()}, ensure_ascii=False, indent=0))


def manifest_of(path: Path) -> Path:
    return path.with_name(path.name + ".manifest.json")


def read_manifest(path: Path) -> Manifest:
    return {int(row): (kind, tuple(codes)) for row, (kind, codes) in json.loads(manifest_of(path).read_text()).items()}


__all__ = ["ENTERPRISE_FAULTS", "PEOPLE_FAULTS", "enterprise_rows", "people_rows", "read_manifest", "write", "write_with_manifest"]
