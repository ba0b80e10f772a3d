"""An attacker who knows the total, the published table and the rule must not learn a small cell."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.suppression import SMALLEST_CELL, published, published_total

pytestmark = pytest.mark.once

MOST = 9
TABLES = st.dictionaries(st.sampled_from("甲乙丙丁"), st.integers(0, MOST), max_size=4)


def tables_of(total: int, labels: list[str]) -> Iterator[dict[str, int]]:
    """Every way in which `total` people may be spread over `labels`, each with one at least."""
    if not labels:
        if total == 0:
            yield {}
        return
    for count in range(1, total + 1):
        for rest in tables_of(total - count, labels[1:]):
            yield {labels[0]: count, **rest}


@given(TABLES)
def test_no_hidden_number_can_be_worked_out_from_the_rest(table):
    """Brute force: among all tables that would be published alike, every hidden label has at least two numbers."""
    shown = published(table.items())
    hidden = [cell.label for cell in shown if cell.count is None]
    known = {cell.label: cell.count for cell in shown if cell.count is not None}
    left = sum(table.values()) - sum(known.values())
    alike = [way for way in tables_of(left, hidden) if published({**known, **way}.items()) == shown]
    assert not shown or {label: table[label] for label in hidden} in alike
    for label in hidden:
        assert len({way[label] for way in alike}) >= 2


@given(TABLES)
def test_no_small_number_is_shown_and_no_large_one_is_lost_without_need(table):
    shown = published(table.items())
    assert all(cell.count is None or cell.count >= SMALLEST_CELL for cell in shown)
    if not any(0 < count < SMALLEST_CELL for count in table.values()):
        assert {cell.label: cell.count for cell in shown} == {label: count for label, count in table.items() if count}


@given(TABLES, st.permutations("甲乙丙丁"))
def test_the_order_tells_nothing_of_hidden_numbers(table, order):
    assert published(table.items()) == published([(label, table[label]) for label in order if label in table])
    hidden = [cell.label for cell in published(table.items()) if cell.count is None]
    assert hidden == sorted(hidden)


def test_a_total_that_is_small_itself_is_not_shown():
    assert [published_total(total) for total in (0, 1, 4, 5, 300)] == [0, None, None, 5, 300]
    assert published([("甲", 4)]) == []
    assert published([("甲", 1), ("乙", 1)]) == []


def test_one_small_cell_takes_the_next_one_along():
    assert [(cell.label, cell.count) for cell in published([("企业", 40), ("协会", 3), ("工会", 7)])] == [
        ("企业", 40),
        ("协会", None),
        ("工会", None),
    ]
