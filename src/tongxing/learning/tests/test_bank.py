"""The bank: what a question must be, versions instead of alterations, the paper from a seed, item figures."""

import hashlib
import random
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongxing.accounts.models import User
from tongxing.audit.log import COMMAND_LINE
from tongxing.core.errors import Refused
from tongxing.learning import banking, examining
from tongxing.learning.banking import Facts, bank_version, digest_of, problems_of
from tongxing.learning.drawing import Card, cards_at, draw, paper_of
from tongxing.learning.marking import earned, letters_of
from tongxing.learning.models import BlueprintLine, Question
from tongxing.learning.statistics import Answered, figures_from

from .world import a_question, an_exam, facts

CARDS = [Card(number, f"T{number:04d}-1", "single" if number % 2 else "judge", "contracts", number % 3 + 1) for number in range(1, 61)]
LINES = [BlueprintLine(kind="single", count=10, points=2), BlueprintLine(kind="judge", difficulty=2, count=5, points=1)]


@settings(max_examples=30, deadline=None)
@given(number=st.integers(0, 10**9))
def test_one_seed_draws_one_paper_whatever_the_order_of_the_bank(number: int) -> None:
    seed, cards = f"种子 {number}", CARDS.copy()
    random.Random(number).shuffle(cards)
    paper, short = draw(LINES, cards, seed)
    assert (paper, short) == draw(LINES, CARDS, seed)
    assert len({one.question_id for one in paper}) == len(paper) == 15
    assert short == []


def test_the_rule_that_is_published_is_the_rule_that_draws() -> None:
    paper, _ = draw(LINES[:1], CARDS, "公开种子")
    singles = [card for card in CARDS if card.kind == "single"]
    ranked = sorted(singles, key=lambda card: hashlib.sha256(f"公开种子:1:{card.code}".encode()).hexdigest())
    assert [one.question_id for one in paper] == [card.pk for card in ranked[:10]]


def test_a_blueprint_that_asks_for_too_much_says_where() -> None:
    _, short = draw([BlueprintLine(kind="judge", difficulty=1, count=50, points=1)], CARDS, "s")
    assert [(one.line, one.asked, one.there) for one in short] == [(1, 50, 10)]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"stem": " "}, "题干不能为空"),
        ({"right": "AB"}, "只能有一个正确选项"),
        ({"right": "D"}, "答案要写选项的字母"),
        ({"right": ""}, "答案要写选项的字母"),
        ({"options": ("一", "一", "二")}, "不能重复"),
        ({"options": ("一",)}, "至少 2 个选项"),
        ({"levels": "5"}, "适用等级"),
        ({"function": "x"}, "请从所列选项中选"),
        ({"kind": "multiple", "options": ("一", "二", "三")}, "至少有两个正确选项"),
        ({"kind": "judge"}, "只有“对”“错”"),
        ({"kind": "case"}, "案例材料没有选项"),
    ],
)
def test_what_is_wrong_with_a_question_is_said(changed: dict[str, object], said: str) -> None:
    assert said in "".join(sentence for _, sentence in problems_of(facts("single")._replace(**changed)))
    assert problems_of(facts("single")) == []


def test_the_same_words_in_other_dress_are_the_same_question() -> None:
    assert digest_of("劳动合同 应当，书面订立？", ["Ａ一", "二"]) == digest_of("劳动合同应当书面订立", ["二。", "A一"])
    assert digest_of("劳动合同", ["一", "二"]) != digest_of("劳动合同", ["一", "三"])


@pytest.mark.parametrize(
    ("kind", "right", "answer", "points"),
    [
        ("single", "A", "A", 4),
        ("single", "A", "B", 0),
        ("single", "A", "", 0),
        ("multiple", "ABD", "ABD", 4),
        ("multiple", "ABD", "AB", 2),
        ("multiple", "ABD", "ABC", 0),
        ("multiple", "ABD", "ABCD", 0),
        ("judge", "B", "B", 4),
    ],
)
def test_marking(kind: str, right: str, answer: str, points: int) -> None:
    assert earned(kind, right, answer, 4, 50) == points
    assert letters_of(["b", "a", "A", "z", "1"]) == "AB"


def test_item_figures_are_those_of_the_textbook_and_small_numbers_are_said() -> None:
    rows = [Answered("A" if number >= 10 else "B", float(number >= 10), number / 20) for number in range(20)]
    figures = figures_from(rows, 30)
    assert (figures.answers, figures.difficulty, figures.discrimination, figures.options) == (20, 0.5, 1.0, {"A": 10, "B": 10})
    assert figures.is_small
    assert figures_from([], 30).difficulty is None
    assert figures_from(rows[:3], 3).discrimination is None


