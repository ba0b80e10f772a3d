"""Judges of cells that several sheets of the register share. No database."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from operator import mul

from django.core.exceptions import ValidationError

from tongxing.core.identifiers import CREDIT_VALUE, CREDIT_WEIGHTS, clean_credit_code, clean_phone
from tongxing.core.values import clean_amount, clean_count, clean_date, clean_text, half_width, lacks_day
from tongxing.sheets.sheet import Verdict

_PLAIN = re.compile(r"[0-9A-Za-z\u3400-\u9fff（）()，、。·\-#&./:：]+")
_UNITS = {
    "亿元": Decimal(10_000),
    "亿": Decimal(10_000),
    "万元": Decimal(1),
    "万": Decimal(1),
    "千元": Decimal("0.1"),
    "元": Decimal("0.0001"),
}
_AMOUNT_UNIT = re.compile(r"(亿元|亿|万元|万|千元|元)$")
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,2})?", re.ASCII)
_CENT = Decimal("0.01")
_COUNT = re.compile(r"\d{1,7}", re.ASCII)
_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_CODE_WEIGHTS = (*CREDIT_WEIGHTS, 1)
_MOBILE = re.compile(r"1[3-9][0-9]{9}")


def credit_code(raw: str) -> str:
    """`clean_credit_code`, at once for a code that is written as it should be."""
    if _CODE.fullmatch(raw) and sum(map(mul, map(CREDIT_VALUE.__getitem__, raw), _CODE_WEIGHTS)) % 31 == 0:
        return raw
    return clean_credit_code(raw)


def text(longest: int, *, blanks: bool = False) -> Callable[[str], str]:
    """A judge for text of at most `longest` characters; what is plain already passes at once."""

    def judge(raw: str) -> str:
        if len(raw) <= longest and _PLAIN.fullmatch(raw):
            return raw
        return clean_text(raw, longest=longest, blanks=blanks)

    return judge


def count(raw: str) -> int:
    return int(raw) if _COUNT.fullmatch(raw) else clean_count(raw)


def amount(raw: str) -> Decimal:
    """An amount in 万元; a unit written into the cell (元, 亿元) is honoured."""
    if _NUMBER.fullmatch(raw):
        return Decimal(raw).quantize(_CENT)
    body = half_width(raw).strip()
    unit = _AMOUNT_UNIT.search(body)
    value = clean_amount(body[: unit.start()] if unit else body, places=6)
    return (value * _UNITS[unit[1]] if unit else value).quantize(Decimal("0.01"))


def in_unit(value: Decimal, unit: str) -> Decimal:
    """A heading's unit (营业收入（元）) applied to a value that was read as 万元."""
    return (value * _UNITS[unit]).quantize(Decimal("0.01")) if unit in _UNITS else value


def year(raw: str) -> int:
    """2024, 2024年, 2024年度."""
    digits = re.sub(r"年度?$|\.0+$", "", half_width(raw).strip())
    if not re.fullmatch(r"\d{4}", digits) or not 1990 <= int(digits) <= date.today().year + 1:
        raise ValidationError("数据年度应为四位年份，如 2025，请核对。", code="year_form")
    return int(digits)


def past_day(raw: str) -> date:
    """A day that is not in the future."""
    day = clean_date(raw)
    if day > date.today():
        raise ValidationError(f"日期 {day} 还没有到，请核对年月日。", code="date_future")
    return day


def past_day_or_month(raw: str) -> date:
    """A day that is not in the future; of a month without a day the first, which `doubt_first_of_month` says then."""
    return past_day(raw.strip().rstrip("月") + "-01" if lacks_day(raw) else raw)


def doubt_first_of_month(verdict: Verdict, heading: str, raw: str, day: date | None) -> None:
    """Tell that a month was written without a day; `day` is what stands for it."""
    if day is not None and lacks_day(raw):
        verdict.doubt(heading, "date_partial", f"没有写“日”，按 {day} 算，请核对。")


def phone(raw: str) -> str:
    """The first number when several stand in one cell (13800000000/0391-6633000)."""
    if _MOBILE.fullmatch(raw):
        return raw
    first = re.split(r"[/、;；,，]|\s{2,}", half_width(raw).strip().removesuffix(".0"), maxsplit=1)[0]
    return clean_phone(first)
