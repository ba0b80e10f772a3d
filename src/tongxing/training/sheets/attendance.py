"""The sheet of attendance (考勤表): one line is one person in one session of a class (facts §10: signed in by name every day)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.utils import timezone

from tongxing.registry.sheets import judges
from tongxing.registry.sheets.own import OwnSheet
from tongxing.registry.sheets.persons import ID_NUMBER, ID_TYPE, PERSON_NAME, read_document
from tongxing.sheets.columns import Column
from tongxing.sheets.loader import Loader
from tongxing.sheets.matching import among
from tongxing.sheets.models import Fate
from tongxing.sheets.reading import SourceRow
from tongxing.sheets.sheet import Problem, Verdict, Versions
from tongxing.training.bulk import Entry, Stand, stands_of, take_back, take_many, what_stands_against
from tongxing.training.models import Attendance, AttendanceState
from tongxing.training.models.attendance import EARNING
from tongxing.training.presence import Presence, presences

from .cells import When, clean_class, clean_serial, clean_session, clean_state, read_time
from .placing import Place, Roster, placed

Record = dict[str, Any]
SESSION, STATE, REMARK = "课次", "状态", "备注"


@dataclass
class Known:
    """Of a chunk: where each row belongs or why nowhere, the marks that stand, and what the file says of one person in one session."""

    places: dict[int, Place | Problem]
    marks: dict[tuple[int, int], Attendance]
    stands: dict[int, Stand]
    elsewhere: dict[int, list[Presence]]
    said: dict[tuple[int, int], dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    """Session and enrolment → row → state."""


class AttendanceSheet(OwnSheet):
    """Providers' agents load it for their own classes, training officers for those of their area."""

    name = "attendance"
    title = "考勤表"
    summary = "培训班的考勤，一行一人一次课。逐行核对班级、课次和学员；导入后可整批撤销。"
    icon = "school"
    clause = "notice:3.1.1"
    permission = "training.run"
    both_right = "同一人同一次课只能有一种状态，请核对后只留一行。"
    columns = (
        Column(key="code", heading="班级代码", required=True, judge=clean_class, cached=True, text_only=True, example="123456", synonyms=("班级编号", "班号", "培训班代码", "培训班编号", "班级"), note="班级页面上的六位数字"),
        Column(key="session", heading=SESSION, judge=clean_session, cached=True, example="2026-11-03 08:30", synonyms=("第几次课", "场次", "课次时间", "上课日期和时间", "日期时间"), note="第几次课（例如 3），或上课日期和开始时间"),
        Column(key="on", heading="日期", judge=judges.past_day, cached=True, synonyms=("上课日期",), note="写了课次的不用填"),
        Column(key="begins", heading="开始时间", judge=read_time, cached=True, synonyms=("上课时间", "时间", "开始"), note="写了课次的不用填"),
        replace(ID_NUMBER, required=False, note="证件号和学号填一个就行；按文本填写，不要让表格改成数字"),
        ID_TYPE,
        Column(key="serial", heading="学号", judge=clean_serial, cached=True, example="1", synonyms=("登记编号", "学员编号", "编号", "班内学号")),
        PERSON_NAME,
        Column(key="state", heading=STATE, required=True, judge=clean_state, cached=True, choices=tuple(AttendanceState.labels), synonyms=("考勤", "出勤", "出勤情况", "考勤状态", "出勤状态", "到课情况")),
        Column(key="remark", heading=REMARK, judge=judges.text(200), synonyms=("说明", "原因", "更正原因"), note="与已有记录不同时，在这里写明更正的原因"),
    )  # fmt: skip

    def parse(self, row: SourceRow) -> Verdict:
        verdict = super().parse(row)
        read_document(verdict)
        values = verdict.values
        said = {problem.column for problem in verdict.problems}
        if not {"person_key", "serial"} & values.keys() and not {ID_NUMBER.heading, "学号"} & said:
            verdict.refuse(ID_NUMBER.heading, "required", "“身份证号”和“学号”都没有填，请补填一个。")
        when = values.get("session") or When()
        whole = When(when.number, when.on or values.get("on"), when.begins or values.get("begins"))
        if not whole and not {SESSION, "日期"} & said:
            verdict.refuse(SESSION, "required", "“课次”没有填，请写第几次课，或上课日期和开始时间。")
        values["when"] = whole
        return verdict

    def identity(self, verdict: Verdict) -> tuple[Sequence[Any], Sequence[Any]]:
        values = verdict.values
        keys = [(values["code"], values["when"], values.get("person_key") or values.get("serial"))]
        return keys, keys

    def look_up(self, verdicts: list[Verdict], loader: Loader, prepared: Any) -> Known:
        """Six queries, whatever the number of rows."""
        good = [verdict for verdict in verdicts if not verdict.bad]
        roster = Roster.of({verdict.values["code"] for verdict in good}, loader)
        places = {verdict.row: placed(verdict.values, roster) for verdict in good}
        found = [place for place in places.values() if isinstance(place, Place)]
        rows = among(Attendance.objects.all(), "session", {place.session.pk for place in found})
        marks = {(row.session_id, row.enrolment_id): row for row in rows}
        people, days = {place.enrolment.person_id for place in found}, {place.session.on for place in found}
        known = Known(places, marks, stands_of({row.pk: row for row in marks.values()}), presences(people, days=days))
        for verdict in good:
            if isinstance(place := places[verdict.row], Place):
                known.said[place.key][verdict.row] = verdict.values["state"]
        return known

    def judge(self, verdict: Verdict, known: Known) -> None:
        place = known.places[verdict.row]
        if isinstance(place, Problem):
            verdict.refuse(place.column, place.code, place.message)
            return
        verdict.label = f"{verdict.values['name']} {place.session}"
        said = known.said[place.key]
        if len(set(said.values())) > 1:
            lines = "、".join(f"第 {row} 行“{AttendanceState(state).label}”" for row, state in said.items())
            verdict.refuse(STATE, "two_states", f"同一人同一次课写了不同的状态（{lines}），都没有导入。请核对后只留一行。")
        elif (first := min(said)) != verdict.row:
            verdict.double("", "duplicate_in_file", f"与本文件第 {first} 行重复，只处理第 {first} 行。{self.both_right}")
        else:
            self._hold_against_mark(verdict, place, known)
            if verdict.fate in {Fate.NEW, Fate.CHANGED} and verdict.values["state"] in EARNING:
                _doubt_elsewhere(verdict, place, known.elsewhere.get(place.enrolment.person_id, ()))

    def _hold_against_mark(self, verdict: Verdict, place: Place, known: Known) -> None:
        """A mark that stands is changed only with a reason, as everywhere afterwards."""
        state, remark = verdict.values["state"], verdict.values.get("remark", "")
        entry = Entry(place.held.pk, place.session.pk, place.enrolment.pk, state, remark)
        old = known.marks.get(place.key)
        if old is None:
            verdict.fate, verdict.plan = Fate.NEW, entry
        elif old.state != state and not remark:
            was = f"已记为“{old.get_state_display()}”（{old.get_source_display()}，{timezone.localtime(old.at):%m-%d %H:%M}，{old.by}）"
            verdict.refuse(STATE, "stands", f"{was}，没有改动。要按这份表更正，请在“备注”写明原因再导入。")
        elif old.state == state and remark in {"", old.remark}:
            verdict.fate = Fate.SAME
        else:
            entry.seen = (old.pk, known.stands[old.pk])
            verdict.fate, verdict.plan = Fate.CHANGED, entry
            now = AttendanceState(state).label
            verdict.diff = [("state", old.get_state_display(), now)] if old.state != state else []
            verdict.diff += [("remark", old.remark, remark)] if old.remark != remark else []

    def apply_chunk(self, verdicts: list[Verdict], *, by: Any, today: date) -> None:
        take_many([verdict.plan for verdict in verdicts], by=by)
        for verdict in verdicts:
            verdict.refs, verdict.undo = verdict.plan.refs, verdict.plan.before

    def dependants(self, made: list[Record], changed: list[Record]) -> list[str]:
        return what_stands_against([*made, *changed])

    def undo_chunk(self, made: list[Record], changed: list[tuple[Record, Record]], *, by: Any) -> Versions:
        take_back(made, changed)
        return {}


def _doubt_elsewhere(verdict: Verdict, place: Place, attended: Sequence[Presence]) -> None:
    """The same person in another class at the same time: saved, told here, and shown with the class (flags.py)."""
    session = place.session
    for other in attended:
        if other.class_id != place.held.pk and other.on == session.on and other.ends > session.begins and session.ends > other.begins:
            verdict.doubt(SESSION, "elsewhere", f"此人同一时间在另一个班也记为到课：{other}。已列入考勤核对，请核实在哪里上课。")
            return
