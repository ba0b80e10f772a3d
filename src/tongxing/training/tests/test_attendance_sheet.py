"""The sheet of attendance: every fate of a line, whose classes, corrections with a reason, taken back whole until somebody changed it since."""

from datetime import time, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import xlsxwriter
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.registry.identity import id_index
from tongxing.registry.tests.people_factories import an_id
from tongxing.registry.tests.rosters import write
from tongxing.sheets import command
from tongxing.sheets.models import Batch, Line
from tongxing.training import completing
from tongxing.training.attendance import Mark, correct_attendance, take_attendance
from tongxing.training.flags import flags_of
from tongxing.training.models import Attendance, AttendanceChange, Enrolment, Session, TrainingClass
from tongxing.training.sheets.cells import When, clean_session, read_time

from .test_attendance import mark, states, with_document
from .world import TODAY, an_account, running_class

HEADINGS = ["班级编号", "课次", "证件号码", "学号", "姓名", "状态", "备注"]


@pytest.fixture
def world(jiyuan: SimpleNamespace) -> SimpleNamespace:
    found = running_class(jiyuan.county, people=3, sessions_planned=3, began=3)
    found.agent = an_account("school", "training_provider", organisation=found.made.provider.organisation_id)
    found.session = found.sessions[0]
    return found


def line(world: SimpleNamespace, person: int, state: str = "出勤", **changes: object) -> list[object]:
    row = world.rows[person]
    said = {"code": world.made.code, "session": "1", "id": "", "serial": row.serial, "name": row.person.name, "state": state, "remark": ""}
    return list((said | changes).values())


def load(folder: Path, *rows: list[object], by: Any = COMMAND_LINE, headings: list[str] = HEADINGS) -> dict[str, Any]:
    return command.load("attendance", write(folder, [["某校考勤"], headings, *rows], f"{Batch.objects.count()}.csv"), by=by)


def codes(report: dict[str, Any]) -> list[tuple[int, str]]:
    return [(problem["row"], problem["code"]) for problem in report["problems"]]


def test_a_class_comes_in_however_the_session_is_named(world: SimpleNamespace, tmp_path: Path) -> None:
    day = world.session.on
    report = load(
        tmp_path,
        line(world, 0, session=f"{day} 08:30"),
        line(world, 1, "迟到", session=f"{day:%Y年%m月%d日}8：30–11:30"),
        line(world, 2, "缺勤", session="第1次课", remark="没有请假"),
        line(world, 0, "√", session=2),
        line(world, 1, "病假", session=str(world.sessions[1].on)),
        by=world.agent,
    )
    assert (report["new"], report["problems"]) == (5, [])
    assert states(world.session) == ["present", "late", "absent"]
    assert states(world.sessions[1]) == ["present", "leave"]
    held = Attendance.objects.get(remark="没有请假")
    assert (held.source, held.by, Batch.objects.get().area_code) == ("sheet", world.agent.display_name, world.made.area_id)
    assert Entry.objects.filter(act="sheets.apply").count() == 1
    again = load(tmp_path, line(world, 0), line(world, 1, "迟到"), line(world, 2, "缺课"), by=world.agent)
    assert (again["same"], again["new"], again["changed"]) == (3, 0, 0)


def test_the_columns_of_the_former_table_are_still_read(world: SimpleNamespace, tmp_path: Path) -> None:
    rows = [[world.made.code, str(world.session.on), "8.30", row.serial, row.person.name, "到课"] for row in world.rows]
    report = load(tmp_path, *rows, headings=["班级代码", "上课日期", "开始时间", "学号", "学员姓名", "出勤情况"])
    assert (report["new"], report["problems"]) == (3, [])


