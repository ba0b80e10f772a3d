"""Rosters for tests: lines with right check digits, written as csv in a folder."""

import csv
from collections.abc import Sequence
from pathlib import Path

from tongxing.core.identifiers import credit_check_character, id_check_digit


def credit_code(number: int, county: str = "419001") -> str:
    first = f"91{county}MA4{number:06d}"
    return first + credit_check_character(first)


def id_number(number: int, born: str = "19850101", sex: int = 1) -> str:
    first = f"419001{born}{number % 100:02d}{sex if sex == 1 else 2}"
    return first + id_check_digit(first)


def write(folder: Path, rows: Sequence[Sequence[object]], name: str = "roster.csv", encoding: str = "utf-8-sig") -> Path:
    path = folder / name
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


ENTERPRISES = (
    "单位名称", "统一社会信用代码", "行业", "从业人员数", "营业收入(万元)", "资产总额(万元)", "数据年度",
    "所属镇街", "地址", "联系人", "联系电话", "成立日期", "状态",
)  # fmt: skip


def enterprise(number: int, **changes: object) -> list[object]:
    line = {
        "单位名称": f"济源市第{number}机械有限公司", "统一社会信用代码": credit_code(number), "行业": "3011", "从业人员数": 10 + number % 900,
        "营业收入(万元)": 100 + number % 5000, "资产总额(万元)": 300, "数据年度": 2025, "所属镇街": "克井镇", "地址": f"济源市克井镇工业路{number}号",
        "联系人": "李四", "联系电话": f"138{number:08d}", "成立日期": "2015-06-01", "状态": "在营",
    }  # fmt: skip
    return [(line | changes)[heading] for heading in ENTERPRISES]
