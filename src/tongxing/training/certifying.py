"""Certificates of completion (培训合格证书) in bulk, and the archive of a class as one ZIP."""

import hashlib
import zipfile
from io import BytesIO

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.papers import register
from tongxing.papers.render import to_pdf, to_xlsx

from .holding import locked, put
from .models import ClassState, Enrolment, EnrolmentState, TrainingClass
from .papers import archive_parts, certificate_of
from .rules import can_manage_at

KIND = "培训合格证书"
EPOCH = (2000, 1, 1, 0, 0, 0)
"""One time for all entries of an archive: the same content gives the same bytes."""


@transaction.atomic
def certify(training_class: TrainingClass, *, by: Actor) -> int:
    """Issue the certificates that are missing; returns how many. A second run issues none twice."""
    held = locked(training_class)
    insist(can_manage_at(by, held.area_id))
    if held.state != ClassState.FINISHED:
        raise Refused(f"这个班现在是“{held.get_state_display()}”，办理结业之后才能颁发证书。", code="not_finished")
    rows = held.enrolments.filter(state=EnrolmentState.COMPLETED, paper=None).select_related("person")
    waiting = list(rows.select_for_update(of=("self",)).order_by("serial"))
    if not waiting:
        raise Refused("没有需要颁发的证书：结业学员都已经有证书。", code="nothing_to_certify")
    for row in waiting:
        row.training_class = held
        paper = register.issue(certificate_of(row), kind=KIND, by=by, area_code=held.area_id)
        put(row, row.state, paper=paper)
    record("training.certify", by=by, of=held, after={"number": len(waiting)})
    return len(waiting)


def certificates_zip(held: TrainingClass, *, by: Actor, served: str) -> bytes:
    """All certificates of a class as PDF files in one archive."""
    rows = _certified(held)
    if not rows:
        raise Refused("这个班还没有颁发证书。", code="no_certificates")
    return _zipped({f"{row.serial:03d}-{row.person.name}.pdf": _pdf(row, by, served) for row in rows})


def archive_zip(held: TrainingClass, *, by: Actor, served: str) -> bytes:
    """Everything of a class that an inspector asks for: each part as PDF and Excel, the certificates, and a list of digests."""
    files: dict[str, bytes] = {}
    for name, document in archive_parts(held).items():
        files[f"{name}.pdf"] = to_pdf(document)
        files[f"{name}.xlsx"] = to_xlsx(document)
    for row in _certified(held):
        files[f"06-证书/{row.serial:03d}-{row.person.name}.pdf"] = _pdf(row, by, served)
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}" for name, content in files.items()]
    made = f"{held.title}（{held.code}）\n{by.display_name} 于 {timezone.localtime():%Y-%m-%d %H:%M} 导出\n\n"
    files["00-清单.txt"] = (made + "\n".join(lines) + "\n").encode()
    return _zipped(files)


def _certified(held: TrainingClass) -> list[Enrolment]:
    return list(held.enrolments.filter(paper__isnull=False).select_related("person", "paper").order_by("serial"))


def _pdf(row: Enrolment, by: Actor, served: str) -> bytes:
    assert row.paper is not None  # asked for by `_certified`
    return register.copy_of(row.paper, "pdf", by=by, served=served)


def _zipped(files: dict[str, bytes]) -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return held.getvalue()
