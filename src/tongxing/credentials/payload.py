"""What the QR code of an extract holds: the facts of a certificate, signed, so that the published key alone proves them, without a network.

The form is a compact JWS (RFC 7515) with EdDSA over Ed25519 (RFC 8037): any JOSE library reads it. `typ` names and numbers the version, so that no
other signed thing of this house passes for it (RFC 8725 §3.11). There is no ID number in it, and the name is masked.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tongxing.certificates.models import Certificate, Level
from tongxing.core.errors import Refused

from .encodings import base64url, from_base64url
from .keys import Signer, holds

VERSION = "txc1"
LONGEST, LONGEST_HEAD = 2_000, 200
PLACE = "/c/"
"""The path of the page that the code opens, before the signed text."""


class Claims(NamedTuple):
    """The signed facts. `made_on` is the day on which the register said so."""

    number: str
    name: str
    level: int
    issued_on: date
    body_name: str
    made_on: date
    kid: str = ""

    @property
    def level_name(self) -> str:
        return str(Level(self.level).label)


class Unproven(Refused):
    """The text is no signed certificate of ours; the message says why."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message, code=code, status=404)


def masked_name(name: str) -> str:
    """张三 -> 张*, 欧阳修远 -> 欧**远: enough to recognise, too little to learn."""
    return name[0] + "*" * (len(name) - 1) if len(name) < 3 else name[0] + "*" * (len(name) - 2) + name[-1]


def claims_of(certificate: Certificate, *, on: date, holder: str = "") -> Claims:
    """What the register says of a certificate on a day, as the public may know it; `holder` is the name, where it is at hand."""
    name = masked_name(holder or certificate.person.name)
    return Claims(certificate.number, name, certificate.level, certificate.issued_on, certificate.body_name, on)


def signed(claims: Claims, signer: Signer) -> str:
    """header.facts.signature, each in base64url."""
    head = {"alg": "EdDSA", "kid": signer.kid, "typ": VERSION}
    facts = [claims.number, claims.name, claims.level, claims.issued_on.isoformat(), claims.body_name, claims.made_on.isoformat()]
    text = f"{_part(head)}.{_part(facts)}"
    return f"{text}.{base64url(signer.sign(text.encode()))}"


def _part(value: Any) -> str:
    return base64url(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def address(base: str, text: str) -> str:
    """The address that the code holds: an ordinary scanner opens the page, an offline verifier reads what follows `PLACE`."""
    return f"{base.rstrip('/')}{PLACE}{text}"


def bare(text: str) -> str:
    """The signed text of what somebody pasted: the address of the code, or the text itself."""
    wanted = "".join(text.split())
    return urlsplit(wanted).path.rpartition(PLACE)[2] if "://" in wanted[:12] else wanted


def read(text: str, keys: Mapping[str, bytes]) -> Claims:
    """The facts, once the signature is proven with one of `keys`; raises Unproven otherwise."""
    parts = bare(text).split(".")
    if len(parts) != 3 or sum(map(len, parts)) > LONGEST or len(parts[0]) > LONGEST_HEAD:
        raise Unproven("这不是本系统的证书二维码内容。请重新扫描，把扫到的内容完整粘贴。", "no_payload")
    try:
        head, facts, signature = json.loads(from_base64url(parts[0])), from_base64url(parts[1]), from_base64url(parts[2])
    except ValueError:
        raise Unproven("二维码内容残缺或被改动，不能采信。请重新扫描。", "damaged") from None
    if not isinstance(head, dict) or head.get("alg") != "EdDSA" or head.get("typ") != VERSION:
        raise Unproven("不认识这种签名格式或版本。请用最新的离线核验页面，或在网上查验。", "unknown_version")
    public = keys.get(str(head.get("kid")))
    if public is None:
        raise Unproven("签名用的密钥不在公布的公钥里：可能是仿冒，也可能您的公钥清单过旧。请更新公钥清单或在网上查验。", "unknown_key")
    if not holds(public, signature, f"{parts[0]}.{parts[1]}".encode()):
        raise Unproven("签名不符：内容被改动过，或不是本机关签的，不能采信。", "bad_signature")
    number, name, level, issued_on, body_name, made_on = json.loads(facts)
    return Claims(number, name, level, date.fromisoformat(issued_on), body_name, date.fromisoformat(made_on), str(head["kid"]))
