"""The rosters of coordinators, certificates and assignments."""

from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from tongxing.areas.models import TouchedLeaf
from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.names import table_name
from tongxing.certificates.models import Certificate
from tongxing.certificates.sheets.coordinators import CoordinatorSheet
from tongxing.registry.models import (
    Assignment,
    Coordinator,
    DutyArea,
    Organisation,
    PastEducation,
    PastEngagement,
    Person,
    Posting,
    StatusPeriod,
)
from tongxing.registry.models.people import Education
from tongxing.registry.tests.rosters import credit_code, id_number, write
from tongxing.sheets import command
from tongxing.sheets.models import Batch, Line

pytestmark = pytest.mark.django_db
HEADINGS = ["姓名", "身份证号", "性别", "手机号", "工作单位", "统一社会信用代码", "单位类别", "职务", "专/兼职", "技能等级", "证书编号", "发证日期", "学历", "政治面貌", "所属镇街", "任职时间", "责任片区"]  # fmt: skip


@pytest.fixture
def firms(jiyuan: SimpleNamespace) -> SimpleNamespace:
    def firm(number: int, name: str, area: Any, size: str = "small") -> Organisation:
        return Organisation.objects.create(
            name=name, name_key=name, kind="enterprise", area=area, credit_code=credit_code(number), size=size
        )

    return SimpleNamespace(
        first=firm(1, "甲厂", jiyuan.kejing),
        second=firm(2, "乙厂", jiyuan.qinyuan),
        foreign=firm(3, "外县厂", jiyuan.other_street),
        large=firm(4, "大厂", jiyuan.kejing, "large"),
    )


def certificate_number(number: int, level: int = 3, year: int = 24) -> str:
    return f"S000141000001{year}{level}{number + 1:06d}"


def person(number: int, **changes: object) -> list[object]:
    line = {
        "姓名": f"张三{number}", "身份证号": id_number(number), "性别": "男", "手机号": f"138{number:08d}", "工作单位": "甲厂", "统一社会信用代码": "",
        "单位类别": "企业", "职务": "人事主管", "专/兼职": "兼职", "技能等级": "三级", "证书编号": certificate_number(number), "发证日期": "2024年5月20日",
        "学历": "本科", "政治面貌": "群众", "所属镇街": "克井镇", "任职时间": "2024-06-01", "责任片区": "",
    }  # fmt: skip
    return [(line | changes)[heading] for heading in HEADINGS]


def load(folder: Path, rows: list[list[object]], by: Any = COMMAND_LINE) -> dict[str, Any]:
    return command.load("coordinators", write(folder, [HEADINGS, *rows], "people.csv"), by=by)


def fates(report: dict[str, Any]) -> list[int]:
    return [report[key] for key in ("new", "changed", "same", "duplicate", "invalid", "warnings")]


def codes(report: dict[str, Any]) -> list[tuple[int, str, str]]:
    return [(problem["row"], problem["code"], problem["severity"]) for problem in report["problems"]]


def counts() -> list[int]:
    return [model.objects.count() for model in (Person, Coordinator, StatusPeriod, Posting, Certificate, DutyArea)]


def test_one_line_makes_person_enrolment_posting_and_certificate(jiyuan: SimpleNamespace, firms: SimpleNamespace, tmp_path: Path) -> None:
    report = load(tmp_path, [person(1, 责任片区="玉川片区"), person(2)])
    assert (fates(report), report["problems"]) == ([2, 0, 0, 0, 0, 0], [])
    coordinator = Coordinator.objects.select_related("person").get(person__name="张三1")
    assert (coordinator.status, coordinator.host_kind, coordinator.area_id, coordinator.enrolled_on) == (
        "active",
        "enterprise",
        jiyuan.kejing.code,
        date(2024, 6, 1),
    )
    held = coordinator.person
    assert (held.id_number, held.phone, held.sex, held.born_on, held.education) == (id_number(1), "13800000001", 1, date(1985, 1, 1), "20")
    period = coordinator.status_periods.get()
    assert (period.status, period.since, period.until) == ("active", date(2024, 6, 1), None)
    posting = coordinator.postings.get()
    assert (posting.organisation_id, posting.post, posting.since, posting.is_primary) == (
        firms.first.pk,
        "人事主管",
        date(2024, 6, 1),
        True,
    )
    certificate = Certificate.objects.get(person=held)
    assert (certificate.number, certificate.level, certificate.issued_on, certificate.kind) == (
        certificate_number(1),
        3,
        date(2024, 5, 20),
        "skill_level",
    )
    assert coordinator.duty_areas.get().area_id == jiyuan.park.code
    assert fates(load(tmp_path, [person(1, 责任片区="玉川片区"), person(2)])) == [0, 0, 2, 0, 0, 0]
    assert counts() == [2, 2, 2, 2, 2, 1]