# --- with the database

pytestmark = pytest.mark.django_db


def test_a_draft_is_altered_and_what_is_in_use_gets_a_new_version(jiyuan: SimpleNamespace) -> None:
    draft = a_question(use=False)
    changed = banking.change_question(draft, facts(stem="改过的草稿？"), by=COMMAND_LINE)
    assert (changed.pk, changed.code, changed.stem) == (draft.pk, draft.code, "改过的草稿？")
    used = banking.move_question(changed, "use", by=COMMAND_LINE)
    before = bank_version()
    new = banking.change_question(used, facts(stem="第二版？", right="B"), by=COMMAND_LINE)
    old = Question.objects.get(pk=used.pk)
    assert (new.number, new.version, new.right, new.state, new.is_latest) == (old.number, 2, "B", "in_use", True)
    assert (old.stem, old.right, old.state, old.is_latest) == ("改过的草稿？", "A", "retired", False)
    assert [card.code for card in cards_at(4, before)] == [old.code]
    assert [card.code for card in cards_at(4, bank_version())] == [new.code]
    with pytest.raises(Refused, match="更新的版本"):
        banking.change_question(old, facts(), by=COMMAND_LINE)


def test_the_bank_holds_a_question_once(jiyuan: SimpleNamespace) -> None:
    said = facts()
    first = banking.write_question(said, by=COMMAND_LINE)
    with pytest.raises(Refused) as refused:
        banking.write_question(said._replace(stem=said.stem + "　"), by=COMMAND_LINE)
    assert (refused.value.code, first.code in refused.value.message) == ("double", True)


def test_a_case_moves_and_changes_with_its_parts(jiyuan: SimpleNamespace) -> None:
    case = a_question("case")
    version = bank_version()
    assert [len(card.parts) for card in cards_at(4, version)] == [2]
    changed = banking.change_question(case, banking.facts_of(case)._replace(stem="另一段材料"), by=COMMAND_LINE)
    assert (changed.version, [part.version for part in changed.parts.newest()]) == (2, [2, 2])
    old, new = cards_at(4, version)[0], cards_at(4, bank_version())[0]
    assert (set(old.parts) & set(new.parts), len(new.parts)) == (set(), 2)
    banking.move_question(changed, "retire", by=COMMAND_LINE)
    assert cards_at(4, bank_version()) == []
    empty = banking.write_question(facts("case"), by=COMMAND_LINE)
    with pytest.raises(Refused, match="还没有小题"):
        banking.move_question(empty, "use", by=COMMAND_LINE)


def test_old_papers_are_drawn_again_after_the_bank_has_moved_on(jiyuan: SimpleNamespace) -> None:
    exam = an_exam(jiyuan.county, singles=5, multiples=3)
    version = bank_version()
    paper, _ = paper_of(exam, "公开种子/1", version)
    for question in Question.objects.filter(state="in_use")[:4]:
        banking.move_question(question, "retire", by=COMMAND_LINE)
    for _ in range(5):
        a_question()
    assert paper_of(exam, "公开种子/1", version)[0] == paper
    assert paper_of(exam, "公开种子/1", bank_version())[0] != paper


def test_an_examination_opens_only_with_questions_enough_and_keeps_its_blueprint(jiyuan: SimpleNamespace) -> None:
    exam = an_exam(jiyuan.county, open_it=False)
    line = examining.add_line(exam, by=COMMAND_LINE, kind="judge", count=2, points=1)
    with pytest.raises(Refused, match="第 3 行（判断）要 2 题，题库里只有 0 题"):
        examining.open_exam(exam, by=COMMAND_LINE)
    examining.drop_line(line, by=COMMAND_LINE)
    opened = examining.open_exam(exam, by=COMMAND_LINE)
    assert (opened.state, len(opened.seed)) == ("open", 16)
    with pytest.raises(Refused, match="蓝图不能再改"):
        examining.add_line(opened, by=COMMAND_LINE, kind="judge", count=1, points=1)


def test_only_those_who_keep_the_bank_write_in_it(cast: SimpleNamespace) -> None:
    def refused(by: User) -> str:
        with pytest.raises(Refused) as error:
            banking.write_question(facts(), by=by)
        return error.value.code

    assert banking.write_question(facts(), by=cast.officer).code == "T0001-1"
    assert [refused(by) for by in (cast.other, cast.township, cast.nobody)] == ["not_allowed"] * 3
    seen = [Question.objects.visible_to(by).count() for by in (cast.officer, cast.auditor, cast.other, cast.agent)]
    assert seen == [1, 1, 0, 0]
    assert isinstance(facts(), Facts)
