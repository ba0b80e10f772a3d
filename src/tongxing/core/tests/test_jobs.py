"""Sweeping, retrying and the timetable, on both databases."""

import os
import socket
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from tongxing.core import jobs
from tongxing.core.models import PeriodicJob, WorkerLife

pytestmark = pytest.mark.django_db
NO_SUCH_PROCESS = 2**22 + 1


def running(*worker_ids: str) -> DBTaskResult:
    return DBTaskResult.objects.create(
        status=TaskResultStatus.RUNNING,
        args_kwargs={"args": ["tongxing.core.jobs.prune"], "kwargs": {}},
        task_path="tongxing.core.jobs.run_periodic",
        backend_name="default",
        run_after=timezone.now(),
        worker_ids=list(worker_ids),
    )


def life(worker_id: str, **facts: Any) -> None:
    WorkerLife.objects.create(worker_id=worker_id, **{"host": socket.gethostname(), "pid": os.getpid()} | facts)


def test_sweep_leaves_the_task_of_a_living_worker() -> None:
    life("alive")
    held = running("alive")
    assert jobs.sweep() == 0
    held.refresh_from_db()
    assert held.status == TaskResultStatus.RUNNING


@pytest.mark.parametrize(
    "facts", [{"pid": NO_SUCH_PROCESS}, {"host": "elsewhere", "seen_at": timezone.now() - timedelta(minutes=5)}], ids=["gone", "silent"]
)
def test_sweep_gives_back_the_task_of_a_dead_worker(facts: dict[str, Any]) -> None:
    life("dead", **facts)
    held = running("dead")
    assert jobs.sweep() == 1
    held.refresh_from_db()
    assert (held.status, held.started_at) == (TaskResultStatus.READY, None)


def test_a_task_that_another_worker_took_up_meanwhile_is_not_given_back() -> None:
    """Of two workers that find the same dead one, the second must not take the task from the third, which has it by then."""
    life("alive")
    held = running("dead", "alive")
    assert jobs._give_back(held.pk, "dead") is False
    held.refresh_from_db()
    assert held.status == TaskResultStatus.RUNNING


def test_a_worker_is_judged_by_the_clock_of_the_database() -> None:
    """Of two machines one may be minutes ahead: it must not take the other's tasks away."""
    worker = jobs.HouseWorker(once=True, interval=0)
    worker.appear()
    WorkerLife.objects.update(host="elsewhere")
    running(worker.worker_id)
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        assert jobs.sweep() == 0


def test_sweep_fails_a_task_that_lost_its_worker_three_times() -> None:
    held = running("one", "two", "three")
    jobs.sweep()
    held.refresh_from_db()
    assert (held.status, held.traceback) == (TaskResultStatus.FAILED, "工作进程 3 次中途停止，不再重试。")


@pytest.mark.parametrize(
    ("attempts", "error", "again"),
    [(1, "builtins.OSError", True), (3, "builtins.OSError", False), (1, "tongxing.core.errors.Refused", False)],
)
def test_failed_task_is_retried_within_bounds(attempts: int, error: str, again: bool) -> None:
    failed = running(*map(str, range(attempts)))
    failed.status, failed.exception_class_path = TaskResultStatus.FAILED, error
    assert jobs.retry_later(failed) is again
    assert failed.status == (TaskResultStatus.READY if again else TaskResultStatus.FAILED)


def test_timetable_queues_each_job_once_until_due_again(settings: Any) -> None:
    settings.PERIODIC = {"tongxing.core.jobs.prune": 60}
    assert (jobs.queue_due(), jobs.queue_due()) == (1, 0)
    PeriodicJob.objects.update(due_at=timezone.now())
    assert jobs.queue_due() == 1


def test_timetable_does_not_queue_a_job_that_still_waits(settings: Any) -> None:
    settings.PERIODIC = {"tongxing.core.jobs.prune": 60}
    waiting = running()
    DBTaskResult.objects.filter(pk=waiting.pk).update(status=TaskResultStatus.READY)
    assert jobs.queue_due() == 0


def test_prune_drops_what_is_old() -> None:
    old = running("one")
    DBTaskResult.objects.filter(pk=old.pk).update(status=TaskResultStatus.SUCCESSFUL, finished_at=timezone.now() - timedelta(days=31))
    life("old", seen_at=timezone.now() - timedelta(days=31))
    jobs.prune()
    assert (DBTaskResult.objects.count(), WorkerLife.objects.count()) == (0, 0)


def test_an_outage_is_not_the_fault_of_the_task() -> None:
    failed = running("one", "two", "three")
    failed.status, failed.exception_class_path = TaskResultStatus.FAILED, "django.db.utils.OperationalError"
    before = timezone.now()
    assert jobs.retry_later(failed)
    failed.refresh_from_db()
    assert (failed.status, failed.worker_ids) == (TaskResultStatus.READY, ["one", "two", "~three"])
    assert before <= failed.run_after <= timezone.now()


def test_outages_end_somewhere() -> None:
    failed = running(*["~again"] * jobs.MOST_OUTAGES, "one", "two", "three")
    failed.status, failed.exception_class_path = TaskResultStatus.FAILED, "django.db.utils.OperationalError"
    assert not jobs.retry_later(failed)


def test_progress_wipes_out_earlier_attempts(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> None:
    held = running("one", "two")
    monkeypatch.setattr(jobs, "_in_hand", held)
    with django_capture_on_commit_callbacks(execute=True):
        jobs.progressed()
    assert held.worker_ids == ["two"]
    held.refresh_from_db()
    assert held.worker_ids == ["two"]


def hand_on() -> None:
    """A task that is told to stop in the middle."""
    worker = jobs._at_work
    assert worker is not None
    worker.running = False
    jobs.rest()


def test_what_a_worker_has_in_hand_when_it_is_told_to_stop_goes_to_the_next(settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    jobs.rest()  # nobody's worker: nothing to stop for
    worker = jobs.HouseWorker(once=False, interval=0)
    held = running("former", worker.worker_id)
    DBTaskResult.objects.filter(pk=held.pk).update(args_kwargs={"args": [f"{__name__}.hand_on"], "kwargs": {}})
    held.refresh_from_db()
    worker.run_task(held)
    held.refresh_from_db()
    assert (held.status, held.worker_ids, held.started_at) == (TaskResultStatus.READY, ["former"], None)
    assert DBTaskResult.objects.ready().filter(pk=held.pk).exists()


def test_a_worker_outlasts_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it had in hand is queued again, and the loop goes on."""
    worker = jobs.HouseWorker(once=False, interval=0)
    held, rounds = running(worker.worker_id), []

    def loop(self: Any) -> None:
        rounds.append(1)
        if len(rounds) == 1:
            raise OperationalError

    monkeypatch.setattr(jobs.Worker, "run", loop)
    # The test's transaction would end with its connection.
    monkeypatch.setattr(jobs, "close_old_connections", lambda: None)
    worker.run()
    held.refresh_from_db()
    assert (len(rounds), held.status, held.worker_ids) == (2, TaskResultStatus.READY, [f"~{worker.worker_id}"])
