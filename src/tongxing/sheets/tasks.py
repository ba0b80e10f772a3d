"""Work on batches that is too long for a request. Tasks only fetch and delegate; running one twice does no harm."""

from typing import Any

from django.urls import reverse
from django_tasks import task

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.errors import Refused
from tongxing.notices.inbox import tell

from .applying import apply, stalled
from .checking import check
from .claims import is_stalled
from .models import Batch, BatchStatus

INLINE_BYTES = 200_000
"""Files up to this size are worked on within the request."""


@task()
def check_batch(batch_id: int) -> None:
    batch = _batch(batch_id)
    if batch.status in {BatchStatus.UPLOADED, BatchStatus.CHECKED, BatchStatus.CHECKING}:
        check(batch, by=actor(batch))
        _tell(batch, "检查完成，等您确认" if batch.status == BatchStatus.CHECKED else "没有受理")


@task()
def apply_batch(batch_id: int) -> None:
    batch = _batch(batch_id)
    if batch.status in {BatchStatus.CHECKED, BatchStatus.PAUSED, BatchStatus.APPLYING}:
        apply(batch, by=actor(batch), mode=batch.mode)
        _tell(batch, "已入库" if batch.status == BatchStatus.APPLIED else "没有全部入库，请查看")


@task()
def keep_batch(batch_id: int) -> None:
    """An undo that was broken off took nothing back, for it is one transaction; whoever wanted it asks again."""
    batch = _batch(batch_id)
    if is_stalled(batch):
        Batch.objects.filter(pk=batch.pk, status=BatchStatus.UNDOING).update(
            status=BatchStatus.APPLIED, worker="", refused_message="撤销意外中断，没有撤销任何一行。需要时请再点一次“撤销”。"
        )


def pick_up_stalled() -> None:
    """Hand on what a dead worker left in the middle; stands in the timetable."""
    for batch in stalled():
        go_on(batch)


def go_on(batch: Batch) -> None:
    """Continue a batch where it stands; refuses while somebody is at it."""
    if batch.is_running and not is_stalled(batch):
        raise Refused("这个批次正在处理，请稍候。", code="in_progress")
    work = {BatchStatus.CHECKING: check_batch, BatchStatus.UPLOADED: check_batch, BatchStatus.UNDOING: keep_batch}
    work.get(BatchStatus(batch.status), apply_batch).enqueue(batch.pk)


def actor(batch: Batch) -> Any:
    return batch.user or COMMAND_LINE


def _batch(batch_id: int) -> Batch:
    return Batch.objects.select_related("user").get(pk=batch_id)


def _tell(batch: Batch, what: str) -> None:
    if batch.user:
        tell([batch.user], title=f"导入“{batch.file_name}”{what}", url=reverse("sheets:batch", args=[batch.uid]))


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
    if mode == "all" and batch.invalid + batch.duplicate:
        raise Refused("有行有误或重复，不能按“全部或不入”入库。请选“只入合格行”，或改正后重新上传。", code="not_all_good")
    Batch.objects.filter(pk=batch.pk).update(mode=mode, confirmed=True)
    apply_batch.enqueue(batch.pk)
