"""Digest, seed and ticket: fixed for ever, because published draws are done again with them."""

from hashlib import sha256
from hmac import new

import pytest

from tongxing.core.drawing import digest, seed_of, ticket

pytestmark = pytest.mark.once


def test_the_seed_follows_from_secret_figure_and_list() -> None:
    assert digest("名单") == sha256("名单".encode()).hexdigest()
    assert seed_of("秘密", "05-09", digest("名单")) == sha256(f"秘密|05-09|{digest('名单')}".encode()).digest()
    assert len({seed_of(secret, beacon, "") for secret in ("a", "b") for beacon in ("", "1")}) == 4


def test_a_ticket_is_the_keyed_digest_of_its_parts() -> None:
    seed = seed_of("秘密", "", "")
    assert ticket(seed, "对象", "site-1", 2) == new(seed, "对象|site-1|2".encode(), "sha256").digest()
