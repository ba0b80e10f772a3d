"""One claim: what was decided and why, what the pre-audit found, and the next step."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.audit import history
from tongxing.audit.names import act_name
from tongxing.core.access import insist, requires
from tongxing.core.errors import Refused
from tongxing.files.models import StoredFile
from tongxing.files.serving import served
from tongxing.registry.views.act_page import act_page, posted, reveal_page
from tongxing.subsidies import handling, objecting, paying, prechecking, reconciling, revealing
from tongxing.subsidies.forms import BounceForm, CorrectAccountForm, ObjectionForm, ReasonForm, RecoveredForm, SettleForm
from tongxing.subsidies.models import Claim, ClaimState, Finding, Objection, PaymentLine
from tongxing.subsidies.rules import can_approve, can_claim_for, can_handle, can_reveal, may_at

from .asking import found_claim, page_of
from .lists import LEVELS, tone_of

S = ClaimState
Act = Callable[[dict[str, Any]], Any]


@requires("desk.use")
@require_GET
def claim(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _show(request, found_claim(request, uid))


def _show(request: HttpRequest, row: Claim, **more: Any) -> HttpResponse:
    user = user_of(request)
    findings = list(row.findings.filter(gone_at=None))
    context = {
        "claim": row,
        "tone": tone_of(row),
        "level": LEVELS[row.level],
        "told": row.state in {S.RETURNED, S.REFUSED, S.WITHDRAWN, S.OBJECTED, S.BOUNCED, S.RECOVERING, S.RECOVERED},
        "steps": _steps(request, row),
        "findings": findings,
        "open_findings": [finding for finding in findings if finding.is_open],
        "may_handle": bool(can_handle(user, row)),
        "may_confirm": bool(can_handle(user, row) or may_at(user, "subsidies.approve", row.area_id)),
        "may_reveal": bool(can_reveal(user, row)),
        "objections": list(row.objections.all()),
        "payments": list(row.payments.select_related("list").order_by("pk")),
        "happenings": list(row.happenings.all()),
        "evidence": list(StoredFile.objects.filter(pk__in=row.evidence)),
        "is_officer": user.may("subsidies.view"),
        "history": [(entry, act_name(entry.act)) for entry in history.of(row)] if user.may("subsidies.view") else [],
    }
    return render(request, "subsidies/claim.html", context | more)


def _steps(request: HttpRequest, row: Claim) -> list[tuple[str, str, str]]:
    """(label, view, tone) of what this user may do next, the first being the page's main action."""
    user = user_of(request)
    handles, approves = bool(can_handle(user, row)), bool(can_approve(user, row))
    pays = bool(may_at(user, "subsidies.pay", row.area_id))
    claims = bool(can_claim_for(user, row.area_id, row.payee_organisation_id, row.payee_person_id))
    known: list[tuple[bool, set[str], str, str, str]] = [
        (handles, {S.SUBMITTED}, "受理", "accept-one", "primary"),
        (claims, {S.RETURNED}, "补正并重新提交", "amend", "primary"),
        (handles, {S.SUBMITTED, S.ACCEPTED}, "退回补正", "return", ""),
        (approves, {S.SUBMITTED, S.ACCEPTED, S.APPROVED}, "不予补贴", "refuse", "danger"),
        (approves, {S.APPROVED, S.NOTICED, S.CLEARED}, "退回重审", "reopen", ""),
        (handles, {S.NOTICED, S.OBJECTED}, "登记异议", "objection-new", ""),
        (handles, {S.BOUNCED}, "更正收款账号", "correct-account", "primary"),
        (approves, {S.PAID}, "追回", "recover", "danger"),
        (pays, {S.RECOVERING}, "登记追回到账", "recovered", "primary"),
        (claims, {S.SUBMITTED, S.RETURNED, S.ACCEPTED}, "撤回申请", "withdraw", ""),
    ]
    return [(label, f"subsidies:{view}", tone) for may, states, label, view, tone in known if may and row.state in states]


