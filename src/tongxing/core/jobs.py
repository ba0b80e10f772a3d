"""Jobs: the django-tasks worker with what it lacks - a sweeper for dead workers, bounded retries, and a timetable (design §4.9).

Tasks must be idempotent: a task that its worker did not finish runs again, at most `MOST_ATTEMPTS` times in a row without progress.
A database that goes away under a task is not the task's fault: that is not counted, within reason.
"""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, close_old_connections, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.module_loading import import_string
from django_tasks import TaskResultStatus, task
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from . import afterwards
from .models import PeriodicJob, WorkerLife
from .outages import LOST
from .stalls import watched
from .upkeep import shorten_log

MOST_ATTEMPTS = 3
MOST_OUTAGES = 30
OUTAGE = "~"
"""Stands before a worker's id in the list of attempts when the database, not the task, was what failed."""
BEAT_SECONDS = 5
SILENT_SECONDS = 60
KEEP_RESULTS_DAYS = 30
RETRY_AFTER = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=1)
TURN_OF_OTHERS = 0.12
"""Seconds; who waits for SQLite's write lock looks every tenth of one."""
REFUSED_PATH = "tongxing.core.errors.Refused"
HANDED_ON_PATH = "tongxing.core.jobs.HandedOn"
LOST_PATHS = {f"{kind.__module__}.{kind.__qualname__}" for kind in LOST}

logger = logging.getLogger(__name__)


class HandedOn(Exception):
    """The worker was told to stop: the task in hand goes back into the queue, and the next worker goes on where it stands."""


# --- the sweeper ----------------------------------------------------------------------------------------------------------
def sweep() -> int:
    """Give back tasks that stand as running while their worker is dead; how many. A task that used up its attempts fails."""
    held = list(DBTaskResult.objects.running().only("id", "worker_ids"))
    if not held:
        return 0
    alive = living_workers()
    holders = {result.pk: result.worker_ids[-1] if result.worker_ids else None for result in held}
    return sum(_give_back(key, holder) for key, holder in holders.items() if holder not in alive)


def living_workers(using: str = DEFAULT_DB_ALIAS) -> set[str]:
    """Ids of the workers heard of lately; one on this machine must also still be a process."""
    here = socket.gethostname()
    # The database's clock: those of the machines may differ by minutes.
    heard = WorkerLife.objects.using(using).filter(seen_at__gte=Now() - timedelta(seconds=SILENT_SECONDS))
    return {life.worker_id for life in heard if life.host != here or _process_lives(life.pid)}


def _process_lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@transaction.atomic
def _give_back(key: UUID, holder: str | None) -> bool:
    result = DBTaskResult.objects.select_for_update().filter(pk=key, status=TaskResultStatus.RUNNING).first()
    # Another sweeper may have been first, and another worker may be at it already.
    if result is None or (result.worker_ids[-1] if result.worker_ids else None) != holder:
        return False
    if (attempts := _attempts(result)) >= MOST_ATTEMPTS:
        result.status, result.finished_at = TaskResultStatus.FAILED, timezone.now()
        result.traceback = f"工作进程 {attempts} 次中途停止，不再重试。"
        result.save(update_fields=["status", "finished_at", "traceback"])
        logger.error("task %s failed: its worker died %s times", result.task_path, attempts)
    else:
        result.status, result.started_at = TaskResultStatus.READY, None
        result.save(update_fields=["status", "started_at"])
        logger.warning("task %s given back: its worker died", result.task_path)
    return True


def _attempts(result: "DBTaskResult[..., Any]") -> int:
    return sum(not worker.startswith(OUTAGE) for worker in result.worker_ids)


