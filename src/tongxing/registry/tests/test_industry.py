"""Industries as people write them."""

import pytest
from django.core.exceptions import ValidationError

from tongxing.registry.industry import clean_industry, codes_of, industries, nearest, path_of, section_of, title


def test_the_standard_is_complete() -> None:
    lengths = [len(code) for code in industries()]
    assert (len(lengths), lengths.count(1), lengths.count(2), lengths.count(3), lengths.count(4)) == (1971, 20, 97, 473, 1381)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("C", "C"),
        ("c30", "30"),
        ("30", "30"),
        ("C3011", "3011"),
        ("３０１１", "3011"),
        ("301", "301"),
        ("水泥制造", "3011"),
        ("C3011 水泥制造", "3011"),
        ("3011-水泥制造", "3011"),
        ("制造业", "C"),
        ("房地产业", "70"),
        ("批发业", "51"),
        ("3000", "30"),
        ("  ", ""),
    ],
)
def test_clean_industry(raw: str, code: str) -> None:
    assert clean_industry(raw) == code


@pytest.mark.parametrize(
    ("raw", "reason"), [("9999", "industry_code"), ("A3011", "industry_code"), ("U", "industry_code"), ("卖东西的", "industry_name")]
)
def test_unknown_industry_says_what_to_do(raw: str, reason: str) -> None:
    with pytest.raises(ValidationError) as caught:
        clean_industry(raw)
    assert caught.value.code == reason


def test_titles_and_paths() -> None:
    assert (title("3011"), title("C"), title("xx")) == ("水泥制造", "制造业", "xx")
    assert section_of("3011") == "C"
    assert [step.code for step in path_of("3011")] == ["C", "30", "301", "3011"]
    assert codes_of("G") == ["53", "54", "55", "56", "57", "58", "59", "60"]


def test_nearest_for_the_picker() -> None:
    assert nearest("水泥制造")[0].code == "3011"
    assert [item.code for item in nearest("301")] == ["301", "3011", "3012"]
    assert nearest("") == []
