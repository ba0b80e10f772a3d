"""Chinese identifiers that more than one room judges: resident ID numbers (GB 11643) and unified social credit codes (GB 32100).

Each `clean_…` takes what people typed, returns the normal form, or raises ValidationError with a stable code and a Chinese message.
"""

import re
import unicodedata
from datetime import date
from operator import mul
from typing import NamedTuple

from django.core.exceptions import ValidationError

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECK = "10X98765432"
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_VALUE = {character: number for number, character in enumerate(CREDIT_ALPHABET)}
CREDIT_WEIGHTS = tuple(3**i % 31 for i in range(17))
PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)
_RESIDENT = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
_SPACES = re.compile(r"[\s\u00a0\u3000\u200b-\u200f\ufeff'’`]+")


class IdFacts(NamedTuple):
    """What a resident ID number says: the number itself, birth date, sex as GB/T 2261.1 (1 male, 2 female)."""

    number: str
    born: date
    sex: int


def squeeze(raw: str) -> str:
    """Half-width, upper-case, without blanks: the form in which codes and numbers are compared."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", raw)).upper()


def id_check_digit(first17: str) -> str:
    return ID_CHECK[sum(map(mul, map(int, first17), ID_WEIGHTS)) % 11]


def luhn(number: str) -> bool:
    """The check digit of card numbers (ISO/IEC 7812-1 annex B)."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def clean_resident_id(raw: str, *, today: date | None = None) -> IdFacts:
    """Judge an 18-digit resident ID number (GB 11643): form, province, birth date, check digit. 15-digit numbers are refused."""
    number = raw if _RESIDENT.fullmatch(raw) else squeeze(raw)
    if re.fullmatch(r"\d{15}", number):
        raise ValidationError("15 位旧身份证号已停用，请填写 18 位号码。", code="id_old")
    if not _RESIDENT.fullmatch(number):
        raise ValidationError(f"身份证号应为 18 位，现在是 {len(number)} 位，请对照证件核对。", code="id_form")
    if number[:2] not in PROVINCES:
        raise ValidationError("身份证号前两位不是有效的省份代码，请对照证件核对。", code="id_region")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise ValidationError("身份证号中的出生日期不存在，请对照证件核对。", code="id_birth") from None
    if not date(1900, 1, 1) <= born <= (today or date.today()):
        raise ValidationError("身份证号中的出生日期不在合理范围，请对照证件核对。", code="id_birth")
    if id_check_digit(number[:17]) != number[17]:
        raise ValidationError("身份证号校验位不符，通常是抄错了一位，请对照证件核对。", code="id_checksum")
    return IdFacts(number, born, 1 if int(number[16]) % 2 else 2)


def credit_check_character(first17: str) -> str:
    total = sum(CREDIT_VALUE[c] * weight for c, weight in zip(first17, CREDIT_WEIGHTS, strict=True))
    return CREDIT_ALPHABET[(31 - total % 31) % 31]


def clean_credit_code(raw: str) -> str:
    """Judge an 18-character unified social credit code (GB 32100): form, alphabet without I O S V Z, check character."""
    code = squeeze(raw)
    if len(code) != 18:
        raise ValidationError(f"统一社会信用代码应为 18 位，现在是 {len(code)} 位，请对照营业执照核对。", code="credit_form")
    strange = sorted(set(code) - set(CREDIT_ALPHABET))
    if strange:
        raise ValidationError(
            f"统一社会信用代码中不会出现“{'、'.join(strange)}”，常见是把 0、1 写成了 O、I，请对照营业执照核对。",
            code="credit_form",
        )
    if not code[2:8].isdigit():
        raise ValidationError("统一社会信用代码第 3 至 8 位应为行政区划数字，请对照营业执照核对。", code="credit_form")
    if credit_check_character(code[:17]) != code[17]:
        raise ValidationError("统一社会信用代码校验位不符，通常是抄错了一位，请对照营业执照核对。", code="credit_checksum")
    return code


def clean_phone(raw: str) -> str:
    """Judge a mainland mobile or fixed-line number; returns digits, with the area code's dash kept out."""
    number = re.sub(r"[-()（）+]", "", squeeze(raw))
    number = re.sub(r"^(0086|86)(?=1\d{10}$)", "", number)
    if re.fullmatch(r"1[3-9]\d{9}", number) or re.fullmatch(r"0\d{9,11}", number) or re.fullmatch(r"[2-9]\d{6,7}", number):
        return number
    raise ValidationError("电话应为 11 位手机号或带区号的座机号，请核对。", code="phone_form")
