"""The extract of the register (证书登记摘录): what is printed on a certificate (facts §2), with photo and signed code, many as one PDF.

Official certificates are printed by the assessment body and stand in the national look-up; this paper says that it is not one, and bears no seal.
"""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from shutil import copyfileobj
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.certificates.models import Certificate, CertificateStatus
from tongxing.certificates.official import sites
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.files.scratch import private_folder
from tongxing.papers import qr
from tongxing.papers.document import day_in_words, printable
from tongxing.papers.render.pdf import typeset
from tongxing.policy import provisions

from . import payload
from .keys import Signer, signer
from .models import Photo
from .photos import photos_of
from .rules import can_hand_out, can_print_clear

SOURCE = Path(__file__).with_name("extract.typ")
MOST_TAGGED = 50
NONE = "--"
"""What the standard prints where there is no direction; never blank."""


@transaction.atomic
def print_extracts(certificates: Sequence[Certificate], *, base: str, by: Actor, reason: str = "") -> bytes:
    """One page for each certificate, in the order given; rows come with their person. With a `reason` the documents are printed in clear.

    The number of queries does not depend on how many there are.
    """
    _insist(certificates, by, reason)
    today, photos, key = timezone.localdate(), photos_of(one.person_id for one in certificates), signer()
    with private_folder() as folder:
        data = _frame(today, len(certificates)) | {
            "pages": [_page(one, base, today, key, folder, photos.get(one.person_id), clear=bool(reason.strip())) for one in certificates]
        }
        source = folder / SOURCE.name
        source.write_bytes(SOURCE.read_bytes())
        made = typeset(source, {"extracts": json.dumps(data, ensure_ascii=False)}, day=today, tagged=len(certificates) <= MOST_TAGGED)
    numbers = [one.number for one in certificates]
    record(
        "credentials.print_extracts",
        by=by,
        object_type="certificates.certificate",
        object_id=certificates[0].pk if len(certificates) == 1 else "",
        label=numbers[0] if len(numbers) == 1 else f"{numbers[0]} 等 {len(numbers)} 张",
        area_code=certificates[0].person.area_id,
        after={"numbers": numbers, "kid": key.kid, "完整证件号码": bool(reason.strip())},
        reason=reason.strip(),
    )
    return made


def _insist(certificates: Sequence[Certificate], by: Actor, reason: str) -> None:
    most = int(provisions.value("credentials.extracts_at_once"))
    if not certificates:
        raise Refused("没有选中证书。请先勾选要打印的证书。", code="nothing_chosen")
    if len(certificates) > most:
        raise Refused(f"一次最多打印 {most} 份，选了 {len(certificates)} 份。请分次打印。", code="too_many")
    for one in certificates:
        insist(can_hand_out(by, one))
        if reason.strip():
            insist(can_print_clear(by, one))
    ended = [one.number for one in certificates if one.status != CertificateStatus.VALID]
    if ended:
        raise Refused(
            f"已作废或换发的证书不出摘录：{'、'.join(ended[:3])}{' 等' if len(ended) > 3 else ''}。请取消勾选后再打印。", code="not_valid"
        )


def _frame(today: date, count: int) -> dict[str, Any]:
    found = sites()
    return {
        "bureau": printable(settings.BUREAU_NAME),
        "day": day_in_words(today),
        "sites": "　".join(found.certificates),
        "bodies": "　".join(found.bodies),
        "count": count,
    }


def _page(one: Certificate, base: str, today: date, key: Signer, folder: Path, photo: Photo | None, *, clear: bool) -> dict[str, Any]:
    person = one.person
    text = payload.address(base, payload.signed(payload.claims_of(one, on=today), key))
    (folder / f"code-{one.pk}.svg").write_text(qr.svg(text))
    if photo:
        with photo.file.open() as stored, (folder / f"photo-{one.pk}.png").open("wb") as copy:
            copyfileobj(stored, copy)
    return {
        "kind": one.get_kind_display(),
        "name": printable(person.name),
        "id_type": person.get_id_type_display(),
        "id_number": (person.id_number if clear else person.id_masked) or NONE,
        "occupation": printable(one.occupation),
        "direction": NONE,
        "level": one.get_level_display(),
        "number": one.number,
        "issued_on": day_in_words(one.issued_on),
        "body": printable(one.body_name) or NONE,
        "status": one.get_status_display(),
        "kid": key.kid,
        "photo": f"photo-{one.pk}.png" if photo else "",
        "code": f"code-{one.pk}.svg",
    }
