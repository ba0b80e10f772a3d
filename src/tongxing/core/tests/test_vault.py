"""The vault opens only what it sealed, and only where it sealed it."""

import stat
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core import vault
from tongxing.core.vault import VaultError, blind_index, mask, seal, unseal


@given(st.text(min_size=1, max_size=80))
def test_what_was_sealed_opens_in_its_own_place_only(text: str) -> None:
    stored = seal(text, "people|id|1")
    assert unseal(stored, "people|id|1") == text
    assert stored != seal(text, "people|id|1")
    with pytest.raises(VaultError):
        unseal(stored, "people|id|2")


def test_an_altered_value_does_not_open() -> None:
    stored = seal("419001", "t|c|1")
    for broken in (stored[:-2] + "AA", "k9" + stored[2:], "nonsense", stored[:10]):
        with pytest.raises(VaultError):
            unseal(broken, "t|c|1")


def test_sm4_seals_too(monkeypatch: pytest.MonkeyPatch) -> None:
    _, keys, index = vault.ring()
    key = vault.Key("sm4-gcm", bytes(range(16)))
    monkeypatch.setattr(vault, "ring", lambda: ("k2", {**keys, "k2": key}, index))
    stored = seal("合同", "t|c|1")
    assert stored.startswith("k2$")
    assert unseal(stored, "t|c|1") == "合同"
    with pytest.raises(VaultError):
        unseal(stored, "t|c|2")


def test_the_key_ring_is_for_its_owner_only() -> None:
    vault.ring()
    assert stat.S_IMODE(Path(settings.KEY_DIR, "vault.json").stat().st_mode) == 0o600


def test_blind_index_is_the_same_for_the_same_purpose_only() -> None:
    assert blind_index("1", "a") == blind_index("1", "a")
    assert blind_index("1", "a") != blind_index("1", "b")
    assert blind_index("", "a") == ""


@pytest.mark.parametrize(("text", "shown"), [("419001199001011234", "419001********1234"), ("123", "1**"), ("", "")])
def test_mask(text: str, shown: str) -> None:
    assert mask(text) == shown
