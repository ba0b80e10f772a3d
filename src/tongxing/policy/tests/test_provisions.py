"""Provisions by day, and the acts that change them."""

from datetime import date
from types import SimpleNamespace

import pytest

from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.policy import provisions
from tongxing.policy.amending import add_version, withdraw_version
from tongxing.policy.provisions import Provision


@pytest.fixture(autouse=True)
def one_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shipped table of one key, so that the tests do not depend on what the rooms ship."""
    version = Provision(
        "t.people", 60, "人数", "人", date(2022, 9, 15), "notice:3.1.1", "济管人社办〔2022〕121号", True, "", True, "policy"
    )
    for module in ("tongxing.policy.provisions.shipped", "tongxing.policy.amending.shipped"):
        monkeypatch.setattr(module, lambda: {"t.people": (version,)})


def test_the_bureaus_later_version_holds_from_its_day(cast: SimpleNamespace) -> None:
    add_version("t.people", 80, valid_from=date(2026, 1, 1), source="济人社〔2026〕1号", by=cast.officer)
    assert provisions.value("t.people", on=date(2025, 12, 31)) == 60
    assert provisions.value("t.people", on=date(2026, 1, 1)) == 80
    assert [entry.act for entry in Entry.objects.all()] == ["policy.add_version"]


def test_a_withdrawn_version_no_longer_holds(cast: SimpleNamespace) -> None:
    row = add_version("t.people", 80, valid_from=date(2026, 1, 1), source="文件", by=cast.officer)
    withdraw_version(row, reason="录错", by=cast.officer)
    assert provisions.value("t.people", on=date(2026, 6, 1)) == 60


def test_before_the_first_version_nothing_holds(db: None) -> None:
    with pytest.raises(LookupError):
        provisions.value("t.people", on=date(2020, 1, 1))
    with pytest.raises(KeyError):
        provisions.value("t.unknown")


@pytest.mark.parametrize(
    ("value", "source", "code"), [("八十", "文件", "wrong_shape"), (True, "文件", "wrong_shape"), (80, " ", "no_source")]
)
def test_a_version_needs_the_same_shape_and_a_source(cast: SimpleNamespace, value: object, source: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        add_version("t.people", value, valid_from=date(2026, 1, 1), source=source, by=cast.officer)
    assert refusal.value.code == code


def test_one_version_a_day(cast: SimpleNamespace) -> None:
    add_version("t.people", 80, valid_from=date(2026, 1, 1), source="文件", by=cast.officer)
    with pytest.raises(Refused) as refusal:
        add_version("t.people", 90, valid_from=date(2026, 1, 1), source="文件", by=cast.officer)
    assert refusal.value.code == "version_exists"


def test_only_who_holds_the_whole_programme_changes_policy(cast: SimpleNamespace) -> None:
    row = add_version("t.people", 80, valid_from=date(2026, 1, 1), source="文件", by=cast.officer)
    with pytest.raises(Refused) as refusal:
        add_version("t.people", 1, valid_from=date(2026, 2, 1), source="文件", by=cast.other)
    assert (refusal.value.code, refusal.value.status) == ("not_allowed", 403)
    with pytest.raises(Refused):
        withdraw_version(row, reason="不合意", by=cast.other)
    assert provisions.value("t.people", on=date(2026, 3, 1)) == 80
