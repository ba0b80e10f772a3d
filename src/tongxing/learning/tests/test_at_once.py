"""Several requests in one moment: one attempt, one result, no more time than passed. On PostgreSQL: in-memory SQLite knows no second connection."""

import threading
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tongxing.areas.models import Area, Kind
from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.learning import sitting, studying
from tongxing.learning.earning import Beat
from tongxing.learning.models import Attempt, Progress
from tongxing.registry.tests.people_factories import a_person

from .test_sitting import answers
from .world import an_exam, studied

AT_ONCE = 6


def at_once(job: Callable[[int], Any]) -> list[Any]:
    """What so many threads got, each on a connection of its own."""
    start, found = threading.Barrier(AT_ONCE), [None] * AT_ONCE

    def run(number: int) -> None:
        start.wait()
        try:
            found[number] = job(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.django_db(transaction=True)
def test_starting_handing_in_and_studying_at_once() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("in-memory SQLite knows no second connection")
    rush()


def rush() -> None:
    """Six at once: start, hand in, report."""
    county = Area.objects.update_or_create(
        code=419001000000, defaults={"name": "济源示范区", "short_name": "济源", "kind": Kind.COUNTY, "valid_from": date(2000, 1, 1)}
    )[0]
    exam, person = an_exam(county), a_person(county)
    started = at_once(lambda _: sitting.start(exam, person, by=COMMAND_LINE).pk)
    assert (len(set(started)), Attempt.objects.count()) == (1, 1)
    attempt = Attempt.objects.get()
    given = answers(attempt, wrong=1)
    handed_in = at_once(lambda number: sitting.submit(attempt, given if number % 2 else None, by=COMMAND_LINE).points)
    assert (len(set(handed_in)), Entry.objects.filter(act="learning.submit_exam").count()) == (1, 1)

    world = studied(SimpleNamespace(county=county), minutes=10)
    beat = Beat("one", 0)
    studying.hear(world.progress, beat, by=COMMAND_LINE)
    began = timezone.now()
    heard = at_once(lambda _: studying.hear(world.progress, Beat("one", 1_000), by=COMMAND_LINE).gained_ms)
    passed_ms = int((timezone.now() - began).total_seconds() * 1000)
    assert sum(heard) == Progress.objects.get().earned_ms <= min(1_000, passed_ms + 1_000)
