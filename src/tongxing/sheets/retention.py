"""How long the files of batches are kept (provision `sheets.keep_file_days`). The batch, its figures and the fate of its lines stay.

个人信息保护法 19: personal data is kept no longer than its purpose needs; what undo needs lies sealed with the lines, not in the file.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from tongxing.audit.log import COMMAND_LINE, record
from tongxing.policy.provisions import value

from .models import Batch, BatchStatus

DONE = (BatchStatus.APPLIED, BatchStatus.REFUSED, BatchStatus.CANCELLED, BatchStatus.UNDONE)
WAITING = (BatchStatus.UPLOADED, BatchStatus.CHECKED)


def keep_days() -> int:
    return int(value("sheets.keep_file_days"))


def remove_old_files() -> int:
    """Remove the files of batches that have been done for so many days; how many. A batch that waited that long is cancelled first.

    A paused batch is neither: it is continued or taken back by a person, and its file goes then.
    """
    limit = timezone.now() - timedelta(days=keep_days())
    for batch in Batch.objects.filter(status__in=WAITING, created_at__lt=limit):
        _give_up(batch)
    done = Batch.objects.filter(status__in=DONE).exclude(file="").annotate(done_at=Coalesce("finished_at", "created_at"))
    found = list(done.filter(done_at__lt=limit))
    for batch in found:
        _remove(batch, timezone.now())
    return len(found)


@transaction.atomic
def _give_up(batch: Batch) -> None:
    """Nobody confirmed it: cancelled as of the day it came, so that its file goes too."""
    changed = Batch.objects.filter(pk=batch.pk, status=batch.status).update(status=BatchStatus.CANCELLED, finished_at=batch.created_at)
    if changed:
        record("sheets.cancel", by=COMMAND_LINE, of=batch, reason="上传后一直没有确认入库")


def _remove(batch: Batch, now: datetime) -> None:
    """The file first, then the row: broken off in between, the next run finishes it."""
    batch.file.storage.delete(str(batch.file.name))
    with transaction.atomic():
        Batch.objects.filter(pk=batch.pk).update(file="", file_removed_at=now)
        record("sheets.remove_file", by=COMMAND_LINE, of=batch, before={"sha256": batch.sha256, "size": batch.file_size})
