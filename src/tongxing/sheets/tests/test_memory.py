"""What a file of a million lines may hold in memory: keys against later lines, and problems for the report."""

import json

import pytest

from tongxing.cli.output import as_json
from tongxing.sheets import problems, seen
from tongxing.sheets.problems import Problems
from tongxing.sheets.seen import Seen


def test_seen_finds_the_first_row_of_a_key_however_many_came_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "SMALLEST", 8)
    held = Seen()
    for row in range(2, 402):
        held.hold(("code", f"甲{row}"), row)
        held.hold(("name", f"乙{row % 50}"), row)
    assert [held.first(("code", f"甲{row}")) for row in range(2, 402)] == list(range(2, 402))
    assert [held.first(("name", f"乙{number}")) for number in (2, 49, 0, 1)] == [2, 49, 50, 51]
    assert held.first(("code", "甲402")) is None
    assert held.first(("name", "甲2")) is None


def test_problems_beyond_what_is_kept_come_back_from_the_file_and_go_out_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(problems, "KEPT", 3)
    found = [
        {"row": row, "column": "单位名称", "code": "required", "message": "“单位名称”\n不能为空", "severity": "error"} for row in range(8)
    ]
    few, many = Problems(found[:3]), Problems(found[:5])
    many.extend(found[5:])
    assert few.settled() == found[:3]
    assert (many.settled(), len(many), list(many), list(many)) == (many, 8, found, found)
    as_json({"rows": 8, "problems": many, "seconds": 0.5})
    as_json({"rows": 3, "problems": few.settled(), "seconds": 0.5})
    printed = capsys.readouterr().out.splitlines()
    assert json.loads(printed[0]) == {"rows": 8, "problems": found, "seconds": 0.5}
    assert json.loads(printed[1]) == {"rows": 3, "problems": found[:3], "seconds": 0.5}
