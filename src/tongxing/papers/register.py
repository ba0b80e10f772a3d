"""Issuing papers: number, digest, verification address; and the files made of them."""

import hashlib
import uuid
from ipaddress import ip_address
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.audit import log
from tongxing.core.errors import Refused
from tongxing.core.series import count_up

from .document import Document, Verification, content, digest, printable, restored
from .models import Copy, Format, NumberSeries, Paper
from .render import RENDERERS

PREFIX = "同行"
PRINTED_DIGITS = 16
# Some seven hundred pages: a list that nobody prints, and half a minute of a processor.
MOST_PRINTED = 10_000


@transaction.atomic
def issue(document: Document, *, kind: str, by: log.Actor, area_code: int) -> Paper:
    """Give a document its number and keep what it says; the files are made by `copy_of`, as often as wanted."""
    if isinstance(by, User) and not by.may_at("papers.make", area_code):
        raise Refused("您的岗位不能为该区划出具文书。如工作需要，请联系系统管理员授权。", code="forbidden", status=403)
    if not document.title.strip():
        raise Refused("文书没有标题，无法编号。请填写标题后重试。", code="title")
    now = timezone.now()
    year = timezone.localtime(now).year
    paper = Paper.objects.create(
        uid=uuid.uuid4(),
        number=f"{PREFIX}-{year}-{count_up(NumberSeries, year=year):06d}",
        title=printable(document.title)[:200],
        kind=kind[:40],
        area_code=area_code,
        made_by=by if isinstance(by, User) else None,
        made_by_name=by.display_name[:60],
        made_at=now,
        digest=digest(document),
        content=content(document),
    )
    log.record("papers.issue", by=by, of=paper, after={"编号": paper.number, "类别": kind, "内容摘要": paper.digest})
    return paper


def document_of(paper: Paper, *, served: str) -> Document:
    """The document as it was issued, with its number and proof; `served` as in `verification_url`."""
    return restored(paper.content, number=paper.number, verification=Verification(verification_url(paper, served=served), paper.digest))


def verification_url(paper: Paper, *, served: str) -> str:
    """The address behind the QR code: number and the first letters of the digest.

    Where neither TONGXING_PUBLIC_URL nor an origin says how the public reaches this house, it is `served`: the address (scheme and host)
    under which whoever makes the paper reaches it.
    """
    origins = [origin for origin in settings.CSRF_TRUSTED_ORIGINS if "*" not in origin]
    base = settings.PUBLIC_URL or (origins[0] if origins else served)
    query = urlencode({"number": paper.number, "digest": paper.digest[:PRINTED_DIGITS]})
    return f"{base.rstrip('/')}{reverse('papers:verify')}?{query}"


def opens_here_only(url: str) -> bool:
    """Whether an address leads to the very computer that opens it, so that a QR code with it helps nobody else."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def copy_of(paper: Paper, form: str, *, by: log.Actor, served: str) -> bytes:
    """A file of the paper; its hash is kept, so that it can be recognised for ever."""
    document = document_of(paper, served=served)
    lines = sum(len(table.rows) for table in document.tables)
    if form != Format.EXCEL and lines > MOST_PRINTED:
        raise Refused(
            f"这份文书有 {lines} 行，超过 PDF 和 Word 的 {MOST_PRINTED} 行上限。请下载 Excel，或缩小范围后重新出具。",
            code="too_large",
            status=413,
        )
    made = RENDERERS[form](document)
    with transaction.atomic():
        _, new = Copy.objects.get_or_create(
            paper=paper, format=Format(form), sha256=hashlib.sha256(made).hexdigest(), defaults={"size": len(made)}
        )
        if new:
            log.record("papers.copy", by=by, of=paper, after={"格式": Format(form).label})
    return made
