"""What is handed to auditors and into the archive: the workbook of a period, the whole file of one claim."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tongxing.accounts.requests import user_of
from tongxing.core.access import insist, requires
from tongxing.papers.book import XLSX
from tongxing.registry.views.act_page import file_page, posted
from tongxing.subsidies import auditing, claim_file
from tongxing.subsidies.forms import AuditForm, ReasonForm
from tongxing.subsidies.joining import PDF
from tongxing.subsidies.rules import can_reveal

from .asking import found_claim, page_of


@requires("subsidies.view")
def audit_workbook(request: HttpRequest) -> HttpResponse:
    def make(typed: dict[str, Any]) -> bytes:
        return auditing.auditors_workbook(by=user_of(request), **typed)

    return file_page(
        request, AuditForm(posted(request)), make=make, name="补贴审计底稿.xlsx", kind=XLSX, back=reverse("subsidies:claims"),
        title="审计底稿", submit="生成底稿", clause="notice:3.1.2",
        hint="一个期间的全部申请、预审发现、共用账号、重复申领、异议、拨付和岗位分离，各一张表。证件号和账号遮盖，同一账号同一组号。",
    )  # fmt: skip


@requires("desk.use")
def whole_file(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = found_claim(request, uid)
    insist(can_reveal(user_of(request), row))

    def make(typed: dict[str, Any]) -> bytes:
        return claim_file.claim_file(row, by=user_of(request), reason=typed["reason"])

    return file_page(
        request, ReasonForm(posted(request)), make=make, name=f"补贴卷宗_{row.serial}.pdf", kind=PDF, back=page_of(row),
        title=f"导出卷宗：{row.serial} {row.person.name}", submit="导出 PDF", clause="notice:3.1.2",
        hint="申请、判定、预审、经过、公示、拨付和全部证明材料合成一份。证明材料是原件，导出会记入审计日志。",
    )  # fmt: skip
