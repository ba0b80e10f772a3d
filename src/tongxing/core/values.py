"""Small functions that judge one value each; the model's validators, the form, the API and the sheet all call the same ones.

They take what people typed (or what a spreadsheet cell held as text) and return the value, or raise ValidationError with a stable code
and a Chinese message that says what to do.
"""

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError

EXCEL_EPOCH = date(1899, 12, 30)
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[ T]00:00(?::00(?:\.0+)?)?)?")
_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_BLANKS = re.compile(r"[\s\u00a0\u3000\u200b-\u200f\ufeff]+")
YES, NO = frozenset({"是", "有", "√", "对", "Y", "1"}), frozenset({"否", "无", "×", "不是", "N", "0"})


def half_width(raw: str) -> str:
    """Full-width digits, letters and blanks to half-width; Chinese punctuation becomes its half-width twin."""
    return unicodedata.normalize("NFKC", raw)


def clean_text(raw: str, *, longest: int, blanks: bool = False) -> str:
    """Trim, fold runs of blanks (none at all between Chinese characters unless `blanks`), refuse control characters and over-long text."""
    if _CONTROL.search(raw):
        raise ValidationError("含有看不见的控制字符，请删除后重新输入。", code="control")
    text = _BLANKS.sub(" ", raw).strip()
    if not blanks:
        text = re.sub(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])", "", text)
    if len(text) > longest:
        raise ValidationError(f"最多 {longest} 个字，现在是 {len(text)} 个，请缩短。", code="too_long")
    return text


def clean_date(raw: str) -> date:
    """A day as people write it: 2022-09-15, 2022/9/15, 2022.9.15, 2022年9月15日, 20220915, or Excel's serial number."""
    text = half_width(raw).strip()
    if (match := _DATE.fullmatch(text)) or (match := re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)):
        parts = match.groups()
    elif re.fullmatch(r"\d{5}(\.0+)?", text):
        return EXCEL_EPOCH + timedelta(days=int(float(text)))
    elif _MONTH.fullmatch(text):
        raise ValidationError("日期缺少“日”，请补全为 2022-09-15 这样的形式。", code="date_partial")
    else:
        raise ValidationError("日期看不懂，请写成 2022-09-15 或 2022年9月15日。", code="date_form")
    try:
        day = date(*(int(part) for part in parts))
    except ValueError:
        raise ValidationError("这一天不存在，请核对年月日。", code="date_form") from None
    if not 1900 <= day.year <= 2199:
        raise ValidationError("年份不在合理范围，请核对。", code="date_range")
    return day


def lacks_day(raw: str) -> bool:
    """Whether this is a year and a month without a day: 2023年5月, 2023.05."""
    return bool(_MONTH.fullmatch(half_width(raw).strip()))


def clean_yes_no(raw: str) -> bool:
    """Yes or no as people write it into a cell."""
    text = clean_text(raw, longest=6).upper()
    if text not in YES | NO:
        raise ValidationError("请填“是”或“否”。", code="yes_no")
    return text in YES


def clean_count(raw: str, *, most: int = 100_000_000) -> int:
    """A whole number of people or things: 120, 120.0, 1,200, １２０, 120人. Refuses fractions and negative numbers."""
    text = re.sub(r"[,，\s]|人$|名$|家$", "", half_width(raw).strip())
    if re.fullmatch(r"-\d+(\.0+)?", text):
        raise ValidationError("数量不能为负数，请核对。", code="negative")
    if not re.fullmatch(r"\d+(\.0+)?", text):
        raise ValidationError("应为整数，请只填数字。", code="count_form")
    value = int(text.split(".")[0])
    if value > most:
        raise ValidationError(f"数值超过 {most:,}，请核对单位。", code="too_large")
    return value


def clean_amount(raw: str, *, places: int = 2, most: Decimal = Decimal("1e12")) -> Decimal:
    """A non-negative amount in the unit of its heading (mostly 万元): 1,234.5, 1234.50万元, １２３４."""
    text = re.sub(r"[,，\s]|万元$|元$", "", half_width(raw).strip())
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValidationError("应为数字，请去掉文字后重填。", code="amount_form") from None
    if not value.is_finite():
        raise ValidationError("应为数字，请去掉文字后重填。", code="amount_form")
    if value < 0:
        raise ValidationError("金额不能为负数，请核对。", code="negative")
    if value > most:
        raise ValidationError("金额太大，请核对单位（这里按万元填）。", code="too_large")
    return value.quantize(Decimal(1).scaleb(-places))
