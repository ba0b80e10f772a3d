"""The question bank as a roster (题库): one line is one question; lines with the same case material belong to one case."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError

from tongxing.core.values import clean_text, half_width
from tongxing.learning.banking import JUDGE, LETTERS, Facts, digest_of, facts_of, problems_of
from tongxing.learning.importing import Entry, take_back, what_stands_against, write_many
from tongxing.learning.models import ANSWERED, Difficulty, Function, Kind, Question, QuestionState
from tongxing.sheets.columns import Column
from tongxing.sheets.loader import Loader
from tongxing.sheets.models import Fate
from tongxing.sheets.reading import SourceRow
from tongxing.sheets.sheet import Sheet, Verdict, Versions

Record = dict[str, Any]
KINDS = {kind.label: kind.value for kind in ANSWERED} | {
    "单项选择": "single",
    "多项选择": "multiple",
    "是非": "judge",
    "不定项": "multiple",
}
DIFFICULTIES = {level.label: level.value for level in Difficulty} | {"容易": 1, "简单": 1, "中等": 2, "一般": 2, "困难": 3, "较难": 3}
FUNCTIONS = {function.label: function.value for function in Function} | {
    "集体协商": "bargaining",
    "争议处理": "disputes",
    "劳动标准": "standards",
}
LEVELS = {"一": "1", "二": "2", "三": "3", "四": "4", "1": "1", "2": "2", "3": "3", "4": "4"}
TRUE, FALSE = frozenset({"对", "正确", "√", "是", "TRUE"}), frozenset({"错", "错误", "×", "否", "FALSE"})
HEADINGS = {
    "stem": "题干",
    "kind": "题型",
    "function": "职业功能",
    "levels": "适用等级",
    "difficulty": "难度",
    "options": "选项A",
    "right": "答案",
}


def _one_of(known: dict[str, Any], what: str) -> Any:
    def judge(raw: str) -> Any:
        text = clean_text(raw, longest=20).removesuffix("题")
        if text not in known:
            raise ValidationError(f"“{text}”不是认得的{what}，请按模板下拉选项填写。", code="choice")
        return known[text]

    return judge


def clean_levels(raw: str) -> str:
    """三级、四级; 3,4; 三四级."""
    found = {LEVELS[sign] for sign in half_width(raw) if sign in LEVELS}
    if not found or re.search(r"[^一二三四1-4级、,，;；/ ]", half_width(raw)):
        raise ValidationError("适用等级请写成“四级”或“三级、四级”。", code="levels")
    return "".join(sorted(found))


def clean_right(raw: str) -> str:
    """ABD; A、B; 对 becomes A, 错 becomes B."""
    text = half_width(raw).strip().upper()
    if text in TRUE or text in FALSE:
        return "A" if text in TRUE else "B"
    letters = re.sub(r"[\s、,，;；]", "", text)
    if not letters or set(letters) - set(LETTERS):
        raise ValidationError("答案请写选项字母，例如 A 或 ABD；判断题写“对”或“错”。", code="right")
    return "".join(sorted(set(letters)))


def _text(longest: int) -> Any:
    return lambda raw: clean_text(raw, longest=longest, blanks=True)


@dataclass
class Known:
    loader: Loader
    standing: dict[tuple[str, str], Question]


class QuestionSheet(Sheet):
    """Imported questions are drafts until somebody has looked at them and puts them in use."""

    name = "questions"
    title = "题库"
    summary = "模拟考试和随堂题的题目，一行一题；同一案例的小题填同样的案例材料。导入后是草稿，核对后启用。"
    icon = "books"
    clause = "notice:3.1.4"
    permission = "learning.bank"
    label_key = "stem"
    both_right = "题干和选项都一样的题只能有一道，请删去一行。"
    columns = (
        Column(key="kind", heading="题型", required=True, judge=_one_of(KINDS, "题型"), cached=True, choices=("单选", "多选", "判断"), synonyms=("题目类型", "类型")),
        Column(key="stem", heading="题干", required=True, judge=_text(4000), example="用人单位自用工之日起多久内应当订立书面劳动合同？", synonyms=("题目", "试题", "题目内容")),
        *(Column(key=f"option_{letter}", heading=f"选项{letter}", judge=_text(300), example=text, synonyms=(letter, f"选项 {letter}", f"答案{letter}")) for letter, text in zip(LETTERS, ("一个月", "三个月", "半年", "一年", "", "", "", ""), strict=True)),
        Column(key="right", heading="答案", required=True, judge=clean_right, example="A", synonyms=("正确答案", "标准答案", "参考答案"), note="选项字母；判断题写“对”或“错”"),
        Column(key="levels", heading="适用等级", required=True, judge=clean_levels, cached=True, example="三级、四级", synonyms=("等级", "级别")),
        Column(key="function", heading="职业功能", required=True, judge=_one_of(FUNCTIONS, "职业功能"), cached=True, choices=tuple(Function.labels), synonyms=("知识点", "章节", "模块", "内容")),
        Column(key="difficulty", heading="难度", required=True, judge=_one_of(DIFFICULTIES, "难度"), cached=True, choices=tuple(Difficulty.labels), synonyms=("难易程度",)),
        Column(key="citation", heading="法律依据", judge=_text(200), example="劳动合同法第十条", synonyms=("依据", "法条", "出处")),
        Column(key="explanation", heading="解析", judge=_text(2000), synonyms=("答案解析", "说明")),
        Column(key="material", heading="案例材料", judge=_text(4000), synonyms=("案例", "背景材料"), note="案例题填写，同一案例每行都填同样的材料"),
    )  # fmt: skip

    def parse(self, row: SourceRow) -> Verdict:
        verdict = super().parse(row)
        if not verdict.bad:
            self._read(verdict)
        return verdict

    def _read(self, verdict: Verdict) -> None:
        """The row as a question, with everything that is wrong with it."""
        values = verdict.values
        options = [values.get(f"option_{letter}", "") for letter in LETTERS]
        filled = tuple(text for text in options if text)
        if "" in options[: len(filled)]:
            verdict.refuse("选项A", "options_gap", "选项要从 A 起连着填，中间不能空。")
            return
        is_judge = values["kind"] == Kind.JUDGE
        if is_judge and filled and filled not in {JUDGE, ("正确", "错误"), ("√", "×")}:
            verdict.refuse("选项A", "judge_options", "判断题不用填选项；要填，A 是“对”，B 是“错”。")
            return
        kept = (values["kind"], values["function"], values["levels"], values["difficulty"], values["stem"])
        said = Facts(*kept, JUDGE if is_judge else filled, values["right"], values.get("citation", ""), values.get("explanation", ""))
        for name, problem in problems_of(said):
            verdict.refuse(HEADINGS[name], f"bad_{name}", problem)
        material = values.get("material", "")
        values["said"], values["key"] = said, (digest_of(material, ()) if material else "", digest_of(said.stem, said.options))

    def identity(self, verdict: Verdict) -> tuple[Sequence[Any], Sequence[Any]]:
        keys = [verdict.values["key"]] if "key" in verdict.values else []
        return keys, keys

    def look_up(self, verdicts: list[Verdict], loader: Loader, prepared: Any) -> Known:
        digests = {verdict.values["key"][1] for verdict in verdicts if "key" in verdict.values}
        rows = Question.objects.newest().filter(digest__in=digests).exclude(state=QuestionState.RETIRED)
        found = rows.select_related("case").prefetch_related("options")
        return Known(loader, {(row.case.digest if row.case else "", row.digest): row for row in found})

    def judge(self, verdict: Verdict, known: Known) -> None:
        values = verdict.values
        twin = known.standing.get(values["key"])
        if not known.loader.scope.covers(settings.PROGRAMME_AREA):
            verdict.refuse("题型", "not_allowed", "题库由示范区的培训管理岗维护，请把文件交给他们导入。")
        elif twin is None:
            verdict.fate, verdict.plan = Fate.NEW, Entry(values["said"], values.get("material", ""))
        elif _same(facts_of(twin), values["said"]):
            verdict.fate = Fate.SAME
        else:
            verdict.double("题干", "known", f"题库里已有同样题干和选项的题（{twin.code}），答案或分类不同。要修改请打开那道题。")

    def apply_chunk(self, verdicts: list[Verdict], *, by: Any, today: date) -> None:
        write_many([verdict.plan for verdict in verdicts], by=by)
        for verdict in verdicts:
            made = {"question": verdict.plan.id} | ({"case": verdict.plan.case_id} if verdict.plan.case_id else {})
            verdict.refs = {"made": made, "versions": {}}

    def dependants(self, made: list[Record], changed: list[Record]) -> list[str]:
        return what_stands_against(refs["made"]["question"] for refs in made)

    def undo_chunk(self, made: list[Record], changed: list[tuple[Record, Record]], *, by: Any) -> Versions:
        cases = {refs["made"]["case"] for refs in made if "case" in refs["made"]}
        take_back([refs["made"]["question"] for refs in made], cases)
        return {}


def _same(one: Facts, other: Facts) -> bool:
    """The same question; its options may stand in another order."""

    def said(facts: Facts) -> tuple[object, ...]:
        right = frozenset(text for letter, text in zip(LETTERS, facts.options, strict=False) if letter in facts.right)
        return (facts.kind, facts.function, facts.levels, facts.difficulty, right, facts.citation, facts.explanation)

    return said(one) == said(other)
