"""Judges of the cells that only a sheet of attendance has: which session, when, who by number, and how somebody attended. No database."""

import re
from contextlib import suppress
from datetime import date, time
from typing import NamedTuple

from django.core.exceptions import ValidationError

from tongxing.core.values import clean_date, clean_text, half_width
from tongxing.training.models import AttendanceState

STATES = {label: str(value) for value, label in AttendanceState.choices} | {
    "√": "present", "出勤": "present", "正常": "present", "已到": "present", "已签到": "present",
    "△": "late", "○": "leave", "事假": "leave", "病假": "leave", "公假": "leave",
    "×": "absent", "旷课": "absent", "缺勤": "absent", "未到": "absent",
}  # fmt: skip
_NUMBER = re.compile(r"第?\s*(\d{1,3})(?:\.0+)?\s*[次节讲]?课?次?")
_TIME = r"(\d{1,2}[:.]\d{2}(?::\d{2})?)"
# The end of the session may stand behind its beginning: 2026-11-03 08:30–11:30.
_MOMENT = re.compile(rf"(.*\d[日号]?)(?:\s+|T|(?<=[日号])){_TIME}(?:\s*[-–—~至到]\s*{_TIME})?")
_PART_OF_DAY = re.compile(r"(\d{5})(0?\.\d+)")


class When(NamedTuple):
    """A session as a line names it: by its number in the class, or by its day and, where there are several, the time it begins."""

    number: int | None = None
    on: date | None = None
    begins: time | None = None

    def __bool__(self) -> bool:
        return self.number is not None or self.on is not None


def clean_session(raw: str) -> When:
    """3, 第3次; 2026-11-03 08:30, 2026年11月3日 8:30–11:30, or a day alone."""
    text = half_width(clean_text(raw, longest=60, blanks=True))
    if (found := _NUMBER.fullmatch(text)) and int(found[1]):
        return When(int(found[1]))
    if found := _PART_OF_DAY.fullmatch(text):
        return When(on=clean_date(found[1]), begins=read_time(found[2]))
    if found := _MOMENT.fullmatch(text):
        return When(on=clean_date(found[1]), begins=read_time(found[2]))
    try:
        return When(on=clean_date(text))
    except ValidationError:
        words = "课次看不懂，请写第几次课（例如 3），或上课日期和开始时间（例如 2026-11-03 08:30）。"
        raise ValidationError(words, code="session_form") from None


def read_time(raw: str) -> time:
    """08:30, 8：30, 8.30, 08:30:00, 08:30-11:30, or a spreadsheet's part of a day (0.354166)."""
    text = re.split(r"[-–—~至到]", half_width(raw).strip())[0].strip()
    # 0.25 is a quarter of a day, 8.30 half past eight.
    colons = re.sub(r"^([1-9]\d?)\.(\d{2})$", r"\1:\2", text)
    if clock := re.fullmatch(r"(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?", colons):
        with suppress(ValueError):
            return time(int(clock[1]), int(clock[2]), int(clock[3] or 0))
    if not re.fullmatch(r"\d{0,5}\.\d+", text):
        raise ValidationError("开始时间看不懂，请写成 08:30 这样的形式。", code="time_form")
    minutes = round(float(text) % 1 * 24 * 60)
    return time(minutes // 60 % 24, minutes % 60)


def clean_serial(raw: str) -> int:
    text = half_width(raw).strip().removesuffix(".0")
    if not text.isdecimal() or len(text) > 5:
        raise ValidationError("学号是录取时给的班内号码，应为不超过 5 位的整数，请核对。", code="serial")
    return int(text)


def clean_state(raw: str) -> str:
    text = clean_text(raw, longest=20)
    if text not in STATES:
        raise ValidationError(f"“{text}”看不懂，请写到课、迟到、请假或缺课。", code="state")
    return STATES[text]


def clean_class(raw: str) -> str:
    return half_width(clean_text(raw, longest=16)).removesuffix(".0")
