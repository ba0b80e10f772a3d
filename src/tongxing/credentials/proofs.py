"""Data Integrity proofs with the cryptosuite eddsa-jcs-2022 (W3C Data Integrity EdDSA Cryptosuites §3.3): sign and check a JSON document."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from tongxing.core.errors import Refused

from .canonical import canonical
from .encodings import base58btc, from_base58btc
from .keys import holds

SUITE = "eddsa-jcs-2022"
PURPOSE = "assertionMethod"


def hash_data(document: Mapping[str, Any], options: Mapping[str, Any]) -> bytes:
    """What is signed: the digest of the proof's options, then that of the document, both in their one spelling (RFC 8785)."""
    return sha256(canonical(dict(options))).digest() + sha256(canonical(dict(document))).digest()


def with_proof(document: dict[str, Any], *, sign: Callable[[bytes], bytes], method: str, created: str) -> dict[str, Any]:
    """The document with its proof; `method` is the address of the public key."""
    options: dict[str, Any] = {"type": "DataIntegrityProof", "cryptosuite": SUITE, "created": created}
    options |= {"verificationMethod": method, "proofPurpose": PURPOSE, "@context": document["@context"]}
    return document | {"proof": options | {"proofValue": "z" + base58btc(sign(hash_data(document, options)))}}


class BadProof(Refused):
    """The document's proof does not hold; the message says why."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message, code=code)


def check(document: Mapping[str, Any], keys: Mapping[str, bytes]) -> str:
    """The id of the key that proves the document; `keys` are public keys by id, the fragment of the verification method. Raises BadProof."""
    proof = document.get("proof")
    if not isinstance(proof, dict) or proof.get("type") != "DataIntegrityProof" or proof.get("cryptosuite") != SUITE:
        raise BadProof(f"文件没有 {SUITE} 签名，不是本机关出具的电子凭证。", "no_proof")
    if proof.get("proofPurpose") != PURPOSE or proof.get("@context", document.get("@context")) != document.get("@context"):
        raise BadProof("签名的用途或上下文与文件不符，不能采信。", "bad_purpose")
    issuer, _, kid = str(proof.get("verificationMethod")).rpartition("#")
    named = document.get("issuer")
    if issuer != (named.get("id") if isinstance(named, dict) else named):
        raise BadProof("签名的密钥不是文件所称签发者的，不能采信。", "other_issuer")
    if kid not in keys:
        raise BadProof("签名用的密钥不在公布的公钥里：可能是仿冒，也可能公钥清单过旧。", "unknown_key")
    try:
        signature = from_base58btc(str(proof.get("proofValue")).removeprefix("z"))
        unsigned = {name: value for name, value in document.items() if name != "proof"}
        message = hash_data(unsigned, {name: value for name, value in proof.items() if name != "proofValue"})
    except (ValueError, RecursionError):
        raise BadProof("文件里有不能核对的内容，不能采信。", "damaged") from None
    if not holds(keys[kid], signature, message):
        raise BadProof("签名不符：文件被改动过，不能采信。", "bad_signature")
    return kid
