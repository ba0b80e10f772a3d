"""The text forms of bytes that standards prescribe here. Each reader takes one spelling only: a letter more, less or other is refused."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
ED25519 = b"\xed\x01"
"""Multicodec ed25519-pub, the two bytes before a key in a Multikey (W3C Controlled Identifiers §2.2.2)."""
_VALUES = {letter: value for value, letter in enumerate(BASE58)}


def base64url(data: bytes) -> str:
    """RFC 4648 §5 without padding, as JOSE writes it (RFC 7515 §2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The bytes; ValueError for padding, strange letters, and for unused bits that are not zero."""
    try:
        data = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        data = b""
    if base64url(data) != text:
        raise ValueError("not the one spelling of bytes in base64url")
    return data


def base58btc(data: bytes) -> str:
    """Multibase base58btc without its prefix: leading zero bytes are ones."""
    number, letters = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        letters = BASE58[rest] + letters
    return BASE58[0] * (len(data) - len(data.lstrip(b"\0"))) + letters


def from_base58btc(text: str) -> bytes:
    number = 0
    for letter in text:
        if letter not in _VALUES:
            raise ValueError("not a letter of base58btc")
        number = number * 58 + _VALUES[letter]
    zeros = len(text) - len(text.lstrip(BASE58[0]))
    return b"\0" * zeros + number.to_bytes(-(-number.bit_length() // 8), "big")


def multikey(public: bytes) -> str:
    """A public Ed25519 key as Multikey: z6Mk…"""
    return "z" + base58btc(ED25519 + public)


def from_multikey(text: str) -> bytes:
    """The 32 bytes of a Multikey; ValueError for any other kind of key."""
    data = from_base58btc(text.removeprefix("z")) if text.startswith("z") else b""
    if len(data) != 34 or not data.startswith(ED25519):
        raise ValueError("not an Ed25519 Multikey")
    return data[2:]