def test_no_id_number_stands_in_clear_in_any_batch_table(jiyuan: SimpleNamespace, firms: SimpleNamespace, tmp_path: Path) -> None:
    load(tmp_path, [person(1), person(2, 学历="神学")])
    load(tmp_path, [person(1, 手机号="13911112222", 学历="大专"), person(1)])
    stored = str(list(Line.objects.values()))
    assert all(secret not in stored for secret in (id_number(1), id_number(2), "13911112222", "13800000001"))
    assert Line.objects.get(fate="changed").diff == [
        {"column": "education", "heading": "学历", "before": "大学本科", "after": "大学专科"},
        {"column": "phone", "heading": "手机号", "before": "138****0001", "after": "139****2222"},
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"身份证号": ""}, "required"),
        ({"身份证号": id_number(1)[:17] + ("0" if id_number(1)[17] != "0" else "1")}, "id_checksum"),
        ({"身份证号": "419001198502300010"}, "id_birth"),
        ({"身份证号": "410881850101001"}, "id_old"),
        ({"工作单位": "没登记的厂"}, "employer_unknown"),
        ({"工作单位": ""}, "required"),
        ({"工作单位": "外县厂"}, "employer_unknown"),
        ({"统一社会信用代码": credit_code(3)}, "out_of_scope"),
        ({"统一社会信用代码": credit_code(99)}, "employer_unknown"),
        ({"技能等级": "二级"}, "certificate_level_differs"),
        ({"证书编号": "12345"}, "certificate_form"),
        ({"发证日期": ""}, "required"),
        ({"学历": "神学"}, "education_unknown"),
        ({"所属镇街": "月球镇"}, "area_unknown"),
        ({"责任片区": "月球镇"}, "area_unknown"),
        ({"任职时间": "2000-01-01"}, "too_young"),
        ({"专/兼职": "偶尔"}, "full_time_unknown"),
    ],
)
def test_bad_line_is_refused(jiyuan: SimpleNamespace, firms: SimpleNamespace, tmp_path: Path, change: dict[str, object], code: str) -> None:
    report = load(tmp_path, [person(1, **change), person(2)])
    assert codes(report) == [(2, code, "error")]
    assert counts()[:2] == [1, 1]
    assert "外县厂" not in report["problems"][0]["message"].replace("“外县厂”。请先", "")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"性别": "女"}, "sex_differs"),
        ({"证书编号": "", "发证日期": ""}, "certificate_number_missing"),
        ({"证书编号": certificate_number(1, year=23)}, "certificate_year_differs"),
        ({"单位类别": "协会"}, "kind_differs"),
        ({"所属镇街": "沁园街道"}, "township_differs"),
    ],
)
def test_doubtful_line_is_saved_with_a_warning(
    jiyuan: SimpleNamespace, firms: SimpleNamespace, tmp_path: Path, change: dict[str, object], code: str
) -> None:
    report = load(tmp_path, [person(1, **change)])
    assert codes(report) == [(2, code, "warning")]
    assert fates(report) == [1, 0, 0, 0, 0, 1]


def test_same_person_or_certificate_twice_in_the_file(jiyuan: SimpleNamespace, firms: SimpleNamespace, tmp_path: Path) -> None:
    report = load(tmp_path, [person(1), person(1, 工作单位="乙厂"), person(2, 证书编号=certificate_number(1))])
    assert codes(report) == [(3, "duplicate_in_file", "error"), (4, "duplicate_in_file", "error")]


def test_person_of_another_county_is_neither_shown_nor_moved(
    jiyuan: SimpleNamespace, firms: SimpleNamespace, cast: SimpleNamespace, tmp_path: Path
) -> None:
    load(tmp_path, [person(1)])
    Person.objects.update(area=jiyuan.other_street, name="秘密姓名")
    Coordinator.objects.update(area=jiyuan.other_street)
    report = load(tmp_path, [person(1)], by=cast.officer)
    assert codes(report) == [(2, "out_of_scope", "error")]
    assert "秘密姓名" not in str(report)
    assert Person.objects.get().area_id == jiyuan.other_street.code


