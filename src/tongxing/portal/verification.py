"""Public verification of a certificate: by number and name, or by the signed link of a QR code.

Nobody can walk through numbers: an unknown number and a wrong name give the same answer after the same work, and the rate is limited.
"""

from datetime import date
from hmac import compare_digest
from typing import NamedTuple

from tongxing.certificates import links
from tongxing.certificates.models import Certificate, CertificateStatus
from tongxing.core.identifiers import squeeze
from tongxing.credentials import keys, payload
from tongxing.credentials.payload import Claims, masked_name

NOT_FOUND = "没有找到编号和姓名都一致的证书。请核对后重试；仍查不到时，请到国家官网查询，或向发证机构核实。"


NOBODY = "查无此人"


class PublicCertificate(NamedTuple):
    """What the public may know of a certificate."""

    number: str
    name: str
    occupation: str
    level: str
    issued_on: date
    body_name: str
    status: str
    tone: str
    reason: str
    status_on: date | None
    replaced_by: str


def _shown(certificate: Certificate, holder: str) -> PublicCertificate:
    tones = {CertificateStatus.VALID: "green", CertificateStatus.REPLACED: "amber", CertificateStatus.VOID: "red"}
    replacement = certificate.replaced_by
    return PublicCertificate(
        number=certificate.number,
        name=masked_name(holder),
        occupation=certificate.occupation,
        level=certificate.get_level_display(),
        issued_on=certificate.issued_on,
        body_name=certificate.body_name,
        status=certificate.get_status_display(),
        tone=tones[CertificateStatus(certificate.status)],
        reason=certificate.public_ground,
        status_on=certificate.status_on,
        replaced_by=f"…{replacement.number[-6:]}" if replacement else "",
    )


def by_number_and_name(number: str, name: str) -> Certificate | None:
    """The certificate whose number and holder's name both agree, or None for either reason."""
    found = Certificate.objects.select_related("person").filter(number=squeeze(number)).first()
    return found if agrees(name, found.person.name if found else None) and found else None


def agrees(name: str, held: str | None) -> bool:
    """Whether the name that was typed is the holder's. The same work is done where no certificate has the number (`held` is None)."""
    wanted, known = "".join(name.split()), "".join((held or NOBODY).split())
    return compare_digest(wanted.encode(), known.encode()) and bool(wanted) and held is not None


def by_token(token: str) -> PublicCertificate | None:
    """The certificate of a signed link, or None when the link was not made here."""
    found = links.by_token(token)
    return _shown(*found) if found else None


class Signed(NamedTuple):
    """What a signed code says, what the register says now, and in what the two differ."""

    claims: Claims
    found: PublicCertificate | None
    differs: list[str]


def by_signed(text: str) -> Signed:
    """The signed text of an extract's code (credentials/payload.py) against the register; raises Unproven when the signature does not hold."""
    claims = payload.read(text, keys.trusted())
    certificate = Certificate.objects.select_related("person", "replaced_by").filter(number=claims.number).first()
    if certificate is None:
        return Signed(claims, None, [])
    now = payload.claims_of(certificate, on=claims.made_on)
    pairs = (("姓名", now.name, claims.name), ("等级", now.level, claims.level), ("发证日期", now.issued_on, claims.issued_on))
    pairs += (("评价机构", now.body_name, claims.body_name),)
    return Signed(claims, _shown(certificate, certificate.person.name), [what for what, one, other in pairs if one != other])
