"""Properties of the ranking: the order of scores says nothing, better scores never place lower, places follow one rule."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tongxing.honours.ranking import MEANS, Sheet, Weighted, median, outliers, ranked, rounded, total, trimmed

POINTS = st.integers(0, 10_000).map(lambda number: Decimal(number) / 100)
TOTALS = st.lists(POINTS, min_size=1, max_size=9)
SHEETS = st.lists(st.tuples(st.lists(POINTS, max_size=7), POINTS), min_size=1, max_size=8).map(
    lambda drawn: [Sheet(f"n{place}", tuple(totals), (chief,)) for place, (totals, chief) in enumerate(drawn)]
)


@given(TOTALS, st.randoms(use_true_random=False))
def test_the_order_of_totals_says_nothing(totals, random):
    shuffled = random.sample(totals, len(totals))
    assert (median(totals), trimmed(totals)) == (median(shuffled), trimmed(shuffled))


@given(TOTALS)
def test_a_mean_lies_between_the_lowest_and_the_highest(totals):
    for first, _ in MEANS.values():
        assert min(totals) - Decimal("0.01") <= first(totals) <= max(totals) + Decimal("0.01")


@given(st.lists(POINTS, min_size=3, max_size=9))
def test_one_wild_total_moves_a_trimmed_mean_no_further_than_the_others_reach(totals):
    ordered = sorted(totals)
    wild = [*ordered[:-1], Decimal(10**6)]
    assert trimmed(wild) == trimmed(totals)


@given(SHEETS, st.sampled_from(sorted(MEANS)), st.randoms(use_true_random=False))
def test_the_order_of_sheets_says_nothing(sheets, mean, random):
    assert ranked(sheets, mean) == ranked(random.sample(sheets, len(sheets)), mean)


@given(SHEETS, st.sampled_from(sorted(MEANS)))
def test_places_follow_one_rule(sheets, mean):
    """The place is one more than the number of those who are strictly better; equal ones share it and are said to be tied."""
    placed = ranked(sheets, mean)
    assert {one.key for one in placed} == {sheet.key for sheet in sheets}
    for place, one in enumerate(placed):
        assert one.place == 1 + sum(other.place < one.place for other in placed)
        assert one.tied == (sum(other.place == one.place for other in placed) > 1)
        if place and one.figure is not None:
            assert placed[place - 1].figure is not None
            assert placed[place - 1].figure >= one.figure


@given(SHEETS, st.sampled_from(sorted(MEANS)), st.integers(0, 7), POINTS)
def test_better_scores_never_place_lower(sheets, mean, which, more):
    at = which % len(sheets)
    before = {one.key: one.place for one in ranked(sheets, mean)}
    better = sheets[at]._replace(
        totals=tuple(value + more for value in sheets[at].totals), chief=tuple(value + more for value in sheets[at].chief)
    )
    after = {one.key: one.place for one in ranked([*sheets[:at], better, *sheets[at + 1 :]], mean)}
    assert after[better.key] <= before[better.key]


def test_ties_fall_by_the_rule_and_what_is_left_is_said():
    a = Sheet("a", (Decimal(80), Decimal(90), Decimal(100)), (Decimal(90),))
    b = Sheet("b", (Decimal(85), Decimal(90), Decimal(95)), (Decimal(90),))
    c = Sheet("c", (Decimal(85), Decimal(90), Decimal(95)), (Decimal(90),))
    none = Sheet("d", (), ())
    assert [(one.key, one.place, one.tied) for one in ranked([none, c, a, b], "median")] == [
        ("b", 1, True),
        ("c", 1, True),
        ("a", 3, False),
        ("d", 4, False),
    ]


def test_a_total_is_weighted_and_rounded_to_cents():
    assert total(Weighted(((90, 40), (75, 35), (81, 25)))) == Decimal("82.50")
    assert rounded(Decimal("82.345")) == Decimal("82.35")


def test_outliers_are_far_from_the_others_and_need_four_totals():
    assert outliers({"a": Decimal(80), "b": Decimal(82), "c": Decimal(10)}) == set()
    assert outliers({"a": Decimal(80), "b": Decimal(82), "c": Decimal(81), "d": Decimal(79), "e": Decimal(40)}) == {"e"}
    assert outliers({"a": Decimal(80), "b": Decimal(80), "c": Decimal(80), "d": Decimal(80)}) == set()
