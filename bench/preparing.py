"""Templates of databases and roster files: what every job finds ready. Run as contenders, so that the harness itself stays small."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.case import Case
from bench.floors import tables as floor
from bench.floors.connecting import connect
from bench.sizes import PROVINCE
from bench.world import filling, rosters
from bench.world.divisions import folder
from bench.world.enterprises import Country

SEED = 20_220_915
# Numbers from here on stand in no database before an import.
NEW_ENTERPRISES, NEW_PEOPLE = 50_000_000, 8_000_000
# The employers that the roster of people names stand in every database but the empty one.
EMPLOYERS = range(49_000_000, 49_002_000)
OFFICER = "bench-officer"


def tables(case: Case) -> Path:
    return folder(Path(case.facts["work"]), small=case.facts["small_tree"])


def country(case: Case, province: int | None = None) -> Country:
    return Country(tables(case), SEED, province=province)


def empty(case: Case) -> dict[str, Any]:
    """Schema, base data, static files, the national tree, an officer of the whole country."""
    subprocess.run([sys.executable, "-m", "tongxing", "run", "--prepare-only"], check=True)
    filling.load_tree(tables(case))
    _officer()
    return {}


def employers(case: Case) -> dict[str, Any]:
    """An empty database gets the employers that the roster of people names."""
    filling.register(country(case, PROVINCE), EMPLOYERS)
    return {}


def full(case: Case) -> dict[str, Any]:
    """A database with these employers gets `case.size` enterprises all over the country, and whoever works for them."""
    filling.fill(country(case), case.size)
    return {}


def floor_tables(case: Case) -> dict[str, Any]:
    """The tables that the floors of the imports write to, holding as many rows as the register."""
    connection = connect(case)
    for name in floor.COLUMNS:
        floor.make_table(connection, case, name)
    return {}


def _officer() -> None:
    from tongxing.accounts.models import Grant, User

    user = User.objects.create_user(OFFICER, None, name="基准经办")
    Grant.objects.create(user=user, role="officer", area_id=0, granted_by="基准测试")


def enterprise_roster(case: Case) -> dict[str, Any]:
    """The roster file of `case.rows` enterprises of the province."""
    rows = rosters.enterprise_rows(country(case, PROVINCE), NEW_ENTERPRISES, case.rows)
    rosters.write_with_manifest(Path(case.file), rows, rosters.ENTERPRISE_FAULTS, SEED)
    return {"bytes": Path(case.file).stat().st_size}


def people_roster(case: Case) -> dict[str, Any]:
    """The roster file of `case.rows` coordinators at the prepared employers."""
    rows = rosters.people_rows(country(case, PROVINCE), EMPLOYERS, SEED, NEW_PEOPLE, case.rows)
    rosters.write_with_manifest(Path(case.file), rows, rosters.PEOPLE_FAULTS, SEED)
    return {"bytes": Path(case.file).stat().st_size}


def clean_roster(case: Case) -> dict[str, Any]:
    """The same roster without bad rows, for peers that have no fate for a row."""
    rosters.write(Path(case.file), rosters.enterprise_rows(country(case, PROVINCE), NEW_ENTERPRISES, case.rows))
    return {"bytes": Path(case.file).stat().st_size}
