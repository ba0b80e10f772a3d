"""Judges of single values."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.values import EXCEL_EPOCH, clean_amount, clean_count, clean_date, clean_text

DAYS = st.dates(date(1930, 1, 1), date(2150, 12, 31))


@given(DAYS)
def test_a_day_in_every_spelling_is_the_same_day(day: date) -> None:
    y, m, d = day.year, day.month, day.day
    spellings = [
        f"{y}-{m}-{d}",
        f"{y}/{m:02d}/{d:02d}",
        f"{y}.{m}.{d}",
        f"{y}年{m}月{d}日",
        f"{y} 年 {m} 月 {d} 号",
        f"{y}{m:02d}{d:02d}",
        f"{day.isoformat()} 00:00:00",
        "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in f"{y}-{m}-{d}"),
    ]
    assert {clean_date(spelling) for spelling in spellings} == {day}


@given(st.dates(date(1930, 1, 1), date(2099, 12, 31)))
def test_excels_serial_number_is_its_day(day: date) -> None:
    assert clean_date(str((day - EXCEL_EPOCH) / timedelta(days=1))) == day


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("2022年9月", "date_partial"),
        ("2022-02-30", "date_form"),
        ("去年", "date_form"),
        ("9/15/2022", "date_form"),
        ("0022-01-01", "date_range"),
    ],
)
def test_what_is_no_day_is_refused(raw: str, code: str) -> None:
    with pytest.raises(ValidationError) as fault:
        clean_date(raw)
    assert fault.value.code == code


@pytest.mark.parametrize(("raw", "count"), [("120", 120), ("120.0", 120), (" 1,200 人", 1200), ("１２０", 120), ("0", 0)])
def test_counts_as_people_write_them(raw: str, count: int) -> None:
    assert clean_count(raw) == count


@pytest.mark.parametrize(("raw", "code"), [("-3", "negative"), ("12.5", "count_form"), ("约100", "count_form"), ("9" * 12, "too_large")])
def test_what_is_no_count_is_refused(raw: str, code: str) -> None:
    with pytest.raises(ValidationError) as fault:
        clean_count(raw)
    assert fault.value.code == code


@pytest.mark.parametrize(("raw", "amount"), [("1,234.5", "1234.50"), ("３２００万元", "3200.00"), ("0", "0.00"), ("1e3", "1000.00")])
def test_amounts_as_people_write_them(raw: str, amount: str) -> None:
    assert clean_amount(raw) == Decimal(amount)


@pytest.mark.parametrize(
    ("raw", "code"), [("-1", "negative"), ("NaN", "amount_form"), ("Infinity", "amount_form"), ("三千", "amount_form")]
)
def test_what_is_no_amount_is_refused(raw: str, code: str) -> None:
    with pytest.raises(ValidationError) as fault:
        clean_amount(raw)
    assert fault.value.code == code


@given(st.text(max_size=60))
def test_text_is_cleaned_once_and_for_all(raw: str) -> None:
    try:
        text = clean_text(raw, longest=60)
    except ValidationError:
        return
    assert clean_text(text, longest=60) == text
    assert text == text.strip()


def test_blanks_inside_chinese_names_go() -> None:
    assert clean_text(" 张　 三 ", longest=10) == "张三"
    assert clean_text("ABB  Group", longest=10) == "ABB Group"


@pytest.mark.parametrize(("raw", "code"), [("坏\x00字", "control"), ("长" * 11, "too_long")])
def test_bad_text_is_refused(raw: str, code: str) -> None:
    with pytest.raises(ValidationError) as fault:
        clean_text(raw, longest=10)
    assert fault.value.code == code
