"""Number checks: GB 11643 and GB 32100."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from hypothesis import assume, given
from hypothesis import strategies as st

from tongxing.core.identifiers import (
    CREDIT_ALPHABET,
    clean_credit_code,
    clean_phone,
    clean_resident_id,
    credit_check_character,
    id_check_digit,
)

BORN = st.dates(date(1930, 1, 1), date(2010, 12, 31))


@st.composite
def resident_ids(draw: st.DrawFn) -> tuple[str, date, int]:
    born, serial = draw(BORN), draw(st.integers(0, 999))
    first17 = f"410105{born:%Y%m%d}{serial:03d}"
    return first17 + id_check_digit(first17), born, 1 if serial % 2 else 2


@st.composite
def credit_codes(draw: st.DrawFn) -> str:
    body = draw(st.text(CREDIT_ALPHABET, min_size=9, max_size=9))
    first17 = f"91410{draw(st.integers(100, 999))}{body}"
    return first17 + credit_check_character(first17)


@given(resident_ids())
def test_a_right_number_tells_birth_date_and_sex(known: tuple[str, date, int]) -> None:
    number, born, sex = known
    assert clean_resident_id(f" {number[:6]} {number[6:].lower()} ") == (number, born, sex)


@given(resident_ids(), st.integers(0, 17), st.integers(0, 9))
def test_one_wrong_digit_never_passes(known: tuple[str, date, int], place: int, digit: int) -> None:
    number = known[0]
    assume(number[place] != str(digit))
    with pytest.raises(ValidationError):
        clean_resident_id(number[:place] + str(digit) + number[place + 1 :])


@given(resident_ids(), st.integers(0, 16))
def test_two_swapped_neighbours_never_pass(known: tuple[str, date, int], place: int) -> None:
    number = known[0]
    assume(number[place] != number[place + 1])
    with pytest.raises(ValidationError):
        clean_resident_id(number[:place] + number[place + 1] + number[place] + number[place + 2 :])


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("410105800101123", "id_old"),
        ("41010519800101", "id_form"),
        ("4.10105198001E+17", "id_form"),
        ("990105198001011234", "id_region"),
        ("410105198013011234", "id_birth"),
        ("410105202913011234", "id_birth"),
    ],
)
def test_each_fault_has_its_own_code(raw: str, code: str) -> None:
    with pytest.raises(ValidationError) as fault:
        clean_resident_id(raw, today=date(2026, 11, 22))
    assert fault.value.code == code


@given(credit_codes())
def test_a_right_credit_code_passes_however_it_is_typed(code: str) -> None:
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in code)
    assert clean_credit_code(code.lower()) == code
    assert clean_credit_code(full_width) == code
    assert clean_credit_code(f"{code[:8]} {code[8:]}\n") == code


@given(credit_codes(), st.integers(8, 17), st.sampled_from(CREDIT_ALPHABET))
def test_one_wrong_character_of_a_credit_code_never_passes(code: str, place: int, other: str) -> None:
    assume(code[place] != other)
    with pytest.raises(ValidationError):
        clean_credit_code(code[:place] + other + code[place + 1 :])


def test_letters_that_never_occur_are_named() -> None:
    with pytest.raises(ValidationError, match="I、O"):
        clean_credit_code("91410105MA4OI12345")


@pytest.mark.parametrize(
    ("raw", "number"),
    [("138 0371 2345", "13803712345"), ("+86-13803712345", "13803712345"), ("0391-6636515", "03916636515"), ("6636515", "6636515")],
)
def test_phones_as_people_write_them(raw: str, number: str) -> None:
    assert clean_phone(raw) == number


@pytest.mark.parametrize("raw", ["", "12345", "23803712345", "138037123456", "无"])
def test_no_phone_is_no_phone(raw: str) -> None:
    with pytest.raises(ValidationError):
        clean_phone(raw)