def retry_later(result: "DBTaskResult[..., Any]") -> bool:
    """Queue a failed task again, later each time; not when the rules refused it or its attempts are used up."""
    if result.status == TaskResultStatus.FAILED and result.exception_class_path in LOST_PATHS and _queue_again(result):
        return True
    if result.status == TaskResultStatus.FAILED and result.exception_class_path == HANDED_ON_PATH:
        return _hand_on(result)
    attempts = _attempts(result)
    if result.status != TaskResultStatus.FAILED or attempts >= MOST_ATTEMPTS or result.exception_class_path == REFUSED_PATH:
        return False
    result.status, result.finished_at = TaskResultStatus.READY, None
    result.run_after = timezone.now() + RETRY_AFTER * 2 ** (attempts - 1)
    result.save(update_fields=["status", "finished_at", "run_after"])
    return True


def _queue_again(result: "DBTaskResult[..., Any]") -> bool:
    """Queue a task again that the database, a full disk or a lock took down: at once the first time, later each time."""
    outages = len(result.worker_ids) - _attempts(result)
    if outages >= MOST_OUTAGES:
        return False
    result.worker_ids = [*result.worker_ids[:-1], OUTAGE + result.worker_ids[-1]]
    result.status, result.started_at, result.finished_at = TaskResultStatus.READY, None, None
    result.run_after = timezone.now() + min(timedelta(seconds=2**outages - 1), LONGEST_PAUSE)
    result.save(update_fields=["status", "started_at", "finished_at", "run_after", "worker_ids"])
    return True


def _hand_on(result: "DBTaskResult[..., Any]") -> bool:
    """Queue a task again as if this worker had never had it: nothing went wrong."""
    result.worker_ids, result.run_after = result.worker_ids[:-1], timezone.now()
    result.status, result.started_at, result.finished_at = TaskResultStatus.READY, None, None
    result.save(update_fields=["status", "started_at", "finished_at", "run_after", "worker_ids"])
    return True


_in_hand: "DBTaskResult[..., Any] | None" = None
"""What this process's worker is at; it does one thing at a time."""
_at_work: "Worker | None" = None
"""The worker that has it in hand."""


def rest() -> None:
    """A long task calls this between two steps that each stand for themselves; raises HandedOn once its worker was told to stop.

    On SQLite others who wait to write get their turn: they look for the lock every so often, and would never find it free between two steps.
    And what was written is brought from the log of changes into the file before the log grows long.
    """
    if _at_work is None:
        return
    if not _at_work.running:
        raise HandedOn
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        shorten_log()
        time.sleep(TURN_OF_OTHERS)


def progressed() -> None:
    """Called in the transaction that brings the task in hand nearer its end for good: what went wrong before no longer counts against it."""
    result = _in_hand
    if result is None or len(result.worker_ids) < 2:
        return
    mine = result.worker_ids[-1:]
    DBTaskResult.objects.filter(pk=result.pk).update(worker_ids=mine)
    transaction.on_commit(lambda: setattr(result, "worker_ids", mine))


# --- the timetable --------------------------------------------------------------------------------------------------------
@task()
def run_periodic(path: str) -> None:
    """Run one function of the timetable; it takes no arguments and may be run at any time."""
    import_string(path)()


def queue_due() -> int:
    """Queue the jobs of settings.PERIODIC that are due; of many workers exactly one queues each. How many."""
    now = timezone.now()
    known = set(PeriodicJob.objects.values_list("path", flat=True))
    PeriodicJob.objects.bulk_create(
        [PeriodicJob(path=path, due_at=now) for path in settings.PERIODIC if path not in known], ignore_conflicts=True
    )
    queued = 0
    for path, minutes in settings.PERIODIC.items():
        with transaction.atomic():
            mine = PeriodicJob.objects.filter(path=path, due_at__lte=now).update(due_at=now + timedelta(minutes=minutes))
            if mine and not _waits(path):
                run_periodic.enqueue(path)
                queued += 1
    return queued


def _waits(path: str) -> bool:
    """Whether the job is queued already: a busy worker does not find the same job many times."""
    waiting = DBTaskResult.objects.filter(status=TaskResultStatus.READY, task_path=run_periodic.module_path)
    return waiting.filter(args_kwargs={"args": [path], "kwargs": {}}).exists()


