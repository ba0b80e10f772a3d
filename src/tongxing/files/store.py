"""The only way in for files."""

import io
import re
import unicodedata
import uuid
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils import timezone

from tongxing.audit.log import Actor
from tongxing.core.errors import Refused

from .models import StoredFile
from .types import judge

LONGEST_NAME = 120
CHUNK_BYTES = 1024 * 1024
_STRANGE = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\"<>|*?:]")


def clean_name(raw: str) -> str:
    """The last part of a path without control, direction-changing and reserved characters; the ending is kept when it is shortened."""
    base = PurePosixPath(unicodedata.normalize("NFC", raw).replace("\\", "/")).name
    name = _STRANGE.sub("", base).strip(" .")
    if not name:
        raise Refused("文件没有名字，请改名后重新上传。", code="file_name")
    if len(name) <= LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}{dot}{ending}"


def keep(
    content: "bytes | Path | File[bytes]",
    *,
    name: str,
    purpose: str,
    by: Actor,
    area_code: int | None,
    opens_with: str = "registry.reveal",
) -> StoredFile:
    """Check and store a file; raises Refused when it is too large, empty, of a kind not taken, or not what its name says.

    `purpose` is a "room.noun" such as "sheets.upload". `opens_with` is the permission that, held over `area_code`, opens the file for
    others than its owner; by default the one for personal data in clear, since most rosters hold it.
    """
    name = clean_name(name)
    uid = uuid.uuid4()
    with ExitStack() as opened:
        source = _opened(content, opened)
        size, digest = _measure(source)
        kind = judge(source, name)
        # The storage never sees the user's name, and a UUID is never taken twice: nothing is overwritten.
        stored_as = default_storage.save(f"{purpose.replace('.', '-')}/{timezone.localdate():%Y/%m}/{uid.hex}", File(source))
    return StoredFile.objects.create(
        uid=uid,
        name=name,
        stored_as=stored_as,
        size=size,
        sha256=digest,
        content_type=kind.content_type,
        purpose=purpose,
        opens_with=opens_with,
        area_code=area_code,
        owner_id=by.pk,
    )


def _opened(content: "bytes | Path | File[bytes]", opened: ExitStack) -> BinaryIO:
    if isinstance(content, Path):
        return opened.enter_context(content.open("rb"))
    return io.BytesIO(content) if isinstance(content, bytes) else cast("BinaryIO", content)


def _measure(source: BinaryIO) -> tuple[int, str]:
    limit = settings.UPLOAD_LIMIT_BYTES
    digest, size = sha256(), 0
    source.seek(0)
    while chunk := source.read(CHUNK_BYTES):
        size += len(chunk)
        if size > limit:
            raise Refused(f"文件超过 {limit // 1024 // 1024} MB，不能上传。请拆分后分次上传。", code="file_too_large")
        digest.update(chunk)
    source.seek(0)
    if not size:
        raise Refused("文件是空的，没有内容。请检查后重新选择文件。", code="file_empty")
    return size, digest.hexdigest()
