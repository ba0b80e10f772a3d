"""The certificate as Open Badges 3.0."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from tongxing.audit.log import COMMAND_LINE
from tongxing.certificates.register import void_certificate
from tongxing.core.errors import Refused
from tongxing.credentials import keys
from tongxing.credentials.badges import OB_CONTEXT, hand_out, is_about
from tongxing.credentials.issuer import did_document, did_of
from tongxing.credentials.models import StatusEntry
from tongxing.credentials.proofs import check

from .scene import BASE, a_certificate

pytestmark = pytest.mark.django_db


def test_the_credential_is_proven_and_tells_no_more_than_it_must(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    one = a_certificate(jiyuan.kejing, name="欧阳修远")
    made = json.loads(json.dumps(hand_out(one, base=BASE, by=cast.officer)))
    assert check(made, keys.trusted()) == keys.signer().kid
    text = json.dumps(made, ensure_ascii=False)
    for private in ("欧阳修远", one.person.id_number or "no id", "克井镇"):
        assert private not in text
    assert made["credentialSubject"]["licenseNumber"] == one.number
    assert made["validFrom"] == "2023-05-31T16:00:00Z"
    assert is_about(made, "欧阳 修远")
    assert not is_about(made, "欧阳修")
    entry = StatusEntry.objects.get()
    assert made["credentialStatus"]["statusListIndex"] == str(entry.index)


def test_a_second_download_keeps_id_and_place(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    one = a_certificate(jiyuan.kejing)
    first, second = (hand_out(one, base=BASE, by=cast.officer) for _ in range(2))
    assert (first["id"], first["credentialStatus"]) == (second["id"], second["credentialStatus"])


def test_only_the_holder_and_the_officers_of_the_area_get_it(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    one = a_certificate(jiyuan.kejing)
    cast.coordinator.person_id = one.person_id
    cast.coordinator.save(update_fields=["person_id"])
    for user, allowed in ((cast.coordinator, True), (cast.township, True), (cast.other, False), (cast.leader, False), (cast.nobody, False)):
        if allowed:
            assert hand_out(one, base=BASE, by=user)["proof"]
        else:
            with pytest.raises(Refused) as refused:
                hand_out(one, base=BASE, by=user)
            assert refused.value.code == "not_allowed"


def test_a_certificate_that_ended_gets_none(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    one = void_certificate(a_certificate(jiyuan.kejing), by=COMMAND_LINE, reason="发证有误")
    with pytest.raises(Refused) as refused:
        hand_out(one, base=BASE, by=cast.officer)
    assert refused.value.code == "not_valid"


def test_the_issuer_is_the_host_as_did_web() -> None:
    assert did_of(BASE) == "did:web:hr.example.gov.cn"
    assert did_of("https://hr.example.gov.cn:8443/tongxing") == "did:web:hr.example.gov.cn%3A8443:tongxing"
    key = keys.signer()
    document = did_document(BASE, keys.trusted())
    assert document["assertionMethod"] == [f"did:web:hr.example.gov.cn#{key.kid}"]


@pytest.mark.shared
def test_it_has_the_shape_of_the_standards_example(cast: SimpleNamespace, jiyuan: SimpleNamespace, shared: Path) -> None:
    """Every member that the basic example of OB 3.0 has stands in ours with the same type; every term of ours is one of its context."""
    place = shared / "data" / "credentials" / "ob3"
    example = json.loads((place / "basicOpenBadgeCredential.json").read_text(encoding="utf-8"))
    made = hand_out(a_certificate(jiyuan.kejing), base=BASE, by=cast.officer)
    assert made["@context"] == example["@context"]
    assert made["type"] == example["type"]
    assert example.keys() <= made.keys()
    assert example["issuer"].keys() <= made["issuer"].keys()
    assert example["credentialSubject"]["achievement"].keys() <= made["credentialSubject"]["achievement"].keys()
    assert OB_CONTEXT.endswith("context-3.0.3.json")
    terms = (place / "context-3.0.3.json").read_text(encoding="utf-8")
    subject = made["credentialSubject"]
    used = {*subject, *subject["achievement"], *subject["identifier"][0], *made["issuer"]} - {"id", "type", "name", "description", "url"}
    assert sorted(term for term in used if f'"{term}"' not in terms) == []
