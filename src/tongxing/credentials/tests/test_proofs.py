"""Data Integrity proofs, against the vector of Open Badges 3.0 and by altering what was signed."""

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tongxing.credentials.encodings import from_base58btc, from_multikey
from tongxing.credentials.keys import holds, kid_of
from tongxing.credentials.proofs import BadProof, check, hash_data, with_proof

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes_raw()
KID = kid_of(PUBLIC)
ISSUER = "did:web:hr.example.gov.cn"


def proven(document: dict[str, Any]) -> dict[str, Any]:
    return with_proof(document, sign=PRIVATE.sign, method=f"{document['issuer']}#{KID}", created="2026-11-23T00:00:00Z")


def code_of(document: dict[str, Any], keys: dict[str, bytes] | None = None) -> str:
    with pytest.raises(BadProof) as refused:
        check(document, {KID: PUBLIC} if keys is None else keys)
    return refused.value.code


DOCUMENT: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "issuer": ISSUER,
    "name": "四级",
    "n": [1, {"b": 2, "a": None}],
}


def test_what_is_signed_is_proven_whatever_the_order_of_its_names() -> None:
    made = proven(DOCUMENT)
    assert check(made, {KID: PUBLIC}) == KID
    assert check(dict(reversed(made.items())), {KID: PUBLIC}) == KID


def test_every_alteration_is_refused_and_says_which() -> None:
    made = proven(DOCUMENT)

    def altered(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
        copy = deepcopy(made)
        place: Any = copy
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        return copy

    assert code_of(altered(("name",), "三级")) == "bad_signature"
    assert code_of(altered(("more",), 1)) == "bad_signature"
    assert code_of(altered(("proof", "created"), "2026-11-24T00:00:00Z")) == "bad_signature"
    assert code_of(altered(("proof", "expires"), "2099-01-01T00:00:00Z")) == "bad_signature"
    assert code_of(altered(("proof", "proofValue"), "z" + "1" * 64)) == "bad_signature"
    assert code_of(altered(("proof", "proofValue"), "z0")) == "damaged"
    assert code_of(altered(("n",), 0.5)) == "damaged"
    assert code_of(altered(("proof", "proofPurpose"), "authentication")) == "bad_purpose"
    assert code_of(altered(("@context",), ["https://www.w3.org/ns/credentials/v2", "x"])) == "bad_purpose"
    assert code_of(altered(("issuer",), "did:web:elsewhere")) == "other_issuer"
    assert code_of(altered(("proof", "cryptosuite"), "eddsa-rdfc-2022")) == "no_proof"
    assert code_of(altered(("proof",), None)) == "no_proof"
    assert code_of(made, {}) == "unknown_key"


def test_the_vector_of_the_cryptosuite_is_hashed_and_proven() -> None:
    """W3C Data Integrity EdDSA Cryptosuites v1.0, appendix B.3: document, options, both digests, key and proof value as published there."""
    key = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
    contexts = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"]
    document = {
        "@context": contexts,
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "AlumniCredential"],
        "name": "Alumni Credential",
        "description": "A minimum viable example of an Alumni Credential.",
        "issuer": "https://vc.example/issuers/5678",
        "validFrom": "2023-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
    }
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": "2023-02-24T23:36:38Z",
        "verificationMethod": f"did:key:{key}#{key}",
        "proofPurpose": "assertionMethod",
        "@context": contexts,
    }
    digests = hash_data(document, options)
    assert digests[:32].hex() == "66ab154f5c2890a140cb8388a22a160454f80575f6eae09e5a097cabe539a1db"
    assert digests[32:].hex() == "59b7cb6251b8991add1ce0bc83107e3db9dbbab5bd2c28f687db1a03abc92f19"
    proof_value = "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX"
    assert holds(from_multikey(key), from_base58btc(proof_value[1:]), digests)


@pytest.mark.shared
def test_the_vector_of_open_badges_verifies_from_its_printed_hashes_on(shared: Path) -> None:
    """Its canonical texts do not hash to them (data/README.md), and it is the other EdDSA suite; key, encodings and signature are ours too."""
    place = shared / "data" / "credentials" / "ob3"
    page = (place / "linked-data-proof-ob.html").read_text(encoding="utf-8")
    printed = dict(re.findall(r"(Public key|Data to sign|Signature) \(hex\):?\s*(?:<[^>]*>|\s)*([0-9a-f]{64,})", page))
    proof = json.loads((place / "linked-data-proof-ob_3.json").read_text(encoding="utf-8"))["proof"]
    public = from_multikey(proof["verificationMethod"].rpartition("#")[2])
    assert public.hex() == printed["Public key"]
    assert from_base58btc(proof["proofValue"][1:]).hex() == printed["Signature"]
    assert holds(public, bytes.fromhex(printed["Signature"]), bytes.fromhex(printed["Data to sign"]))


@pytest.mark.shared
def test_every_good_example_of_the_w3c_can_be_signed_and_proven(shared: Path) -> None:
    files = sorted((shared / "data" / "credentials" / "vc2_inputs").glob("credential-*-ok.json"))
    for path in files:
        document = json.loads(path.read_text(encoding="utf-8"))
        named = document.setdefault("issuer", ISSUER)
        issuer = named.setdefault("id", ISSUER) if isinstance(named, dict) else named
        document.pop("proof", None)
        made = with_proof(document, sign=PRIVATE.sign, method=f"{issuer}#{KID}", created="2026-11-23T00:00:00Z")
        assert check(json.loads(json.dumps(made)), {KID: PUBLIC}) == KID, path.name
    assert len(files) > 30
