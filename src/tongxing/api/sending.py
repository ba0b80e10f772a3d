"""Sending a roster: the same judgement and the same acts as in the workspace, once per Idempotency-Key."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import File, Header, Router, Status
from ninja.files import UploadedFile

from tongxing.core.afterwards import see_to
from tongxing.core.errors import Refused
from tongxing.core.outages import LOST
from tongxing.core.processes import is_dead_here, this_process
from tongxing.files.scratch import private_folder
from tongxing.files.store import clean_name
from tongxing.sheets import command
from tongxing.sheets.models import Batch

from .asking import asker, token_of
from .models import Answered, Scope, Token
from .schemas import BatchOut

router = Router()
PERMISSION = "sheets.use"
GIVEN_UP_AFTER = timedelta(minutes=30)
KEEP_ANSWERS = timedelta(days=30)
LONGEST_NAME_BYTES = 200


@router.post("sheets/{slug:sheet}", response={200: BatchOut, 422: BatchOut}, summary="上传名册", url_name="sheet")
def send(
    request: HttpRequest, sheet: str, file: File[UploadedFile], check: bool = False, atomic: bool = False, idempotency_key: Header[str] = ""
) -> Any:
    """`check=true` only judges; `atomic=true` takes all rows or none. The same Idempotency-Key gets the same answer and loads nothing twice."""
    user = asker(request, PERMISSION, Scope.SHEETS)
    if check:
        return _answer(_through_a_file(file, lambda path: command.check(sheet, path, by=user)))
    row, known = _begin(token_of(request), idempotency_key, _digest(request, file))
    if known:
        return Status(row.status or 200, row.answer)
    try:
        report = _through_a_file(file, lambda path: command.load(sheet, path, atomic=atomic, by=user))
    except BaseException:
        see_to(lambda: Answered.objects.filter(pk=row.pk, status=None).delete())
        raise
    # The rows are in: a database that goes away now takes nothing of that back, and the answer is kept when it returns.
    see_to(lambda: Answered.objects.filter(pk=row.pk).update(status=_status(report), answer=report))
    return _answer(report)


def _status(report: dict[str, Any]) -> int:
    return 422 if report["status"] == "refused" else 200


def _answer(report: dict[str, Any]) -> Any:
    return Status(_status(report), report)


def _through_a_file(file: UploadedFile, use: Any) -> dict[str, Any]:
    """The sheet reader works on a file with the name it was sent under."""
    with private_folder() as folder:
        name = Path(clean_name(file.name or "名册"))
        path = folder / f"{name.stem.encode()[:LONGEST_NAME_BYTES].decode(errors='ignore')}{name.suffix[:10]}"
        with path.open("wb") as target:
            for part in file.chunks():
                target.write(part)
        report: dict[str, Any] = use(path)
        return report


def _digest(request: HttpRequest, file: UploadedFile) -> str:
    digest = sha256(f"{request.path}?{request.META.get('QUERY_STRING', '')}|{file.name}|".encode())
    for part in file.chunks():
        digest.update(part)
    file.seek(0)
    return digest.hexdigest()


def _begin(token: Token, key: str, digest: str) -> tuple[Answered, bool]:
    """Take the key; the second value says whether its answer is known already."""
    if not 8 <= len(key) <= 80:
        raise Refused("请在 Idempotency-Key 头里给出 8 到 80 个字符、每次上传各不相同的编号。", code="no_idempotency_key", status=422)
    Answered.objects.filter(at__lt=timezone.now() - KEEP_ANSWERS).delete()
    mine = {"at": timezone.now(), "process": this_process()}
    try:
        with transaction.atomic():
            return Answered.objects.create(token=token, key=key, request_digest=digest, **mine), False
    except IntegrityError:
        row = Answered.objects.get(token=token, key=key)
    except LOST:
        # A database that goes away while it commits may have taken the key down: this living process would seem to be at it for ever.
        see_to(lambda: Answered.objects.filter(token=token, key=key, status=None, **mine).delete())
        raise
    if row.request_digest != digest:
        raise Refused("这个 Idempotency-Key 已用于另一个请求。请换一个编号。", code="key_reused", status=422)
    if row.status is None and _taken_over(row):
        return row, False
    if row.status is None:
        raise Refused("同一编号的请求还在处理。请稍后再取结果。", code="in_progress", status=409)
    return row, True


def _taken_over(row: Answered) -> bool:
    """Whether the process that took the key died over it and this request goes on: of two that come back exactly one does."""
    now = timezone.now()
    if row.at >= now - GIVEN_UP_AFTER and not (row.process and is_dead_here(row.process)):
        return False
    mine = {"at": now, "process": this_process()}
    try:
        return bool(Answered.objects.filter(pk=row.pk, status=None, at=row.at, process=row.process).update(**mine))
    except LOST:
        see_to(lambda: Answered.objects.filter(pk=row.pk, status=None, **mine).delete())
        raise


@router.get("batches/{uuid:uid}", response=BatchOut, summary="导入批次", url_name="batch")
def batch(request: HttpRequest, uid: UUID) -> dict[str, Any]:
    user = asker(request, PERMISSION, Scope.SHEETS)
    return command.report_of(get_object_or_404(Batch.objects.visible_to(user), uid=uid))
