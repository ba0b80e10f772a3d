"""A large roster handed in on the pages, and how far its batch is."""

import re
import time
from collections import Counter
from random import Random

from .house import until
from .truth import Ask
from .writers import Officer, roster


class Import:
    """One batch, from the upload on."""

    def __init__(self, officer: Officer, ask: Ask, *, first: int, rows: int) -> None:
        self.officer, self.ask, self.first, self.rows = officer, ask, first, rows
        page = officer.upload(roster(first, rows), f"名册{first}.csv")
        found = re.search(r"/sheets/batches/([0-9a-f-]{36})/", page.url)
        assert found, page.text[-2_000:]
        self.uid = found[1]
        self.confirmed = False
        self.kills: Counter[tuple[str, int]] = Counter()

    def stands(self) -> tuple[str, int, str]:
        """Status, rows done, and who is at work."""
        wanted = (
            f"'{self.uid}'"
            if "-" in self.ask("SELECT CAST(uid AS TEXT) FROM sheets_batch LIMIT 1")[0][0]
            else f"'{self.uid.replace('-', '')}'"
        )
        [(status, done, worker)] = self.ask(f"SELECT status, done, worker FROM sheets_batch WHERE CAST(uid AS TEXT) = {wanted}")
        return status, done, worker

    def status(self) -> str:
        return self.stands()[0]

    def confirm(self) -> None:
        """Let the good rows in, once the check is done; to be called again and again."""
        if not self.confirmed and self.status() == "checked":
            page = f"/sheets/batches/{self.uid}/"
            self.confirmed = self.officer.fill_in(f"{page}apply/", page, mode="good").status == 200

    def finish(self, seconds: float) -> float:
        """Confirm it if that is still to be done, and wait until all is in; seconds waited."""

        def is_in() -> bool:
            self.confirm()
            return self.status() == "applied"

        return until(is_in, seconds, self.stands)

    def taken_from(self, pid: int) -> float:
        """Seconds until the work is in other hands than those of process `pid`, or done."""

        def is_taken() -> bool:
            status, _, worker = self.stands()
            return status == "applied" or (bool(worker) and f":{pid}:" not in worker)

        return until(is_taken, 90, self.stands)

    def may_be_killed(self) -> bool:
        """A file that kills three workers in a row without getting on is not given to a fourth: that is the rule. A check begins anew each time."""
        return self.stands()[0] in {"checking", "applying"} and self.kills[self._step()] < 2

    def was_killed(self) -> None:
        """Noted after the kill: the worker may have written one more step between the look and its end."""
        self.kills[self._step()] += 1

    def _step(self) -> tuple[str, int]:
        status, done, _ = self.stands()
        return status, done if status == "applying" else 0

    def assert_whole(self) -> None:
        """Every row once; the batch's own figures say the same; one entry in the log."""
        first, last = f"济源市第{self.first}机械有限公司", self.rows
        names = self.ask("SELECT name FROM registry_organisation WHERE name LIKE '济源市第%'")
        mine = [name for (name,) in names if self.first <= int(re.sub(r"\D", "", name)) < self.first + self.rows]
        assert (len(mine), len(set(mine)), first in mine) == (last, last, True)
        [(new,)] = self.ask(f"SELECT new FROM sheets_batch WHERE file_name = '名册{self.first}.csv'")
        assert new == self.rows
        [(number,)] = self.ask(f"SELECT id FROM sheets_batch WHERE file_name = '名册{self.first}.csv'")
        entries = self.ask(f"SELECT count(*) FROM audit_entry WHERE act = 'sheets.apply' AND object_id = '{number}'")
        assert entries == [(1,)]


def moment(random: Random, most: float) -> None:
    time.sleep(random.random() * most)