@requires("subsidies.handle")
@require_POST
def accept_one(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = found_claim(request, uid)
    handling.accept_claims([row], by=user_of(request))
    messages.success(request, "已受理，预审结果见下。")
    return redirect(page_of(row))


def _act(
    request: HttpRequest,
    uid: UUID,
    form: Any,
    act: Callable[[Claim, dict[str, Any]], Any],
    *,
    title: str,
    done: str,
    submit: str,
    hint: str = "",
) -> HttpResponse:
    row = found_claim(request, uid)
    return act_page(
        request, form, run=lambda typed: act(row, typed), back=page_of(row), watched=lambda: [row],
        title=f"{title}：{row.serial} {row.person.name}", done=done, submit=submit, hint=hint, clause="notice:3.1.2",
    )  # fmt: skip


@requires("subsidies.handle")
def return_(request: HttpRequest, uid: UUID) -> HttpResponse:
    def act(row: Claim, typed: dict[str, Any]) -> Any:
        return handling.return_claim(row, by=user_of(request), reason=typed["reason"])

    return _act(request, uid, ReasonForm(posted(request)), act, title="退回补正", done="已退回，并通知了申请人。", submit="退回补正")


@requires("desk.use")
def refuse(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = found_claim(request, uid)
    insist(can_approve(user_of(request), found) if found.handled_by_id else can_handle(user_of(request), found))

    def act(row: Claim, typed: dict[str, Any]) -> Any:
        return handling.refuse_claim(row, by=user_of(request), reason=typed["reason"])

    done = "已决定不予补贴，预留的资金已释放。"
    return _act(request, uid, ReasonForm(posted(request)), act, title="不予补贴", done=done, submit="不予补贴")


@requires("subsidies.approve")
def reopen(request: HttpRequest, uid: UUID) -> HttpResponse:
    def act(row: Claim, typed: dict[str, Any]) -> Any:
        return handling.reopen_claim(row, by=user_of(request), reason=typed["reason"])

    hint = "退回后须重新审批、重新公示。"
    return _act(request, uid, ReasonForm(posted(request)), act, title="退回重审", done="已退回重审。", submit="退回重审", hint=hint)


@requires("subsidies.handle")
def correct_account(request: HttpRequest, uid: UUID) -> HttpResponse:
    def act(row: Claim, typed: dict[str, Any]) -> Any:
        return paying.correct_account(row, by=user_of(request), account=typed["judged"], reason=typed["reason"])

    hint = "更正后由出纳重新列入拨付单。收款人不变，仍是公示的那一位。"
    form = CorrectAccountForm(posted(request))
    return _act(request, uid, form, act, title="更正收款账号", done="已更正，等待重新拨付。", submit="更正账号", hint=hint)


@requires("subsidies.approve")
def recover(request: HttpRequest, uid: UUID) -> HttpResponse:
    def act(row: Claim, typed: dict[str, Any]) -> Any:
        return reconciling.recover(row, by=user_of(request), reason=typed["reason"])

    return _act(request, uid, ReasonForm(posted(request)), act, title="追回补贴", done="已列为追回中。", submit="追回")


@requires("subsidies.pay")
def recovered(request: HttpRequest, uid: UUID) -> HttpResponse:
    def act(row: Claim, typed: dict[str, Any]) -> Any:
        return reconciling.note_recovered(row, by=user_of(request), on=typed["on"], voucher=typed["voucher"])

    return _act(request, uid, RecoveredForm(posted(request)), act, title="登记追回到账", done="已登记追回。", submit="登记到账")


@requires("subsidies.pay")
def bounce(request: HttpRequest, pk: int) -> HttpResponse:
    line = get_object_or_404(
        PaymentLine.objects.filter(claim__in=Claim.objects.visible_to(user_of(request))).select_related("claim"), pk=pk
    )

    def act(row: Claim, typed: dict[str, Any]) -> Any:
        return reconciling.bounce(line, by=user_of(request), said=typed["said"])

    form = BounceForm(posted(request))
    return _act(request, line.claim.uid, form, act, title="登记银行退回", done="已登记退回，等待更正账号。", submit="登记退回")


@requires("subsidies.handle")
def objection_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    def act(row: Claim, typed: dict[str, Any]) -> Any:
        return objecting.raise_objection(row, by=user_of(request), **typed)

    hint = "登记后该姓名的公示期暂停计算，其他人不受影响。"
    return _act(request, uid, ObjectionForm(posted(request)), act, title="登记异议", done="已登记异议。", submit="登记异议", hint=hint)


def _objection(request: HttpRequest, uid: UUID) -> Objection:
    rows = Objection.objects.filter(claim__in=Claim.objects.visible_to(user_of(request)))
    return get_object_or_404(rows.select_related("claim__person", "round"), uid=uid)


@requires("subsidies.view")
def objection(request: HttpRequest, uid: UUID) -> HttpResponse:
    """An objection, with the form that settles it for whoever handles the claim."""
    row = _objection(request, uid)
    may_settle = row.outcome == "open" and bool(can_handle(user_of(request), row.claim))

    def run(typed: dict[str, Any]) -> Any:
        return objecting.settle_objection(row, by=user_of(request), **typed)

    return act_page(
        request, SettleForm(posted(request)), run=run, back=page_of(row.claim), watched=lambda: [row], title=f"异议 {row.number}",
        done="已办结异议。", submit="办结异议", template="subsidies/objection.html", objection=row, may_settle=may_settle,
        may_reach=bool(row.contact_sealed) and bool(can_handle(user_of(request), row.claim)),
    )  # fmt: skip


@requires("subsidies.handle")
def objection_contact(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = _objection(request, uid)
    return reveal_page(
        request, ReasonForm(posted(request)), reveal=lambda v: revealing.reveal_contact(row, by=user_of(request), reason=v["reason"]),
        label=row.by_name or "提出人", back=reverse("subsidies:objection", args=[uid]), title=f"查看联系方式：异议 {row.number}",
        hint="只用于答复。查看会记入审计日志。",
    )  # fmt: skip


# --- findings
def _finding(request: HttpRequest, pk: int) -> Finding:
    rows = Finding.objects.filter(claim__in=Claim.objects.visible_to(user_of(request))).select_related("claim")
    return get_object_or_404(rows, pk=pk)


@requires("subsidies.handle")
def finding_explain(request: HttpRequest, pk: int) -> HttpResponse:
    row = _finding(request, pk)
    return act_page(
        request, ReasonForm(posted(request)), run=lambda v: prechecking.propose_clearance(row, by=user_of(request), reason=v["reason"]),
        back=page_of(row.claim), watched=lambda: [row], title="说明并提请排除", done="已提请排除，须另一人复核。", submit="提请排除", hint=row.text,
    )  # fmt: skip


@requires("desk.use")
@require_POST
def finding_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    row = _finding(request, pk)
    prechecking.confirm_clearance(row, by=user_of(request))
    messages.success(request, "已复核，该发现不再阻止审批。")
    return redirect(page_of(row.claim))


@requires("subsidies.handle")
@require_POST
def examine(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Run the pre-audit once more."""
    row = found_claim(request, uid)
    found = prechecking.examine([row])
    messages.success(request, f"预审发现 {len(found[row.pk])} 项未排除。" if found else "预审没有发现问题。")
    return redirect(page_of(row))


# --- what is sealed
@requires("desk.use")
def account(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The account in clear, shown once on the page after a reason was given."""
    row = found_claim(request, uid)
    insist(can_reveal(user_of(request), row))
    form = ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            return _show(request, row, account=revealing.reveal_account(row, by=user_of(request), reason=form.cleaned_data["reason"]))
        except Refused as refused:
            if refused.status == 403:
                raise
            form.add_error(None, refused.message)
    context = {"form": form, "title": f"查看收款账号：{row.serial}", "submit": "查看", "back": page_of(row), "hint": "查看会记入审计日志。"}
    return render(request, "registry/person_act.html", context)


@requires("desk.use")
@require_GET
def evidence(request: HttpRequest, uid: UUID, file_id: int) -> FileResponse:
    row = found_claim(request, uid)
    return served(revealing.open_evidence(row, file_id, by=user_of(request)), inline=True)
