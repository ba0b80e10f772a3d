"""What a township's officer tries with each of the five sheets of the register against another township: nothing there moves, nothing comes over."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tongxing.audit.log import COMMAND_LINE
from tongxing.certificates.models import Certificate
from tongxing.registry.models import Assignment, Coordinator, DutyArea, Organisation, Person, Posting
from tongxing.registry.tests.rosters import credit_code, id_number, write
from tongxing.sheets import command

from .test_sheets import HEADINGS, certificate_number, person
from .test_sheets import firms as firms  # noqa: PLC0414 - a fixture

pytestmark = pytest.mark.django_db
TABLES: tuple[Any, ...] = (Organisation, Person, Coordinator, Posting, DutyArea, Certificate, Assignment)
FIRM = ["单位名称", "统一社会信用代码", "所属镇街", "地址", "从业人员数", "状态"]
BODY = ["单位名称", "统一社会信用代码", "单位类别", "所属镇街"]
PAPER = ["姓名", "身份证号", "证书编号", "技能等级", "发证日期"]
CARE = ["协调员姓名", "协调员身份证号", "协调员单位", "包联企业", "企业统一社会信用代码", "包联日期"]
OWN, FOREIGN = credit_code(1), credit_code(2)

ATTACKS = {
    "a foreign enterprise into the own town": ("enterprises", FIRM, ["乙厂", FOREIGN, "克井镇", "", "10", ""], "out_of_scope"),
    "a foreign enterprise's facts": ("enterprises", FIRM, ["乙厂", FOREIGN, "", "", "9999", ""], "out_of_scope"),
    "a foreign enterprise closed": ("enterprises", FIRM, ["乙厂", FOREIGN, "", "", "", "注销"], "out_of_scope"),
    "an own enterprise pushed out": ("enterprises", FIRM, ["甲厂", OWN, "沁园街道", "", "", ""], "area_out_of_scope"),
    "a new enterprise elsewhere": ("enterprises", FIRM, ["新厂", credit_code(8), "沁园街道", "", "", ""], "area_out_of_scope"),
    "elsewhere by the address": ("enterprises", FIRM, ["新厂", credit_code(8), "", "济源市沁园街道1号", "", ""], "area_out_of_scope"),
    "to the county by saying nothing": ("enterprises", FIRM, ["新厂", credit_code(8), "", "", "", ""], "area_missing"),
    "another county's enterprise": ("enterprises", FIRM, ["外县厂", credit_code(3), "克井镇", "", "", ""], "out_of_scope"),
    "a foreign body's kind": ("organisations", BODY, ["乙厂", FOREIGN, "协会", "克井镇"], "out_of_scope"),
    "an own body pushed out": ("organisations", BODY, ["甲厂", OWN, "协会", "沁园街道"], "area_out_of_scope"),
    "a foreign person transferred in": ("coordinators", HEADINGS, person(2, 证书编号="", 技能等级="", 发证日期=""), "out_of_scope"),
    "an own person at a foreign employer": ("coordinators", HEADINGS, person(1, 工作单位="", 统一社会信用代码=FOREIGN), "out_of_scope"),
    "the same by name": ("coordinators", HEADINGS, person(1, 工作单位="乙厂"), "employer_unknown"),
    "a new person at a foreign employer": ("coordinators", HEADINGS, person(5, 统一社会信用代码=FOREIGN), "out_of_scope"),
    "a duty area elsewhere": ("coordinators", HEADINGS, person(1, 责任片区="沁园街道"), "area_out_of_scope"),
    "a foreign person's certificate": ("coordinators", HEADINGS, person(1, 证书编号=certificate_number(2)), "certificate_taken"),
    "a certificate for a foreign person": (
        "certificates",
        PAPER,
        ["张三2", id_number(2), certificate_number(7), "三级", "2024-05-20"],
        "out_of_scope",
    ),
    "a foreign certificate corrected": (
        "certificates",
        PAPER,
        ["张三2", id_number(2), certificate_number(2), "三级", "2024-05-21"],
        "out_of_scope",
    ),
    "a foreign certificate taken over": (
        "certificates",
        PAPER,
        ["张三1", id_number(1), certificate_number(2), "三级", "2024-05-20"],
        "certificate_taken",
    ),
    "a foreign coordinator for an own enterprise": (
        "assignments",
        CARE,
        ["张三2", id_number(2), "", "", OWN, "2024-07-01"],
        "out_of_scope",
    ),
    "the same coordinator by name": ("assignments", CARE, ["张三2", "", "乙厂", "", OWN, "2024-07-01"], "coordinator_unknown"),
    "a foreign enterprise in care": ("assignments", CARE, ["张三1", id_number(1), "", "", FOREIGN, "2024-07-01"], "out_of_scope"),
}  # fmt: skip


def stand() -> list[Any]:
    return [list(table.objects.order_by("pk").values()) for table in TABLES]


@pytest.fixture
def people(jiyuan: SimpleNamespace, firms: SimpleNamespace, tmp_path: Path) -> None:
    """张三1 at 甲厂 in 克井镇, 张三2 at 乙厂 in 沁园街道."""
    rows = [HEADINGS, person(1), person(2, 工作单位="乙厂", 所属镇街="沁园街道")]
    assert command.load("coordinators", write(tmp_path, rows), by=COMMAND_LINE)["new"] == 2


@pytest.mark.parametrize("attack", ATTACKS)
def test_sheet_moves_nothing_across_the_border(people: None, cast: SimpleNamespace, tmp_path: Path, attack: str) -> None:
    sheet, headings, row, code = ATTACKS[attack]
    before = stand()
    report = command.load(sheet, write(tmp_path, [headings, row], "attack.csv"), by=cast.township)
    assert [problem["code"] for problem in report["problems"] if problem["severity"] == "error"] == [code]
    assert (report["rows"], report["invalid"]) == (1, 1)
    assert stand() == before


def test_sheet_does_not_end_a_posting_elsewhere(people: None, firms: SimpleNamespace, cast: SimpleNamespace, tmp_path: Path) -> None:
    """The main posting has ended; what is left open is a second one in another township, and not this officer's to end."""
    one = Coordinator.objects.get(person__name="张三1")
    Posting.objects.filter(coordinator=one).update(until=date(2025, 1, 31), is_primary=False)
    Posting.objects.create(coordinator=one, organisation=firms.second, since=date(2024, 9, 1), is_primary=False)
    before = stand()
    report = command.load(
        "coordinators", write(tmp_path, [HEADINGS, person(1, 工作单位="大厂", 任职时间="2025-03-01")], "attack.csv"), by=cast.township
    )
    assert [problem["code"] for problem in report["problems"]] == ["out_of_scope"]
    assert stand() == before


def test_grant_that_ended_before_the_work_began_writes_nothing(people: None, cast: SimpleNamespace, tmp_path: Path) -> None:
    from tongxing.accounts.models import Grant
    from tongxing.sheets import tasks
    from tongxing.sheets.models import Batch
    from tongxing.sheets.uploads import upload

    path = write(tmp_path, [FIRM, ["新厂", credit_code(8), "克井镇", "", "", ""]])
    with path.open("rb") as file:
        batch = upload("enterprises", file, name="a.csv", by=cast.township)
    tasks.check_batch.enqueue(batch.pk)
    Batch.objects.update(confirmed=True)
    Grant.objects.filter(user=cast.township).delete()
    before = stand()
    tasks.apply_batch.enqueue(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.refused_code) == ("refused", "forbidden")
    assert stand() == before
