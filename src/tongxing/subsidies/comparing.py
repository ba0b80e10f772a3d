"""Comparison lists (比对名单): taken in from a file; of each person only a keyed digest of the number and the name are kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.core.identifiers import clean_resident_id
from tongxing.core.values import clean_text
from tongxing.registry.identity import id_index

from .models import Comparison, Listed
from .rules import may_at

BATCH = 2_000


@dataclass(frozen=True)
class Named:
    """One row of a list, as it was read."""

    row: int
    name: str
    id_number: str
    detail: str = ""


@dataclass
class Taken:
    """The list, and the rows that were not taken with the reason."""

    comparison: Comparison
    left: list[tuple[int, str]] = field(default_factory=list)


@transaction.atomic
def take_list(rows: Iterable[Named], *, by: Actor, area_code: int, kind: str, source: str, as_of: date, sha256: str) -> Taken:
    """Take a list in. Rows without a valid ID number are named and left out; the same person twice counts once."""
    insist(may_at(by, "subsidies.handle", area_code))
    if as_of > timezone.localdate():
        raise Refused("数据截至日期还没有到，请核对。", code="future_day")
    if Comparison.objects.filter(sha256=sha256, kind=kind, retired_on=None).exists():
        raise Refused("同一份文件已经导入过。要更新请先停用旧名单。", code="same_file")
    made = Comparison.objects.create(
        area_id=area_code, kind=kind, source=clean_text(source, longest=120), as_of=as_of, sha256=sha256, uploaded_by=by.display_name[:60]
    )
    taken = Taken(made)
    people: dict[str, Listed] = {}
    for row in _judged(rows, taken):
        people.setdefault(row.id_index, row)
    Listed.objects.bulk_create(people.values(), batch_size=BATCH)
    if not people:
        raise Refused("文件里没有一行有效的身份证号码，没有导入。请检查表头是否有“姓名”和“身份证号”。", code="nothing")
    made.rows_count = len(people)
    made.save(update_fields=["rows_count"])
    record(
        "subsidies.take_list", by=by, of=made, after={"kind": kind, "source": made.source, "count": len(people), "left": len(taken.left)}
    )
    return taken


def _judged(rows: Iterable[Named], taken: Taken) -> Iterator[Listed]:
    for row in rows:
        try:
            number = clean_resident_id(row.id_number).number
        except ValidationError as error:
            taken.left.append((row.row, "".join(error.messages)))
            continue
        name = row.name.strip()[:64]
        yield Listed(comparison=taken.comparison, id_index=id_index(number), name=name, detail=row.detail.strip()[:120])


@transaction.atomic
def retire_list(comparison: Comparison, *, by: Actor) -> Comparison:
    """Compare no longer with an outdated list; its digests are deleted, what it found stays with the claims."""
    held = Comparison.objects.select_for_update().get(pk=comparison.pk)
    insist(may_at(by, "subsidies.handle", held.area_id))
    if held.retired_on:
        raise Refused("这份名单已经停用。请刷新页面。", code="retired")
    held.retired_on = timezone.localdate()
    held.save(update_fields=["retired_on"])
    held.people.all().delete()
    record("subsidies.retire_list", by=by, of=held, after={"retired_on": held.retired_on.isoformat()})
    return held
