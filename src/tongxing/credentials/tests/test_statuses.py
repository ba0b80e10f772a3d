"""Status lists: bits, places drawn at random, what is published when a certificate ends."""

import json
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from tongxing.audit.log import COMMAND_LINE
from tongxing.certificates.models import Certificate
from tongxing.certificates.register import reinstate_certificate, void_certificate
from tongxing.credentials import keys, statuses
from tongxing.credentials.models import StatusList
from tongxing.credentials.proofs import check
from tongxing.credentials.statuses import SIZE, entries_for, is_set, packed, published

from .scene import BASE, a_certificate


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(0, SIZE - 1), max_size=30), st.integers(0, SIZE - 1))
def test_a_bit_that_is_set_is_read_as_set_and_no_other(indexes: set[int], other: int) -> None:
    encoded = packed(indexes)
    assert [index for index in sorted(indexes | {other}) if is_set(encoded, index)] == sorted(indexes)
    assert is_set(packed(indexes - {other}), other) is False


def test_the_first_place_is_the_leftmost_bit() -> None:
    """W3C Bitstring Status List §3.3."""
    import gzip

    from tongxing.credentials.encodings import from_base64url

    bits = gzip.decompress(from_base64url(packed([0, 9])[1:]))
    assert (len(bits), bits[:2]) == (16_384, b"\x80\x40")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no status list"),
        ("uAAAA", "no gzip"),
        ("zAAAA", "no status list"),
        ("u+AAA", "not the one spelling"),
        (packed([1])[:-24], "not as long"),
        ("u" + "A" * 40, "no gzip"),
    ],
)
def test_what_is_no_list_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        is_set(text, 0)
    with pytest.raises(ValueError, match="no place"):
        packed([SIZE])


def test_a_long_gzip_is_not_unpacked() -> None:
    import gzip

    from tongxing.credentials.encodings import base64url

    with pytest.raises(ValueError, match="not as long"):
        is_set("u" + base64url(gzip.compress(b"\0" * SIZE)), 0)


def test_places_are_kept_differ_and_do_not_follow_the_order(jiyuan: SimpleNamespace) -> None:
    made = [a_certificate(jiyuan.kejing) for _ in range(12)]
    places = entries_for(made)
    assert {pk: row.index for pk, row in entries_for(made).items()} == {pk: row.index for pk, row in places.items()}
    indexes = [places[one.pk].index for one in made]
    assert len(set(indexes)) == 12
    assert indexes != sorted(indexes)


def test_the_number_of_queries_does_not_depend_on_how_many(jiyuan: SimpleNamespace) -> None:
    counts = []
    for many in (1, 30):
        made = [a_certificate(jiyuan.kejing) for _ in range(many)]
        entries_for(made[:0])
        with CaptureQueriesContext(connection) as queries:
            entries_for(made)
        counts.append(len(queries))
    # The first call makes the list too: savepoint, its number, the row.
    assert counts[1] <= counts[0]


def test_a_place_that_is_taken_is_drawn_again(jiyuan: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = a_certificate(jiyuan.kejing), a_certificate(jiyuan.kejing)
    draws = iter([[7], [7], [7], [8]])
    monkeypatch.setattr(statuses, "_draw", lambda count: next(draws))
    assert entries_for([first])[first.pk].index == 7
    assert entries_for([second])[second.pk].index == 8


def test_a_half_full_list_is_closed_and_another_opened(jiyuan: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statuses, "FULLEST", 2)
    rows = [entries_for([one])[one.pk] for one in (a_certificate(jiyuan.kejing) for _ in range(5))]
    assert [row.list.number for row in rows] == [1, 1, 2, 2, 3]
    assert list(StatusList.objects.filter(is_open=True).values_list("number", flat=True)) == [3]


def _list() -> dict[str, object]:
    document: dict[str, object] = json.loads(published(StatusList.objects.get(), BASE))
    assert check(document, keys.trusted())
    return document


def _revoked(index: int) -> bool:
    subject = _list()["credentialSubject"]
    assert isinstance(subject, dict)
    return is_set(subject["encodedList"], index)


def test_a_voided_certificate_is_revoked_at_once_and_for_good(jiyuan: SimpleNamespace) -> None:
    one, other = a_certificate(jiyuan.kejing), a_certificate(jiyuan.kejing)
    places = entries_for([one, other])
    assert not _revoked(places[one.pk].index)
    void_certificate(one, by=COMMAND_LINE, reason="发证有误")
    assert _revoked(places[one.pk].index)
    assert not _revoked(places[other.pk].index)
    reinstate_certificate(one, by=COMMAND_LINE, reason="作废办错")
    assert _revoked(places[one.pk].index)
    again = entries_for([Certificate.objects.get(pk=one.pk)])[one.pk]
    assert again.index != places[one.pk].index
    assert not _revoked(again.index)


def test_an_unchanged_list_is_signed_once_a_day_and_again_with_a_new_key(jiyuan: SimpleNamespace) -> None:
    entries_for([a_certificate(jiyuan.kejing)])
    row = StatusList.objects.get()
    first = published(row, BASE)
    assert published(row, BASE) == first
    StatusList.objects.update(signed_at="2026-01-01T00:00:00Z")
    row.refresh_from_db()
    published(row, BASE)
    keys.rotate(by=COMMAND_LINE, reason="更换")
    second = json.loads(published(row, BASE))
    assert second["proof"]["verificationMethod"].endswith(keys.signer().kid)
