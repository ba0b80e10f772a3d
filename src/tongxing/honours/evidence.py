"""Files of a nomination: taken in only without personal numbers, kept sealed, opened only for those who may, each opening noted.

Documents are read and refused with the places where a number stands. What a picture shows nobody can check by program: it is taken in only
when the person who sends it says that the numbers on it are covered, and loses what the camera wrote into it.
"""

from django.core.files.base import File
from django.db import transaction

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.files import store
from tongxing.files.guard import leaks_in_file, refuse_leaks
from tongxing.files.images import cleaned
from tongxing.files.models import StoredFile

from .models import Nomination
from .rules import can_open_files, insist

PURPOSE = "honours.dossier"
PICTURES = frozenset({"jpg", "jpeg", "png"})
READABLE = frozenset({"docx", "xlsx", "xls", "pdf", "csv", "txt"})
MOST_BYTES = 20 * 1024 * 1024


def keep(nomination: Nomination, upload: "File[bytes]", *, by: Actor, covered: bool) -> StoredFile:
    """Store a file of a nomination. `covered`: the sender has covered the personal numbers on a picture."""
    name = store.clean_name(upload.name or "")
    if (upload.size or 0) > MOST_BYTES:
        raise Refused(f"文件超过 {MOST_BYTES // 1024 // 1024} MB。请压缩或拆分后上传。", code="file_too_large")
    upload.seek(0)
    content, ending = upload.read(), name.lower().rpartition(".")[2]
    if ending in PICTURES:
        if not covered:
            raise Refused(
                "图片里有没有证件号、手机号和银行卡号，系统看不出来。请遮盖后勾选“已遮盖”再上传。",
                code="not_covered",
                clause="notice:3.3.1",
            )
        content, kind = cleaned(content)
        name = f"{name.rpartition('.')[0]}.{kind}"
    elif ending in READABLE:
        refuse_leaks(leaks_in_file(content, name), doing="上传")
    else:
        raise Refused("请上传 Word（docx）、Excel、PDF、文本或照片（JPG、PNG）。", code="file_type")
    area = nomination.selection.area_id
    return store.keep(content, name=name, purpose=PURPOSE, by=by, area_code=area, opens_with="honours.manage")


@transaction.atomic
def open_file(nomination: Nomination, file_id: int | None, *, by: Actor) -> StoredFile:
    """One of the nomination's files; leaves a read entry."""
    insist(can_open_files(by, nomination))
    stored = StoredFile.objects.filter(pk=file_id or 0, purpose=PURPOSE).first()
    if stored is None:
        raise Refused("这个文件已不在了。请联系填报人补传。", code="no_file", status=404)
    record("honours.open_file", by=by, of=nomination, after={"file": stored.name, "sha256": stored.sha256})
    return stored
