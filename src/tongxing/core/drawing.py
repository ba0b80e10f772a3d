"""Drawing lots that anybody can do again: digests of what is published, a seed, and a ticket for whatever takes part.

Only digests of keys decide, so that the order in which a list is given changes nothing. Knows no table and no clock.
"""

import hmac
from hashlib import sha256


def digest(text: str) -> str:
    """SHA-256 of a text, in hexadecimal: what is published before the text itself is."""
    return sha256(text.encode()).hexdigest()


def seed_of(secret: str, beacon: str, list_digest: str) -> bytes:
    """The seed of a draw: SHA-256 of a secret, a public figure ("" where there is none) and the digest of the list."""
    return sha256(f"{secret}|{beacon}|{list_digest}".encode()).digest()


def ticket(seed: bytes, *parts: object) -> bytes:
    """HMAC-SHA-256 of the parts: whoever holds the smallest is drawn first."""
    return hmac.digest(seed, "|".join(map(str, parts)).encode(), "sha256")
