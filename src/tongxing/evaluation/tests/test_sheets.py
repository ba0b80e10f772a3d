"""The sheets of applications and of scores: every fate of a line, taken back whole, two people for two entries."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tongxing.accounts.models import Grant, User
from tongxing.audit.log import COMMAND_LINE, SystemActor
from tongxing.audit.models import Entry
from tongxing.certificates.register import register_certificate
from tongxing.evaluation import checking, scoring
from tongxing.evaluation.models import Application, AssessmentBatch, Candidate, ScoreEntry
from tongxing.registry.models import Organisation, Person
from tongxing.registry.tests.people_factories import a_person, an_id
from tongxing.registry.tests.rosters import write
from tongxing.sheets import command
from tongxing.sheets.models import Batch

from .test_applying import FOURTH
from .world import THIRD, a_batch, a_filing, an_application, examined, fixed, pass_days

HEADINGS = ["批次编号", "姓名", "身份证号", "从业年限", "就读情况", "学校类别", "本专业或相关专业"]
SCORES = ["准考证号", "科目", "第几遍", "分数"]
SECOND = SystemActor("第二人")


def named(jiyuan: SimpleNamespace, name: str) -> Person:
    return a_person(jiyuan.kejing, name=name, id_number=an_id())


def line(batch: AssessmentBatch, person: Person, **changes: object) -> list[object]:
    values = {"code": batch.code, "name": person.name, "id": person.id_number, "years": "6", "how": "", "school": "", "field": ""} | changes
    return list(values.values())


def load(folder: Path, sheet: str, headings: list[str], rows: list[list[object]], by: Any = COMMAND_LINE) -> dict[str, Any]:
    return command.load(sheet, write(folder, [headings, *rows], f"{sheet}.csv"), by=by)


def codes(report: dict[str, Any]) -> list[tuple[int, str]]:
    return [(problem["row"], problem["code"]) for problem in report["problems"]]


def test_applications_come_in_and_what_is_wrong_is_said(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    filing = a_filing(jiyuan.kejing)
    batch, closed = a_batch(filing), pass_days(a_batch(filing), 11)
    fine, student, short, holder = (named(jiyuan, name) for name in ("张一", "李二", "王三", "赵四"))
    register_certificate(holder, by=COMMAND_LINE, **FOURTH)
    rows = [
        line(batch, fine),
        line(batch, student, years="", how="在校", school="本科", field="是"),
        line(batch, short, years="1年"),
        line(batch, holder),
        line(closed, fine),
        line(batch, fine, code="P2026-99999"),
        line(batch, student, name="李某"),
        line(batch, fine),
        line(batch, fine, years="许多"),
        line(batch, fine, id=an_id()),
    ]
    report = load(tmp_path, "applications", HEADINGS, rows)
    assert (report["new"], report["invalid"], report["duplicate"], report["warnings"]) == (3, 6, 1, 1)
    assert codes(report) == [
        (4, "not_eligible"),
        (5, "level_held"),
        (6, "not_open"),
        (7, "batch_unknown"),
        (8, "name_differs"),
        (9, "duplicate_in_file"),
        (10, "years"),
        (11, "person_unknown"),
    ]
    made = {row.person.name: (row.years, row.eligible, row.state, row.applied_by) for row in Application.objects.select_related("person")}
    assert made == {
        "张一": (6, True, "submitted", "officer"),
        "李二": (0, True, "submitted", "officer"),
        "王三": (1, False, "submitted", "officer"),
    }
    assert Entry.objects.filter(act="sheets.apply").count() == 1
    again = load(tmp_path, "applications", HEADINGS, rows[:3])
    assert (again["same"], again["new"]) == (3, 0)
    changed = load(tmp_path, "applications", HEADINGS, [line(batch, fine, years="9")])
    assert codes(changed) == [(2, "already_applied")]


def agent(body: Organisation, role: str) -> User:
    user = User.objects.create_user(f"{role}-{body.pk}", "clay-river-9-lamp", name="机构经办")
    Grant.objects.create(user=user, role=role, organisation_id=body.pk, since="2020-01-01", granted_by="测试")
    return user


def test_a_body_loads_its_own_batches_and_no_others(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    filing, person = a_filing(jiyuan.kejing), named(jiyuan, "张一")
    mine, foreign = a_batch(filing), a_batch(a_filing(jiyuan.kejing))
    by = agent(filing.organisation, "assessment_body")
    rows = [line(mine, person), line(foreign, person), line(mine, person, name="张二"), line(mine, person, id=an_id())]
    report = load(tmp_path, "applications", HEADINGS, rows, by)
    assert (report["new"], codes(report)) == (1, [(3, "batch_unknown"), (4, "person_unknown"), (5, "person_unknown")])
    assert Batch.objects.get().area_code == jiyuan.kejing.pk
    assert list(Batch.objects.visible_to(by)) == [Batch.objects.get()]
    stranger = agent(foreign.filing.organisation, "assessment_body")
    assert not Batch.objects.visible_to(stranger).exists()
    assert load(tmp_path, "enterprises", ["单位名称"], [["甲厂"]], by)["status"] == "refused"
    assert command.undo(report["batch"], by=stranger)["status"] == "refused"
    assert command.undo(report["batch"], by=by)["status"] == "undone"


def test_a_scorer_loads_the_scores_of_the_own_body(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    filing = a_filing(jiyuan.kejing)
    batch = a_batch(filing)
    an_application(batch)
    examined(batch)
    one = Candidate.objects.get(batch=batch)
    rows = [[one.ticket, "理论知识", "1", "85"]]
    stranger = agent(a_filing(jiyuan.kejing).organisation, "scorer")
    assert codes(load(tmp_path, "scores", SCORES, rows, stranger)) == [(2, "ticket_unknown")]
    assert load(tmp_path, "scores", SCORES, rows, agent(filing.organisation, "scorer"))["new"] == 1


def test_applications_are_taken_back_while_nobody_checked_them(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    batch = a_batch(a_filing(jiyuan.kejing))
    rows = [line(batch, named(jiyuan, name)) for name in ("张一", "李二")]
    first = load(tmp_path, "applications", HEADINGS, rows)
    assert command.undo(first["batch"], by=COMMAND_LINE)["status"] == "undone"
    assert Application.objects.count() == 0
    second = load(tmp_path, "applications", HEADINGS, rows)
    checking.accept(Application.objects.all()[0], by=COMMAND_LINE)
    refused = command.undo(second["batch"], by=COMMAND_LINE)
    assert refused["status"] != "undone"
    assert Application.objects.count() == 2


def test_a_batch_of_another_county_is_not_known(jiyuan: SimpleNamespace, cast: SimpleNamespace, tmp_path: Path) -> None:
    batch, person = a_batch(a_filing(jiyuan.kejing)), named(jiyuan, "张一")
    assert codes(load(tmp_path, "applications", HEADINGS, [line(batch, person)], by=cast.other)) == [(2, "batch_unknown")]
    assert load(tmp_path, "applications", HEADINGS, [line(batch, person)], by=cast.officer)["new"] == 1


def scored(jiyuan: SimpleNamespace) -> tuple[AssessmentBatch, list[Candidate]]:
    batch = a_batch(a_filing(jiyuan.kejing))
    for name in ("张一", "李二"):
        an_application(batch, named(jiyuan, name))
    return examined(batch), list(Candidate.objects.filter(batch=batch))


def test_scores_come_in_twice_by_two_people(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    batch, (one, two) = scored(jiyuan)
    waiting = a_batch(a_filing(jiyuan.kejing))
    an_application(waiting)
    early = Candidate.objects.get(batch=fixed(waiting))
    rows = [
        [one.ticket, "理论", "1", "88"],
        [two.ticket, "理论知识", "第一遍", "缺考"],
        [one.ticket, "实操", "1", "101"],
        [one.ticket, "综合评审", "1", "80"],
        ["999", "理论", "1", "80"],
        [early.ticket, "理论", "1", "80"],
        [one.ticket, "理论", "1", "87"],
    ]
    report = load(tmp_path, "scores", SCORES, rows)
    assert report["new"] == 2
    assert codes(report) == [
        (4, "score_range"),
        (5, "not_due"),
        (6, "ticket_unknown"),
        (7, "not_open"),
        (8, "duplicate_in_file"),
    ]
    assert sorted((entry.value is None, entry.turn) for entry in ScoreEntry.objects.all()) == [(False, 1), (True, 1)]
    second = [[one.ticket, "理论", "2", "78"], [two.ticket, "理论", "2", "缺考"]]
    assert {code for _, code in codes(load(tmp_path, "scores", SCORES, second))} == {"same_person"}
    assert load(tmp_path, "scores", SCORES, second, by=SECOND)["new"] == 2
    assert load(tmp_path, "scores", SCORES, second, by=SECOND)["same"] == 2
    assert [pair.state for pair in scoring.pairs(batch)] == ["differs", "same", "missing", "missing"]
    assert codes(load(tmp_path, "scores", SCORES, [[one.ticket, "理论", "2", "88"]], by=SECOND)) == [(2, "entered")]


def test_scores_are_taken_back_until_something_rests_on_them(jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    _, (one, _) = scored(jiyuan)
    first = load(tmp_path, "scores", SCORES, [[one.ticket, "理论", "1", "88"]])
    assert command.undo(first["batch"], by=COMMAND_LINE)["status"] == "undone"
    assert ScoreEntry.objects.count() == 0
    first = load(tmp_path, "scores", SCORES, [[one.ticket, "理论", "1", "88"]])
    load(tmp_path, "scores", SCORES, [[one.ticket, "理论", "2", "78"]], by=SECOND)
    scoring.resolve_difference(one, "theory", None, by=THIRD, reason="对照评分表：缺考")  # type: ignore[arg-type]
    assert command.undo(first["batch"], by=COMMAND_LINE)["status"] != "undone"
    assert ScoreEntry.objects.count() == 2
