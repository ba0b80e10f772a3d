"""The rule: every condition alone, past days, and properties that hold whatever the facts."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.subsidies.eligibility import Earlier, Facts, age_on, decide
from tongxing.subsidies.models import Category, ClaimKind
from tongxing.subsidies.schemes import Scheme, scheme_on

DAY = date(2026, 6, 1)
GOOD = Facts(
    kind=ClaimKind.EVALUATION, occupation="劳动关系协调员", level=3, issued_on=date(2026, 5, 20), claimed_on=DAY, born_on=date(1990, 3, 7)
)
TRAINED = replace(GOOD, kind=ClaimKind.TRAINING, completed_on=date(2026, 5, 10), hours=Decimal(80))
SCHEME = Scheme(
    kind=ClaimKind.EVALUATION,
    day=DAY,
    amounts={4: Decimal(240), 3: Decimal(280), 2: Decimal(350), 1: Decimal(380)},
    direct_percent=Decimal(50),
    youngest=16,
    oldest=59,
    times_a_year=3,
    claim_days=90,
    with_evidence=frozenset({"poor"}),
    versions=(),
)
TRAINING = replace(SCHEME, kind=ClaimKind.TRAINING, amounts={3: Decimal(2000)}, claim_days=30)


def earlier(**facts: Any) -> Earlier:
    values: dict[str, Any] = {
        "serial": "BT2026000001",
        "kind": "evaluation",
        "occupation": "劳动关系协调员",
        "level": 4,
        "on": date(2026, 1, 5),
        **facts,
    }
    return Earlier(**values)


def test_who_meets_all_conditions_gets_the_amount_of_the_level() -> None:
    found = decide(GOOD, SCHEME)
    assert (found.decision.ok, found.amount, found.decision.clauses) == (True, Decimal(280), ("notice:3.1.2",))
    assert found.decision.reasons[-1] == "按三级标准，补贴 280.00 元。"


def test_recognition_without_examination_pays_half() -> None:
    assert decide(replace(GOOD, direct=True), SCHEME).amount == Decimal("140.00")


def test_training_needs_hours_and_a_certificate() -> None:
    assert decide(TRAINED, TRAINING).amount == Decimal(2000)
    assert "市场化自费" in decide(replace(TRAINED, market=True), TRAINING).decision.reasons[0]
    found = decide(replace(TRAINED, hours=None), TRAINING)
    assert (found.decision.ok, "没有登记完成的培训学时" in found.decision.reasons[0]) == (False, True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"certificate_valid": False}, "证书已作废或已换发"),
        ({"level": 5}, "补贴标准里没有"),
        ({"born_on": None}, "没有出生日期"),
        ({"born_on": date(2010, 5, 21)}, "15 周岁，未满 16 周岁"),
        ({"draws_pension": True}, "已领取职工养老金"),
        ({"on_payroll": True}, "财政供养人员"),
        ({"category": Category.POOR}, "须附身份证明材料"),
        ({"earlier": (earlier(level=3),)}, "同一职业同一等级已申领过（BT2026000001）"),
        ({"earlier": (earlier(), earlier(level=2), earlier(level=1))}, "达到一年 3 次的上限"),
        ({"claimed_on": date(2026, 5, 19)}, "申请日期早于取得证书"),
        ({"claimed_on": date(2026, 8, 19)}, "应在 2026-08-18 前申请，已超过 1 天"),
    ],
)
def test_each_condition_alone_is_named(change: dict[str, Any], said: str) -> None:
    found = decide(replace(GOOD, **change), SCHEME)
    assert (found.decision.ok, found.amount) == (False, Decimal(0))
    assert said in "".join(found.decision.reasons)


def test_what_does_not_stand_in_the_way() -> None:
    others = (earlier(kind="training", level=3), earlier(on=date(2025, 12, 31)), earlier(on=date(2025, 2, 1), level=2))
    assert decide(replace(GOOD, earlier=others), SCHEME).decision
    assert decide(replace(GOOD, on_payroll=True, category=Category.WELFARE), SCHEME).decision
    assert decide(replace(GOOD, category=Category.POOR, has_evidence=True), SCHEME).decision
    assert decide(replace(GOOD, born_on=date(1960, 1, 1)), SCHEME).decision


def test_all_that_is_missing_is_said_at_once() -> None:
    assert len(decide(replace(GOOD, on_payroll=True, draws_pension=True, born_on=None), SCHEME).decision.reasons) == 3


@pytest.mark.django_db
def test_past_days_have_the_rules_of_their_day() -> None:
    assert scheme_on(ClaimKind.TRAINING, date(2022, 3, 30)) is None
    assert not decide(GOOD, None).decision
    scheme = scheme_on(ClaimKind.TRAINING, date(2022, 3, 31))
    assert scheme
    assert (scheme.amounts[1], scheme.claim_days, len(scheme.versions)) == (Decimal(5000), 30, 7)


@pytest.mark.parametrize(
    ("born", "day", "age"), [((2000, 2, 29), (2026, 2, 28), 25), ((2000, 2, 29), (2026, 3, 1), 26), ((1990, 6, 1), (2026, 6, 1), 36)]
)
def test_age(born: tuple[int, int, int], day: tuple[int, int, int], age: int) -> None:
    assert age_on(date(*born), date(*day)) == age


days = st.dates(date(2022, 4, 1), date(2030, 12, 31))
earlier_claims = st.fixed_dictionaries({"kind": st.sampled_from(ClaimKind.values), "level": st.integers(1, 4), "on": days}).map(
    lambda one: earlier(**one)
)
cases = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(ClaimKind.values),
        "occupation": st.just("劳动关系协调员"),
        "level": st.integers(0, 6),
        "issued_on": days,
        "claimed_on": days,
        "certificate_valid": st.booleans(),
        "born_on": st.none() | st.dates(date(1940, 1, 1), date(2020, 1, 1)),
        "category": st.sampled_from(Category.values),
        "has_evidence": st.booleans(),
        "direct": st.booleans(),
        "on_payroll": st.booleans(),
        "draws_pension": st.booleans(),
        "completed_on": st.none() | days,
        "hours": st.none() | st.integers(0, 2000).map(lambda tenths: Decimal(tenths) / 10),
        "market": st.booleans(),
        "earlier": st.lists(earlier_claims, max_size=5).map(tuple),
    }
).map(lambda facts: Facts(**facts))


@given(facts=cases)
def test_money_and_yes_go_together(facts: Facts) -> None:
    scheme = TRAINING if facts.kind == ClaimKind.TRAINING else SCHEME
    found = decide(facts, scheme)
    assert bool(found.amount) is found.decision.ok
    assert found.decision.reasons
    assert found.amount in {Decimal(0), *scheme.amounts.values(), *(amount / 2 for amount in scheme.amounts.values())}
    assert decide(facts, scheme) == found


@given(facts=cases, more=st.sampled_from(["draws_pension", "void", "late", "again"]))
def test_a_fact_against_never_turns_a_no_into_a_yes(facts: Facts, more: str) -> None:
    scheme = TRAINING if facts.kind == ClaimKind.TRAINING else SCHEME
    worse: dict[str, Any] = {
        "draws_pension": {"draws_pension": True},
        "void": {"certificate_valid": False},
        "late": {"claimed_on": facts.complete_on + timedelta(days=scheme.claim_days + 1)},
        "again": {"earlier": (*facts.earlier, earlier(kind=facts.kind, level=facts.level))},
    }[more]
    assert not decide(replace(facts, **worse), scheme).decision
