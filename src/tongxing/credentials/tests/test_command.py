"""`tongxing certificate verify`, with the register and wholly offline."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tongxing.audit.log import COMMAND_LINE
from tongxing.certificates.models import Certificate
from tongxing.certificates.register import void_certificate
from tongxing.cli.certificates import certificate
from tongxing.core.errors import Refused
from tongxing.credentials import keys, payload
from tongxing.credentials.badges import hand_out

from .scene import BASE, a_certificate


def verify(*arguments: str) -> tuple[int, dict[str, Any]]:
    result = run(*arguments, "--json")
    return result.return_value, json.loads(result.stdout)


def run(*arguments: str) -> Result:
    """The return value is what the group's caller turns into the exit code."""
    result = CliRunner().invoke(certificate, ["verify", *arguments], standalone_mode=False)
    if result.exception:
        raise result.exception
    return result


@pytest.fixture
def one(jiyuan: SimpleNamespace) -> Certificate:
    return a_certificate(jiyuan.kejing, name="欧阳修远")


def test_a_code_is_verified_with_the_state_of_the_register(one: Certificate, tmp_path: Path) -> None:
    text = payload.address(BASE, payload.signed(payload.claims_of(one, on=timezone.localdate()), keys.signer()))
    code, told = verify(text)
    assert (code, told["valid"], told["number"], told["holder"], told["status"]) == (0, True, one.number, "欧**远", "valid")
    (tmp_path / "code.txt").write_text(text)
    assert verify(str(tmp_path / "code.txt"))[0] == 0
    assert "登记册里的状态：有效。" in run(text).stdout
    assert verify(text[:-1] + ("A" if text[-1] != "A" else "Q"))[1]["code"] in {"damaged", "bad_signature"}
    void_certificate(one, by=COMMAND_LINE, reason="发证有误")
    code, told = verify(text)
    assert (code, told["proven"], told["status"]) == (1, True, "void")


def test_a_credential_is_verified_offline_with_downloaded_keys(cast: SimpleNamespace, one: Certificate, tmp_path: Path) -> None:
    file, key_file = tmp_path / "credential.json", tmp_path / "jwks.json"
    made = hand_out(one, base=BASE, by=cast.officer)
    file.write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
    key_file.write_text(json.dumps(keys.key_set(keys.trusted())))
    with CaptureQueriesContext(connection) as queries:
        code, told = verify(str(file), "--keys", str(key_file), "--name", "欧阳修远")
    assert len(queries) == 0
    assert (code, told["number"], told["name_agrees"]) == (0, one.number, True)
    assert verify(str(file), "--keys", str(key_file), "--name", "张三")[0] == 1
    file.write_text(json.dumps(made | {"name": "一级"}, ensure_ascii=False), encoding="utf-8")
    assert verify(str(file), "--keys", str(key_file))[1]["code"] == "bad_signature"
    file.write_text("{", encoding="utf-8")
    assert verify(str(file), "--keys", str(key_file))[1]["code"] == "damaged"


def test_what_is_no_key_set_is_refused(db: None, tmp_path: Path) -> None:
    bad = tmp_path / "keys.json"
    bad.write_text("[]")
    for keys_given in (bad, tmp_path / "absent.json"):
        with pytest.raises(Refused) as refused:
            run("x", "--keys", str(keys_given))
        assert refused.value.code == "no_keys"
