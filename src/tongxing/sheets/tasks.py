"""Work on batches that is too long for a request. Tasks only fetch and delegate; running one twice does no harm."""

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.errors import Refused
from tongxing.notices.inbox import tell

from .applying import apply, not_all_good, stalled
from .checking import check
from .claims import NOT_UNDONE, fall_back, is_stalled
from .models import Batch, BatchStatus, Mode
from .undoing import insist_on_right, undo

INLINE_BYTES = 200_000
"""Files up to this size are worked on within the request."""
LATER = timedelta(seconds=5)
INLINE_ROWS = 1_000
"""Batches that wrote up to so many rows are taken back within the request."""


@task()
def check_batch(batch_id: int) -> None:
    batch = _batch(batch_id)
    if batch.status == BatchStatus.CHECKED and _is_to_be_applied(batch):
        # This check was done, an outage kept the queue from noting it, and somebody has confirmed the batch since.
        return
    if batch.status in {BatchStatus.UPLOADED, BatchStatus.CHECKED, BatchStatus.CHECKING}:
        check(batch, by=actor(batch))
        _tell(batch, "检查完成，等您确认" if batch.status == BatchStatus.CHECKED else "没有受理")


@task()
def apply_batch(batch_id: int) -> None:
    batch = _batch(batch_id)
    if batch.status == BatchStatus.CHECKING:
        # Confirmed, and being checked anew all the same: the word given is kept for when that is done.
        apply_batch.using(run_after=timezone.now() + LATER).enqueue(batch_id)
    if batch.status in {BatchStatus.CHECKED, BatchStatus.PAUSED, BatchStatus.APPLYING}:
        apply(batch, by=actor(batch), mode=batch.mode)
        _tell(batch, "已入库" if batch.status == BatchStatus.APPLIED else "没有全部入库，请查看")


@task()
def undo_batch(batch_id: int, user_id: int, reason: str) -> None:
    """Take a batch back; who asked for it is told what became of it. A refusal is an answer, not a failure to be tried again."""
    batch, user = _batch(batch_id), get_user_model().objects.get(pk=user_id)
    if batch.status not in {BatchStatus.APPLIED, BatchStatus.PAUSED, BatchStatus.UNDOING}:
        return
    try:
        undo(batch, by=user, reason=reason)
    except Refused:
        _tell(batch, "没有撤销，请查看原因", to=user)
    else:
        _tell(batch, "已全部撤销", to=user)


@task()
def keep_batch(batch_id: int) -> None:
    """An undo that was broken off took nothing back, for it is one transaction; whoever wanted it asks again."""
    batch = _batch(batch_id)
    if is_stalled(batch) and batch.status == BatchStatus.UNDOING:
        kept = {"status": fall_back(batch), "worker": "", "refused_message": NOT_UNDONE}
        Batch.objects.filter(pk=batch.pk, status=BatchStatus.UNDOING, worker=batch.worker).update(**kept)


def pick_up_stalled() -> None:
    """Hand on what a dead process left in the middle; a worker does it at every beat.

    Work that came from the queue is given back by the queue's own sweeper. A batch whose work failed there for good waits for a person:
    a file that kills its worker must not kill the next one for ever.
    """
    for batch in stalled():
        if not jobs_of(batch, TaskResultStatus.READY, TaskResultStatus.RUNNING, TaskResultStatus.FAILED).exists():
            go_on(batch)


def jobs_of(batch: Batch, *statuses: str) -> "QuerySet[DBTaskResult[..., Any]]":
    """Rows of the queue that are about this batch."""
    paths = [work.module_path for work in (check_batch, apply_batch, undo_batch, keep_batch)]
    return DBTaskResult.objects.filter(task_path__in=paths, status__in=statuses, args_kwargs__args__0=batch.pk)


def _is_to_be_applied(batch: Batch) -> bool:
    return jobs_of(batch, TaskResultStatus.READY).filter(task_path=apply_batch.module_path).exists()


def waits(batch: Batch) -> bool:
    """Whether work on the batch is queued and not begun."""
    return not batch.is_running and jobs_of(batch, TaskResultStatus.READY).exists()


def go_on(batch: Batch) -> None:
    """Continue a batch where it stands; refuses while somebody is at it."""
    if batch.is_running and not is_stalled(batch):
        raise Refused("这个批次正在处理，请稍候。", code="in_progress")
    work = {
        BatchStatus.CHECKING: check_batch,
        BatchStatus.UPLOADED: check_batch,
        BatchStatus.UNDOING: keep_batch,
        BatchStatus.APPLYING: apply_batch,
        BatchStatus.PAUSED: apply_batch,
    }
    if batch.status not in work:
        raise Refused("这个批次没有可以继续的步骤：等待确认的请先确认入库，已结束的请重新上传。", code="nothing_to_continue")
    work[BatchStatus(batch.status)].enqueue(batch.pk)


def actor(batch: Batch) -> Any:
    return batch.user or COMMAND_LINE


def _batch(batch_id: int) -> Batch:
    return Batch.objects.select_related("user").get(pk=batch_id)


def _tell(batch: Batch, what: str, *, to: Any = None) -> None:
    if reader := to or batch.user:
        tell([reader], title=f"导入“{batch.file_name}”{what}", url=reverse("sheets:batch", args=[batch.uid]))


def start_check(batch: Batch) -> None:
    """Check now when the file is small, else in the background."""
    if batch.file_size <= INLINE_BYTES:
        check(batch, by=actor(batch))
    else:
        check_batch.enqueue(batch.pk)


def start_apply(batch: Batch, mode: str, *, by: Any) -> None:
    """Apply now when the file is small, else in the background. Refuses at once what the check already rules out."""
    if batch.file_size <= INLINE_BYTES or batch.status != BatchStatus.CHECKED:
        apply(batch, by=by, mode=mode)
        return
    if mode == Mode.ALL and batch.invalid + batch.duplicate:
        raise not_all_good(batch.invalid + batch.duplicate)
    if not waits(batch):
        Batch.objects.filter(pk=batch.pk).update(mode=mode, confirmed=True)
        apply_batch.enqueue(batch.pk)


def start_undo(batch: Batch, *, by: Any, reason: str) -> None:
    """Take back now what is little, else in the background. Refuses at once who may not."""
    if batch.new + batch.changed <= INLINE_ROWS or batch.status not in {BatchStatus.APPLIED, BatchStatus.PAUSED}:
        undo(batch, by=by, reason=reason)
        return
    insist_on_right(batch, by)
    if not waits(batch):
        undo_batch.enqueue(batch.pk, by.pk, reason)