def test_other_employer_is_a_transfer(jiyuan: SimpleNamespace, firms: SimpleNamespace, tmp_path: Path) -> None:
    load(tmp_path, [person(1)])
    report = load(tmp_path, [person(1, 工作单位="乙厂", 任职时间="2025-03-01", 所属镇街="")])
    assert (codes(report), fates(report)) == ([(2, "employer_changed", "warning")], [0, 1, 0, 0, 0, 1])
    old, new = Posting.objects.order_by("id")
    assert (old.until, old.is_primary) == (date(2025, 2, 28), False)
    assert (new.organisation_id, new.since, new.is_primary) == (firms.second.pk, date(2025, 3, 1), True)
    assert Coordinator.objects.get().area_id == Person.objects.get().area_id == jiyuan.qinyuan.code
    assert command.undo(report["batch"], by=COMMAND_LINE)["status"] == "undone"
    posting = Posting.objects.get()
    assert (posting.until, posting.is_primary, Person.objects.get().area_id) == (None, True, jiyuan.kejing.code)


def test_undo_takes_everything_back(jiyuan: SimpleNamespace, firms: SimpleNamespace, tmp_path: Path) -> None:
    report = load(tmp_path, [person(1, 责任片区="玉川片区"), person(2)])
    answer = command.undo(report["batch"], by=COMMAND_LINE)
    assert (answer["status"], answer["new"]) == ("undone", 2)
    assert counts() == [0] * 6


def test_undo_of_changes_puts_back_phone_certificate_and_post(jiyuan: SimpleNamespace, firms: SimpleNamespace, tmp_path: Path) -> None:
    load(tmp_path, [person(1, 证书编号="", 发证日期="", 技能等级="")])
    before = Person.objects.values("phone_sealed", "phone_index", "education").get()
    report = load(tmp_path, [person(1, 手机号="13911112222", 学历="大专", 职务="经理")])
    assert (fates(report), Certificate.objects.count(), Posting.objects.get().post) == ([0, 1, 0, 0, 0, 0], 1, "经理")
    assert command.undo(report["batch"], by=COMMAND_LINE)["status"] == "undone"
    assert Person.objects.values("phone_sealed", "phone_index", "education").get() == before
    assert (Certificate.objects.count(), Posting.objects.get().post) == (0, "人事主管")


def test_undo_is_refused_when_somebody_went_on(jiyuan: SimpleNamespace, firms: SimpleNamespace, tmp_path: Path) -> None:
    report = load(tmp_path, [person(1)])
    Posting.objects.create(coordinator=Coordinator.objects.get(), organisation=firms.second, since=date(2025, 1, 1), is_primary=False)
    answer = command.undo(report["batch"], by=COMMAND_LINE)
    assert (answer["refused"]["code"], "张三1" in answer["refused"]["message"]) == ("depends", True)


def test_undo_takes_back_new_rows_that_were_saved_with_a_doubt(jiyuan: SimpleNamespace, firms: SimpleNamespace, tmp_path: Path) -> None:
    report = load(tmp_path, [person(1, 性别="女", 责任片区="玉川片区"), person(2)])
    assert fates(report) == [2, 0, 0, 0, 0, 1]
    TouchedLeaf.objects.all().delete()
    assert command.undo(report["batch"], by=COMMAND_LINE)["status"] == "undone"
    assert counts() == [0] * 6
    assert {jiyuan.kejing.code, jiyuan.park.code} <= set(TouchedLeaf.objects.values_list("area_code", flat=True))


@pytest.mark.parametrize("model", [Organisation, Person, Coordinator, Certificate])
def test_what_may_stand_against_an_undo_has_a_chinese_name(model: Any) -> None:
    relations = [field for field in model._meta.get_fields(include_hidden=True) if field.auto_created and not field.concrete]
    assert [field.related_model for field in relations if table_name(field.related_model) == "其他记录"] == []


