"""Acts on the question bank. A question in use is never altered: changing it makes the next version, so that old papers stay what they were."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import transaction
from django.db.models import Max

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.core.locks import one_at_a_time
from tongxing.training.models import CourseLevel

from .models import BankChange, Difficulty, Function, Kind, Option, Question, QuestionState
from .rules import can_write_bank, insist

LOCK = "learning.bank"
LETTERS = "ABCDEFGH"
JUDGE = ("对", "错")
FEWEST: dict[str, int] = {Kind.SINGLE: 2, Kind.MULTIPLE: 3}
STATE_MOVES = {"use": (QuestionState.DRAFT, QuestionState.IN_USE), "retire": (QuestionState.IN_USE, QuestionState.RETIRED)}
"""Act → from, to. A retired question comes back by changing it, as a new version."""


class Facts(NamedTuple):
    """What a question says. `options` and `right` go together: the right letters; a case has neither."""

    kind: str
    function: str
    levels: str
    difficulty: int
    stem: str
    options: tuple[str, ...] = ()
    right: str = ""
    citation: str = ""
    explanation: str = ""


def digest_of(stem: str, options: Sequence[str]) -> str:
    """What two questions that say the same have in common: words without blanks and marks, options in any order."""
    said, *answers = (re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).lower() for text in (stem, *options))
    return hashlib.sha256("\n".join([said, *sorted(answers)]).encode()).hexdigest()


def problems_of(facts: Facts) -> list[tuple[str, str]]:
    """What is wrong with a question: the field, and a sentence; empty when it may stand in the bank."""
    found = [] if facts.stem.strip() else [("stem", "题干不能为空。")]
    for name, choices in (("kind", Kind), ("function", Function), ("difficulty", Difficulty)):
        if getattr(facts, name) not in choices.values:
            found.append((name, "请从所列选项中选。"))
    if not facts.levels or set(facts.levels) - {str(level) for level in CourseLevel.values}:
        found.append(("levels", "适用等级请填一级至四级中的一个或几个。"))
    if facts.kind != Kind.CASE:
        return found + _problems_of_options(facts)
    return found + ([("options", "案例材料没有选项，请在案例下面加小题。")] if facts.options or facts.right else [])


def _problems_of_options(facts: Facts) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if facts.kind == Kind.JUDGE and facts.options != JUDGE:
        found.append(("options", "判断题的选项只有“对”“错”。"))
    if not FEWEST.get(facts.kind, 2) <= len(facts.options) <= len(LETTERS):
        found.append(("options", "单选题至少 2 个选项，多选题至少 3 个，最多 8 个。"))
    if len(set(facts.options)) < len(facts.options) or not all(option.strip() for option in facts.options):
        found.append(("options", "选项不能为空，也不能重复。"))
    right = set(facts.right)
    if not right or right - set(LETTERS[: len(facts.options)]):
        found.append(("right", "答案要写选项的字母。"))
    elif facts.kind == Kind.MULTIPLE and len(right) < 2:
        found.append(("right", "多选题至少有两个正确选项，只有一个的请改为单选。"))
    elif facts.kind != Kind.MULTIPLE and len(right) > 1:
        found.append(("right", "单选题和判断题只能有一个正确选项。"))
    return found


@transaction.atomic
def write_question(facts: Facts, *, by: Actor, case: Question | None = None) -> Question:
    """A new question as a draft; inside a case, a sub-question of it. Refused when the bank holds the same one."""
    insist(can_write_bank(by))
    _judge(facts, case)
    with one_at_a_time(LOCK):
        _refuse_double(facts, 0, case)
        question = _stored(facts, by, number=next_number(), case=case, position=case.parts.newest().count() + 1 if case else 0)
        if case and case.state == QuestionState.IN_USE:
            _put_in_use([question], by, f"{case.code} 增加小题 {question.code}")
    record("learning.write_question", by=by, of=question, after={"kind": facts.kind, "right": facts.right})
    return question


@transaction.atomic
def change_question(question: Question, facts: Facts, *, by: Actor) -> Question:
    """Alter a draft, or make the next version of what is or was in use: at once in use again, or a draft when it was retired."""
    insist(can_write_bank(by))
    _judge(facts, question.case)
    with one_at_a_time(LOCK):
        held = Question.objects.select_for_update(of=("self",)).select_related("case").get(pk=question.pk)
        if not held.is_latest:
            raise Refused("这道题已有更新的版本，请打开新版本再改。", code="old_version")
        if facts.kind != held.kind:
            raise Refused("题型不能改。请停用这道题，另出一道。", code="kind_fixed", status=422)
        _refuse_double(facts, held.number, held.case)
        before = {"code": held.code, "stem": held.stem[:80], "right": held.right}
        made = _altered(held, facts) if held.state == QuestionState.DRAFT else _next_version(held, facts, by)
    record(
        "learning.change_question", by=by, of=made, before=before, after={"code": made.code, "stem": made.stem[:80], "right": made.right}
    )
    return made


def _judge(facts: Facts, case: Question | None) -> None:
    found = problems_of(facts)
    if case and facts.kind == Kind.CASE:
        found.append(("kind", "案例下面只能加单选、多选、判断。"))
    if found:
        raise Refused("".join(sentence for _, sentence in found), code="bad_question", status=422)


def _refuse_double(facts: Facts, number: int, case: Question | None) -> None:
    rows = Question.objects.newest().filter(digest=digest_of(facts.stem, facts.options), case=case).exclude(number=number)
    if twin := rows.exclude(state=QuestionState.RETIRED).first():
        raise Refused(f"题库里已有同样的题（{twin.code}），不必重复。要修改请打开那一道。", code="double")


def next_number() -> int:
    """Under the bank's lock."""
    return (Question.objects.aggregate(most=Max("number"))["most"] or 0) + 1