def prune() -> None:
    """Drop results and worker rows that nobody will ask about: those of the timetable after a day."""
    now = timezone.now()
    limit = now - timedelta(days=KEEP_RESULTS_DAYS)
    DBTaskResult.objects.finished().filter(finished_at__lt=limit).delete()
    DBTaskResult.objects.successful().filter(task_path=run_periodic.module_path, finished_at__lt=now - timedelta(days=1)).delete()
    WorkerLife.objects.filter(seen_at__lt=limit).delete()


# --- the worker -----------------------------------------------------------------------------------------------------------
class HouseWorker(Worker):
    """The library's worker, plus a second thread that shows it is alive, sweeps, and keeps the timetable."""

    def __init__(self, *, once: bool, interval: float) -> None:
        worker_id = get_random_string(32)
        super().__init__(
            queue_names=["*"],
            interval=interval,
            batch=once,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=worker_id,
            excluded_queue_names=[],
        )
        self.over = threading.Event()

    def run(self) -> None:
        """The library's loop, which ends with the database: begun anew as soon as the database is back."""
        while self.running:
            try:
                super().run()
            except LOST as error:
                if self.batch:
                    raise
                logger.warning("the database is away, the worker waits for it: %s", error)
                self._wait_for_database()
            else:
                return

    def _wait_for_database(self) -> None:
        while self.running:
            time.sleep(self.interval)
            try:
                close_old_connections()
                self._take_up()
            except LOST:
                continue
            return

    def _take_up(self) -> None:
        """Let go of what the outage tore out of this worker's hands: it could not be written down while the database was away."""
        afterwards.catch_up()
        for result in DBTaskResult.objects.running():
            if result.worker_ids[-1:] == [self.worker_id] and not _queue_again(result):
                _give_back(result.pk, self.worker_id)

    def run_task(self, db_task_result: "DBTaskResult[..., Any]") -> None:
        global _in_hand, _at_work  # noqa: PLW0603 - one worker a process, one task at a time
        _in_hand, _at_work = db_task_result, self
        try:
            with watched():
                super().run_task(db_task_result)
            if retry_later(db_task_result):
                logger.warning("task %s failed and is queued again", db_task_result.task_path)
        finally:
            _in_hand = _at_work = None

    def appear(self) -> None:
        WorkerLife.objects.update_or_create(
            worker_id=self.worker_id, defaults={"host": socket.gethostname(), "pid": os.getpid(), "seen_at": Now()}
        )

    def keep_house(self) -> None:
        """Thread body: beat, sweep and queue what is due until the worker ends. A locked database is tried again at the next beat."""
        beats = [import_string(path) for path in settings.AT_WORKER_BEAT]
        while not self.over.is_set():
            for duty in (self.appear, sweep, queue_due, *beats):
                _patiently(duty)
            self.over.wait(BEAT_SECONDS)
        connection.close()


def _patiently(duty: Callable[[], Any]) -> None:
    try:
        close_old_connections()
        duty()
    except LOST as error:
        logger.warning("%s will be tried again: %s", getattr(duty, "__name__", "duty"), error)


def run_worker(*, once: bool = False, interval: float = 1.0) -> None:
    """Work until SIGTERM or SIGINT, or until the queue is empty with `once`.

    The task in hand is finished first; one that takes long and can `rest` is left to the next worker.
    """
    worker = HouseWorker(once=once, interval=interval)
    worker.appear()
    sweep()
    for path in settings.AT_WORKER_START:
        _patiently(import_string(path))
    if threading.current_thread() is threading.main_thread():
        worker.configure_signals()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    house = threading.Thread(target=worker.keep_house, name="keep-house", daemon=True)
    house.start()
    try:
        worker.run()
    finally:
        worker.over.set()
        house.join(timeout=BEAT_SECONDS)
        _patiently(lambda: WorkerLife.objects.filter(worker_id=worker.worker_id).delete())
