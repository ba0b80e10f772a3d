"""The contract for machines (issue 2 §4) for all five sheets of the register, whatever stands in the lines."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongxing.audit.log import COMMAND_LINE
from tongxing.registry.tests.rosters import credit_code, id_number, write
from tongxing.sheets import command
from tongxing.sheets.models import Batch

from .test_sheets import HEADINGS, certificate_number, person
from .test_sheets import firms as firms  # noqa: PLC0414 - a fixture

KEYS = [
    "sheet", "file", "worksheet", "status", "refused", "rows", "new", "changed", "same", "duplicate", "invalid", "warnings", "skipped",
    "batch", "problems", "seconds",
]  # fmt: skip
FATES = ("new", "changed", "same", "duplicate", "invalid")
NAMES = ["甲厂", "乙厂", "大厂", "外县厂", "新厂", "", "坏\u0007厂", "长" * 200]
CODES = ["", credit_code(1), credit_code(2), credit_code(3), credit_code(9).lower(), "9141", "9.14190E+17"]
TOWNS = ["", "克井镇", "沁园街道", "月球镇"]
DAYS = ["", "2024-06-01", "2024年6月1日", "45444", "2099-01-01", "明天"]
PEOPLE = ["张三1", "张三2", "李四", ""]
NUMBERS = [id_number(1), id_number(2), id_number(1)[:17] + "0", "41900119851301001X", ""]
PAPERS = ["", certificate_number(1), certificate_number(2), certificate_number(1)[:-1]]
COLUMNS: dict[str, dict[str, list[str]]] = {
    "enterprises": {"单位名称": NAMES, "统一社会信用代码": CODES, "从业人员数": ["", "1.0", "-3", "１２", "许多"], "所属镇街": TOWNS, "成立日期": DAYS},
    "organisations": {"单位名称": NAMES, "统一社会信用代码": CODES, "单位类别": ["协会", "三方机构", "星球", ""], "所属镇街": TOWNS},
    "coordinators": {
        "姓名": PEOPLE, "身份证号": NUMBERS, "工作单位": NAMES, "统一社会信用代码": CODES, "证书编号": PAPERS, "技能等级": ["三级", "", "九级"],
        "发证日期": ["2024年5月20日", ""], "任职时间": DAYS, "所属镇街": TOWNS, "责任片区": TOWNS,
    },
    "certificates": {"姓名": PEOPLE, "身份证号": NUMBERS, "证书编号": PAPERS, "技能等级": ["三级", "四级"], "发证日期": DAYS},
    "assignments": {"协调员姓名": PEOPLE, "协调员身份证号": NUMBERS, "包联企业": NAMES, "企业统一社会信用代码": CODES, "包联日期": DAYS},
}  # fmt: skip
SHEETS = st.sampled_from(sorted(COLUMNS)).flatmap(
    lambda sheet: st.tuples(
        st.just(sheet), st.lists(st.tuples(*map(st.sampled_from, COLUMNS[sheet].values())) | st.just(()), min_size=1, max_size=7)
    )
)


def insist(report: dict[str, Any], lines: list[tuple[str, ...]]) -> None:
    """Arithmetic, every bad row and every duplicate among the errors, every doubt a warning of a row that is saved."""
    assert list(report) == KEYS
    assert report == json.loads(json.dumps(report))
    assert report["rows"] == sum(report[fate] for fate in FATES)
    if report["status"] == "refused":
        assert (report["refused"]["code"], report["rows"]) == ("header_only", 0)
        return
    assert report["refused"] is None
    assert report["rows"] + report["skipped"] >= sum(1 for line in lines if any(line))
    errors = {problem["row"] for problem in report["problems"] if problem["severity"] == "error"}
    doubts = {problem["row"] for problem in report["problems"] if problem["severity"] == "warning"}
    assert len(errors) == report["invalid"] + report["duplicate"]
    assert len(doubts) == report["warnings"]
    assert not errors & doubts
    filled = {number for number, line in enumerate(lines, start=3) if any(line)}
    assert errors | doubts <= filled
    for problem in report["problems"]:
        assert set(problem) == {"row", "column", "code", "message", "severity"}
        assert problem["code"]
        assert any("\u4e00" <= letter <= "\u9fff" for letter in problem["message"])


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(roster=SHEETS)
def test_every_report_keeps_the_contract(
    jiyuan: SimpleNamespace, firms: SimpleNamespace, tmp_path: Path, roster: tuple[str, list[tuple[str, ...]]]
) -> None:
    sheet, lines = roster
    held = command.load("coordinators", write(tmp_path, [HEADINGS, person(1, 证书编号="", 技能等级="", 发证日期="")]), by=COMMAND_LINE)
    path = write(tmp_path, [["一份名册"], list(COLUMNS[sheet]), *lines], "roster.csv")
    checked = command.check(sheet, path, by=COMMAND_LINE)
    insist(checked, lines)
    assert (checked["batch"], checked["status"] in {"checked", "refused"}) == (None, True)
    loaded = command.load(sheet, path, by=COMMAND_LINE)
    insist(loaded, lines)
    apart = ("status", "batch", "seconds")
    assert {key: loaded[key] for key in KEYS if key not in apart} == {key: checked[key] for key in KEYS if key not in apart}
    if loaded["status"] == "applied":
        assert command.undo(loaded["batch"], by=COMMAND_LINE)["status"] == "undone"
        assert command.check(sheet, path, by=COMMAND_LINE)["problems"] == checked["problems"]
    assert command.undo(held["batch"], by=COMMAND_LINE)["status"] == "undone"
    Batch.objects.all().delete()
