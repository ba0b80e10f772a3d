"""Undo as work in the background, what it falls back to, and how broken-off work is taken up."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from tongxing.core.errors import Refused
from tongxing.notices.models import Notice
from tongxing.registry.models import Organisation
from tongxing.sheets import applying, claims, command, tasks, undoing
from tongxing.sheets.models import Batch, BatchStatus

from .test_pages import GOOD, address, signed_in, upload

pytestmark = pytest.mark.django_db
DEAD = f"{claims.socket.gethostname()[:40]}:999999999:1:dead"


@pytest.fixture
def officer(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> Client:
    return signed_in(cast.officer)


@pytest.fixture
def paused(officer: Client, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Batch:
    """Two of six rows written."""
    monkeypatch.setattr(applying, "CHUNK_ROWS", 2)
    upload(officer, "单位名称,所属镇街\n" + "".join(f"厂{place},克井镇\n" for place in range(6)))
    batch = Batch.objects.get()
    applying.apply(batch, by=cast.officer, progress=lambda done: applying.pause(batch, by=cast.officer) if done == 2 else None)
    assert (batch.status, Organisation.objects.count()) == ("paused", 2)
    return batch


def test_a_refused_undo_of_a_paused_batch_leaves_it_paused(paused: Batch, officer: Client, cast: SimpleNamespace) -> None:
    Organisation.objects.filter(name="厂0").update(version=2)
    with pytest.raises(Refused):
        undoing.undo(paused, by=cast.officer)
    paused.refresh_from_db()
    assert (paused.status, paused.refused_message.startswith("没有撤销：不能撤销")) == ("paused", True)
    assert "继续入库" in officer.get(address("batch", paused)).content.decode()
    officer.post(address("continue", paused))
    paused.refresh_from_db()
    assert (paused.status, Organisation.objects.count()) == ("applied", 6)


def test_an_undo_of_a_paused_batch_that_was_killed_leaves_it_paused(paused: Batch) -> None:
    Batch.objects.update(status=BatchStatus.UNDOING, before_undo=BatchStatus.PAUSED, worker=DEAD)
    tasks.pick_up_stalled()
    paused.refresh_from_db()
    assert (paused.status, paused.worker, paused.refused_message) == ("paused", "", claims.NOT_UNDONE)


def test_a_paused_batch_is_taken_back(paused: Batch, cast: SimpleNamespace) -> None:
    undoing.undo(paused, by=cast.officer)
    assert (paused.status, Organisation.objects.count()) == ("undone", 0)


@pytest.fixture
def applied(officer: Client, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Batch:
    monkeypatch.setattr(tasks, "INLINE_ROWS", 0)
    upload(officer, GOOD)
    return applying.apply(Batch.objects.get(), by=cast.officer)


def test_a_large_undo_is_done_in_the_background_and_told(applied: Batch, officer: Client, cast: SimpleNamespace) -> None:
    officer.post(address("undo", applied), {"reason": "传错了文件"})
    applied.refresh_from_db()
    assert (applied.status, applied.undone_reason, Organisation.objects.count()) == ("undone", "传错了文件", 0)
    assert Notice.objects.filter(user=cast.officer, title__contains="已全部撤销").count() == 1


def test_a_large_undo_that_is_refused_says_why_on_the_page(applied: Batch, officer: Client, cast: SimpleNamespace) -> None:
    Organisation.objects.filter(name="甲厂").update(version=2)
    officer.post(address("undo", applied), {"reason": "传错了文件"})
    applied.refresh_from_db()
    assert (applied.status, Organisation.objects.count()) == ("applied", 2)
    assert "“甲厂”在导入之后又被修改" in officer.get(address("batch", applied)).content.decode()
    assert Notice.objects.filter(user=cast.officer, title__contains="没有撤销").count() == 1


def _queued(task: Any, status: str, *arguments: Any) -> None:
    DBTaskResult.objects.create(
        status=status, args_kwargs={"args": list(arguments), "kwargs": {}}, task_path=task.module_path, backend_name="default"
    )


def test_work_that_waits_is_shown_and_not_queued_twice(
    applied: Batch, officer: Client, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    _queued(tasks.undo_batch, TaskResultStatus.READY, applied.pk, cast.officer.pk, "x")
    page = officer.get(address("batch", applied)).content.decode()
    assert ("正在排队" in page, "撤销这批数据" in page) == (True, False)
    assert "HX-Refresh" not in officer.get(address("progress", applied)).headers
    assert "HX-Refresh" in officer.get(address("progress", applied), {"was": "undoing"}).headers
    officer.post(address("undo", applied), {"reason": "再点一次"})
    applied.refresh_from_db()
    assert applied.status == "applied"


@pytest.mark.parametrize(("status", "taken_up"), [(None, True), ("READY", False), ("RUNNING", False), ("FAILED", False)])
def test_broken_off_work_is_taken_up_once_and_not_for_ever(applied: Batch, status: str | None, taken_up: bool) -> None:
    Batch.objects.update(status=BatchStatus.APPLYING, worker=DEAD)
    if status:
        _queued(tasks.apply_batch, status, applied.pk)
    tasks.pick_up_stalled()
    applied.refresh_from_db()
    assert (applied.status == "applied") is taken_up


def test_a_second_load_waits_for_the_worker_that_took_the_file_up(
    jiyuan: SimpleNamespace, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tongxing.audit.log import COMMAND_LINE

    path = tmp_path / "a.csv"
    path.write_text(GOOD)
    first = command.load("enterprises", path, by=COMMAND_LINE)
    Batch.objects.update(status=BatchStatus.APPLYING, worker=claims._me())

    def finishes(_: float) -> None:
        Batch.objects.update(status=BatchStatus.APPLIED, worker="")

    monkeypatch.setattr(command.time, "sleep", finishes)
    again = command.load("enterprises", path, by=COMMAND_LINE)
    assert (again["status"], again["batch"], again["new"]) == ("applied", first["batch"], 2)


def test_all_or_nothing_cannot_be_paused(officer: Client, applied: Batch) -> None:
    Batch.objects.update(status=BatchStatus.APPLYING, mode="all", worker=claims._me())
    assert officer.post(address("pause", applied)).status_code == 409
    page = officer.get(address("progress", applied)).content.decode()
    assert ("中途不能暂停" in page, "暂停</button>" in page) == (True, False)


def test_a_check_that_runs_again_after_an_outage_leaves_a_confirmed_batch_alone(applied: Batch) -> None:
    """The check was done; only the queue never learned of it. The word given since then stands."""
    Batch.objects.update(status=BatchStatus.CHECKED, confirmed=True)
    _queued(tasks.apply_batch, TaskResultStatus.READY, applied.pk)
    before = Batch.objects.values().get()
    tasks.check_batch.func(applied.pk)
    assert Batch.objects.values().get() == before


def test_a_confirmed_batch_that_is_being_checked_again_is_applied_later(applied: Batch, settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
    Batch.objects.update(status=BatchStatus.CHECKING, confirmed=True)
    tasks.apply_batch.func(applied.pk)
    [waiting] = DBTaskResult.objects.filter(task_path=tasks.apply_batch.module_path, status=TaskResultStatus.READY)
    assert waiting.run_after > timezone.now()


def test_progress_begins_at_nothing_when_the_import_does(officer: Client, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check went through all lines; the import has not written one when it begins."""
    upload(officer, "单位名称,所属镇街\n甲厂,克井镇\n乙厂,克井镇\n")
    batch = Batch.objects.get()
    assert (batch.status, batch.done) == ("checked", 2)
    seen: list[int] = []
    run = applying._run

    def look(held: Batch, *rest: Any) -> int:
        seen.append(Batch.objects.values_list("done", flat=True).get(pk=held.pk))
        return run(held, *rest)

    monkeypatch.setattr(applying, "_run", look)
    applying.apply(batch, by=cast.officer)
    assert seen == [0]
