"""Signing keys: made once, rotated, withdrawn, published."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.backups import places
from tongxing.core.errors import Refused
from tongxing.credentials import keys
from tongxing.credentials.models import KeyState, SigningKey

pytestmark = pytest.mark.django_db


def test_the_key_is_made_once_and_its_private_half_is_sealed() -> None:
    first, again = keys.signer(), keys.signer()
    row = SigningKey.objects.get()
    assert first.kid == again.kid == row.kid == keys.kid_of(first.public)
    assert "$" in row.private_sealed
    assert Entry.objects.filter(act="credentials.make_key").count() == 1
    assert keys.holds(first.public, first.sign(b"x"), b"x")


def test_a_key_moved_to_another_row_does_not_open() -> None:
    keys.signer()
    SigningKey.objects.update(uid="00000000-0000-4000-8000-000000000001")
    with pytest.raises(Exception, match="加密字段无法打开"):
        keys.signer()


def test_after_rotation_the_old_signature_still_holds_and_after_withdrawal_no_longer() -> None:
    old = keys.signer()
    keys.rotate(by=COMMAND_LINE, reason="每年更换")
    new = keys.signer()
    assert new.kid != old.kid
    assert keys.trusted() == {old.kid: old.public, new.kid: new.public}
    row = SigningKey.objects.get(kid=old.kid)
    keys.withdraw(row, by=COMMAND_LINE, reason="疑似泄露")
    assert keys.trusted() == {new.kid: new.public}
    assert SigningKey.objects.get(kid=old.kid).state == KeyState.WITHDRAWN
    assert [entry.act for entry in Entry.objects.order_by("pk")][-2:] == ["credentials.rotate_key", "credentials.withdraw_key"]


def test_withdrawing_is_refused_for_the_current_key_twice_and_without_a_reason() -> None:
    current = keys.current()
    for key, reason, code in ((current, "x", "key_in_use"), (current, " ", "reason_missing")):
        with pytest.raises(Refused) as refused:
            keys.withdraw(key, by=COMMAND_LINE, reason=reason)
        assert refused.value.code == code
    keys.rotate(by=COMMAND_LINE, reason="更换")
    keys.withdraw(current, by=COMMAND_LINE, reason="泄露")
    with pytest.raises(Refused) as refused:
        keys.withdraw(current, by=COMMAND_LINE, reason="泄露")
    assert refused.value.code == "key_withdrawn"


def test_only_the_administrator_keeps_keys(cast: SimpleNamespace) -> None:
    keys.rotate(by=cast.admin, reason="更换")
    for user in (cast.officer, cast.auditor, cast.nobody):
        with pytest.raises(Refused) as refused:
            keys.rotate(by=user, reason="更换")
        assert refused.value.code == "not_allowed"


def test_a_key_set_is_read_back_and_a_false_one_is_not() -> None:
    keys.signer()
    document = keys.key_set(keys.trusted())
    assert keys.read_key_set(document) == keys.trusted()
    document["keys"][0]["kid"] = "another1"
    for bad in (document, {}, [], {"keys": [{"crv": "P-256"}]}, {"keys": ["x"]}):
        with pytest.raises(ValueError, match=r"no key set|none of ours"):
            keys.read_key_set(bad)


def test_the_key_id_is_the_thumbprint_of_rfc_8037() -> None:
    """RFC 8037 §A.3."""
    from tongxing.credentials.encodings import from_base64url

    public = from_base64url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
    assert keys.kid_of(public) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"[: keys.KID_LENGTH]


def test_a_database_backup_and_the_escrowed_ring_bring_the_key_back(tmp_path: Path, settings: Any) -> None:
    """What `tongxing backup --keys-only` wrote before a rotation opens the key that came after it."""
    keys.signer()
    for name, path in places.key_files():
        (tmp_path / Path(name).name).write_bytes(path.read_bytes())
        (tmp_path / Path(name).name).chmod(0o600)
    after = keys.rotate(by=COMMAND_LINE, reason="更换")
    settings.KEY_DIR = tmp_path
    assert keys.signer().kid == after.kid
    assert SigningKey._meta.db_table in connection.introspection.table_names()
