"""What stands in the database afterwards, asked by plain SQL, against what writers were told and what the house says itself."""

import json
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from .house import House, until
from .writers import ROSTER_ROWS, Writers, credit_code

Ask = Callable[[str], list[tuple[Any, ...]]]
COVERAGE = """
from tongxing.targets.figures import figures
from tongxing.targets.recounting import recount_all
from django.conf import settings
def now(): return [[figure.key, figure.total, figure.covered, figure.certified, figure.exempt] for figure in figures(settings.PROGRAMME_AREA)]
kept = now()
recount_all()
print(json.dumps([kept, now()]))
"""
MEDIUM_AND_LARGE = """
SELECT count(*) FROM registry_organisation WHERE kind = 'enterprise' AND status = 'operating' AND size IN ('medium', 'large')
AND merged_into_id IS NULL AND area_id BETWEEN 419001000000 AND 419001999999
"""


def assert_nothing_lost_or_doubled(ask: Ask, writers: Writers) -> None:
    codes = Counter(code for (code,) in ask("SELECT credit_code FROM registry_organisation"))
    names = Counter(name for (name,) in ask("SELECT name FROM registry_person"))
    contacts = Counter(name for (name,) in ask("SELECT name FROM registry_organisationcontact"))
    for written, found in ((writers.organisations, codes), (writers.people, names), (writers.contacts, contacts)):
        assert (written.wrong, written.unclear) == ([], [])
        assert written.confirmed - found.keys() == set()
        assert {key: number for key, number in found.items() if number > 1} == {}
    rosters = writers.rosters
    assert (rosters.wrong, rosters.unclear) == ([], [])
    lines = {credit_code(int(first) + row) for first in rosters.confirmed for row in range(ROSTER_ROWS)}
    assert lines - codes.keys() == set()
    tried = {credit_code(int(first) + row) for first in rosters.tried for row in range(ROSTER_ROWS)}
    # Whole rosters or none of them.
    assert [
        first for first in rosters.tried if 0 < sum(credit_code(int(first) + row) in codes for row in range(ROSTER_ROWS)) < ROSTER_ROWS
    ] == []
    mine = {code for code in codes if code and code[:10] == "91419001MA" and int(code[10:17]) < 3_000_000}
    Writers.codes_ever |= writers.organisations.tried | tried
    assert mine - Writers.codes_ever == set()
    assert_entries(ask, "registry_organisation", "registry.register_organisation", writers.organisations.confirmed, "credit_code")


def assert_entries(ask: Ask, table: str, act: str, keys: set[str], column: str) -> None:
    """One entry of the log for each record that was saved by a form, and none without its record."""
    entries = Counter(label for (label,) in ask(f"SELECT object_id FROM audit_entry WHERE act = '{act}'"))
    assert {key: number for key, number in entries.items() if number > 1} == {}
    ids = {str(pk): key for pk, key in ask(f"SELECT id, {column} FROM {table}")}
    assert entries.keys() - ids.keys() == set()
    assert keys - {ids[pk] for pk in entries} == set()


def assert_sound(house: House, ask: Ask) -> None:
    """The log verifies, figures equal a recount and plain SQL, and nothing is left in work."""
    report = json.loads(house.run("audit", "verify", "--json"))
    assert report["findings"] == []
    kept, recounted = house.ask(COVERAGE)
    assert kept == recounted
    assert {key: total for key, total, *_ in kept}["enterprises"] == ask(MEDIUM_AND_LARGE)[0][0]
    in_work = partial(
        ask, "SELECT id, status, worker FROM sheets_batch WHERE status IN ('checking', 'applying', 'undoing') OR worker <> ''"
    )
    until(lambda: not in_work(), 20, in_work)
