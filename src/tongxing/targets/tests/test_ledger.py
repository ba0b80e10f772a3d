"""Readers and writers at once, each on an own connection: nothing is lost, nobody waits for a reader (PostgreSQL), figures end up right."""

import threading
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from tongxing.areas.models import Area, TouchedLeaf
from tongxing.audit.log import COMMAND_LINE
from tongxing.registry.models import Organisation
from tongxing.targets import recounting
from tongxing.targets.base_data import load
from tongxing.targets.figures import figure
from tongxing.targets.gaps import sync_gaps
from tongxing.targets.models import Gap
from tongxing.targets.recounting import refresh

from .world import coordinator, enterprise, posting

COUNTY = 419001000000


def at_once(*works: Callable[[], None]) -> list[BaseException]:
    """Run each on a thread with its own connection; what any of them raised."""
    failures: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as failure:  # noqa: BLE001 - reported by the test
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return failures


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="an SQLite test database lives in one connection's memory")
def test_writers_and_readers_at_once_lose_nothing(jiyuan: SimpleNamespace) -> None:
    load(COMMAND_LINE)
    refresh()
    kejing, street = jiyuan.kejing, jiyuan.qinyuan

    def writes(area: Area) -> Callable[[], None]:
        def work() -> None:
            for number in range(15):
                with transaction.atomic():
                    plant = enterprise(area, "large")
                    if number % 3 == 0:
                        posting(coordinator(area), plant)

        return work

    def reads() -> None:
        for _ in range(15):
            figure(COUNTY, "enterprises")
            sync_gaps()

    assert at_once(writes(kejing), writes(street), reads, reads) == []
    found = figure(COUNTY, "enterprises")
    assert (found.total, found.covered, found.vacant) == (30, 10, 20)
    sync_gaps()
    assert Gap.objects.standing().filter(target_key="enterprises").count() == 20
    assert TouchedLeaf.objects.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="an SQLite test database lives in one connection's memory")
def test_a_change_not_yet_committed_is_counted_after_its_commit(jiyuan: SimpleNamespace) -> None:
    load(COMMAND_LINE)
    refresh()
    written, read = threading.Event(), threading.Event()

    def writer() -> None:
        with transaction.atomic():
            enterprise(jiyuan.kejing, "large")
            written.set()
            assert read.wait(30)

    def reader() -> None:
        assert written.wait(30)
        assert figure(COUNTY, "enterprises").total == 0
        read.set()

    assert at_once(writer, reader) == []
    assert figure(COUNTY, "enterprises").total == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_leaves_no_trace(jiyuan: SimpleNamespace) -> None:
    load(COMMAND_LINE)
    refresh()
    with transaction.atomic():
        enterprise(jiyuan.kejing, "large")
        assert figure(COUNTY, "enterprises").total == 1
        transaction.set_rollback(True)
    assert Organisation.objects.count() == 0
    assert figure(COUNTY, "enterprises").total == 0


def while_counting(monkeypatch: pytest.MonkeyPatch, work: Callable[[], None]) -> None:
    """Do this after the first count and before it is written."""
    real, works = recounting.count_many, [work]

    def count_many(*args: Any) -> Any:
        found = real(*args)
        if works:
            works.pop()()
        return found

    monkeypatch.setattr(recounting, "count_many", count_many)


@pytest.mark.django_db(transaction=True)
def test_while_one_counts_others_write_and_are_counted_next(jiyuan: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    load(COMMAND_LINE)
    refresh()
    enterprise(jiyuan.kejing, "large")
    held: list[bool] = []

    def another() -> None:
        held.append(connection.in_atomic_block)
        enterprise(jiyuan.kejing, "large")

    while_counting(monkeypatch, another)
    assert figure(COUNTY, "enterprises").total == 1
    # SQLite has one lock for all who write: it must not be held while it is counted. PostgreSQL's keeps away only who would count as well.
    assert held == [connection.vendor == "postgresql"]
    assert figure(COUNTY, "enterprises").total == 2


@pytest.mark.django_db(transaction=True)
def test_an_older_count_is_not_written_over_a_newer_one(jiyuan: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    load(COMMAND_LINE)
    refresh()
    enterprise(jiyuan.kejing, "large")

    def somebody_else_counts_more() -> None:
        enterprise(jiyuan.kejing, "large")
        assert recounting._count(timezone.localdate())

    while_counting(monkeypatch, somebody_else_counts_more)
    assert figure(COUNTY, "enterprises").total == 2
    assert TouchedLeaf.objects.count() == 0


@pytest.mark.django_db
def test_reading_costs_little_and_the_same_when_nothing_was_touched(jiyuan: SimpleNamespace, django_assert_num_queries: object) -> None:
    load(COMMAND_LINE)
    for _ in range(3):
        posting(coordinator(jiyuan.kejing), enterprise(jiyuan.kejing, "large"), since=date(2020, 1, 1))
    refresh()
    with django_assert_num_queries(2):
        refresh()
