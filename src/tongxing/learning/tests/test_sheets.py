"""The bank as a roster: read, judged, taken in as drafts, taken back."""

from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.errors import Refused
from tongxing.learning import banking
from tongxing.learning.models import Question
from tongxing.learning.sheets.questions import clean_levels, clean_right
from tongxing.sheets import command
from tongxing.sheets.models import Batch, Line
from tongxing.sheets.undoing import undo

pytestmark = pytest.mark.django_db
_serial = count(1)
HEAD = "题型,题目,选项A,选项B,选项C,选项D,正确答案,等级,职业功能,难度,法律依据,解析,案例材料\n"
GOOD = (
    "单选题,劳动合同多久内订立？,一个月,三个月,半年,,A,四级,劳动合同管理,易,劳动合同法第十条,应在一个月内,\n"
    "多选,试用期工资不得低于什么？,最低档工资,约定工资的八成,当地最低工资,社平工资,A、B、C,三级、四级,劳动合同管理,中,,,\n"
    "判断,工会可以代表职工集体协商。,,,,,对,四级,集体协商与集体合同,易,,,\n"
    "单选,甲公司应付什么？,双倍工资,罚款,,,A,三级,劳动合同管理,难,,,甲公司三个月没有订立书面劳动合同。\n"
    "判断,甲公司违法。,,,,,√,三级,劳动合同管理,难,,,甲公司三个月没有订立书面劳动合同。\n"
)
BAD = (
    "单选,答案不在选项里？,一,二,,,D,四级,综合,易,,,\n"
    "简答,不认得的题型？,一,二,,,A,四级,综合,易,,,\n"
    "多选,只有一个答案？,一,二,三,,A,四级,综合,易,,,\n"
    "单选,中间空着？,一,,三,,A,四级,综合,易,,,\n"
    "单选,等级不对？,一,二,,,A,五级,综合,易,,,\n"
)


def load(folder: Path, text: str) -> dict[str, Any]:
    path = folder / f"{next(_serial)}.csv"
    path.write_text(HEAD + text, encoding="utf-8")
    return command.load("questions", path, by=COMMAND_LINE)


def codes(report: dict[str, Any]) -> list[tuple[int, str]]:
    return [(problem["row"], problem["code"]) for problem in report["problems"]]


def test_good_lines_become_drafts_and_a_case_is_put_together(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    assert load(tmp_path, GOOD)["new"] == 5
    single, multiple, judge = Question.objects.filter(case=None).exclude(kind="case").order_by("number")
    case = Question.objects.get(kind="case")
    assert (single.state, single.right, single.levels, single.citation) == ("draft", "A", "4", "劳动合同法第十条")
    assert (multiple.right, multiple.levels, judge.right) == ("ABC", "34", "A")
    assert [(part.kind, part.right, part.position) for part in case.parts.order_by("position")] == [("single", "A", 1), ("judge", "A", 2)]
    assert Question.objects.values("number").distinct().count() == 6


def test_bad_lines_are_named_and_the_rest_goes_on(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    report = load(tmp_path, BAD + GOOD)
    assert codes(report) == [(2, "bad_right"), (3, "choice"), (4, "bad_right"), (5, "options_gap"), (6, "levels")]
    assert (report["new"], Question.objects.count()) == (5, 6)


def test_the_same_file_again_changes_nothing_and_other_answers_are_told(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    load(tmp_path, GOOD)
    again = load(tmp_path, GOOD.replace("多久内订立？", "多久内，订立"))
    assert (again["same"], again["new"]) == (5, 0)
    other = load(tmp_path, "单选,劳动合同多久内订立,三个月,一个月,半年,,A,四级,劳动合同管理,易,劳动合同法第十条,应在一个月内,\n")
    assert codes(other) == [(2, "known")]
    turned = load(tmp_path, "单选,劳动合同多久内订立,三个月,一个月,半年,,B,四级,劳动合同管理,易,劳动合同法第十条,应在一个月内,\n")
    assert turned["same"] == 1
    twice = load(tmp_path, GOOD.splitlines(keepends=True)[0].replace("多久内", "多少天内") * 2)
    assert (twice["new"], twice["duplicate"]) == (1, 1)


def test_a_batch_is_taken_back_until_a_question_is_in_use(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    load(tmp_path, GOOD)
    undo(Batch.objects.get(), by=COMMAND_LINE)
    assert Question.objects.count() == 0
    load(tmp_path, GOOD)
    banking.use_many(Question.objects.values_list("pk", flat=True)[:1], by=COMMAND_LINE)
    with pytest.raises(Refused, match="已启用或修改"):
        undo(Batch.objects.latest("pk"), by=COMMAND_LINE)
    assert Question.objects.count() == 6


def test_another_county_cannot_load_the_bank(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.other)
    client.post(reverse("sheets:upload"), {"sheet": "questions", "file": SimpleUploadedFile("题库.csv", (HEAD + GOOD).encode())})
    assert {line.problems[0]["code"] for line in Line.objects.all()} == {"not_allowed"}


@pytest.mark.parametrize(("raw", "value"), [("三、四级", "34"), ("4", "4"), ("四级 三级", "34"), ("３，４", "34")])
def test_levels_are_read_as_people_write_them(raw: str, value: str) -> None:
    assert clean_levels(raw) == value


@pytest.mark.parametrize(("raw", "value"), [("a", "A"), ("Ａ、D", "AD"), ("错误", "B"), ("√", "A"), ("F", "F"), ("DA", "AD")])
def test_answers_are_read_as_people_write_them(raw: str, value: str) -> None:
    assert clean_right(raw) == value
