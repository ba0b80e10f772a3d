"""What other people see while a long roster is checked, taken in, stopped, gone on with and taken back by the worker of a whole `tongxing run`."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.utils import timezone

from bench.case import Case
from bench.measuring import servers
from bench.measuring.figures import latencies
from bench.measuring.load import Outcome, Request, fire
from bench.measuring.processes import resident, tree
from bench.ours import web
from bench.sizes import PROVINCE_AREA
from tongxing.accounts.models import Grant, User
from tongxing.core.models import PeriodicJob
from tongxing.registry.models import Organisation
from tongxing.sheets import tasks
from tongxing.sheets.applying import cancel, pause
from tongxing.sheets.models import Batch, BatchStatus, Chunk, Mode
from tongxing.sheets.uploads import upload

# At work meanwhile: as many as a bureau has, not as many as the two cores can carry.
COLLEAGUES = 20
PATIENCE = 1_800
# What is due so seldom (minutes) has no place in a measurement of an hour.
SELDOM = 60


class Wrong(AssertionError):
    """What the page said of the batch was not so."""


class Colleagues:
    """People who look at mixed pages until told otherwise; what they waited is kept by the phase in which they asked."""

    def __init__(self, port: int) -> None:
        crowd, shared = web.crowd(), web.open_to_all()
        walks = []
        for number in range(COLLEAGUES):
            user, area = crowd[number % len(crowd)]
            walks.append(web.walk(web.session(user), [*shared, *web.within(area)], number))
        self.port, self.walks, self.phases = port, walks, dict[str, Outcome]()

    def look(self, phase: str, until: Callable[[], bool]) -> float:
        """Ask without a break until it is so; gives the seconds it took.

        In slices of some seconds every page that took longer than the rest of its slice would be lost, and the slowest with them.
        """
        began, kept = time.monotonic(), self.phases.setdefault(phase, Outcome())
        found = fire(self.port, self._walk_on, users=COLLEAGUES, seconds=PATIENCE, warm_up=0.0, think=web.THINK, until=until)
        if time.monotonic() - began > PATIENCE:
            raise Wrong(f"{phase} did not end in {PATIENCE} s")
        for label, seconds in found.taken.items():
            kept.taken.setdefault(label, []).extend(seconds)
        for what, times in found.errors.items():
            kept.errors[what] = kept.errors.get(what, 0) + times
        return round(time.monotonic() - began, 1)

    def _walk_on(self, number: int) -> Iterator[Request]:
        return self.walks[number]

    def facts(self) -> dict[str, Any]:
        found = {}
        for phase, outcome in self.phases.items():
            everything = [one for series in outcome.taken.values() for one in series] or [0.0]
            slowest = max(outcome.taken, key=lambda label: max(outcome.taken[label]), default="")
            found[phase] = {"pages": outcome.answers, **latencies(everything), "errors": outcome.errors, "slowest": slowest}
        return found


def beside(case: Case) -> dict[str, Any]:
    """The figure is the worst p95 of the phases in milliseconds; their seconds, the memory of the worker and every error are told."""
    port = servers.free_port()
    before, seconds = Organisation.objects.count(), dict[str, float]()
    _put_off_the_timetable()
    with servers.serving(servers.whole(port), port), Held() as held:
        people = Colleagues(port)
        batch = _uploaded(case)
        tasks.start_check(batch)
        seconds["check"] = people.look("check", lambda: _is(batch, BatchStatus.CHECKED))
        tasks.start_apply(batch, Mode.GOOD, by=importer())
        seconds["first third"] = people.look("apply", lambda: _done(batch) > batch.rows / 3)
        if batch.status == BatchStatus.APPLYING:  # a small roster is through by now
            seconds["until it stood still"] = _stopped(batch, before)
            batch.refresh_from_db()
            tasks.go_on(batch)
        seconds["rest"] = people.look("apply", lambda: _is(batch, BatchStatus.APPLIED))
        if Organisation.objects.count() != before + batch.new:
            raise Wrong(f"{Organisation.objects.count() - before} organisations more, {batch.new} said")
        tasks.start_undo(batch, by=importer(), reason="基准测试")
        seconds["undo"] = people.look("undo", lambda: _is(batch, BatchStatus.UNDONE))
        if Organisation.objects.count() != before:
            raise Wrong(f"{Organisation.objects.count() - before} organisations left after undo")
        seconds["until given up"] = _given_up(case)
    phases = people.facts()
    errors = {f"{phase}: {what}": times for phase, facts in phases.items() for what, times in facts["errors"].items()}
    worst = max(facts["p95"] for facts in phases.values())
    return {"value": worst, "rows": batch.rows, "seconds": seconds, "phases": phases, "errors": errors, "worker_mib": held.mib}


def _put_off_the_timetable() -> None:
    """A template has never had a worker: its first would count the country anew for minutes before it takes up a roster."""
    due = timezone.now() + timedelta(hours=6)
    rows = [PeriodicJob(path=path, due_at=due) for path, minutes in settings.PERIODIC.items() if minutes > SELDOM]
    PeriodicJob.objects.bulk_create(rows, update_conflicts=True, update_fields=["due_at"], unique_fields=["path"])


def importer() -> User:
    """An officer of the province whose roster it is: for one of the whole country the names of many towns would be ambiguous."""
    user: User
    user, _ = User.objects.get_or_create(username="bench-importer", defaults={"name": "导入经办", "password": "!"})
    Grant.objects.get_or_create(user=user, role="officer", area_id=PROVINCE_AREA, defaults={"granted_by": "基准测试"})
    return user


def _uploaded(case: Case) -> Batch:
    with Path(case.file).open("rb") as file:
        return upload("enterprises", File(file), name=Path(case.file).name, by=importer())


def _is(batch: Batch, status: str) -> bool:
    batch.refresh_from_db()
    if batch.status in {BatchStatus.REFUSED, BatchStatus.CANCELLED} or (batch.refused_message and not batch.is_running):
        raise Wrong(f"{batch.status}: {batch.refused_message}")
    return batch.status == status


def _done(batch: Batch) -> int:
    """Rows that the page says are done; every one of them must lie in a chunk that was written."""
    batch.refresh_from_db()
    written = sum(
        sum(counts.values()) - counts["warnings"]
        for counts in Chunk.objects.filter(batch=batch, applied=True).values_list("counts", flat=True)
    )
    if batch.status == BatchStatus.APPLYING and written < batch.done:
        raise Wrong(f"{batch.done} rows said to be done, {written} written")
    # Until the import begins, what stands there is the check's.
    return batch.done if batch.status in {BatchStatus.APPLYING, BatchStatus.APPLIED} else 0


def _stopped(batch: Batch, before: int) -> float:
    """Seconds from the click on 暂停 until the worker has let go and nothing more is written."""
    began = time.monotonic()
    pause(batch, by=importer())
    while Batch.objects.filter(pk=batch.pk).exclude(worker="").exists():
        time.sleep(0.05)
    taken, there = time.monotonic() - began, Organisation.objects.count()
    time.sleep(1.0)
    if Organisation.objects.count() != there or there <= before:
        raise Wrong("rows were written although the batch stood still")
    return round(taken, 2)


def _given_up(case: Case) -> float:
    """Another upload, given up while it is checked: seconds until the worker has let go."""
    batch = _uploaded(case)
    tasks.start_check(batch)
    while not _is(batch, BatchStatus.CHECKING) or not batch.done:
        time.sleep(0.1)
    began = time.monotonic()
    cancel(batch, by=importer())
    while Batch.objects.filter(pk=batch.pk).exclude(worker="").exists():
        time.sleep(0.05)
    return round(time.monotonic() - began, 2)


class Held:
    """The most memory that the process of the worker held (MiB)."""

    def __init__(self) -> None:
        self.mib, self._over = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Held":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.2):
            workers = [pid for pid in tree(os.getpid()) if _is_worker(pid)]
            self.mib = max(self.mib, round(max(map(resident, workers), default=0) / 2**20, 1))


def _is_worker(pid: int) -> bool:
    try:
        return b"\0worker\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
