"""Who works on a batch: one process at a time, and a dead one is recognised.

A claim is `host:pid:start of process:token`. Every chunk's transaction renews it and ends when the batch was paused or taken over.
"""

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from tongxing.core.afterwards import see_to
from tongxing.core.errors import Refused
from tongxing.core.jobs import HandedOn, progressed
from tongxing.core.outages import FULL, LOST, outage_of
from tongxing.core.processes import is_running, started

from .models import MOVE, RUNNING, Batch, BatchStatus

SILENCE = timedelta(minutes=3)
FALL_BACK = {BatchStatus.CHECKING: BatchStatus.UPLOADED, BatchStatus.APPLYING: BatchStatus.PAUSED}
NOT_UNDONE = "撤销意外中断，没有撤销任何一行。需要时请再点一次“撤销”。"
NO_ROOM = "服务器磁盘已满，处理停在这里，已入库的行不受影响。请联系管理员清理磁盘，之后点“继续”。"
BROKEN_OFF = "处理意外中断，已入库的行不受影响。请点“继续”接着处理；仍不行请联系管理员。"


class Interrupted(Exception):
    """The batch was paused, cancelled or taken over by another process."""


def _me() -> str:
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{started(os.getpid())}:{secrets.token_hex(4)}"


def is_alive(batch: Batch) -> bool:
    """Whether somebody works on the batch: on this machine the process is asked for, elsewhere its last sign of life counts."""
    if not batch.worker:
        return False
    host, pid, since, _ = batch.worker.split(":")
    if host != socket.gethostname()[:40]:
        return batch.beat_at is not None and timezone.now() - batch.beat_at < SILENCE
    return is_running(int(pid), since)


def fall_back(batch: Batch, running: str = BatchStatus.UNDOING) -> str:
    """Where a batch stands again when the work on it is broken off; an undo takes back all or nothing."""
    return batch.before_undo or BatchStatus.APPLIED if running == BatchStatus.UNDOING else FALL_BACK[BatchStatus(running)]


def is_stalled(batch: Batch) -> bool:
    """In the middle of something, and nobody is at it."""
    return batch.status in RUNNING and not is_alive(batch)


@contextmanager
def claimed(batch: Batch, act: str, **changes: Any) -> Iterator[str]:
    """Move the batch by `act` and hold it; whatever happens, the claim ends and the batch stands where it can go on."""
    mine, target = _me(), MOVE[act].target
    why = NOT_UNDONE if act == "undo" else BROKEN_OFF
    try:
        _take(batch, act, mine, changes)
        yield mine
    except HandedOn:
        why = ""
        raise
    except (*LOST, OSError) as error:
        if outage_of(error) is FULL and act != "undo":
            why = NO_ROOM
        raise
    finally:
        # The process lives on: a claim that an outage left standing would lock everybody out. It may stand although taking it failed:
        # a database that goes away while it commits has taken the claim down and not said so.
        see_to(lambda: _let_go(batch, mine, target, why))


def _take(batch: Batch, act: str, mine: str, changes: dict[str, Any]) -> None:
    move = MOVE[act]
    with transaction.atomic():
        held = Batch.objects.select_for_update().get(pk=batch.pk)
        if held.status not in move.sources:
            raise Refused(f"批次现在是“{held.get_status_display()}”，不能这样处理。请刷新页面查看。", code="wrong_status")
        if held.status in RUNNING and is_alive(held):
            raise Refused("这个批次正在处理，请稍候。", code="in_progress")
        if act == "undo" and held.status != BatchStatus.UNDOING:
            changes = {**changes, "before_undo": held.status}
        fields = {"status": move.target, "worker": mine, "beat_at": timezone.now(), "refused_code": "", "refused_message": "", **changes}
        Batch.objects.filter(pk=batch.pk).update(**fields)
    batch.refresh_from_db()


def _let_go(batch: Batch, mine: str, target: str, why: str) -> None:
    left = Batch.objects.filter(pk=batch.pk, worker=mine)
    left.filter(status=target, status__in=RUNNING).update(status=fall_back(batch, target), refused_message=why, worker="")
    left.update(worker="")
    batch.refresh_from_db()


def renew(batch: Batch, mine: str, status: str, done: int) -> None:
    """Sign of life inside the chunk's transaction; raises Interrupted when the batch is no longer ours."""
    if not Batch.objects.filter(pk=batch.pk, worker=mine, status=status).update(done=done, beat_at=timezone.now()):
        raise Interrupted
    if status == BatchStatus.APPLYING:
        progressed()
    batch.done = done
