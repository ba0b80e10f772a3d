"""After issuing: the photos that applicants handed in go to the register's extracts, and a batch's extracts are printed as one PDF."""

from typing import NamedTuple

from django.db import transaction

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.credentials.extracts import print_extracts
from tongxing.credentials.photos import MOST_BYTES, photos_of, set_photo
from tongxing.files.models import StoredFile

from .models import AssessmentBatch, Candidate
from .models.applications import Evidence, EvidenceKind
from .rules import can_issue, insist


class Taken(NamedTuple):
    """How many photos were taken over, and whose could not be used and why."""

    photos: int
    refused: list[str]


def _certified(batch: AssessmentBatch) -> list[Candidate]:
    rows = Candidate.objects.filter(batch=batch, certificate__isnull=False).select_related("certificate__person")
    return list(rows.order_by("certificate__number"))


@transaction.atomic
def take_photos(batch: AssessmentBatch, *, by: Actor) -> Taken:
    """For each holder without a photo the latest that was handed in with the application; drawn anew like any other."""
    insist(can_issue(by, batch))
    people = {one.application_id: one.certificate.person for one in _certified(batch) if one.certificate}
    known = photos_of(person.pk for person in people.values())
    handed_in = Evidence.objects.filter(application__in=people, kind=EvidenceKind.PHOTO).order_by("pk")
    latest = {row.application_id: row.file_id for row in handed_in if people[row.application_id].pk not in known}
    if not latest:
        raise Refused("没有可取的照片：持证人都已有照片，或报名时没有交“照片”材料。可以在证书页面逐个录入。", code="no_photos")
    files = StoredFile.objects.in_bulk(latest.values())
    taken = 0
    refused: list[str] = []
    for application, file in latest.items():
        person = people[application]
        try:
            with transaction.atomic(), files[file].open() as content:
                set_photo(person, content.read(MOST_BYTES + 1), by=by)
            taken += 1
        except Refused as error:
            if error.status == 403:
                raise
            refused.append(f"{person.name}：{error.message}")
    record("evaluation.take_photos", by=by, of=batch, after={"taken": taken, "refused": len(refused)})
    return Taken(taken, refused)


def print_batch(batch: AssessmentBatch, *, base: str, by: Actor) -> bytes:
    """The extracts of every certificate of the batch that holds, by number."""
    insist(can_issue(by, batch))
    held = [one.certificate for one in _certified(batch) if one.certificate and one.certificate.status == "valid"]
    if not held:
        raise Refused("本批次没有有效的证书可以出摘录。请先发证。", code="nothing_issued")
    return print_extracts(held, base=base, by=by)
