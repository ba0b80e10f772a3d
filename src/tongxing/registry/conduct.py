"""Acts on conduct records (违法失信记录): the ground on which the yearly selection refuses (notice:A1.2, A2.2)."""

from datetime import date
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.core.vault import masked_within
from tongxing.files import store
from tongxing.files.models import StoredFile

from .models import ConductRecord, Organisation, Person
from .rules_people import can_edit_at, can_open_document

PURPOSE = "registry.conduct"


@transaction.atomic
def add_conduct(
    subject: Person | Organisation,
    *,
    by: Actor,
    kind: str,
    happened_on: date,
    source: str,
    summary: str,
    document: str = "",
    document_file: "File[bytes] | None" = None,
) -> ConductRecord:
    """Enter a conduct record of a person or an organisation, with the source that says so and, where there is one, the paper itself."""
    insist(can_edit_at(by, subject.area_id))
    if happened_on > timezone.localdate():
        raise Refused("记录的日期还没有到，请核对文书上的日期。", code="future_day")
    if not source.strip() or not summary.strip():
        raise Refused("违法失信记录必须写明来源和事由，否则不能作为选树的依据。", code="source_missing", clause="notice:A1.2")
    person, organisation = (subject, None) if isinstance(subject, Person) else (None, subject)
    _refuse_double(subject, kind, happened_on, document.strip())
    kept = _kept(document_file, subject, by) if document_file else None
    entry = ConductRecord.objects.create(
        person=person,
        organisation=organisation,
        kind=kind,
        happened_on=happened_on,
        source=source.strip(),
        document=document.strip(),
        summary=summary.strip(),
        file_id=kept.pk if kept else None,
        recorded_by=by.display_name[:60],
    )
    after = {
        "conduct_kind": entry.get_kind_display(),
        "happened_on": happened_on.isoformat(),
        "source": entry.source,
        "document": entry.document,
    }
    record("registry.add_conduct", by=by, of=subject, after=after | _named(kept))
    return entry


def _refuse_double(subject: Person | Organisation, kind: str, happened_on: date, document: str) -> None:
    """One paper makes one record: entered twice it would weigh twice."""
    same = subject.conduct_records.filter(kind=kind, happened_on=happened_on, document=document, struck_on=None)
    if document and same.exists():
        raise Refused(f"文书号 {document} 已登记过同一天的同类记录。请在已有记录上补传附件，不要重复登记。", code="already_recorded")


def _kept(upload: "File[bytes]", subject: Person | Organisation, by: Actor) -> StoredFile:
    name = (upload.name or "附件.pdf").replace("\\", "/").rpartition("/")[2]
    return store.keep(upload, name=name, purpose=PURPOSE, by=by, area_code=subject.area_id)


def _named(kept: StoredFile | None) -> dict[str, Any]:
    """What the log holds of a file: its name may carry a number, its hash says which one it was."""
    return {"file": masked_within(kept.name), "sha256": kept.sha256} if kept else {}


@transaction.atomic
def attach_document(entry: ConductRecord, *, by: Actor, document_file: "File[bytes]") -> ConductRecord:
    """Put the paper to a record that was entered without it, or a better scan in its place; the former file stays in the store."""
    entry = _locked(entry)
    insist(can_edit_at(by, entry.subject.area_id))
    if entry.struck_on:
        raise Refused("这条记录已作废，不用再补附件。请刷新页面。", code="struck")
    former = document_of(entry)
    kept = _kept(document_file, entry.subject, by)
    entry.file_id = kept.pk
    entry.save(update_fields=["file_id"])
    before: dict[str, Any] = {"conduct": entry.pk, **_named(former)}
    record("registry.attach_conduct_document", by=by, of=entry.subject, before=before, after={"conduct": entry.pk, **_named(kept)})
    return entry


def document_of(entry: ConductRecord) -> StoredFile | None:
    """The paper of a record; None when none was put to it."""
    return StoredFile.objects.filter(pk=entry.file_id).first() if entry.file_id else None


@transaction.atomic
def open_document(entry: ConductRecord, *, by: Actor) -> StoredFile:
    """The paper, for somebody who may read personal data where the subject belongs today; leaves a read entry."""
    insist(can_open_document(by, entry))
    kept = document_of(entry)
    if kept is None:
        raise Refused("这条记录没有附件。请刷新页面。", code="no_document", status=404)
    record("registry.open_conduct_document", by=by, of=entry.subject, after={"conduct": entry.pk, **_named(kept)})
    return kept


@transaction.atomic
def lift_conduct(entry: ConductRecord, *, by: Actor, on: date | None = None, reason: str) -> ConductRecord:
    """Note that a record was revoked or repaired on a day; it stays readable, the selection looks at the day."""
    on, entry = on or timezone.localdate(), _locked(entry)
    insist(can_edit_at(by, entry.subject.area_id))
    _insist_standing(entry)
    if not entry.happened_on <= on <= timezone.localdate():
        raise Refused("撤销或修复日期应在记录日期之后、今天之前。请核对日期。", code="bad_day")
    if not reason.strip():
        raise Refused("请写明撤销或修复的依据（文书号或说明）。", code="reason_missing")
    entry.lifted_on, entry.lifted_reason = on, reason.strip()[:200]
    entry.save(update_fields=["lifted_on", "lifted_reason"])
    record(
        "registry.lift_conduct",
        by=by,
        of=entry.subject,
        before={"conduct": entry.pk, "lifted_on": None},
        after={"conduct": entry.pk, "lifted_on": on.isoformat()},
        reason=reason,
    )
    return entry


@transaction.atomic
def strike_conduct(entry: ConductRecord, *, by: Actor, reason: str) -> ConductRecord:
    """Strike out a record that should never have been entered (wrong person, entered twice): it weighs nowhere, and stays readable."""
    entry = _locked(entry)
    insist(can_edit_at(by, entry.subject.area_id))
    if entry.struck_on:
        raise Refused("这条记录已经作废。请刷新页面。", code="struck")
    if not reason.strip():
        raise Refused("请写明为什么作废这条记录，便于日后核查。", code="reason_missing")
    entry.struck_on, entry.struck_reason = timezone.localdate(), reason.strip()[:200]
    entry.save(update_fields=["struck_on", "struck_reason"])
    after = {"conduct": entry.pk, "struck_on": entry.struck_on.isoformat()}
    record("registry.strike_conduct", by=by, of=entry.subject, before={"conduct": entry.pk, "struck_on": None}, after=after, reason=reason)
    return entry


def _insist_standing(entry: ConductRecord) -> None:
    if entry.struck_on:
        raise Refused("这条记录已作废，不需要再办理撤销或修复。请刷新页面。", code="struck")
    if entry.lifted_on:
        raise Refused(f"这条记录已于 {entry.lifted_on:%Y-%m-%d} 撤销或修复。请刷新页面。", code="already_lifted")


def _locked(entry: ConductRecord) -> ConductRecord:
    """The row as it stands now, held until the transaction ends; the subject is read beside it, not locked."""
    return ConductRecord.objects.select_for_update(of=("self",)).select_related("person", "organisation").get(pk=entry.pk)
