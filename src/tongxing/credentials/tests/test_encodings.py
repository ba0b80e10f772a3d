"""Encodings and the one spelling of JSON, against the vectors of their standards."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.credentials.canonical import canonical
from tongxing.credentials.encodings import base58btc, base64url, from_base58btc, from_base64url, from_multikey, multikey


@given(st.binary(max_size=80))
def test_bytes_come_back_from_both_encodings(data: bytes) -> None:
    assert from_base58btc(base58btc(data)) == data
    assert from_base64url(base64url(data)) == data


@pytest.mark.parametrize(("data", "text"), [(b"Hello World!", "2NEpo7TZRRrLZSi2U"), (bytes.fromhex("0000287fb4cd"), "11233QC4")])
def test_base58_agrees_with_the_examples_of_its_draft(data: bytes, text: str) -> None:
    """draft-msporny-base58-03, §5."""
    assert base58btc(data) == text


@pytest.mark.parametrize("text", ["QQ==", "QR", "Q", "Q Q", "Q+8", "\u00e4AAA"])
def test_base64url_takes_one_spelling_only(text: str) -> None:
    with pytest.raises(ValueError, match="not the one spelling"):
        from_base64url(text)


def test_a_multikey_of_another_kind_is_no_key() -> None:
    assert from_multikey(multikey(b"\7" * 32)) == b"\7" * 32
    for text in ("", "z", "uAAAA", "z" + base58btc(b"\x12\0" + b"\7" * 32), multikey(b"\7" * 31), multikey(b"\7" * 32)[:-1] + "0"):
        with pytest.raises(ValueError, match=r"not an Ed25519|not a letter"):
            from_multikey(text)


def test_names_are_sorted_as_rfc_8785_sorts_them() -> None:
    """RFC 8785 §3.2.3: by UTF-16 code units."""
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    sorted_names = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(dict.fromkeys(names, 1)))) == sorted_names


def test_values_are_spelt_as_rfc_8785_spells_them() -> None:
    value = {"s": '\u20ac$\u000f\nA\'B"\\"/', "l": [None, True, False], "n": [0, -0.0, 42.0, 9007199254740991, -7]}
    assert canonical(value).decode() == '{"l":[null,true,false],"n":[0,0,42,9007199254740991,-7],"s":"\u20ac$\\u000f\\nA\'B\\"\\\\\\"/"}'


@pytest.mark.parametrize("value", [0.5, 2**53, float("inf"), float("nan"), "\ud800", b"x", {1: "x"}])
def test_what_has_no_one_spelling_is_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError, AttributeError)):
        canonical(value)


@pytest.mark.shared
def test_every_credential_of_the_examples_has_one_spelling(shared: Path) -> None:
    files = sorted((shared / "data" / "credentials").rglob("*.json"))
    texts = [canonical(json.loads(path.read_text(encoding="utf-8"))) for path in files]
    assert len(files) > 100
    assert [canonical(json.loads(text)) for text in texts] == texts
