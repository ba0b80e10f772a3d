"""The sheet of scores (分数表): one of the two entries, by ticket and part. Whoever loads it counts as the person who entered it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from tongxing.core.errors import Refused
from tongxing.core.values import clean_text
from tongxing.evaluation import scoring
from tongxing.evaluation.bulk import take_back_scores, what_stands_against_scores
from tongxing.evaluation.models import AssessmentBatch, BatchState, Candidate, Part, ScoreEntry
from tongxing.evaluation.passing import parts_of
from tongxing.evaluation.scoring import clean_score
from tongxing.registry.sheets.own import OwnSheet
from tongxing.sheets.columns import Column
from tongxing.sheets.loader import Loader
from tongxing.sheets.models import Fate
from tongxing.sheets.sheet import Stale, Verdict, Versions

Record = dict[str, Any]
PARTS = {part.label: part.value for part in Part} | {
    "理论": "theory", "理论成绩": "theory", "技能": "practice", "实操": "practice", "操作技能": "practice", "综合": "review", "评审": "review",
}  # fmt: skip
TURNS = {"1": 1, "一": 1, "第一遍": 1, "2": 2, "二": 2, "第二遍": 2}


def clean_part(raw: str) -> str:
    text = clean_text(raw, longest=20)
    if text not in PARTS:
        raise ValidationError(f"“{text}”不是科目，请填“理论知识”“技能操作”或“综合评审”。", code="part")
    return PARTS[text]


def clean_turn(raw: str) -> int:
    text = clean_text(raw, longest=10).removesuffix(".0")
    if text not in TURNS:
        raise ValidationError("“第几遍”请填 1 或 2。", code="turn")
    return TURNS[text]


def clean_ticket(raw: str) -> str:
    text = clean_text(raw, longest=16).removesuffix(".0")
    if not text.isdecimal():
        raise ValidationError("准考证号应全是数字，请按文本填写。", code="ticket")
    return text


@dataclass
class Known:
    loader: Loader
    candidates: dict[str, Candidate]
    entries: dict[tuple[int, str, int], ScoreEntry]


class ScoreSheet(OwnSheet):
    """One line is one entry of one score."""

    name = "scores"
    title = "评价分数表"
    summary = "一遍录分：准考证号、科目、第几遍、分数。两遍要由两个人各导一份。"
    icon = "certificate"
    clause = "notice:3.1.4"
    permission = "evaluation.score"
    label_key = "ticket"
    both_right = "同一考生同一科的同一遍只能有一个分数，请核对。"
    columns = (
        Column(key="ticket", heading="准考证号", required=True, judge=clean_ticket, text_only=True, example="260000010001", synonyms=("准考证",)),
        Column(key="part", heading="科目", required=True, judge=clean_part, cached=True, choices=tuple(Part.labels), synonyms=("考试科目",)),
        Column(key="turn", heading="第几遍", required=True, judge=clean_turn, cached=True, choices=("1", "2"), synonyms=("录入次数", "遍次")),
        Column(key="score", heading="分数", required=True, judge=lambda raw: (clean_score(raw),), cached=True, example="85", synonyms=("成绩", "得分"), note="没有参加的填“缺考”"),
    )  # fmt: skip

    def identity(self, verdict: Verdict) -> tuple[Sequence[Any], Sequence[Any]]:
        keys = [(verdict.values.get("ticket"), verdict.values.get("part"), verdict.values.get("turn"))]
        return keys, keys

    def look_up(self, verdicts: list[Verdict], loader: Loader, prepared: Any) -> Known:
        tickets = {verdict.values.get("ticket") for verdict in verdicts} - {None}
        rows = Candidate.objects.filter(ticket__in=tickets).select_related("batch__filing", "application")
        candidates = {row.ticket: row for row in rows}
        entries = ScoreEntry.objects.filter(candidate__in=candidates.values())
        return Known(loader, candidates, {(row.candidate_id, row.part, row.turn): row for row in entries})

    def judge(self, verdict: Verdict, known: Known) -> None:
        values = verdict.values
        one, part, turn = known.candidates.get(values["ticket"]), values["part"], values["turn"]
        if one is None or not known.loader.covers(one.batch.area_id, one.batch.organisation_id):
            verdict.refuse("准考证号", "ticket_unknown", "没有这个准考证号，或不在您的管理范围内。请对照准考证核对。")
        elif one.batch.state != BatchState.EXAMINED:
            verdict.refuse("准考证号", "not_open", f"批次 {one.batch.code} 现在是“{one.batch.get_state_display()}”，不在录分阶段。请核对。")
        elif part not in parts_of(one.batch.level) or not scoring.due(one, part):
            verdict.refuse("科目", "not_due", "这名考生的这一科不用登分（缺考、违纪、成绩沿用或没有这一科）。请核对。")
        else:
            self._judge(verdict, known, one, part, turn)

    def _judge(self, verdict: Verdict, known: Known, one: Candidate, part: str, turn: int) -> None:
        value: Decimal | None = verdict.values["score"][0]
        own, other = known.entries.get((one.pk, part, turn)), known.entries.get((one.pk, part, 3 - turn))
        if own and own.value == value:
            verdict.fate = Fate.SAME
        elif own:
            verdict.refuse("分数", "entered", "这一遍已经录过，分数不同。要改请由原录入人在录分页面办理，或改导另一遍。")
        elif other and scoring.same_person(other, known.loader.by):
            verdict.refuse("第几遍", "same_person", "另一遍是您录的，这一遍须由另一人录入。请换一个人导入。")
        else:
            verdict.fate, verdict.plan = Fate.NEW, (one.batch_id, part, turn, one.pk, value)

    def apply_chunk(self, verdicts: list[Verdict], *, by: Any, today: date) -> None:
        groups: dict[tuple[int, str, int], dict[int, Decimal | None]] = defaultdict(dict)
        for verdict in verdicts:
            batch, part, turn, candidate, value = verdict.plan
            groups[batch, part, turn][candidate] = value
        try:
            for (batch, part, turn), values in sorted(groups.items()):
                scoring.enter_scores(AssessmentBatch(pk=batch), part, turn, values, by=by)
        except Refused as refused:
            if refused.status == 403:
                raise
            raise Stale from refused
        people = [verdict.plan[3] for verdict in verdicts]
        made = {(row.candidate_id, row.part, row.turn): row.pk for row in ScoreEntry.objects.filter(candidate__in=people)}
        for verdict in verdicts:
            _, part, turn, candidate, _ = verdict.plan
            verdict.refs = {"made": {"entry": made[candidate, part, turn]}, "versions": {}}

    def dependants(self, made: list[Record], changed: list[Record]) -> list[str]:
        return what_stands_against_scores(refs["made"]["entry"] for refs in made)

    def undo_chunk(self, made: list[Record], changed: list[tuple[Record, Record]], *, by: Any) -> Versions:
        take_back_scores([refs["made"]["entry"] for refs in made])
        return {}
