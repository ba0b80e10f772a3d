"""Who works on a batch: one process at a time, and a dead one is recognised.

A claim is `host:pid:start of process:token`. Every chunk's transaction renews it and ends when the batch was paused or taken over.
"""

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from tongxing.core.errors import Refused

from .models import MOVE, RUNNING, Batch, BatchStatus

SILENCE = timedelta(minutes=3)
FALL_BACK = {BatchStatus.CHECKING: BatchStatus.UPLOADED, BatchStatus.APPLYING: BatchStatus.PAUSED, BatchStatus.UNDOING: BatchStatus.APPLIED}
BROKEN_OFF = "处理意外中断，已入库的行不受影响。请点“继续”接着处理；仍不行请联系管理员。"


class Interrupted(Exception):
    """The batch was paused, cancelled or taken over by another process."""


def _started(pid: int) -> str:
    """When the process began, in clock ticks; empty where the system does not tell."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _me() -> str:
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{_started(os.getpid())}:{secrets.token_hex(4)}"


def is_alive(batch: Batch) -> bool:
    """Whether somebody works on the batch: on this machine the process is asked for, elsewhere its last sign of life counts."""
    if not batch.worker:
        return False
    host, pid, started, _ = batch.worker.split(":")
    if host != socket.gethostname()[:40]:
        return batch.beat_at is not None and timezone.now() - batch.beat_at < SILENCE
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _started(int(pid)) == started


def is_stalled(batch: Batch) -> bool:
    """In the middle of something, and nobody is at it."""
    return batch.status in RUNNING and not is_alive(batch)


@contextmanager
def claimed(batch: Batch, act: str, **changes: Any) -> Iterator[str]:
    """Move the batch by `act` and hold it; whatever happens, the claim ends and the batch stands where it can go on."""
    move, mine = MOVE[act], _me()
    with transaction.atomic():
        held = Batch.objects.select_for_update().get(pk=batch.pk)
        if held.status not in move.sources:
            raise Refused(f"批次现在是“{held.get_status_display()}”，不能这样处理。请刷新页面查看。", code="wrong_status")
        if held.status in RUNNING and is_alive(held):
            raise Refused("这个批次正在处理，请稍候。", code="in_progress")
        fields = {"status": move.target, "worker": mine, "beat_at": timezone.now(), "refused_code": "", "refused_message": "", **changes}
        Batch.objects.filter(pk=batch.pk).update(**fields)
    batch.refresh_from_db()
    try:
        yield mine
    finally:
        left = Batch.objects.filter(pk=batch.pk, worker=mine)
        left.filter(status=move.target, status__in=RUNNING).update(
            status=FALL_BACK[BatchStatus(move.target)], refused_message=BROKEN_OFF, worker=""
        )
        left.update(worker="")
        batch.refresh_from_db()


def renew(batch: Batch, mine: str, status: str, done: int) -> None:
    """Sign of life inside the chunk's transaction; raises Interrupted when the batch is no longer ours."""
    if not Batch.objects.filter(pk=batch.pk, worker=mine, status=status).update(done=done, beat_at=timezone.now()):
        raise Interrupted
    batch.done = done
