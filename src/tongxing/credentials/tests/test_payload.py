"""The signed text of the QR code: read back whole, refused with any bit altered."""

import json
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from tongxing.credentials.encodings import base64url
from tongxing.credentials.keys import Signer, kid_of
from tongxing.credentials.payload import Claims, Unproven, address, masked_name, read, signed

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes_raw()
SIGNER = Signer(kid_of(PUBLIC), PUBLIC, PRIVATE.sign)
KEYS = {SIGNER.kid: PUBLIC}
CLAIMS = Claims("S000041000001233000001", "张*明", 3, date(2023, 6, 1), "济源某评价机构", date(2026, 11, 23))
TEXT = signed(CLAIMS, SIGNER)


def code_of(text: str, keys: dict[str, bytes] | None = None) -> str:
    with pytest.raises(Unproven) as refused:
        read(text, KEYS if keys is None else keys)
    return refused.value.code


days = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@given(
    st.builds(
        Claims,
        st.from_regex(r"[A-Z]\d{21}", fullmatch=True),
        st.text(min_size=1, max_size=8, alphabet="张王李*欧阳\U00020000·"),
        st.integers(1, 4),
        days,
        st.text(max_size=40, alphabet=st.characters(exclude_categories=["Cs"])),
        days,
    )
)
def test_what_is_signed_is_read_back(claims: Claims) -> None:
    text = signed(claims, SIGNER)
    wanted = claims._replace(kid=SIGNER.kid)
    assert read(text, KEYS) == wanted
    assert read(address("https://hr.example.gov.cn/", text), KEYS) == wanted
    assert read(f" {text[:40]}\n{text[40:]} ", KEYS) == wanted


@settings(max_examples=300)
@given(st.integers(0, len(TEXT) * 7 - 1))
def test_any_altered_bit_is_refused(bit: int) -> None:
    letters = bytearray(TEXT.encode())
    letters[bit // 7] ^= 1 << bit % 7
    text = letters.decode()
    if "".join(text.split()) == TEXT:
        return
    assert code_of(text)


def test_every_other_last_letter_of_the_signature_is_refused() -> None:
    """Four bits of it mean nothing: a lax reader would take sixteen spellings."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert {code_of(TEXT[:-1] + letter) for letter in alphabet if letter != TEXT[-1]} <= {"damaged", "bad_signature"}


def test_each_refusal_says_which() -> None:
    head, facts, signature = TEXT.split(".")
    other = Ed25519PrivateKey.generate()
    forged = signed(CLAIMS, Signer(SIGNER.kid, PUBLIC, other.sign))
    assert code_of("https://hr.example.gov.cn/verify/") == "no_payload"
    assert code_of("x" * 3000) == "no_payload"
    assert code_of("[" * 1000 + ".A.A") == "no_payload"
    assert code_of(f"{head}.{facts}=.{signature}") == "damaged"
    assert code_of(TEXT, {}) == "unknown_key"
    assert code_of(forged) == "bad_signature"
    for changed in ({"alg": "none"}, {"typ": "txc2"}, {"alg": "HS256"}):
        value = {"alg": "EdDSA", "kid": SIGNER.kid, "typ": "txc1"} | changed
        assert code_of(f"{base64url(json.dumps(value).encode())}.{facts}.{signature}") == "unknown_version"
    assert code_of(f"{base64url(b'[1]')}.{facts}.{signature}") == "unknown_version"


def test_the_code_tells_no_full_name() -> None:
    assert [masked_name(name) for name in ("张三", "张晓明", "欧阳修远", "阿")] == ["张*", "张*明", "欧**远", "阿"]
