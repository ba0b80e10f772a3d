"""The invented country is valid in every number and the same on every machine."""

from collections import Counter
from pathlib import Path

import pytest

from bench.world import divisions, people
from bench.world.enterprises import Country
from tongxing.certificates.numbers import cross_check, read_number
from tongxing.core.identifiers import clean_credit_code, clean_phone, clean_resident_id
from tongxing.registry.industry import clean_industry
from tongxing.registry.models.organisations import Size
from tongxing.registry.size import classify

from .conftest import SEED

NUMBERS = range(0, 6_000, 3)


def test_invented_tables_have_the_size_of_the_national_ones(tables: Path) -> None:
    lines = [len((tables / name).read_text(encoding="utf-8").splitlines()) - 1 for name in divisions.FILES]
    assert lines == [divisions.PROVINCES, divisions.CITIES, divisions.COUNTIES, divisions.TOWNSHIPS]
    assert len(divisions.leaves(tables)) == divisions.TOWNSHIPS


def test_an_enterprise_is_the_same_in_any_order(tables: Path, country: Country) -> None:
    forwards = [country.enterprise(number) for number in range(50)]
    assert [Country(tables, SEED).enterprise(number) for number in reversed(range(50))] == forwards[::-1]
    assert Country(tables, SEED + 1).enterprise(7) != forwards[7]


def test_enterprises_are_valid(country: Country) -> None:
    for found in map(country.enterprise, NUMBERS):
        assert clean_credit_code(found.credit_code) == found.credit_code
        assert clean_phone(found.phone) == found.phone
        assert clean_industry(found.industry) == found.industry
        assert found.size in {Size.UNKNOWN, classify(found.industry, found.employees, found.revenue, found.assets).size}
        assert found.ended_on is None or found.ended_on > found.began_on
    assert len({country.enterprise(number).credit_code for number in NUMBERS}) == len(NUMBERS)


def test_sizes_are_shared_out_as_the_census_counted(country: Country) -> None:
    counted = Counter(country.enterprise(number).size for number in NUMBERS)
    known = len(NUMBERS) - counted[Size.UNKNOWN]
    assert counted[Size.MICRO] / known == pytest.approx(0.853, abs=0.03)
    assert counted[Size.SMALL] / known == pytest.approx(0.132, abs=0.03)


def test_people_are_valid() -> None:
    for number in (*NUMBERS, *range(8_000_000, 8_000_500)):
        found = people.someone(SEED, number, 410105)
        facts = clean_resident_id(found.id_number)
        assert (facts.born, facts.sex) == (found.born_on, found.sex)
        assert clean_phone(found.phone) == found.phone
        if found.issued_on:
            assert cross_check(read_number(found.certificate), found.level, found.issued_on) == []
    assert len({people.someone(SEED, number, 410105).id_number for number in range(0, 12_000_000, 4_001)}) == len(
        range(0, 12_000_000, 4_001)
    )
