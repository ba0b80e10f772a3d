"""Identity documents: each kind judged by its own rule, and the blind indexes by which one person is found once.

Pure except for the index key, so that form, API, sheet and search agree on one number (design §4.5).
"""

import re
from datetime import date
from typing import NamedTuple

from django.core.exceptions import ValidationError

from tongxing.core.identifiers import clean_resident_id, id_check_digit, squeeze
from tongxing.core.vault import blind_index, mask

from .models.people import IdType

RESIDENCE_PREFIXES = ("810000", "820000", "830000")
YOUNGEST = 16


class DocumentFacts(NamedTuple):
    """The number in normal form, and what it says of birth date and sex (None and 0 where it says nothing)."""

    number: str
    born_on: date | None = None
    sex: int = 0


def clean_document(id_type: str, raw: str, *, today: date | None = None) -> DocumentFacts:
    """Judge the number of a document of `id_type`; raises ValidationError (id_…, document_form, document_type)."""
    if id_type in {IdType.RESIDENT, IdType.RESIDENCE}:
        return _by_gb11643(id_type, raw, today)
    number = re.sub(r"[()（）-]", "", squeeze(raw))
    if id_type == IdType.FOREIGN:
        return _foreign(number, today)
    pattern, hint = {
        IdType.PASSPORT: (r"(?=.*[0-9])[A-Z0-9]{5,15}", "护照号码应为 5 至 15 位字母和数字"),
        IdType.HK_MACAU: (r"[HM][0-9]{8}([0-9]{2})?", "港澳居民来往内地通行证号码应为 H 或 M 加 8 位数字"),
        IdType.TAIWAN: (r"[0-9]{8}|[0-9]{10}[A-Z]?", "台湾居民来往大陆通行证号码应为 8 位数字"),
    }[IdType(id_type)]
    if not re.fullmatch(pattern, number):
        raise ValidationError(f"{hint}，现在是“{mask(number[:20], 2, 2)}”，请对照证件核对。", code="document_form")
    return DocumentFacts(number)


def _by_gb11643(id_type: str, raw: str, today: date | None) -> DocumentFacts:
    facts = clean_resident_id(raw, today=today)
    permit = facts.number.startswith(RESIDENCE_PREFIXES)
    if permit and id_type == IdType.RESIDENT:
        raise ValidationError("这是港澳台居民居住证号码，请把证件类型改为“港澳台居民居住证”。", code="document_type")
    if not permit and id_type == IdType.RESIDENCE:
        raise ValidationError("港澳台居民居住证号码以 810000、820000 或 830000 开头，请核对证件类型。", code="document_type")
    return DocumentFacts(facts.number, facts.born, facts.sex)


def _foreign(number: str, today: date | None) -> DocumentFacts:
    """Permanent residence card of a foreigner: 18 digits from 9 on since 2023, before that three letters and twelve digits."""
    if re.fullmatch(r"[A-Z]{3}[0-9]{12}", number):
        return DocumentFacts(number)
    if not re.fullmatch(r"9[0-9]{16}[0-9X]", number):
        raise ValidationError("外国人永久居留身份证号码应为 9 开头的 18 位，或 3 个字母加 12 位数字，请核对。", code="document_form")
    if id_check_digit(number[:17]) != number[17]:
        raise ValidationError("外国人永久居留身份证号码校验位不符，通常是抄错了一位，请对照证件核对。", code="id_checksum")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise ValidationError("证件号码中的出生日期不存在，请对照证件核对。", code="id_birth") from None
    if not date(1900, 1, 1) <= born <= (today or date.today()):
        raise ValidationError("证件号码中的出生日期不在合理范围，请对照证件核对。", code="id_birth")
    return DocumentFacts(number, born, 1 if int(number[16]) % 2 else 2)


def id_index(number: str) -> str:
    """Blind index of a document number in normal form; empty stays empty."""
    return blind_index(number, "person.id")


def phone_index(phone: str) -> str:
    """Blind index of a phone number as `clean_phone` gives it; empty stays empty."""
    return blind_index(phone, "person.phone")


def turns_sixteen(born_on: date) -> date:
    """The day from which a person may work (劳动法 art. 15)."""
    day = 28 if (born_on.month, born_on.day) == (2, 29) else born_on.day
    return born_on.replace(year=born_on.year + YOUNGEST, day=day)
