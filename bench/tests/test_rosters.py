"""A roster's manifest and the import must agree on every row; when they do not, the run fails."""

import json
from pathlib import Path

import pytest

from bench.case import Case
from bench.ours import importing
from bench.world import filling, rosters
from bench.world.enterprises import Country
from bench.world.faults import ENTERPRISE_FAULTS, PEOPLE_FAULTS
from tongxing.areas.models import Area

from .conftest import SEED

ROWS, PROVINCE = 3_000, 41


@pytest.fixture
def henan(small_tables: Path, settings: object, db: None) -> Country:
    settings.PROGRAMME_AREA = PROVINCE * 10**10
    filling.load_tree(small_tables)
    return Country(small_tables, SEED, province=PROVINCE)


def case_of(file: Path, sheet: str) -> Case:
    return Case("sqlite", str(file.parent), rows=ROWS, file=str(file), facts={"sheet": sheet})


@pytest.mark.parametrize("name", ["roster.xlsx", "roster.csv"])
def test_enterprises_are_judged_as_the_manifest_says(henan: Country, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    rosters.write_with_manifest(file, rosters.enterprise_rows(henan, 50_000_000, ROWS), ENTERPRISE_FAULTS, SEED)
    manifest = rosters.read_manifest(file)
    assert {kind for kind, _ in manifest.values()} == {fault.kind for fault in ENTERPRISE_FAULTS}
    assert importing.load(case_of(file, "enterprises"))["rows"] == ROWS


def test_people_are_judged_as_the_manifest_says(henan: Country, tmp_path: Path) -> None:
    file, employers = tmp_path / "people.csv", range(49_000_000, 49_000_200)
    filling.register(henan, employers)
    rosters.write_with_manifest(file, rosters.people_rows(henan, employers, SEED, 8_000_000, ROWS), PEOPLE_FAULTS, SEED)
    assert {kind for kind, _ in rosters.read_manifest(file).values()} == {fault.kind for fault in PEOPLE_FAULTS}
    assert importing.load(case_of(file, "coordinators"))["rows"] == ROWS


def test_a_wrong_report_fails_the_run(henan: Country, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    rosters.write_with_manifest(file, rosters.enterprise_rows(henan, 50_000_000, ROWS), ENTERPRISE_FAULTS, SEED)
    manifest = json.loads(rosters.manifest_of(file).read_text())
    bad, good = min(manifest), next(str(row) for row in range(rosters.FIRST_ROW, ROWS) if str(row) not in manifest)
    tampered = (
        {row: fault for row, fault in manifest.items() if row != bad},
        manifest | {good: ["no name", ["required"]]},
        manifest | {bad: ["another fault", ["another_code"]]},
    )
    for wrong in tampered:
        rosters.manifest_of(file).write_text(json.dumps(wrong))
        with pytest.raises(importing.WrongReport):
            importing.compare(importing.command.check("enterprises", file, by=importing.COMMAND_LINE), case_of(file, "enterprises"))


def test_filling_leaves_what_an_import_leaves(small_tables: Path, db: None) -> None:
    """Search, sealed numbers, certificates and figures of a filled country."""
    from tongxing.areas.models import TouchedLeaf
    from tongxing.certificates.models import Certificate
    from tongxing.registry.models import Assignment, DutyArea, Organisation, Person, Posting, SearchEntry
    from tongxing.targets import base_data
    from tongxing.targets.figures import figures
    from tongxing.targets.models import UnsyncedLeaf

    base_data.load(by=importing.COMMAND_LINE)
    filling.load_tree(small_tables)
    filling.fill(Country(small_tables, SEED), 500)
    person = Person.objects.order_by("id")[0]
    # A twentieth as many bodies; a quarter of those that still operate are assigned.
    assert (Organisation.objects.count(), Person.objects.count(), Assignment.objects.count()) == (525, 100, 122)
    assert Organisation.objects.exclude(party="").count() > 0
    assert Posting.objects.exclude(organisation__kind="enterprise").exists()
    assert SearchEntry.objects.count() == 625
    assert (len(person.id_number), len(person.phone)) == (18, 11)
    assert Certificate.objects.exists()
    assert DutyArea.objects.exists()
    assert not TouchedLeaf.objects.exists()
    assert not UnsyncedLeaf.objects.exists()
    small = next(figure for figure in figures(0) if figure.key == "small")
    assert 0 < small.covered < small.total < 500
    assert Area.objects.get(code=0).children.count() == 31
