"""Identifiers of many new rows at once."""

import time
from uuid import UUID

from tongxing.core.uids import ordered_uids


def test_ordered_uids_are_version_7_distinct_and_later_ones_sort_behind() -> None:
    before = time.time_ns() // 1_000_000
    first = ordered_uids(500)
    time.sleep(0.002)
    second = ordered_uids(500)
    assert len({*first, *second}) == 1000
    assert {(UUID(uid).version, UUID(uid).variant, str(UUID(uid)) == uid) for uid in first} == {(7, UUID(first[0]).variant, True)}
    assert UUID(first[0]).variant == "specified in RFC 4122"
    assert max(first) < min(second)
    assert before <= UUID(first[0]).int >> 80 <= time.time_ns() // 1_000_000
    assert ordered_uids(0) == []
