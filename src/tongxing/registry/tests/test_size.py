"""The 2017 size rule, row by row (国统字〔2017〕213号)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.registry.industry import industries
from tongxing.registry.models.organisations import Size
from tongxing.registry.size import DIVISIONS, classify, decide, row_of

# industry, then per indicator (0 employees, 1 revenue, 2 assets) its three lower limits: written down from the standard a second time.
TABLE = [
    ("0111", {1: (20000, 500, 50)}),
    ("0610", {0: (1000, 300, 20), 1: (40000, 2000, 300)}),
    ("3011", {0: (1000, 300, 20), 1: (40000, 2000, 300)}),
    ("4411", {0: (1000, 300, 20), 1: (40000, 2000, 300)}),
    ("4710", {1: (80000, 6000, 300), 2: (80000, 5000, 300)}),
    ("5111", {0: (200, 20, 5), 1: (40000, 5000, 1000)}),
    ("5211", {0: (300, 50, 10), 1: (20000, 500, 100)}),
    ("5411", {0: (1000, 300, 20), 1: (30000, 3000, 200)}),
    ("5810", {0: (1000, 300, 20), 1: (30000, 3000, 200)}),
    ("5910", {0: (1000, 300, 20), 1: (30000, 3000, 200)}),
    ("5920", {0: (200, 100, 20), 1: (30000, 1000, 100)}),
    ("59", {0: (200, 100, 20), 1: (30000, 1000, 100)}),
    ("6010", {0: (1000, 300, 20), 1: (30000, 2000, 100)}),
    ("6110", {0: (300, 100, 10), 1: (10000, 2000, 100)}),
    ("6210", {0: (300, 100, 10), 1: (10000, 2000, 100)}),
    ("6311", {0: (2000, 100, 10), 1: (100000, 1000, 100)}),
    ("6410", {0: (2000, 100, 10), 1: (100000, 1000, 100)}),
    ("6513", {0: (300, 100, 10), 1: (10000, 1000, 50)}),
    ("7010", {1: (200000, 1000, 100), 2: (10000, 5000, 2000)}),
    ("7020", {0: (1000, 300, 100), 1: (5000, 1000, 500)}),
    ("7111", {0: (300, 100, 10), 2: (120000, 8000, 100)}),
    ("7261", {0: (300, 100, 10), 2: (120000, 8000, 100)}),
    ("7310", {0: (300, 100, 10)}),
    ("7810", {0: (300, 100, 10)}),
    ("8111", {0: (300, 100, 10)}),
    ("8511", {0: (300, 100, 10)}),
    ("8610", {0: (300, 100, 10)}),
    ("7030", {0: (300, 100, 10)}),
    ("7090", {0: (300, 100, 10)}),
]
STEPS = (Size.LARGE, Size.MEDIUM, Size.SMALL)


def ask(industry: str, figures: dict[int, int]) -> Size:
    return classify(industry, figures.get(0), figures.get(1), figures.get(2)).size


@pytest.mark.parametrize(("industry", "limits"), TABLE)
def test_row_at_its_boundaries(industry: str, limits: dict[int, tuple[int, int, int]]) -> None:
    for step in range(3):
        floor = {figure: bounds[step] for figure, bounds in limits.items()}
        assert ask(industry, floor) == STEPS[step]
        for figure in limits:  # one indicator just below its limit drops the enterprise
            short = {**floor, figure: floor[figure] - 1}
            # the other indicator stays at its limit, so exactly one class is lost, unless the limits of two classes touch
            assert ask(industry, short) == ((*STEPS, Size.MICRO)[step + 1])


@pytest.mark.parametrize("industry", ["6620", "66", "J", "8310", "P", "84", "8411", "53", "5310", "7040", "704", "9121", "97", "S", "T"])
def test_outside_the_table(industry: str) -> None:
    assert classify(industry, 5000, Decimal(900000), Decimal(900000)).size == Size.UNCLASSIFIED


@pytest.mark.parametrize("industry", ["F", "G", "I", "K", "70", "Q", "", "9999", "X", "Z1"])
def test_code_too_wide_or_unknown(industry: str) -> None:
    decision = classify(industry, 5000, Decimal(900000), Decimal(900000))
    assert decision.size == Size.UNKNOWN
    assert len(decision.reasons) == 1


def test_code_may_carry_its_letter() -> None:
    assert classify("C3011", 1000, Decimal(40000), None).size == Size.LARGE
    assert classify("C30", 1000, Decimal(40000), None).size == classify("C", 1000, Decimal(40000), None).size == Size.LARGE


def test_reasons_are_plain() -> None:
    assert classify("3011", 1200, Decimal("35000.00"), None).reasons == (
        "工业：从业人员 1200 人≥1000，营业收入 35000 万元<40000 万元，降一档为中型",
    )
    assert classify("3011", 19, Decimal(50000), None).reasons == ("工业：从业人员 19 人<20，微型只须满足一项，划为微型",)
    assert classify("3011", 1200, None, None).reasons == ("工业：缺少营业收入，暂不能划型；已知数据最高可划为大型",)
    assert classify("8610", 10, None, None).reasons == ("其他未列明行业：从业人员 10 人≥10，全部达到小型下限，划为小型",)


def test_missing_figures() -> None:
    assert classify("3011", None, None, None).missing == ("从业人员", "营业收入")
    assert classify("3011", 500, None, None).size == Size.UNKNOWN
    assert classify("3011", None, Decimal(299), None).size == Size.MICRO
    assert classify("3011", 1000, Decimal(40000), None).missing == ()


def test_bodies_that_are_no_enterprises() -> None:
    assert decide("union", "9510", 5000, None, None).size == Size.UNCLASSIFIED
    assert decide("enterprise", "3011", 1000, Decimal(40000), None).size == Size.LARGE


def test_every_code_of_the_standard_has_an_answer() -> None:
    assert [code for code in industries() if "不在 GB/T" in "".join(getattr(row_of(code), "reasons", ()))] == []


ORDER = {Size.MICRO: 0, Size.SMALL: 1, Size.MEDIUM: 2, Size.LARGE: 3}
count = st.integers(0, 5_000)
amount = st.integers(0, 300_000)
code = st.sampled_from(sorted(DIVISIONS))


@given(code, st.tuples(count, amount, amount), st.tuples(count, amount, amount))
def test_more_of_everything_is_never_smaller(industry: str, have: tuple[int, int, int], more: tuple[int, int, int]) -> None:
    small = classify(industry, *have).size
    large = classify(industry, *(a + b for a, b in zip(have, more, strict=True))).size
    assert ORDER[small] <= ORDER[large]


@given(code, st.none() | count, st.none() | amount, st.none() | amount)
def test_always_an_answer_with_a_reason(industry: str, x: int | None, y: int | None, z: int | None) -> None:
    decision = classify(industry, x, y, z)
    assert len(decision.reasons) == 1
    assert (decision.size == Size.UNKNOWN) <= bool(decision.missing)
