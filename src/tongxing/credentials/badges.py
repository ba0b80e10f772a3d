"""A certificate as Open Badges 3.0 (1EdTech), which is a W3C Verifiable Credential 2.0: for the holder, who hands it to whom he likes.

Of the holder it says no more than a salted digest of the name (OB 3.0, IdentityObject): whoever is given the file and knows the name can hold
one against the other; the file itself tells no name. Neither ID number nor birthday, employer or area stands in it.
"""

from datetime import datetime, time
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.audit.log import record
from tongxing.certificates.models import Certificate, CertificateStatus
from tongxing.core.access import insist
from tongxing.core.errors import Refused

from . import statuses
from .issuer import CONTEXT, did_of, moment
from .keys import signer
from .models import StatusEntry
from .proofs import with_proof
from .rules import can_hand_out

OB_CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CRITERIA = "经备案的评价机构按国家职业技能标准评价合格，由评价机构发证；本凭证由登记机关依登记册签发，以国家官网的查询结果为准。"


@transaction.atomic
def hand_out(certificate: Certificate, *, base: str, by: User) -> dict[str, Any]:
    """The signed credential of a valid certificate; its place in the status list stays the same at every download."""
    insist(can_hand_out(by, certificate))
    if certificate.status != CertificateStatus.VALID:
        raise Refused(f"证书 {certificate} 现在是“{certificate.get_status_display()}”，不再签发电子凭证。", code="not_valid")
    entry = statuses.entries_for([certificate])[certificate.pk]
    key, issuer, now = signer(), did_of(base), timezone.now()
    made = with_proof(document(certificate, entry, base), sign=key.sign, method=f"{issuer}#{key.kid}", created=moment(now))
    record("credentials.hand_out", by=by, of=certificate, area_code=certificate.person.area_id, after={"kid": key.kid})
    return made


def document(certificate: Certificate, entry: StatusEntry, base: str) -> dict[str, Any]:
    """The credential without its proof: the same for the same certificate and place."""
    return {
        "@context": [CONTEXT, OB_CONTEXT],
        "id": f"urn:uuid:{entry.uid}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": f"{certificate.get_kind_display()}：{certificate.get_level_display()}",
        "issuer": {"id": did_of(base), "type": ["Profile"], "name": settings.BUREAU_NAME, "url": f"{base}/"},
        "validFrom": moment(datetime.combine(certificate.issued_on, time(), timezone.get_default_timezone())),
        "credentialSubject": _subject(certificate, entry, base),
        "credentialStatus": _status(entry, base),
    }


def _subject(certificate: Certificate, entry: StatusEntry, base: str) -> dict[str, Any]:
    level = certificate.get_level_display()
    subject: dict[str, Any] = {
        "type": ["AchievementSubject"],
        "identifier": [_identity(certificate.person.name, str(entry.uid))],
        "licenseNumber": certificate.number,
        "achievement": {
            "id": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{base}/achievements/{certificate.kind}/{certificate.level}')}",
            "type": ["Achievement"],
            "achievementType": "Certification",
            "name": f"{certificate.occupation}（{level.partition('/')[0]}）",
            "description": f"{certificate.get_kind_display()}，职业：{certificate.occupation}，等级：{level}。",
            "criteria": {"narrative": CRITERIA},
        },
    }
    if certificate.body_name:
        body = uuid5(NAMESPACE_URL, f"{base}/bodies/{certificate.body_name}")
        subject["source"] = {"id": f"urn:uuid:{body}", "type": ["Profile"], "name": certificate.body_name}
    return subject


def _identity(name: str, salt: str) -> dict[str, Any]:
    digest = sha256(f"{''.join(name.split())}{salt}".encode()).hexdigest()
    return {"type": "IdentityObject", "hashed": True, "identityType": "name", "identityHash": f"sha256${digest}", "salt": salt}


def is_about(credential: dict[str, Any], name: str) -> bool:
    """Whether the credential's holder bears this name."""
    subject = credential.get("credentialSubject")
    known = subject.get("identifier") if isinstance(subject, dict) else None
    return any(_identity(name, str(one.get("salt"))) == one for one in known if isinstance(one, dict)) if isinstance(known, list) else False


def _status(entry: StatusEntry, base: str) -> dict[str, Any]:
    place = statuses.address(base, entry.list.number)
    return {
        "id": f"{place}#{entry.index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(entry.index),
        "statusListCredential": place,
    }
