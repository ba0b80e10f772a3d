"""Certificate numbers (facts §2): the 22-character number of skill-level certificates and the 16 digits of the older qualification.

Pure functions without tables, so that form, API and sheet judge a number in one place.
22 characters: letter, body (4), province (2), site (6), year (2), level (1), serial (6); the first thirteen are the filing number of the
assessment body. Special and chief technicians carry a second letter, with the seven parts unchanged.
16 digits: year (2), province (2), city (2), kind of body (1), its number (3), level (1), serial (5).
"""

import re
from datetime import date
from typing import NamedTuple

from django.core.exceptions import ValidationError

from tongxing.core.identifiers import PROVINCES, squeeze

SKILL_LEVEL = "skill_level"
QUALIFICATION = "qualification"
LETTERS = {"Y": "用人单位", "S": "社会培训评价组织", "J": "技工院校"}
OLD_BODIES = "01234"
TOP_LEVELS = {"T": "特级技师", "S": "首席技师"}
_NEW = re.compile(r"[A-Z](?:\d{21}|[A-Z]\d{20}|\d{14}[A-Z]\d{6})", re.ASCII)
_OLD = re.compile(r"\d{16}", re.ASCII)


class NumberFacts(NamedTuple):
    """What a number says. `level` is None for special and chief technicians; `letter` and `body_code` are empty in the old number."""

    number: str
    kind: str
    letter: str
    body_code: str
    year: int
    level: int | None
    serial: str
    province: str


class Problem(NamedTuple):
    """One contradiction between a number and what stands beside it. `field` names the form field and the sheet column."""

    field: str
    code: str
    message: str


def read_number(raw: str, *, today: date | None = None) -> NumberFacts:
    """Judge a certificate number and take it apart; raises ValidationError (certificate_form, _province, _level, _year, _serial)."""
    number = squeeze(raw).replace("-", "").removeprefix("NO.").removeprefix("编号:")
    if _OLD.fullmatch(number):
        return _judged(_read_old(number), today)
    if _NEW.fullmatch(number):
        return _judged(_read_new(number), today)
    raise ValidationError(_why_not(number), code="certificate_form")


def _read_new(number: str) -> NumberFacts:
    level = None if number[15] in TOP_LEVELS else _digit(number[15])
    return NumberFacts(number, SKILL_LEVEL, number[0], number[:13], 2000 + int(number[13:15]), level, number[16:], number[5:7])


def _read_old(number: str) -> NumberFacts:
    if number[6] not in OLD_BODIES:
        raise ValidationError("16 位职业资格证书编号第 7 位（机构类别）应为 0 至 4，请对照证书核对。", code="certificate_form")
    short = int(number[:2])
    # The old qualification began in the 1990s and ended in 2020: two digits from 90 on mean the last century.
    year = 1900 + short if short >= 90 else 2000 + short
    return NumberFacts(number, QUALIFICATION, "", "", year, _digit(number[10]), number[11:], number[2:4])


def _digit(character: str) -> int:
    if character not in "12345":
        raise ValidationError(f"证书编号中的等级位是“{character}”，应为 1 至 5，请对照证书核对。", code="certificate_level")
    return int(character)


def _judged(facts: NumberFacts, today: date | None) -> NumberFacts:
    if facts.province not in PROVINCES:
        raise ValidationError(f"证书编号中的省份代码“{facts.province}”不存在，请对照证书核对。", code="certificate_province")
    if facts.year > (today or date.today()).year:
        raise ValidationError(f"证书编号中的年份是 {facts.year} 年，还没有到，请对照证书核对。", code="certificate_year")
    if not int(facts.serial):
        raise ValidationError("证书编号末尾的流水号从 1 开始，不会全为 0，请对照证书核对。", code="certificate_serial")
    return facts


def _why_not(number: str) -> str:
    if re.fullmatch(r"\d(\.\d+)?E\+?\d+", number):
        return "证书编号被表格软件改成了科学计数法，末尾数字已丢失，请把单元格设为文本后重新填写。"
    if re.fullmatch(r"[A-Z][\dIOLZ]{21}", number) or re.fullmatch(r"[\dIOLZ]{16}", number):
        strange = "、".join(sorted({character for character in number[1:] if not character.isdigit()}))
        return f"证书编号中不会出现字母“{strange}”，常见是把 0、1、2 写成了 O、I、Z，请对照证书核对。"
    return f"证书编号应为 1 个字母加 21 位数字（职业技能等级证书），或 16 位数字（职业资格证书），现在是 {len(number)} 位，请对照证书核对。"


def cross_check(facts: NumberFacts, level: int | None, issued_on: date | None, filed: list[str] | tuple[str, ...] = ()) -> list[Problem]:
    """Contradictions between the number and level, day of issue and `filed`, the body's 13-character filing numbers; [] when all agrees.

    Level and year stand in both kinds of number; a filing number only in the 22 characters.
    """
    problems = []
    if level is not None and facts.level != level:
        said = f"{facts.level} 级" if facts.level else "特级或首席技师"
        problems.append(
            Problem("level", "certificate_level_differs", f"编号中的等级是 {said}，填写的是 {level} 级，请对照证书更正其中一个。")
        )
    if issued_on is not None and facts.year != issued_on.year:
        message = f"编号中的年份是 {facts.year} 年，发证日期是 {issued_on:%Y-%m-%d}，请对照证书更正其中一个。"
        problems.append(Problem("issued_on", "certificate_year_differs", message))
    numbers = [squeeze(number) for number in filed]
    if numbers and facts.body_code and facts.body_code not in numbers:
        message = f"编号前 13 位是 {facts.body_code}，该评价机构的备案号是 {'、'.join(numbers)}，请核对编号或评价机构。"
        problems.append(Problem("body", "certificate_body_differs", message))
    if facts.letter and facts.letter not in LETTERS:
        message = f"编号首字母“{facts.letter}”不是常见的机构类别（{'、'.join(LETTERS)}），请对照证书核对。"
        problems.append(Problem("number", "certificate_letter", message))
    return problems


def name_differs(body_code: str, registered: str, written: str) -> Problem:
    """The number names one body by its filing number, the paper's words name another."""
    message = f"编号前 13 位 {body_code} 是“{registered}”的备案号，填写的评价机构是“{written}”，请对照证书核对编号或评价机构。"
    return Problem("body_name", "certificate_body_differs", message)