def _columns(facts: Facts) -> dict[str, object]:
    kept = ("kind", "function", "levels", "difficulty", "stem", "citation", "explanation")
    return {name: getattr(facts, name) for name in kept} | {"digest": digest_of(facts.stem, facts.options)}


def _stored(facts: Facts, by: Actor, **more: object) -> Question:
    question = Question.objects.create(**_columns(facts), **more, made_by=by.display_name[:60])
    _write_options(question, facts)
    return question


def _write_options(question: Question, facts: Facts) -> None:
    Option.objects.bulk_create(
        Option(question=question, letter=letter, text=text, is_right=letter in facts.right)
        for letter, text in zip(LETTERS, facts.options, strict=False)
    )


def _altered(held: Question, facts: Facts) -> Question:
    columns = _columns(facts)
    for name, value in columns.items():
        setattr(held, name, value)
    held.edits += 1
    held.save(update_fields=[*columns, "edits"])
    held.options.all().delete()
    _write_options(held, facts)
    return held


def _next_version(held: Question, facts: Facts, by: Actor) -> Question:
    """The row after this one; the sub-questions of a case go over to it as new versions of their own."""
    running = held.state == QuestionState.IN_USE
    parts = [(part, facts_of(part)) for part in held.parts.newest()]
    if running:
        _put_out_of_use([held, *(part for part, _ in parts)], by, f"{held.code} 改版")
    Question.objects.filter(pk__in=[held.pk, *(part.pk for part, _ in parts)]).update(is_latest=False)
    made = _stored(facts, by, number=held.number, version=held.version + 1, case=held.case, position=held.position)
    copies = [_stored(said, by, number=part.number, version=part.version + 1, case=made, position=part.position) for part, said in parts]
    if running:
        _put_in_use([made, *copies], by, f"{made.code} 启用")
    return made


def facts_of(question: Question) -> Facts:
    options = list(question.options.all())
    right = "".join(option.letter for option in options if option.is_right)
    said = (question.kind, question.function, question.levels, question.difficulty, question.stem)
    return Facts(*said, tuple(option.text for option in options), right, question.citation, question.explanation)


@transaction.atomic
def use_many(questions: Iterable[int], *, by: Actor) -> int:
    """Put drafts in use, cases with their parts, as one change of the bank; returns how many. What is no draft, or a case without parts, is left."""
    insist(can_write_bank(by))
    with one_at_a_time(LOCK):
        held = Question.objects.newest().filter(pk__in=list(questions), state=QuestionState.DRAFT, case=None)
        chosen = list(held.select_for_update(of=("self",)).prefetch_related("parts"))
        rows = [row for one in chosen if one.kind != Kind.CASE or one.parts.all() for row in (one, *one.parts.all())]
        if not rows:
            raise Refused("没有可以启用的题：请勾选草稿；案例要先加小题。", code="nothing_selected", status=422)
        version = _put_in_use(rows, by, f"启用 {len(rows)} 题")
    record("learning.use_question", by=by, object_type="learning.bankchange", object_id=version, label="题库", after={"number": len(rows)})
    return len(rows)


@transaction.atomic
def move_question(question: Question, act: str, *, by: Actor) -> Question:
    """`use` or `retire`; a case takes its sub-questions along."""
    insist(can_write_bank(by))
    source, _ = STATE_MOVES[act]
    with one_at_a_time(LOCK):
        held = Question.objects.select_for_update(of=("self",)).get(pk=question.pk)
        if held.state != source or not held.is_latest or held.case_id:
            raise Refused(
                f"{held.code} 现在是“{held.get_state_display()}”，不能这样办理。案例的小题随案例一起启用和停用。", code="wrong_state"
            )
        rows = [held, *held.parts.newest()]
        if act == "use" and held.kind == Kind.CASE and len(rows) == 1:
            raise Refused("案例下面还没有小题，请先加小题。", code="no_parts")
        put = _put_in_use if act == "use" else _put_out_of_use
        put(rows, by, f"{'启用' if act == 'use' else '停用'} {held.code}")
    record(f"learning.{act}_question", by=by, of=held, after={"code": held.code})
    return held


def _put_in_use(questions: Sequence[Question], by: Actor, what: str) -> int:
    change = BankChange.objects.create(by=by.display_name[:60], what=what[:120])
    for question in questions:
        question.state, question.used_from = QuestionState.IN_USE, change.pk
    Question.objects.filter(pk__in=[question.pk for question in questions]).update(state=QuestionState.IN_USE, used_from=change.pk)
    return change.pk


def _put_out_of_use(questions: Sequence[Question], by: Actor, what: str) -> int:
    change = BankChange.objects.create(by=by.display_name[:60], what=what[:120])
    for question in questions:
        question.state, question.used_until = QuestionState.RETIRED, change.pk
    Question.objects.filter(pk__in=[question.pk for question in questions]).update(state=QuestionState.RETIRED, used_until=change.pk)
    return change.pk


def bank_version() -> int:
    """The id of the last change."""
    return BankChange.objects.aggregate(last=Max("pk"))["last"] or 0