def test_undo_stops_when_a_record_moves_between_look_and_write(
    jiyuan: SimpleNamespace, firms: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody saves the person after the batch was found free to go back: the old values must not be written over that."""
    load(tmp_path, [person(1)])
    report = load(tmp_path, [person(1, 学历="大专")])
    look = CoordinatorSheet.dependants

    def looked(sheet: CoordinatorSheet, made: list[Any], changed: list[Any]) -> list[str]:
        found = look(sheet, made, changed)
        Person.objects.update(version=9)
        return found

    monkeypatch.setattr(CoordinatorSheet, "dependants", looked)
    answer = command.undo(report["batch"], by=COMMAND_LINE)
    assert answer["refused"]["code"] == "moved_on"
    assert Batch.objects.latest("id").status == "applied"
    assert Person.objects.filter(version=9).count() == 0, "what the test changed inside the transaction went back with it"
    monkeypatch.undo()
    assert command.undo(report["batch"], by=COMMAND_LINE)["status"] == "undone"


def test_undo_of_a_transfer_stops_when_the_ended_posting_was_corrected(
    jiyuan: SimpleNamespace, firms: SimpleNamespace, tmp_path: Path
) -> None:
    """A posting has no version; its values are held against what the batch wrote."""
    Organisation.objects.filter(pk=firms.second.pk).update(area=jiyuan.kejing)
    load(tmp_path, [person(1)])
    report = load(tmp_path, [person(1, 工作单位="乙厂", 任职时间="2025-03-01")])
    Posting.objects.filter(organisation=firms.first).update(until=date(2025, 1, 31))
    answer = command.undo(report["batch"], by=COMMAND_LINE)
    assert (answer["refused"]["code"], "在导入之后又被修改" in answer["refused"]["message"]) == ("depends", True)
    Posting.objects.filter(organisation=firms.first).update(until=date(2025, 2, 28))
    assert command.undo(report["batch"], by=COMMAND_LINE)["status"] == "undone"
    assert Posting.objects.values_list("organisation", "until").get() == (firms.first.pk, None)


# --- certificates ---------------------------------------------------------------------------------------------------------
def load_certificates(folder: Path, *rows: list[object], by: Any = COMMAND_LINE) -> dict[str, Any]:
    path = write(folder, [["姓名", "身份证号", "证书号", "等级", "发证时间", "发证机构"], *rows], "certificates.csv")
    return command.load("certificates", path, by=by)


def test_certificates_of_registered_people(jiyuan: SimpleNamespace, firms: SimpleNamespace, cast: SimpleNamespace, tmp_path: Path) -> None:
    load(tmp_path, [person(number, 证书编号="", 发证日期="", 技能等级="") for number in range(3)])
    good = ["张三1", id_number(1), certificate_number(1), "三级", "2024-05-20", "某评价机构"]
    report = load_certificates(
        tmp_path,
        good,
        ["李四", id_number(2), certificate_number(2), "三级", "2024-05-20", ""],
        ["王五", id_number(9), certificate_number(3), "", "2024-05-20", ""],
        ["张三0", id_number(0), "", "三级", "2024-05-20", ""],
    )
    assert codes(report) == [(3, "name_differs", "error"), (4, "person_unknown", "error"), (5, "required", "error")]
    assert fates(report) == [1, 0, 0, 0, 3, 0]
    assert fates(load_certificates(tmp_path, good)) == [0, 0, 1, 0, 0, 0]
    changed = load_certificates(tmp_path, [*good[:4], "2024-05-21", "某评价机构"])
    assert (fates(changed), Certificate.objects.get().issued_on) == ([0, 1, 0, 0, 0, 0], date(2024, 5, 21))
    taken = load_certificates(tmp_path, ["张三2", id_number(2), certificate_number(1), "三级", "2024-05-20", ""])
    assert codes(taken) == [(2, "certificate_taken", "error")]
    assert codes(load_certificates(tmp_path, good, by=cast.other)) == [(2, "out_of_scope", "error")]
    assert command.undo(changed["batch"], by=COMMAND_LINE)["status"] == "undone"
    assert Certificate.objects.get().issued_on == date(2024, 5, 20)
    assert command.undo(report["batch"], by=COMMAND_LINE)["status"] == "undone"
    assert Certificate.objects.count() == 0


# --- assignments ----------------------------------------------------------------------------------------------------------
def load_assignments(folder: Path, *rows: list[object], by: Any = COMMAND_LINE) -> dict[str, Any]:
    headings = ["协调员姓名", "身份证号", "工作单位", "包联企业", "统一社会信用代码", "包联日期"]
    return command.load("assignments", write(folder, [headings, *rows], "assignments.csv"), by=by)


def test_assignments_by_number_or_by_name(jiyuan: SimpleNamespace, firms: SimpleNamespace, tmp_path: Path) -> None:
    load(tmp_path, [person(1)])
    rows = [
        ["张三1", id_number(1), "", "甲厂", "", "2024-07-01"],
        ["张三1", "", "甲厂", "", credit_code(2), "2024-07-01"],
        ["张三1", "", "甲厂", "乙厂", "", "2024-07-01"],
        ["张三1", id_number(1), "", "大厂", "", "2024-07-01"],
        ["李四", "", "甲厂", "乙厂", "", ""],
        ["张三1", "", "", "乙厂", "", ""],
        ["张三1", id_number(1), "", "外县厂", "", ""],
    ]
    report = load_assignments(tmp_path, *rows)
    assert codes(report) == [
        (4, "duplicate_in_file", "error"),
        (5, "not_small", "error"),
        (6, "coordinator_unknown", "error"),
        (7, "required", "error"),
        (8, "employer_unknown", "error"),
    ]
    assert fates(report) == [2, 0, 0, 1, 4, 0]
    assert set(Assignment.objects.values_list("organisation_id", flat=True)) == {firms.first.pk, firms.second.pk}
    assert fates(load_assignments(tmp_path, *rows[:2])) == [0, 0, 2, 0, 0, 0]
    assert command.undo(report["batch"], by=COMMAND_LINE)["status"] == "undone"
    assert Assignment.objects.count() == 0


# --- batches taken back last in, first out ----------------------------------------------------------------------------------
def moved(folder: Path, *townships: str) -> list[str]:
    """Batches that put 甲厂 into one township after another; their ids."""
    rows = [[["单位名称", "统一社会信用代码", "所属镇街"], ["甲厂", credit_code(1), township]] for township in townships]
    reports = [command.load("enterprises", write(folder, lines, "firms.csv"), by=COMMAND_LINE) for lines in rows]
    assert [report["changed"] for report in reports] == [1] * len(townships)
    return [report["batch"] for report in reports]


def undone(batch: str) -> str:
    answer = command.undo(batch, by=COMMAND_LINE)
    return "undone" if answer["status"] == "undone" else answer["refused"]["message"]


def test_people_can_be_undone_after_the_batches_that_moved_their_host(
    jiyuan: SimpleNamespace, firms: SimpleNamespace, tmp_path: Path
) -> None:
    people = load(tmp_path, [person(1), person(2)])["batch"]
    firms_moved = moved(tmp_path, "沁园街道", "玉川片区", "克井镇")
    assert "之后又被修改" in undone(people)
    assert [undone(batch) for batch in reversed(firms_moved)] == ["undone"] * 3
    assert set(Person.objects.values_list("area_id", flat=True)) == {jiyuan.kejing.code}
    assert undone(people) == "undone"
    assert counts() == [0] * 6


def test_people_loaded_into_a_moved_host_can_be_undone_after_it(jiyuan: SimpleNamespace, firms: SimpleNamespace, tmp_path: Path) -> None:
    (batch,) = moved(tmp_path, "沁园街道")
    people = load(tmp_path, [person(1)])["batch"]
    assert [undone(batch), undone(people), counts()] == ["undone", "undone", [0] * 6]


def test_person_changed_after_the_host_moved_still_stands_against_the_undo(
    jiyuan: SimpleNamespace, firms: SimpleNamespace, tmp_path: Path
) -> None:
    people = load(tmp_path, [person(1)])["batch"]
    (batch,) = moved(tmp_path, "沁园街道")
    Person.objects.update(name="张三丰", version=F("version") + 1)
    assert undone(batch) == "undone"
    assert "“张三丰”在导入之后又被修改" in undone(people)


def test_a_roster_keeps_former_education_and_engagement_and_an_undo_forgets_them(
    jiyuan: SimpleNamespace, firms: SimpleNamespace, tmp_path: Path
) -> None:
    first = load(tmp_path, [person(1), person(2)])
    second = load(tmp_path, [person(1, 学历="研究生", **{"专/兼职": "专职"}), person(2)])
    past, before = PastEducation.objects.get(), PastEngagement.objects.get()
    yesterday = timezone.localdate() - timedelta(days=1)
    assert (past.person.name, past.education, past.since, past.until) == ("张三1", Education.BACHELOR, None, yesterday)
    assert (before.full_time, before.until) == (False, yesterday)
    assert command.undo(second["batch"], by=COMMAND_LINE)["status"] == "undone"
    assert (PastEducation.objects.count(), PastEngagement.objects.count()) == (0, 0)
    assert command.undo(first["batch"], by=COMMAND_LINE)["status"] == "undone"
