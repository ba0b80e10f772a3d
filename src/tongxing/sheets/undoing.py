"""Taking a batch back while nothing later depends on it; otherwise saying what does."""

import json
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from tongxing.audit.log import record
from tongxing.core.errors import Refused

from .catalogue import open_sheet, sheet_class
from .claims import claimed, fall_back
from .models import Batch, BatchStatus, Chunk, Fate, Line, open_undo
from .restamping import restamp
from .sheet import Stale

REFUSAL_CODE = "depends"


def undo(batch: Batch, *, by: Any, reason: str = "") -> Batch:
    """Take back every row the batch made or changed, in one transaction. Refuses with the names of what depends on it."""
    if batch.status == BatchStatus.UNDONE:
        raise Refused("这个批次已经撤销过了。", code="already_undone")
    insist_on_right(batch, by)
    with claimed(batch, "undo"):
        try:
            _take_back(batch, by, reason)
        except Refused as refusal:
            kept = {"status": fall_back(batch), "refused_message": f"没有撤销：{refusal.message}"[:500]}
            Batch.objects.filter(pk=batch.pk, status=BatchStatus.UNDOING).update(**kept)
            raise
    return batch


def may_undo(batch: Batch, by: Any) -> bool:
    """Whoever may load such a sheet, and holds the permission over the batch's area, or loaded it and holds the permission anywhere."""
    if not hasattr(by, "may_at"):
        return True
    over, own = by.may_at("sheets.undo", batch.area_code), batch.user_id == by.pk and by.may("sheets.undo")
    return bool((over or own) and by.may(sheet_class(batch.sheet).permission))


def insist_on_right(batch: Batch, by: Any) -> None:
    if not may_undo(batch, by):
        raise Refused("您的岗位不能撤销这个批次，请联系导入人或劳动关系科经办。", code="forbidden", status=403)


def _take_back(batch: Batch, by: Any, reason: str) -> None:
    try:
        _take_back_all(batch, by, reason)
    except (Stale, IntegrityError):
        # The database itself speaks up at the commit when somebody hung a new row on a record in the same moment.
        raise Refused("撤销的同时有人改动了其中的记录，没有撤销任何一行。请刷新页面后再试。", code="moved_on") from None


@transaction.atomic
def _take_back_all(batch: Batch, by: Any, reason: str) -> None:
    sheet = open_sheet(batch.sheet)
    made, changed = _written(batch)
    blocking = sheet.dependants(made, [refs for refs, _ in changed])
    if blocking:
        raise Refused(f"不能撤销，后来的工作用到了这批数据：{'；'.join(blocking)}。请先处理这些，再撤销。", code=REFUSAL_CODE)
    along = sheet.undo_chunk(made, changed, by=by)
    restamp(batch, [refs for refs, _ in changed], along)
    Line.objects.filter(batch=batch).update(applied=False, undo_sealed="")
    Chunk.objects.filter(batch=batch).update(applied=False, refs=[])
    counts = {"new": len(made), "changed": len(changed)}
    record("sheets.undo", by=by, of=batch, before=counts, reason=reason)
    Batch.objects.filter(pk=batch.pk).update(status=BatchStatus.UNDONE, undone_reason=reason[:200], finished_at=timezone.now())


def _written(batch: Batch) -> tuple[list[dict[str, Any]], list[tuple[dict[str, Any], dict[str, Any]]]]:
    """References of what new rows made, and of what changed rows changed with the values before."""
    made = [refs for chunk in Chunk.objects.filter(batch=batch, applied=True).values_list("refs", flat=True) for _, refs in chunk]
    # A new row that was saved with a doubt has a line too; what it made stands in its chunk.
    lines = Line.objects.filter(batch=batch, applied=True, fate=Fate.CHANGED).exclude(undo_sealed="").order_by("row")
    changed = [(line.refs, json.loads(open_undo(line))) for line in lines.iterator(chunk_size=2000)]
    return made, changed
