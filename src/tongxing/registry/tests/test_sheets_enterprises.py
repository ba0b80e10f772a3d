"""The roster of enterprises: every fate, every refusal, undo, scope, races."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tongxing.areas.models import TouchedLeaf
from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.registry.models import Coordinator, Organisation, PastSize, Person, Posting, SearchEntry
from tongxing.sheets import applying, checking, command, undoing
from tongxing.sheets.models import Batch, Chunk, Line, Mode
from tongxing.sheets.uploads import upload

from .rosters import ENTERPRISES, credit_code, enterprise, write

pytestmark = pytest.mark.django_db


def load(folder: Path, rows: list[list[object]], by: Any = COMMAND_LINE, **options: Any) -> dict[str, Any]:
    return command.load("enterprises", write(folder, [ENTERPRISES, *rows]), by=by, **options)


def fates(report: dict[str, Any]) -> dict[str, int]:
    return {key: report[key] for key in ("rows", "new", "changed", "same", "duplicate", "invalid", "warnings")}


def codes(report: dict[str, Any]) -> list[tuple[int, str, str]]:
    return [(problem["row"], problem["code"], problem["severity"]) for problem in report["problems"]]


def web_batch(folder: Path, rows: list[list[object]], by: Any) -> Batch:
    with write(folder, [ENTERPRISES, *rows]).open("rb") as content:
        return upload("enterprises", content, name="企业.csv", by=by)


def test_load_registers_and_second_load_finds_all_the_same(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    report = load(tmp_path, [enterprise(number) for number in range(3)])
    assert fates(report) == {"rows": 3, "new": 3, "changed": 0, "same": 0, "duplicate": 0, "invalid": 0, "warnings": 0}
    assert (report["status"], report["refused"], report["problems"], report["skipped"]) == ("applied", None, [], 0)
    first = Organisation.objects.get(credit_code=credit_code(0))
    assert (first.name, first.area_id, first.size, first.industry) == ("济源市第0机械有限公司", jiyuan.kejing.code, "micro", "3011")
    assert (first.contact_phone, first.version, first.unplaced) == ("13800000000", 1, False)
    assert "13800000000" not in first.contact_phone_sealed
    assert set(TouchedLeaf.objects.values_list("area_code", flat=True)) == {jiyuan.kejing.code}
    again = load(tmp_path, [enterprise(number) for number in range(3)])
    assert fates(again) == {"rows": 3, "new": 0, "changed": 0, "same": 3, "duplicate": 0, "invalid": 0, "warnings": 0}
    assert Organisation.objects.count() == 3


def test_load_writes_one_audit_entry_and_makes_it_findable(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    load(tmp_path, [enterprise(number) for number in range(3)])
    entry = Entry.objects.get(act="sheets.apply")
    assert (entry.actor_name, entry.after["new"], entry.after["rows"]) == ("命令行", 3, 3)
    assert list(SearchEntry.objects.order_by("id").values_list("key", "area_code")) == [
        (f"济源市第{number}机械有限公司", jiyuan.kejing.code) for number in range(3)
    ]


def test_check_leaves_nothing_behind(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    report = command.check("enterprises", write(tmp_path, [ENTERPRISES, enterprise(1)]), by=COMMAND_LINE)
    assert (report["status"], report["batch"], report["new"]) == ("checked", None, 1)
    assert (Organisation.objects.count(), Batch.objects.count(), Line.objects.count()) == (0, 0, 0)


def test_changed_line_keeps_before_and_after_and_past_size(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    load(tmp_path, [enterprise(1)])
    Organisation.objects.update(size_since=date(2020, 1, 1))
    report = load(tmp_path, [enterprise(1, **{"从业人员数": 2000, "营业收入(万元)": 50000, "联系电话": "13900000001"})])
    assert fates(report)["changed"] == 1
    line = Line.objects.get()
    assert {change["column"]: (change["before"], change["after"]) for change in line.diff} == {
        "employees": ("11", "2000"),
        "revenue": ("101", "50000"),
        "contact_phone": ("138****0001", "139****0001"),
        "size": ("微型", "大型"),
    }
    held = Organisation.objects.get()
    assert (held.size, held.version, held.size_since, held.contact_phone) == ("large", 2, date.today(), "13900000001")
    past = PastSize.objects.get()
    assert (past.size, past.since, past.until) == ("micro", date(2020, 1, 1), date.today() - timedelta(days=1))


def test_empty_cell_erases_nothing(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    load(tmp_path, [enterprise(1)])
    report = load(tmp_path, [enterprise(1, 联系人="", 联系电话="", 行业="", 所属镇街="")])
    assert fates(report)["same"] == 1
    assert Organisation.objects.get().contact_name == "李四"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"单位名称": ""}, "required"),
        ({"统一社会信用代码": "91419001MA4000001"}, "credit_form"),
        ({"统一社会信用代码": credit_code(1)[:17] + ("0" if credit_code(1)[17] != "0" else "1")}, "credit_checksum"),
        ({"从业人员数": "-3"}, "negative"),
        ({"从业人员数": "很多"}, "count_form"),
        ({"营业收入(万元)": "-1"}, "negative"),
        ({"单位名称": "长" * 129}, "too_long"),
        ({"单位名称": "甲\x01厂"}, "control"),
        ({"所属镇街": "不存在镇"}, "area_unknown"),
        ({"行业": "不存在的行业"}, "industry_name"),
        ({"成立日期": "2015-02-30"}, "date_form"),
        ({"成立日期": "2199-01-01"}, "date_future"),
        ({"状态": "飞走"}, "status_unknown"),
        ({"联系电话": "123"}, "phone_form"),
        ({"数据年度": "25"}, "year_form"),
    ],
)
def test_bad_cell_is_refused_and_the_other_lines_go_in(
    jiyuan: SimpleNamespace, tmp_path: Path, change: dict[str, object], code: str
) -> None:
    report = load(tmp_path, [enterprise(1, **change), enterprise(2)])
    assert codes(report) == [(2, code, "error")]
    assert report["problems"][0]["message"].endswith(("。", "）"))
    assert (fates(report)["invalid"], fates(report)["new"]) == (1, 1)


def test_several_bad_cells_of_a_line_are_all_said(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    report = load(tmp_path, [enterprise(1, 从业人员数="-1", 状态="飞走", 联系电话="1")])
    assert [code for _, code, _ in codes(report)] == ["negative", "phone_form", "status_unknown"]
    assert fates(report)["invalid"] == 1


def test_duplicate_in_file_names_the_first_line(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    report = load(tmp_path, [enterprise(1), enterprise(2), enterprise(1), enterprise(2, 统一社会信用代码="")])
    assert codes(report) == [(4, "duplicate_in_file", "error"), (5, "duplicate_in_file", "error")]
    assert "第 2 行" in report["problems"][0]["message"]
    assert fates(report) == {"rows": 4, "new": 2, "changed": 0, "same": 0, "duplicate": 2, "invalid": 0, "warnings": 0}


def test_line_after_a_bad_one_with_the_same_code_is_no_duplicate(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    report = load(tmp_path, [enterprise(1, 从业人员数="-1"), enterprise(1)])
    assert (fates(report)["invalid"], fates(report)["new"]) == (1, 1)


def test_same_name_without_code_in_the_register_is_ambiguous_when_there_are_two(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    for _ in range(2):
        Organisation.objects.create(name="同名厂", name_key="同名厂", kind="enterprise", area=jiyuan.kejing, no_code_reason="无")
    report = load(tmp_path, [enterprise(1, 单位名称="同名厂", 统一社会信用代码="")])
    assert codes(report) == [(2, "ambiguous_name", "error")]
    assert fates(report)["duplicate"] == 1


def test_line_with_code_finds_the_record_without_one(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    Organisation.objects.create(name="甲 厂", name_key="甲厂", kind="enterprise", area=jiyuan.kejing, no_code_reason="无")
    report = load(tmp_path, [enterprise(1, 单位名称="甲厂")])
    assert codes(report) == [(2, "matched_by_name", "warning")]
    held = Organisation.objects.get()
    assert (held.credit_code, held.no_code_reason) == (credit_code(1), "")


def test_township_comes_from_the_address_or_the_line_waits_at_the_county(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    report = load(
        tmp_path,
        [
            enterprise(1, 所属镇街="", 地址="济源市克井镇1号"),
            enterprise(2, 所属镇街="", 地址="济源市某路"),
            enterprise(3, 所属镇街="济源市沁园办事处"),
        ],
    )
    placed = dict(Organisation.objects.order_by("id").values_list("area_id", "unplaced"))
    assert placed == {jiyuan.kejing.code: False, jiyuan.county.code: True, jiyuan.qinyuan.code: False}
    assert codes(report) == [(3, "unplaced", "warning")]


def test_amounts_written_in_yuan_are_doubted_or_read_by_their_unit(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    report = load(
        tmp_path, [enterprise(1, **{"从业人员数": 10, "营业收入(万元)": "35000000"}), enterprise(2, **{"营业收入(万元)": "35000000元"})]
    )
    assert codes(report) == [(2, "looks_like_yuan", "warning")]
    assert Organisation.objects.get(credit_code=credit_code(2)).revenue == Decimal("3500.00")
    headings = [heading.replace("营业收入(万元)", "营业收入（元）") for heading in ENTERPRISES]
    command.load("enterprises", write(tmp_path, [headings, enterprise(3, **{"营业收入(万元)": "35000000"})]), by=COMMAND_LINE)
    assert Organisation.objects.get(credit_code=credit_code(3)).revenue == Decimal("3500.00")


def test_closed_enterprise_ends(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    report = load(tmp_path, [enterprise(1, 状态="注销")])
    assert codes(report) == [(2, "ended_on_missing", "warning")]
    assert Organisation.objects.get().ended_on == date.today()
    assert fates(load(tmp_path, [enterprise(1, 状态="注销")]))["same"] == 1


def test_loader_reaches_nothing_outside_the_own_area(jiyuan: SimpleNamespace, cast: SimpleNamespace, tmp_path: Path) -> None:
    load(tmp_path, [enterprise(1, 所属镇街="沁园街道")])
    Organisation.objects.create(
        name="外县厂",
        name_key="外县厂",
        kind="enterprise",
        area=jiyuan.other_street,
        credit_code=credit_code(7),
        legal_representative="秘密人",
    )
    report = load(
        tmp_path,
        [enterprise(1), enterprise(2, 所属镇街="沁园街道"), enterprise(3), enterprise(7), enterprise(8, 所属镇街="", 地址="某处")],
        by=cast.township,
    )
    assert codes(report) == [
        (2, "out_of_scope", "error"),
        (3, "area_out_of_scope", "error"),
        (5, "out_of_scope", "error"),
        (6, "area_missing", "error"),
    ]
    assert "外县厂" not in str(report)
    assert "秘密人" not in str(report)
    assert Organisation.objects.get(credit_code=credit_code(1)).area_id == jiyuan.qinyuan.code
    assert Organisation.objects.get(credit_code=credit_code(7)).area_id == jiyuan.other_street.code


def test_user_without_import_is_refused(jiyuan: SimpleNamespace, cast: SimpleNamespace, tmp_path: Path) -> None:
    report = load(tmp_path, [enterprise(1)], by=cast.leader)
    assert (report["status"], report["refused"]["code"]) == ("refused", "forbidden")
    assert Organisation.objects.count() == 0


def test_all_or_nothing_writes_nothing_when_a_line_is_bad(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    report = load(tmp_path, [enterprise(1), enterprise(2, 从业人员数="-1")], atomic=True)
    assert (report["status"], report["refused"]["code"], report["invalid"]) == ("refused", "not_all_good", 1)
    assert Organisation.objects.count() == 0
    assert load(tmp_path, [enterprise(1), enterprise(2)], atomic=True)["status"] == "applied"
    assert Organisation.objects.count() == 2


def test_unreadable_file_is_refused_as_a_whole(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"not a workbook")
    report = command.load("enterprises", path, by=COMMAND_LINE)
    assert report["status"] == "refused"
    assert report["refused"]["message"]
    assert command.check("enterprises", tmp_path / "none.csv", by=COMMAND_LINE)["refused"]["code"] == "file_missing"
    assert command.check("planets", path, by=COMMAND_LINE)["refused"]["code"] == "unknown_sheet"


# --- two officers at once -------------------------------------------------------------------------------------------------
def test_record_that_appeared_since_the_check_is_not_overwritten(jiyuan: SimpleNamespace, cast: SimpleNamespace, tmp_path: Path) -> None:
    batch = checking.check(web_batch(tmp_path, [enterprise(1), enterprise(2)], cast.officer), by=cast.officer)
    assert (batch.status, batch.new) == ("checked", 2)
    Organisation.objects.create(name="别人登记的", name_key="别人登记的", kind="enterprise", area=jiyuan.kejing, credit_code=credit_code(1))
    applying.apply(batch, by=cast.officer)
    assert (batch.status, batch.new, batch.invalid) == ("applied", 1, 1)
    assert [problem["code"] for line in Line.objects.all() for problem in line.problems] == ["moved_on"]
    assert Organisation.objects.get(credit_code=credit_code(1)).name == "别人登记的"


def test_change_confirmed_on_older_values_is_not_written(jiyuan: SimpleNamespace, cast: SimpleNamespace, tmp_path: Path) -> None:
    load(tmp_path, [enterprise(1)])
    batch = checking.check(web_batch(tmp_path, [enterprise(1, 从业人员数=50)], cast.officer), by=cast.officer)
    assert batch.changed == 1
    Organisation.objects.update(employees=70, version=2)
    applying.apply(batch, by=cast.officer)
    assert (batch.changed, batch.invalid, Organisation.objects.get().employees) == (0, 1, 70)


def test_all_or_nothing_goes_back_to_checked_when_somebody_was_faster(
    jiyuan: SimpleNamespace, cast: SimpleNamespace, tmp_path: Path
) -> None:
    batch = checking.check(web_batch(tmp_path, [enterprise(1), enterprise(2)], cast.officer), by=cast.officer)
    Organisation.objects.create(name="别人", name_key="别人", kind="enterprise", area=jiyuan.kejing, credit_code=credit_code(2))
    applying.apply(batch, by=cast.officer, mode=Mode.ALL)
    assert (batch.status, batch.refused_code, Organisation.objects.count()) == ("checked", "not_all_good", 1)
    assert Chunk.objects.filter(applied=True).count() == 0


# --- undo -----------------------------------------------------------------------------------------------------------------
def test_undo_removes_what_was_new_and_puts_back_what_changed(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    load(tmp_path, [enterprise(1)])
    before = Organisation.objects.values().get()
    report = load(tmp_path, [enterprise(1, **{"从业人员数": 2000, "营业收入(万元)": 50000, "联系电话": "13900000001"}), enterprise(2)])
    answer = command.undo(report["batch"], by=COMMAND_LINE)
    assert (answer["status"], answer["new"], answer["changed"]) == ("undone", 1, 1)
    after = Organisation.objects.values().get()
    assert after.pop("version") == before.pop("version") + 2
    assert after.pop("updated_at") >= before.pop("updated_at")
    assert after == before
    assert (PastSize.objects.count(), Line.objects.exclude(undo_sealed="").count()) == (0, 0)
    assert command.undo(report["batch"], by=COMMAND_LINE)["refused"]["code"] == "already_undone"
    assert Entry.objects.filter(act="sheets.undo").count() == 1


def test_undo_is_refused_while_a_posting_depends_on_it(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    report = load(tmp_path, [enterprise(1), enterprise(2)])
    person = Person.objects.create(name="张三", area=jiyuan.kejing)
    coordinator = Coordinator.objects.create(person=person, area=jiyuan.kejing)
    Posting.objects.create(
        coordinator=coordinator, organisation=Organisation.objects.get(credit_code=credit_code(2)), since=date(2024, 1, 1)
    )
    answer = command.undo(report["batch"], by=COMMAND_LINE)
    assert (answer["status"], answer["refused"]["code"]) == ("refused", "depends")
    assert "济源市第2机械有限公司" in answer["refused"]["message"]
    assert (Organisation.objects.count(), Batch.objects.get().status) == (2, "applied")


def test_undo_is_refused_after_a_later_edit_or_batch(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    first = load(tmp_path, [enterprise(1)])
    second = load(tmp_path, [enterprise(1, 从业人员数=99)])
    assert command.undo(first["batch"], by=COMMAND_LINE)["refused"]["code"] == "depends"
    assert command.undo(second["batch"], by=COMMAND_LINE)["status"] == "undone"
    # Last in, first out: with the later batch gone, the earlier one can go too.
    assert command.undo(first["batch"], by=COMMAND_LINE)["status"] == "undone"
    third = load(tmp_path, [enterprise(1)])
    Organisation.objects.all().delete()
    assert "已不存在" in command.undo(third["batch"], by=COMMAND_LINE)["refused"]["message"]


def test_undo_needs_the_permission(jiyuan: SimpleNamespace, cast: SimpleNamespace, tmp_path: Path) -> None:
    report = load(tmp_path, [enterprise(1)], by=cast.township)
    with pytest.raises(Refused, match="不能撤销"):
        undoing.undo(Batch.objects.get(uid=report["batch"]), by=cast.township)
    assert undoing.undo(Batch.objects.get(), by=cast.officer, reason="传错文件").status == "undone"
