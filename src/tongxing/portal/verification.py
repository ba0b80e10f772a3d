"""Public verification of a certificate: by number and name, or by the signed link of a QR code.

Nobody can walk through numbers: an unknown number and a wrong name give the same answer after the same work, and the rate is limited.
"""

from datetime import date
from typing import NamedTuple

from tongxing.certificates import links
from tongxing.certificates.models import Certificate, CertificateStatus
from tongxing.core.identifiers import squeeze

NOT_FOUND = "没有找到编号和姓名都一致的证书。请核对后重试；仍查不到时，请到国家官网查询，或向发证机构核实。"


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


def masked_name(name: str) -> str:
    """张三 -> 张*, 欧阳修远 -> 欧**远: enough to recognise, too little to learn."""
    return name[0] + "*" * (len(name) - 1) if len(name) < 3 else name[0] + "*" * (len(name) - 2) + name[-1]


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
        reason=certificate.status_reason,
        status_on=certificate.status_on,
        replaced_by=f"…{replacement.number[-6:]}" if replacement else "",
    )


def by_number_and_name(number: str, name: str) -> Certificate | None:
    """The certificate whose number and holder's name both agree, or None for either reason."""
    wanted = "".join(name.split())
    found = Certificate.objects.select_related("person").filter(number=squeeze(number)).first()
    return found if found and wanted and "".join(found.person.name.split()) == wanted else None


def by_token(token: str) -> PublicCertificate | None:
    """The certificate of a signed link, or None when the link was not made here."""
    found = links.by_token(token)
    return _shown(*found) if found else None
