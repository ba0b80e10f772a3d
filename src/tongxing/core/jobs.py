"""Jobs: the django-tasks worker with what it lacks - a sweeper for dead workers, bounded retries, and a timetable (design §4.9).

Tasks must be idempotent: a task that its worker did not finish runs again, at most `MOST_ATTEMPTS` times.
"""

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, OperationalError, close_old_connections, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.module_loading import import_string
from django_tasks import TaskResultStatus, task
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from .models import PeriodicJob, WorkerLife

MOST_ATTEMPTS = 3
BEAT_SECONDS = 5
SILENT_SECONDS = 60
KEEP_RESULTS_DAYS = 30
RETRY_AFTER = timedelta(seconds=30)
REFUSED_PATH = "tongxing.core.errors.Refused"

logger = logging.getLogger(__name__)


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
    if len(result.worker_ids) >= MOST_ATTEMPTS:
        result.status, result.finished_at = TaskResultStatus.FAILED, timezone.now()
        result.traceback = f"工作进程 {len(result.worker_ids)} 次中途停止，不再重试。"
        result.save(update_fields=["status", "finished_at", "traceback"])
        logger.error("task %s failed: its worker died %s times", result.task_path, len(result.worker_ids))
    else:
        result.status, result.started_at = TaskResultStatus.READY, None
        result.save(update_fields=["status", "started_at"])
        logger.warning("task %s given back: its worker died", result.task_path)
    return True


def retry_later(result: "DBTaskResult[..., Any]") -> bool:
    """Queue a failed task again, later each time; not when the rules refused it or its attempts are used up."""
    attempts = len(result.worker_ids)
    if result.status != TaskResultStatus.FAILED or attempts >= MOST_ATTEMPTS or result.exception_class_path == REFUSED_PATH:
        return False
    result.status, result.finished_at = TaskResultStatus.READY, None
    result.run_after = timezone.now() + RETRY_AFTER * 2 ** (attempts - 1)
    result.save(update_fields=["status", "finished_at", "run_after"])
    return True


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

    def run_task(self, db_task_result: "DBTaskResult[..., Any]") -> None:
        super().run_task(db_task_result)
        if retry_later(db_task_result):
            logger.warning("task %s failed and is queued again", db_task_result.task_path)

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
    except OperationalError as error:
        logger.warning("%s will be tried again: %s", getattr(duty, "__name__", "duty"), error)


def run_worker(*, once: bool = False, interval: float = 1.0) -> None:
    """Work until SIGTERM or SIGINT (the task in hand is finished first), or until the queue is empty with `once`."""
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
