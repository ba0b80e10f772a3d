"""Whatever a roster holds: every line is accounted for, a second load changes nothing, undo leaves nothing."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongxing.audit.log import COMMAND_LINE
from tongxing.registry.models import Organisation
from tongxing.registry.sheets import judges
from tongxing.sheets import command
from tongxing.sheets.models import Batch

from .rosters import ENTERPRISES, credit_code, enterprise, write

CELLS = st.fixed_dictionaries(
    {
        "单位名称": st.sampled_from(["甲厂", "乙厂", "丙 厂", "", "丁（济源）厂", "=1+1"]),
        "统一社会信用代码": st.sampled_from(["", credit_code(1), credit_code(2), credit_code(3).lower(), "91419001"]),
        "从业人员数": st.sampled_from(["", "12", "１２", "12.0", "1,200人", "-1", "很多"]),
        "营业收入(万元)": st.sampled_from(["", "3500", "3500.5", "3.5亿元", "35000000元", "-2"]),
        "所属镇街": st.sampled_from(["", "克井镇", "克井", "沁园街道办事处", "419001100000", "月球镇"]),
        "成立日期": st.sampled_from(["", "2015年6月1日", "42156", "2015/6/1", "2015-13-01"]),
    }
)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(CELLS, min_size=1, max_size=8))
def test_every_line_is_accounted_for(jiyuan: SimpleNamespace, tmp_path: Path, lines: list[dict[str, Any]]) -> None:
    path = write(tmp_path, [ENTERPRISES, *(enterprise(number, **line) for number, line in enumerate(lines))])
    first = command.load("enterprises", path, by=COMMAND_LINE)
    assert first["status"] == "applied"
    assert first["rows"] == len(lines) == sum(first[key] for key in ("new", "changed", "same", "duplicate", "invalid"))
    bad = {problem["row"] for problem in first["problems"] if problem["severity"] == "error"}
    assert len(bad) == first["duplicate"] + first["invalid"]
    assert Organisation.objects.count() == first["new"]
    again = command.load("enterprises", path, by=COMMAND_LINE)
    assert (again["new"], again["changed"], again["same"]) == (0, 0, first["new"] + first["changed"] + first["same"])
    assert command.undo(again["batch"], by=COMMAND_LINE)["status"] == "undone"
    assert command.undo(first["batch"], by=COMMAND_LINE)["status"] == "undone"
    assert Organisation.objects.count() == 0
    Batch.objects.all().delete()


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from(["", "万元", " 万元"]))
def test_amount_written_in_ten_thousands_is_read_back(value: Any, unit: str) -> None:
    assert judges.amount(f"{value}{unit}") == value


@given(st.integers(min_value=0, max_value=999_999))
def test_quick_credit_code_agrees_with_the_full_judge(number: int) -> None:
    code = credit_code(number)
    assert judges.credit_code(code) == code == judges.credit_code(code.lower())
