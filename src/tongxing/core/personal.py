"""Recognising the numbers that belong to one person: resident ID (GB 11643), mobile phone, bank card.

Two ways of looking, for two ends. What people write is masked where such a number stands alone (`STANDING_ALONE`), because what is masked by
mistake is lost. What everybody will read is searched however a number is spaced, dashed or widened (`numbers_in`): there a doubt is asked back.
"""

import re
import unicodedata

from .identifiers import id_check_digit, luhn

_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_RESIDENT = rf"[1-9]\d{{5}}(?:19|20)\d{{2}}{_DAY}\d{{3}}[\dXx]"
_MOBILE = r"1[3-9]\d{9}"
# Neither a credit code nor a certificate number looks like them.
STANDING_ALONE = re.compile(rf"(?<![0-9A-Za-z])(?:{_RESIDENT}|{_MOBILE})(?![0-9A-Za-z])", re.ASCII)
_RUN = re.compile(r"[0-9](?:[ \t\u00a0\-.·]?[0-9Xx])+")
_OLD_RESIDENT = re.compile(rf"[1-9]\d{{7}}{_DAY}\d{{3}}")
_MOBILE_WITHIN = re.compile(rf"(?<!\d){_MOBILE}(?!\d)")


def numbers_in(text: str) -> dict[str, str]:
    """Number -> what it is, whatever blanks, dashes or full-width digits it is written with."""
    runs = _RUN.findall(unicodedata.normalize("NFKC", text))
    kinds = {digits: _kind_of(digits) for digits in (re.sub(r"[^0-9Xx]", "", run).upper() for run in runs)}
    return {digits: kind for digits, kind in kinds.items() if kind}


def _kind_of(digits: str) -> str:
    if re.fullmatch(_RESIDENT, digits) and (id_check_digit(digits[:17]) == digits[17] or _MOBILE_WITHIN.search(digits) is None):
        return "身份证号码"
    if len(digits) == 15 and _OLD_RESIDENT.fullmatch(digits):
        return "15 位身份证号码"
    if re.fullmatch(rf"(?:86)?{_MOBILE}", digits):
        return "手机号码"
    if 16 <= len(digits) <= 19 and digits.isdigit() and luhn(digits):
        return "银行卡号"
    return ""
