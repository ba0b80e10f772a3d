"""`tongxing run` on SQLite: its processes killed, and its disk full."""

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest

from .conftest import Measure
from .disk import disk
from .house import House, Web, ground, house, until
from .imports import Import, moment
from .truth import assert_nothing_lost_or_doubled, assert_sound
from .writers import Officer, Writers

pytestmark = [pytest.mark.slow, pytest.mark.faults]


class Village:
    """One `tongxing run` and its database."""

    def __init__(self, one: House) -> None:
        self.house, self.first = one, 3_000_000
        self.served: Web = one.served()

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.house.data / "tongxing.sqlite3", timeout=20)) as database:
            return database.execute(query).fetchall()

    def officer(self) -> Officer:
        one = Officer(self.served.address)
        one.sign_in()
        return one

    def roster(self, rows: int) -> Import:
        self.first += rows
        return Import(self.officer(), self.ask, first=self.first - rows, rows=rows)

    def processes(self) -> dict[str, int]:
        """What runs below the supervisor: command → pid. The web server's own child is `serving`."""
        found = {}
        for pid in children(self.served.pid):
            name = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[3].decode()
            found[name] = pid
            if name == "web":
                found |= {"serving": max(children(pid))} if children(pid) else {}
        return found


def children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


@pytest.fixture(scope="module")
def village() -> Iterator[Village]:
    with ground() as folder, house(folder / "house", TONGXING_DEMO="0") as one:
        yield Village(one)


def test_a_killed_worker_is_replaced_and_nothing_is_lost_or_doubled(village: Village, measure: Measure, dice: Random) -> None:
    batch, kills, started = village.roster(measure.rows), 0, time.monotonic()
    while kills < measure.kills:
        moment(dice, 2)
        batch.confirm()
        if batch.status() == "applied":
            batch.assert_whole()
            batch = village.roster(measure.rows)
        worker = village.processes().get("worker")
        if worker is None or f":{worker}:" not in batch.stands()[2] or not batch.may_be_killed():
            assert time.monotonic() - started < 120 + 60 * measure.kills, batch.stands()
            continue
        before = batch.stands()
        os.kill(worker, signal.SIGKILL)
        batch.was_killed()
        took = batch.taken_from(worker)
        kills += 1
        print(f"kill {kills} at {before}: in other hands after {took:.2f} s")
    batch.finish(600)
    batch.assert_whole()


def test_a_killed_web_process_takes_no_confirmed_write_along(village: Village, dice: Random) -> None:
    """The serving process comes back by itself; when all die at once, as with the machine, the next start finds everything."""
    writers = Writers([village.served.address], village.house.token)
    with writers.at_work():
        moment(dice, 3)
        os.kill(village.processes()["serving"], signal.SIGKILL)
        took = until(village.served.answers, 60, "answers")
        print(f"serving process killed: answers after {took:.2f} s")
        moment(dice, 3)
        for pid in village.processes().values():
            os.kill(pid, signal.SIGKILL)
        village.served.kill()
        village.served.start()
        back = until(village.served.answers, 60, "answers")
        print(f"all killed: answers {back:.2f} s after the next start")
        moment(dice, 2)
    assert_nothing_lost_or_doubled(village.ask, writers)


@pytest.fixture(scope="module")
def full(village: Village, measure: Measure) -> Iterator[Village]:
    """The same house on a small disk, with room for what it holds and one roster more."""
    village.served.end()
    with disk(village.house.data, 250 + measure.rows // 250) as small:
        one = Village(village.house)
        one.small, one.first = small, village.first
        try:
            yield one
        finally:
            one.served.end()


def test_a_form_on_a_full_disk_says_so_and_saves_nothing(full: Village) -> None:
    officer, before = full.officer(), full.ask("SELECT count(*) FROM registry_person")
    page = officer.get("/registry/people/new/")
    # What earlier work left of the write-ahead log would take these rows without a byte from the disk.
    full.ask("PRAGMA wal_checkpoint(TRUNCATE)")
    full.small.fill(leave=0)
    try:
        answers = [
            officer.post_with(
                page, "/registry/people/new/", name="张满", id_type="passport", id_number=f"E{number}2345678", sex="1", area="419001100000"
            )
            for number in range(1, 9)
        ]
    finally:
        full.small.free()
    refused = [answer for answer in answers if answer.status == 503]
    assert refused
    assert all("磁盘" in answer.text and "请联系管理员" in answer.text for answer in refused)
    saved = [answer for answer in answers if "/registry/people/" in answer.url and answer.status == 200 and "new" not in answer.url]
    assert full.ask("SELECT count(*) FROM registry_person")[0][0] == before[0][0] + len(saved)
    assert officer.get("/desk/").status == 200


def test_an_import_on_a_full_disk_stops_cleanly_and_goes_on_when_there_is_room(full: Village, measure: Measure) -> None:
    batch = full.roster(measure.rows)
    until(lambda: batch.status() == "checked", 120, "checked")
    full.small.fill(leave=300_000)
    try:
        batch.confirm()
        until(lambda: "磁盘已满" in batch.officer.get(f"/sheets/batches/{batch.uid}/").text, 90, batch.stands)
    finally:
        full.small.free()
    print(f"stood at {batch.stands()} while the disk was full")
    took = batch.finish(120)
    print(f"in whole {took:.1f} s after there was room")
    batch.assert_whole()
    assert_sound(full.house, full.ask)