def test_a_document_number_names_the_trainee(world: SimpleNamespace, jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    numbers = [an_id(), an_id()]
    for row, number in zip(world.rows, numbers, strict=False):
        with_document(row.person, number)
        row.person.id_index = id_index(number)
        row.person.save(update_fields=["id_index"])
    report = load(
        tmp_path,
        line(world, 0, id=numbers[0], serial=""),
        line(world, 1, id=numbers[1]),
        line(world, 1, id=numbers[1], serial=1, session=2),
        line(world, 0, id=an_id(), serial="", session=2),
        line(world, 2, serial="", session=2),
        line(world, 0, id="41900119850101", serial="", session=2),
    )
    assert report["new"] == 2
    assert [code for _, code in codes(report)][:3] == ["serial_differs", "not_in_class", "required"]
    assert "没有这个证件号" in report["problems"][1]["message"]


def test_what_is_wrong_is_said_line_by_line_and_the_rest_comes_in(world: SimpleNamespace, jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    other = running_class(jiyuan.county, people=1)
    gone = running_class(jiyuan.county, people=1)
    TrainingClass.objects.filter(pk=gone.made.pk).update(state="cancelled")
    later = world.sessions[2]
    Session.objects.filter(pk=later.pk).update(on=TODAY + timedelta(days=1))
    Enrolment.objects.filter(pk=world.rows[2].pk).update(state="withdrawn")
    report = load(
        tmp_path,
        line(world, 0),
        line(other, 0),
        line(gone, 0),
        line(world, 1, code="999999"),
        line(world, 1, session=9),
        line(world, 1, session=f"{world.session.on} 13:00"),
        line(world, 1, session="2020-01-01"),
        line(world, 1, session=3),
        line(world, 1, serial=77),
        line(world, 1, name="王五"),
        line(world, 2),
        line(world, 1, "睡觉"),
        line(world, 1, session="下午"),
        line(world, 1, session=""),
        by=world.agent,
    )
    assert codes(report) == [
        (4, "class_unknown"), (5, "class_unknown"), (6, "class_unknown"), (7, "session_unknown"), (8, "session_unknown"),
        (9, "session_unknown"), (10, "too_early"), (11, "not_in_class"), (12, "name_differs"), (13, "left_class"), (14, "state"),
        (15, "session_form"), (16, "required"),
    ]  # fmt: skip
    assert report["new"] == Attendance.objects.count() == 1
    said = {problem["row"]: problem["message"] for problem in report["problems"]}
    assert ("只有 3 次课" in said[7], "08:30 开始" in said[8], "可能已经调课或取消" in said[9]) == (True, True, True)


def test_classes_that_are_over_cancelled_or_not_begun_and_decided_people(world: SimpleNamespace, tmp_path: Path) -> None:
    for state, code in (
        ("cancelled", "class_cancelled"),
        ("approved", "class_not_begun"),
        ("finished", "class_over"),
        ("archived", "class_over"),
    ):
        TrainingClass.objects.update(state=state)
        assert codes(load(tmp_path, line(world, 0), by=world.agent)) == [(3, code)]
    TrainingClass.objects.update(state="running")
    Enrolment.objects.filter(pk=world.rows[0].pk).update(state="completed")
    report = load(tmp_path, line(world, 0), line(world, 1), by=world.agent)
    assert (report["new"], codes(report)) == (1, [(3, "result_decided")])
    assert "请联系主管区划" in report["problems"][0]["message"]


def test_two_states_for_one_person_in_one_session_take_neither(world: SimpleNamespace, tmp_path: Path) -> None:
    day = f"{world.session.on} 08:30"
    report = load(
        tmp_path, line(world, 0), line(world, 0, "缺勤", session=day), line(world, 1), line(world, 1, session=day), line(world, 1)
    )
    assert codes(report) == [(3, "two_states"), (4, "two_states"), (6, "duplicate_in_file"), (7, "duplicate_in_file")]
    assert "第 3 行“到课”、第 4 行“缺课”" in report["problems"][0]["message"]
    assert states(world.session) == ["present"]


def test_a_day_with_two_sessions_asks_for_the_time(world: SimpleNamespace, tmp_path: Path) -> None:
    Session.objects.filter(pk=world.sessions[1].pk).update(on=world.session.on, begins=time(14), ends=time(17))
    day = str(world.session.on)
    report = load(tmp_path, line(world, 0, session=day), line(world, 0, session=f"{day} 14:00"))
    assert (report["new"], codes(report)) == (1, [(3, "session_open")])
    assert "08:30、14:00" in report["problems"][0]["message"]


def test_a_mark_that_stands_is_changed_only_with_a_reason(world: SimpleNamespace, tmp_path: Path) -> None:
    take_attendance(world.session, {world.rows[0].pk: mark("absent")}, by=world.agent, source="paper")
    assert codes(load(tmp_path, line(world, 0))) == [(3, "stands")]
    report = load(tmp_path, line(world, 0, remark="签到表漏看一行"), line(world, 1))
    assert (report["changed"], report["new"]) == (1, 1)
    assert Line.objects.get(batch__uid=report["batch"]).label == f"{world.rows[0].person.name} {world.session}"
    [change] = AttendanceChange.objects.all()
    assert (change.before, change.after, change.source_before, change.source, change.reason) == (
        "absent", "present", "paper", "sheet", "签到表漏看一行",
    )  # fmt: skip
    assert states(world.session) == ["present", "present"]
    remark = load(tmp_path, line(world, 1, remark="提前半小时离开"))
    assert (remark["changed"], AttendanceChange.objects.count()) == (1, 1)


def test_a_batch_is_taken_back_and_what_stood_before_stands_again(world: SimpleNamespace, tmp_path: Path) -> None:
    take_attendance(world.session, {world.rows[0].pk: mark("absent")}, by=world.agent, source="paper")
    before = Attendance.objects.values().get()
    first = load(tmp_path, line(world, 0, remark="漏看一行"), line(world, 1))
    second = load(tmp_path, line(world, 0, "迟到", remark="晚到半小时"), line(world, 1, remark="补说明"), line(world, 2))
    assert command.undo(first["batch"], by=COMMAND_LINE)["status"] != "undone"
    assert "后来更正过" in Batch.objects.get(uid=first["batch"]).refused_message
    assert command.undo(second["batch"], by=COMMAND_LINE)["status"] == "undone"
    assert states(world.session) == ["present", "present"]
    assert command.undo(first["batch"], by=COMMAND_LINE)["status"] == "undone"
    assert Attendance.objects.values().get() == before
    assert AttendanceChange.objects.count() == 0
    assert load(tmp_path, line(world, 0, remark="漏看一行"), line(world, 1))["changed"] == 1


@pytest.mark.parametrize("kind", ["corrected", "decided", "over"])
def test_a_batch_that_something_rests_on_stays(world: SimpleNamespace, tmp_path: Path, kind: str) -> None:
    report = load(tmp_path, line(world, 0), line(world, 1))
    if kind == "corrected":
        correct_attendance(world.session, world.rows[0], "late", by=world.agent, reason="看了监控")
    elif kind == "decided":
        for session in world.sessions[1:]:
            take_attendance(session, {row.pk: mark("present") for row in world.rows}, by=COMMAND_LINE, source="paper")
        completing.record_scores(world.made, {row.pk: Decimal(80) for row in world.rows}, by=COMMAND_LINE)
        completing.complete_class(world.made, by=COMMAND_LINE)
    else:
        TrainingClass.objects.update(state="finished")
    marks = list(Attendance.objects.order_by("pk").values())
    assert command.undo(report["batch"], by=COMMAND_LINE)["status"] != "undone"
    words = {"corrected": "更正过", "decided": "结业已经认定", "over": "结业的依据"}[kind]
    assert words in Batch.objects.get(uid=report["batch"]).refused_message
    assert list(Attendance.objects.order_by("pk").values()) == marks


def test_providers_load_their_own_classes_and_officers_those_of_their_area(
    world: SimpleNamespace, jiyuan: SimpleNamespace, cast: SimpleNamespace, tmp_path: Path
) -> None:
    stranger = an_account("elsewhere", "training_provider", organisation=running_class(jiyuan.county).made.provider.organisation_id)
    assert codes(load(tmp_path, line(world, 0), by=stranger)) == [(3, "class_unknown")]
    assert codes(load(tmp_path, line(world, 0), by=cast.other)) == [(3, "class_unknown")]
    report = load(tmp_path, line(world, 0), by=an_account("train", "training", area=jiyuan.county))
    assert report["new"] == 1
    assert command.undo(report["batch"], by=stranger)["status"] == "refused"
    assert command.undo(report["batch"], by=cast.officer)["status"] == "undone"


def test_the_same_hour_in_two_classes_is_doubted_and_flagged(world: SimpleNamespace, jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    other = running_class(jiyuan.county, people=1, began=3)
    Enrolment.objects.filter(pk=other.rows[0].pk).update(person=world.rows[0].person)
    take_attendance(other.sessions[0], {other.rows[0].pk: Mark("present", other.sessions[0].begins_at)}, by=COMMAND_LINE, source="qr")
    report = load(tmp_path, line(world, 0), line(world, 1))
    assert (report["new"], report["warnings"], codes(report)) == (2, 1, [(3, "elsewhere")])
    assert [flag.kind for flag in flags_of(world.made)] == ["overlap"]


def test_lines_are_looked_up_at_once(world: SimpleNamespace, jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    counts = []
    for rows in ([line(world, 0)], [line(world, 0), line(world, 1), line(world, 2, session=2)]):
        with CaptureQueriesContext(connection) as queries:
            command.check("attendance", write(tmp_path, [HEADINGS, *rows], "x.csv"), by=COMMAND_LINE)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- from the page of the class to the figures
def test_the_class_hands_out_its_table_and_takes_it_back_filled_in(world: SimpleNamespace) -> None:
    take_attendance(world.session, {world.rows[0].pk: mark("absent")}, by=world.agent, source="paper")
    client = Client()
    client.force_login(world.agent)
    door = client.get(reverse("training:attendance-upload", args=[world.made.uid])).content.decode()
    table = reverse("training:attendance-table", args=[world.made.uid])
    assert (world.made.code in door, f'href="{table}"' in door, f'action="{reverse("sheets:upload")}"' in door) == (True, True, True)
    rows = list(load_workbook(BytesIO(client.get(table).content)).active.iter_rows(min_row=3, values_only=True))
    assert len(rows) == 9
    assert [row[4] for row in rows][:2] == ["缺课", ""]
    content = BytesIO()
    book = xlsxwriter.Workbook(content)
    page = book.add_worksheet()
    page.write(0, 0, "一班考勤表")
    page.write_row(1, 0, ["班级代码", "课次", "学号", "姓名", "状态", "备注"])
    for number, row in enumerate(rows, start=2):
        page.write_row(number, 0, [*row[:4], row[4] or "到课"])
    book.close()
    answer = client.post(reverse("sheets:upload"), {"sheet": "attendance", "file": SimpleUploadedFile("表.xlsx", content.getvalue())})
    batch = Batch.objects.get()
    assert (answer.status_code, batch.status, batch.new, batch.same) == (302, "checked", 8, 1)
    assert client.post(reverse("sheets:apply", args=[batch.uid]), {"mode": "all"}).status_code == 302
    assert Attendance.objects.count() == 9
    assert client.post(reverse("sheets:undo", args=[batch.uid]), {"reason": "传错了"}).status_code == 302
    assert states(world.session) == ["absent"]


def test_a_change_between_check_and_confirmation_is_not_overwritten(world: SimpleNamespace) -> None:
    client = Client()
    client.force_login(world.agent)
    take_attendance(world.session, {world.rows[0].pk: mark("absent")}, by=world.agent, source="paper")
    rows = [HEADINGS, line(world, 0, remark="漏看一行"), line(world, 1)]
    text = "\n".join(",".join(map(str, row)) for row in rows)
    client.post(reverse("sheets:upload"), {"sheet": "attendance", "file": SimpleUploadedFile("表.csv", text.encode())})
    batch = Batch.objects.get()
    assert (batch.changed, batch.new) == (1, 1)
    correct_attendance(world.session, world.rows[0], "leave", by=world.agent, reason="补了假条")
    client.post(reverse("sheets:apply", args=[batch.uid]), {"mode": "good"})
    batch.refresh_from_db()
    assert (batch.status, batch.changed, batch.invalid, batch.new) == ("applied", 0, 1, 1)
    assert states(world.session) == ["leave", "present"]


# --- cells
def test_times_are_read_as_people_and_spreadsheets_write_them() -> None:
    assert [read_time(raw) for raw in ("08:30", "8：30", "8.30", "08:30:00", "0.3541666667", "08:30-11:30")] == [time(8, 30)] * 6
    assert [read_time(raw) for raw in ("0.25", "0.5", ".75")] == [time(6), time(12), time(18)]


@pytest.mark.parametrize(
    ("raw", "number", "day", "begins"),
    [
        ("3", 3, None, None), ("第3次", 3, None, None), ("第 12 次课", 12, None, None), ("３", 3, None, None), ("3.0", 3, None, None),
        ("2026-11-03", None, "2026-11-03", None), ("2026-11-03 08:30:00", None, "2026-11-03", "08:30"),
        ("2026/11/3 8:30", None, "2026-11-03", "08:30"), ("2026年11月3日8：30", None, "2026-11-03", "08:30"),
        ("2026-11-03T14:00", None, "2026-11-03", "14:00"), ("2026.11.3 14:00～17:00", None, "2026-11-03", "14:00"),
        ("46329.354166667", None, "2026-11-03", "08:30"),
    ],
)  # fmt: skip
def test_sessions_are_named_by_number_or_time(raw: str, number: int | None, day: str | None, begins: str | None) -> None:
    found = clean_session(raw)
    assert (found.number, found.on and str(found.on), found.begins and f"{found.begins:%H:%M}") == (number, day, begins)
    assert isinstance(found, When)


@pytest.mark.parametrize("raw", ["0", "下午", "11月3日", "2026-13-01", "2026-11-03 25:00"])
def test_what_names_no_session_is_refused(raw: str) -> None:
    with pytest.raises(ValidationError):
        clean_session(raw)
