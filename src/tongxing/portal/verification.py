"""Public verification of a certificate: by number and name, or by the signed link of a QR code.

Nobody can walk through numbers: an unknown number and a wrong name give the same answer after the same work, and the rate is limited.
"""

from collections.abc import Sequence
from datetime import date
from hmac import compare_digest
from typing import NamedTuple

from tongxing.certificates import links
from tongxing.certificates.models import Certificate, CertificateStatus
from tongxing.core.errors import Refused
from tongxing.core.identifiers import squeeze
from tongxing.core.limits import allow, seconds_to_wait
from tongxing.credentials import keys, payload
from tongxing.credentials.payload import Claims, masked_name
from tongxing.policy import provisions
from tongxing.registry.models import Person

NOT_FOUND = "没有找到编号和姓名都一致的证书。请核对后重试；仍查不到时，请到国家官网查询，或向发证机构核实。"


NOBODY = "查无此人"
DAY = 24 * 3600


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


def allow_one(who: str) -> None:
    """Count one look-up by number and name of the address `who`: some in ten minutes, and no more than a provision says in a day."""
    allow("portal.verify", who, most=30, seconds=600)
    most = int(provisions.value("credentials.lookups_per_day"))
    if wait := seconds_to_wait("portal.verify_day", who, most=most, seconds=DAY):
        raise Refused(
            f"这个网络地址一天内已按编号和姓名查验 {most} 次，到了上限，约 {-(-wait // 3600)} 小时后恢复。"
            "现在可以扫证书登记摘录上的二维码，不计次数；要核对多人，请用“批量核验”。",
            code="too_many",
            status=429,
        )


def by_number_and_name(number: str, name: str) -> Certificate | None:
    """The certificate whose number and holder's name both agree, or None for either reason."""
    (row,) = looked_up([number])
    return row if row and agrees(row, number, name) else None


def looked_up(numbers: Sequence[str]) -> list[Certificate | None]:
    """A row for each number, with the annotation `holder`: its certificate, or where there is none some other one.

    So that an unknown number is read, made into an object and compared just as a known one is. Only an empty register gives None.
    """
    if not numbers:
        return []
    table, holder = Certificate._meta.db_table, Person._meta.db_table
    asked = ", ".join("(%s, %s)" for _ in numbers)
    statement = (
        f"WITH asked (place, number) AS (VALUES {asked}) "  # noqa: S608 - our own tables; what was typed goes in as parameters
        "SELECT c.id, c.uid, c.number, c.status, c.status_ground, c.status_on, c.level, c.issued_on, p.name AS holder, asked.place AS place "
        f"FROM asked JOIN {table} c ON c.id = COALESCE((SELECT k.id FROM {table} k WHERE k.number = asked.number), "
        f"(SELECT MIN(m.id) FROM {table} m)) JOIN {holder} p ON p.id = c.person_id"
    )
    typed = [value for place, number in enumerate(numbers) for value in (place, squeeze(number))]
    rows = {int(row.__dict__["place"]): row for row in Certificate.objects.raw(statement, typed)}
    return [rows.get(place) for place in range(len(numbers))]


def agrees(row: Certificate | None, number: str, name: str) -> bool:
    """Whether a row of `looked_up` is the one of this number, and its holder bears this name: both compared whatever the first one says."""
    known_number, known_name = (row.number, str(row.__dict__["holder"])) if row else ("", NOBODY)
    wanted = "".join(name.split())
    same_number = compare_digest(squeeze(number).encode(), known_number.encode())
    same_name = compare_digest(wanted.encode(), "".join(known_name.split()).encode())
    return same_number & same_name & bool(wanted) & (row is not None)


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
    found = links.by_signed_number(claims.number)
    if found is None:
        return Signed(claims, None, [])
    certificate, holder = found
    now = payload.claims_of(certificate, on=claims.made_on, holder=holder)
    same = {
        "姓名": now.name == claims.name,
        "等级": now.level == claims.level,
        "发证日期": now.issued_on == claims.issued_on,
        "评价机构": now.body_name == claims.body_name,
    }
    return Signed(claims, _shown(certificate, holder), [what for what, agreeing in same.items() if not agreeing])
