"""The roster of the other hosts, and what moves with an organisation."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tongxing.audit.log import COMMAND_LINE
from tongxing.registry.models import Coordinator, Organisation, Person, Posting
from tongxing.sheets import command

from .rosters import ENTERPRISES, credit_code, enterprise, write

pytestmark = pytest.mark.django_db


def load(folder: Path, *rows: list[object], by: Any = COMMAND_LINE) -> dict[str, Any]:
    return command.load("organisations", write(folder, [["单位名称", "信用代码", "单位类型", "三方身份", "镇街", "状态"], *rows]), by=by)


def codes(report: dict[str, Any]) -> list[tuple[int, str, str]]:
    return [(problem["row"], problem["code"], problem["severity"]) for problem in report["problems"]]


def coordinator_at(organisation: Organisation) -> Coordinator:
    person = Person.objects.create(name="张三", area=organisation.area)
    coordinator = Coordinator.objects.create(person=person, area=organisation.area, host_kind=organisation.kind)
    Posting.objects.create(coordinator=coordinator, organisation=organisation, since=date(2024, 1, 1))
    return coordinator


def test_kinds_and_parties(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    report = load(
        tmp_path,
        ["济源市总工会", credit_code(1), "三方机构", "总工会", "沁园街道", ""],
        ["某律所", credit_code(2), "律师事务所", "", "克井镇", "正常"],
        ["某局", credit_code(3), "三方机构", "", "克井镇", ""],
        ["某会", credit_code(4), "星球", "", "克井镇", ""],
        ["某社", credit_code(5), "", "", "克井镇", ""],
    )
    assert codes(report) == [(4, "party_missing", "warning"), (5, "kind_unknown", "error"), (6, "required", "error")]
    assert list(Organisation.objects.order_by("id").values_list("name", "kind", "party", "size")) == [
        ("济源市总工会", "tripartite", "union", "unclassified"),
        ("某律所", "legal_agency", "", "unknown"),
        ("某局", "tripartite", "", "unclassified"),
    ]


def test_the_word_or_the_name_says_which_party_a_body_is(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    report = load(
        tmp_path,
        ["某联合会", credit_code(1), "工商联", "", "沁园街道", ""],
        ["济源市人力资源和社会保障局", credit_code(2), "三方机构", "", "沁园街道", ""],
        ["济源市总工会", credit_code(3), "工会", "", "沁园街道", ""],
        ["某厂工会", credit_code(4), "工会", "", "沁园街道", ""],
    )
    assert codes(report) == [(4, "party_likely", "warning")]
    assert list(Organisation.objects.order_by("id").values_list("kind", "party")) == [
        ("tripartite", "federation"),
        ("tripartite", "hr"),
        ("union", ""),
        ("union", ""),
    ]


def test_enterprise_roster_leaves_the_kind_alone(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    load(tmp_path, ["济源市第1机械有限公司", credit_code(1), "人力资源公司", "", "克井镇", ""])
    report = command.load("enterprises", write(tmp_path, [ENTERPRISES, enterprise(1)]), by=COMMAND_LINE)
    assert (codes(report), report["changed"]) == ([(2, "other_kind", "warning")], 1)
    assert Organisation.objects.get().kind == "hr_agency"


def test_coordinators_go_with_their_host_and_come_back_with_undo(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    load(tmp_path, ["甲会", credit_code(1), "协会", "", "克井镇", ""])
    coordinator = coordinator_at(Organisation.objects.get())
    report = load(tmp_path, ["甲会", credit_code(1), "调解组织", "", "沁园街道", ""])
    coordinator.refresh_from_db()
    assert (coordinator.host_kind, coordinator.area_id) == ("mediation", jiyuan.qinyuan.code)
    assert Person.objects.get().area_id == jiyuan.qinyuan.code
    assert command.undo(report["batch"], by=COMMAND_LINE)["status"] == "undone"
    coordinator.refresh_from_db()
    assert (coordinator.host_kind, coordinator.area_id) == ("association", jiyuan.kejing.code)


def test_organisation_with_a_coordinator_is_not_ended_by_a_roster(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    load(tmp_path, ["甲会", credit_code(1), "协会", "", "克井镇", ""])
    coordinator_at(Organisation.objects.get())
    report = load(tmp_path, ["甲会", credit_code(1), "协会", "", "克井镇", "注销"])
    assert codes(report) == [(2, "still_held", "error")]
    assert Organisation.objects.get().ended_on is None
