"""Numbers of certificates, old and new (facts §2)."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tongxing.certificates.numbers import cross_check, read_number
from tongxing.core.identifiers import PROVINCES

TODAY = date(2026, 11, 22)


NEW_PARTS = st.fixed_dictionaries(
    {
        "letter": st.sampled_from("YSJ"),
        "body": st.integers(0, 9999),
        "province": st.sampled_from(sorted(PROVINCES)),
        "site": st.integers(0, 999_999),
        "year": st.integers(2019, 2026),
        "level": st.integers(1, 5),
        "serial": st.integers(1, 999_999),
    }
)


@given(NEW_PARTS)
def test_every_well_formed_new_number_comes_apart_and_agrees_with_itself(parts: dict[str, Any]) -> None:
    year, level = parts["year"], parts["level"]
    number = "{letter}{body:04d}{province}{site:06d}{short}{level}{serial:06d}".format(short=year % 100, **parts)
    facts = read_number(f" {number.lower()[:9]} {number.lower()[9:]} ", today=TODAY)
    assert facts == (number, "skill_level", parts["letter"], number[:13], year, level, number[16:], parts["province"])
    assert cross_check(facts, level, date(year, 6, 1), [number[:13]]) == []


@given(st.integers(0, 20), st.sampled_from(sorted(PROVINCES)), st.integers(0, 4), st.integers(1, 5), st.integers(1, 99_999))
def test_every_well_formed_old_number_comes_apart(year: int, province: str, kind: int, level: int, serial: int) -> None:
    number = f"{year:02d}{province}00{kind}003{level}{serial:05d}"
    facts = read_number(number, today=TODAY)
    assert facts == (number, "qualification", "", "", 2000 + year, level, f"{serial:05d}", province)


@given(st.text(max_size=30) | st.text("YSJ0123456789 -", min_size=14, max_size=24))
def test_any_text_is_read_or_refused_with_a_code(raw: str) -> None:
    try:
        length, code = len(read_number(raw, today=TODAY).number), "certificate_"
    except ValidationError as error:
        length, code = 22, error.code or ""
    assert (length in {16, 22}, code.startswith("certificate_")) == (True, True)


def test_last_century_and_second_letters_are_read() -> None:
    assert read_number("9841000001300012").year == 1998
    assert read_number("S00004100001223T000001").level is None
    assert read_number("SA0004100001223400001"[:13] + "233000001").level == 3


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "certificate_form"),
        ("S00004100001222300000", "certificate_form"),
        ("S000041000012O23000001", "certificate_form"),
        ("1.12E+15", "certificate_form"),
        ("S000099000012223000001", "certificate_province"),
        ("S000041000012226000001", "certificate_level"),
        ("S000041000012223000000", "certificate_serial"),
        ("S000041000012993000001", "certificate_year"),
        ("1241009003300012", "certificate_form"),
    ],
)
def test_wrong_numbers_are_refused(raw: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_number(raw, today=TODAY)
    assert refused.value.code == code


def test_contradictions_are_named() -> None:
    facts = read_number("X000041000012223000001", today=TODAY)
    problems = cross_check(facts, 2, date(2023, 1, 1), ["S000041000099"])
    assert [(p.field, p.code) for p in problems] == [
        ("level", "certificate_level_differs"),
        ("issued_on", "certificate_year_differs"),
        ("body", "certificate_body_differs"),
        ("number", "certificate_letter"),
    ]
