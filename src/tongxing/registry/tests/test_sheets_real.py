"""1,971 real enterprises of Henan: every line accounted for, on both ways in."""

import csv
from pathlib import Path
from types import SimpleNamespace

import pytest

from tongxing.audit.log import COMMAND_LINE
from tongxing.registry.models import Organisation
from tongxing.sheets import command

from .rosters import write

pytestmark = [pytest.mark.django_db, pytest.mark.shared]
CHINESE = {"name": "企业名称", "uscc": "统一社会信用代码", "registered_on": "注册日期", "address": "住所"}


def test_english_headings_as_they_stand(jiyuan: SimpleNamespace, shared: Path) -> None:
    report = command.load("enterprises", shared / "data" / "enterprises" / "henan_sample.csv", by=COMMAND_LINE)
    assert report["status"] == "applied", report["refused"]
    assert report["rows"] + report["skipped"] == 1971
    assert report["rows"] == sum(report[key] for key in ("new", "changed", "same", "duplicate", "invalid"))
    bad = {problem["row"] for problem in report["problems"] if problem["severity"] == "error"}
    assert len(bad) == report["invalid"] + report["duplicate"]
    assert Organisation.objects.count() == report["new"]
    again = command.load("enterprises", shared / "data" / "enterprises" / "henan_sample.csv", by=COMMAND_LINE)
    assert (again["same"], again["new"], again["changed"]) == (report["new"], 0, 0)


def test_chinese_headings_in_gb18030_with_codes_that_are_wrong(jiyuan: SimpleNamespace, shared: Path, tmp_path: Path) -> None:
    with (shared / "data" / "enterprises" / "henan_sample.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    rows = [["河南企业名录"], list(CHINESE.values()), *([line[key] for key in CHINESE] for line in lines)]
    report = command.check("enterprises", write(tmp_path, rows, encoding="gb18030"), by=COMMAND_LINE)
    wrong = sum(line["uscc_valid"] == "0" for line in lines)
    refused = {problem["row"] for problem in report["problems"] if problem["code"] in {"credit_form", "credit_checksum"}}
    assert report["rows"] + report["skipped"] == 1971
    assert len(refused) >= wrong
