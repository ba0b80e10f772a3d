"""The roster of coordinators where it must choose: two organisations at once, unknown employers, the body in number and in words."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tongxing.areas.scope import Scope
from tongxing.audit.log import COMMAND_LINE
from tongxing.certificates.models import BodyFiling, Certificate
from tongxing.certificates.tests.test_sheets import HEADINGS, certificate_number, codes, fates, firms, load, person
from tongxing.registry.models import Coordinator, Organisation, Person, Posting
from tongxing.registry.names import name_key
from tongxing.registry.nearest import nearest_names
from tongxing.registry.search import index_organisations
from tongxing.registry.tests.rosters import credit_code, write
from tongxing.sheets import command

pytestmark = pytest.mark.django_db
__all__ = ["firms"]


# --- two organisations at once
def test_another_employer_is_a_transfer_and_the_message_names_the_other_way(firms: SimpleNamespace, tmp_path: Path) -> None:
    load(tmp_path, [person(1)])
    report = load(tmp_path, [person(1, 工作单位="乙厂", 所属镇街="", 任职时间="2025-03-01")])
    assert codes(report) == [(2, "employer_changed", "warning")]
    assert "“变动方式”填“兼任”" in report["problems"][0]["message"]
    assert sorted(Posting.objects.values_list("organisation__name", "until")) == [("乙厂", None), ("甲厂", date(2025, 2, 28))]


def test_said_transfer_raises_no_doubt(firms: SimpleNamespace, tmp_path: Path) -> None:
    load(tmp_path, [person(1)])
    report = load_with_change(tmp_path, [(person(1, 工作单位="乙厂", 所属镇街="", 任职时间="2025-03-01"), "调动")])
    assert (report["changed"], report["problems"]) == (1, [])


def load_with_change(folder: Path, rows: list[tuple[list[object], str]]) -> dict[str, Any]:
    lines = [[*row, change] for row, change in rows]
    return command.load("coordinators", write(folder, [[*HEADINGS, "变动方式"], *lines], "people.csv"), by=COMMAND_LINE)


def test_second_posting_keeps_the_first_and_is_taken_back(firms: SimpleNamespace, tmp_path: Path) -> None:
    load(tmp_path, [person(1)])
    second = person(1, 工作单位="乙厂", 职务="法务", 所属镇街="", 任职时间="2025-03-01", 手机号="13900000009")
    report = load_with_change(tmp_path, [(second, "兼任")])
    assert (report["changed"], report["problems"]) == (1, [])
    held = [("乙厂", "法务", False, None), ("甲厂", "人事主管", True, None)]
    assert sorted(Posting.objects.values_list("organisation__name", "post", "is_primary", "until")) == held
    assert Coordinator.objects.get().area_id == firms.first.area_id
    assert Person.objects.get().phone == "13800000001"
    assert load_with_change(tmp_path, [(second, "兼任")])["same"] == 1
    command.undo(report["batch"], by=COMMAND_LINE)
    assert list(Posting.objects.values_list("organisation__name", "until")) == [("甲厂", None)]


def test_second_posting_waits_for_the_first(firms: SimpleNamespace, tmp_path: Path) -> None:
    report = load_with_change(tmp_path, [(person(1), ""), (person(1, 工作单位="乙厂", 所属镇街=""), "兼任")])
    assert fates(report) == [1, 0, 0, 0, 1, 0]
    assert codes(report) == [(3, "not_enrolled", "error")]


def test_one_posting_is_asked_for_once_in_a_file(firms: SimpleNamespace, tmp_path: Path) -> None:
    load(tmp_path, [person(1)])
    by_name = person(1, 工作单位="乙厂", 所属镇街="", 任职时间="2025-03-01")
    by_code = person(1, 工作单位="", 统一社会信用代码=credit_code(2), 所属镇街="", 任职时间="2025-03-01")
    report = load_with_change(tmp_path, [(by_name, ""), (by_code, "兼任"), (by_code, "兼任")])
    assert (report["changed"], report["duplicate"]) == (1, 2)


def test_two_lines_of_one_person_say_how_to_enter_both(firms: SimpleNamespace, tmp_path: Path) -> None:
    report = load(tmp_path, [person(1), person(1, 工作单位="乙厂", 所属镇街="")])
    assert codes(report) == [(3, "duplicate_in_file", "error")]
    assert "填“兼任”" in report["problems"][0]["message"]


def test_second_posting_without_a_first_is_refused(firms: SimpleNamespace, tmp_path: Path) -> None:
    load(tmp_path, [person(1)])
    Posting.objects.update(until=date(2024, 12, 31))
    report = load_with_change(tmp_path, [(person(1, 工作单位="乙厂", 所属镇街="", 任职时间="2025-03-01"), "兼任")])
    assert codes(report) == [(2, "no_main_posting", "error")]


# --- months without a day
@pytest.mark.parametrize("written", ["2023年5月", "2023.05", "2023-5", "２０２３年５月"])
def test_a_month_of_taking_office_is_its_first_day_with_a_doubt(firms: SimpleNamespace, tmp_path: Path, written: str) -> None:
    for fate in ("new", "same"):
        report = load(tmp_path, [person(1, 任职时间=written)])
        assert (report[fate], codes(report)) == (1, [(2, "date_partial", "warning")])
    assert Posting.objects.get().since == date(2023, 5, 1)


def test_a_month_to_come_and_a_certificate_without_a_day_are_refused(firms: SimpleNamespace, tmp_path: Path) -> None:
    report = load(tmp_path, [person(1, 任职时间="2199年1月"), person(2, 发证日期="2024年5月")])
    assert codes(report) == [(2, "date_future", "error"), (3, "date_partial", "error")]


def test_a_month_of_birth_is_held_against_the_identity_number(firms: SimpleNamespace, tmp_path: Path) -> None:
    rows = [[*person(1), "1985.01"], [*person(2), "1971年2月"]]
    report = command.load("coordinators", write(tmp_path, [[*HEADINGS, "出生年月"], *rows], "people.csv"), by=COMMAND_LINE)
    assert (report["new"], codes(report)) == (2, [(3, "birth_differs", "warning")])


def test_a_month_of_birth_is_not_enough_for_a_passport(firms: SimpleNamespace, tmp_path: Path) -> None:
    row = [*person(1, 身份证号="E12345678", 性别="男"), "1990.01", "护照"]
    report = command.load("coordinators", write(tmp_path, [[*HEADINGS, "出生年月", "证件类型"], row], "people.csv"), by=COMMAND_LINE)
    assert codes(report) == [(2, "date_partial", "error")]


# --- unknown employers
def test_unknown_employer_gets_the_nearest_names(firms: SimpleNamespace, tmp_path: Path, jiyuan: SimpleNamespace) -> None:
    def firm(name: str, area: Any) -> Organisation:
        return Organisation.objects.create(name=name, name_key=name_key(name), kind="enterprise", area=area)

    near = [firm("济源市恒通机械有限公司", jiyuan.kejing), firm("济源市恒达商贸有限公司", jiyuan.kejing)]
    hidden = firm("外县恒通机械有限公司", jiyuan.other_street)
    index_organisations([one.pk for one in (*near, hidden)])
    rows = [person(1, 工作单位="济源恒通机械厂"), person(2, 工作单位="毫无相似之处学校"), person(3, 工作单位="济源市恒桶机械有限公司")]
    report = command.load("coordinators", write(tmp_path, [HEADINGS, *rows], "people.csv"), by=COMMAND_LINE)
    first, second, mistyped = (problem["message"] for problem in report["problems"])
    assert first.startswith("登记中没有“济源恒通机械厂”。名称相近的有“济源市恒通机械有限公司”")
    assert "恒达" not in first
    assert "“济源市恒通机械有限公司”" in mistyped
    assert second == "登记中没有“毫无相似之处学校”。请先导入单位名册或企业名册，或核对名称是否与登记一致。"
    own = nearest_names([name_key("济源恒通机械厂")], Scope(ranges=((419001000000, 419001999999),)))
    assert own == {"济源恒通机械厂": ["济源市恒通机械有限公司"]}
    assert nearest_names(["济源恒通机械厂"], Scope()) == {}


def test_nearest_names_cost_the_same_for_one_and_for_many(django_assert_num_queries: Any, jiyuan: SimpleNamespace) -> None:
    scope = Scope(ranges=((419001000000, 419001999999),))
    shop = Organisation.objects.create(name="济源第一号机械厂", name_key="济源第一号机械厂", kind="enterprise", area=jiyuan.kejing)
    index_organisations([shop.pk])
    for names in (["济源第二号机械厂"], [f"济源第{number}号机械厂" for number in range(20)]):
        with django_assert_num_queries(2):
            assert nearest_names(names, scope) == {name: [shop.name] for name in names}


# --- the body in the number and the body in words
def test_body_of_a_roster_is_held_against_its_filing(firms: SimpleNamespace, tmp_path: Path) -> None:
    body = Organisation.objects.create(name="甲评价中心", name_key="甲评价中心", kind="assessment", area=firms.first.area)
    other = Organisation.objects.create(name="乙评价中心", name_key="乙评价中心", kind="assessment", area=firms.first.area)
    BodyFiling.objects.create(organisation=body, number=certificate_number(1)[:13])
    BodyFiling.objects.create(organisation=other, number="S000141000099")
    unfiled = f"S000141000055243{1:06d}"
    lines = [[*person(1), ""], [*person(2), "乙评价中心"], [*person(3, 证书编号=unfiled), "乙评价中心"]]
    report = command.load("coordinators", write(tmp_path, [[*HEADINGS, "评价机构"], *lines], "people.csv"), by=COMMAND_LINE)
    differs = "certificate_body_differs"
    assert [problem for problem in codes(report) if problem[1] == differs] == [(3, differs, "warning"), (4, differs, "warning")]
    held = Certificate.objects.order_by("person__name").values_list("body__name", "body_name")
    assert list(held) == [("甲评价中心", "甲评价中心"), (None, "乙评价中心"), (None, "乙评价中心")]
