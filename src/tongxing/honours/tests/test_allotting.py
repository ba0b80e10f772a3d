"""Properties of the allotment: nobody gets what is barred, everybody gets enough, loads are even, and it can be drawn again."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tongxing.honours.allotting import Judge, Roll, allot, canonical, parsed, short_of

PARTIES = ("government", "union", "federation", "expert")


@st.composite
def rolls(draw):
    judges, nominees = draw(st.integers(1, 7)), draw(st.integers(1, 9))
    keys = [f"n{number}" for number in range(nominees)]
    made = [
        Judge(f"r{number}", draw(st.sampled_from(PARTIES)), frozenset(draw(st.sets(st.sampled_from(keys), max_size=nominees // 2))))
        for number in range(judges)
    ]
    return Roll(draw(st.integers(1, 5)), tuple(made), tuple(keys))


@given(rolls(), st.text("0123456789abcdef", min_size=4, max_size=64))
def test_nobody_gets_what_is_barred_and_everybody_gets_enough(roll, secret):
    barred = {one.key: one.barred for one in roll.judges}
    given_to = allot(roll, secret)
    short = short_of(roll)
    assert set(given_to) == set(roll.nominees)
    for key, hands in given_to.items():
        assert not any(key in barred[one] for one in hands)
        assert len(set(hands)) == len(hands) == short.get(key, min(roll.each, len(roll.judges)))


@given(rolls(), st.text("0123456789abcdef", min_size=4, max_size=64), st.randoms(use_true_random=False))
def test_the_order_of_the_list_says_nothing_and_the_kept_list_draws_the_same(roll, secret, random):
    mixed = Roll(roll.each, tuple(random.sample(roll.judges, len(roll.judges))), tuple(random.sample(roll.nominees, len(roll.nominees))))
    assert allot(mixed, secret) == allot(roll, secret) == allot(parsed(canonical(roll)), secret)


@given(st.integers(1, 8), st.integers(1, 12), st.integers(1, 5))
def test_without_bars_loads_differ_by_one_at_most(judges, nominees, each):
    roll = Roll(
        each,
        tuple(Judge(f"r{number}", PARTIES[number % 4], frozenset()) for number in range(judges)),
        tuple(f"n{number}" for number in range(nominees)),
    )
    loads = Counter({one.key: 0 for one in roll.judges})
    loads.update(who for hands in allot(roll, "seed").values() for who in hands)
    assert max(loads.values()) - min(loads.values()) <= 1


@given(rolls())
def test_no_single_hand_over_would_make_loads_more_even(roll):
    barred = {one.key: one.barred for one in roll.judges}
    given_to = allot(roll, "seed")
    loads = Counter({one.key: 0 for one in roll.judges})
    loads.update(who for hands in given_to.values() for who in hands)
    for key, hands in given_to.items():
        for giver in hands:
            takers = [one for one in barred if one not in hands and key not in barred[one]]
            assert all(loads[giver] - loads[one] < 2 for one in takers)


def test_parties_are_mixed_where_loads_are_equal():
    judges = tuple(Judge(f"r{number}", PARTIES[number // 2], frozenset()) for number in range(6))
    parties = {one.key: one.party for one in judges}
    assert {parties[who] for who in allot(Roll(3, judges, ("n",)), "seed")["n"]} == {"government", "union", "federation"}


def test_chance_decides_among_equals():
    judges = tuple(Judge(f"r{number}", "expert", frozenset()) for number in range(9))
    roll = Roll(2, judges, tuple(f"n{number}" for number in range(6)))
    assert len({tuple(sorted(allot(roll, str(seed)).items())) for seed in range(20)}) > 10
