"""Acts on many claims at once: accept, approve, publish, pay."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.listing import Chosen, act_on_many, chosen_from
from tongxing.subsidies import handling, noticing, paying
from tongxing.subsidies.forms import ApproveForm, PayForm, RoundForm, official_contact
from tongxing.subsidies.models import Claim, ClaimState

from .lists import ClaimList


def _claims(request: HttpRequest, *states: str) -> Chosen[Claim]:
    return chosen_from(
        request, ClaimList, Claim.objects.filter(state__in=states).select_related("person", "payee_person", "payee_organisation", "fund")
    )


def _many(
    request: HttpRequest, picked: Chosen[Claim], form: Form, run: Callable[[dict[str, Any]], str], *, title: str, submit: str, nothing: str
) -> HttpResponse:
    """Show the form for the picked claims, or carry out the act; `run` gives the address to go to."""
    if not picked.rows:
        messages.warning(request, nothing)
        return redirect("subsidies:claims")
    total = sum(claim.amount for claim in picked.rows)
    names = [f"{claim.person.name}（{claim.serial}）" for claim in picked.rows]
    said, back = f"共 {len(picked.rows)} 笔，{total:,.2f} 元。", reverse("subsidies:claims")
    return act_on_many(request, picked, form, run, title=title, submit=submit, back=back, names=names, said=said, clause="notice:3.1.2")


def _said(rows: Sequence[Claim]) -> str:
    return f"{len(rows)} 笔，共 {sum(claim.amount for claim in rows):,.2f} 元"


@requires("subsidies.handle")
def accept(request: HttpRequest) -> HttpResponse:
    """Accept picked claims; the pre-audit runs and says what it found."""
    if request.method != "POST":
        return redirect("subsidies:claims")
    picked = _claims(request, ClaimState.SUBMITTED)
    if not picked.rows:
        messages.warning(request, "没有选中待受理的申请，什么都没有改。")
        return redirect("subsidies:claims")
    done = handling.accept_claims(picked.rows, by=user_of(request))
    found = sum(1 for claim in done if claim.findings.filter(cleared_at=None, gone_at=None).exists())
    messages.success(request, f"已受理 {_said(done)}。" + (f"预审发现 {found} 笔需要核实。" if found else "预审没有发现问题。"))
    return redirect(f"{reverse('subsidies:claims')}?state=accepted" + ("&findings=open" if found else ""))


@requires("subsidies.approve")
def approve(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect("subsidies:claims")
    picked = _claims(request, ClaimState.ACCEPTED)
    form = ApproveForm(request.POST if picked.answered else None, user=user_of(request))

    def run(typed: dict[str, Any]) -> str:
        done = handling.approve_claims(picked.rows, by=user_of(request), fund=typed["fund"])
        messages.success(request, f"已审批 {_said(done)}，从{typed['fund']}预留。")
        return f"{reverse('subsidies:claims')}?state=approved"

    return _many(request, picked, form, run, title="审批补贴", submit="同意列支", nothing="没有选中待审批的申请，什么都没有改。")


@requires("subsidies.handle")
def round_new(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect("subsidies:claims")
    picked = _claims(request, ClaimState.APPROVED)
    form = RoundForm(request.POST if picked.answered else None, request.FILES or None, initial=_proposed(picked.rows))

    def run(typed: dict[str, Any]) -> str:
        files = [typed["attachment"]] if typed["attachment"] else []
        words = {name: typed[name] for name in ("title", "text", "contact")}
        area = min(user_of(request).scope("subsidies.handle").roots)
        row = noticing.draft_round(picked.rows, by=user_of(request), area_code=area, attachments=files, **words)
        messages.success(request, "已拟好公示，请核对后由审批人发布。")
        return reverse("subsidies:round", args=[row.uid])

    return _many(request, picked, form, run, title="拟公示", submit="拟好公示", nothing="没有选中待公示的申请，什么都没有改。")


def _proposed(rows: Sequence[Claim]) -> dict[str, str]:
    """Words that an officer would begin with."""
    kinds = "、".join(sorted({claim.get_kind_display() for claim in rows}))
    total = sum(claim.amount for claim in rows)
    text = f"根据有关规定，经审核，拟拨付{kinds} {len(rows)} 笔，共 {total:,.2f} 元，现予公示。公示期内如有异议，请向我单位反映。"
    return {"title": f"关于拟拨付{kinds}的公示", "text": text, "contact": official_contact()} if rows else {}


@requires("subsidies.pay")
def payment_new(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect("subsidies:claims")
    picked = _claims(request, ClaimState.CLEARED, ClaimState.BOUNCED)
    funds = {claim.fund_id for claim in picked.rows}
    initial = {"fund": funds.pop()} if len(funds) == 1 else {}
    form = PayForm(request.POST if picked.answered else None, user=user_of(request), initial=initial)

    def run(typed: dict[str, Any]) -> str:
        row = paying.make_list(picked.rows, by=user_of(request), fund=typed["fund"], note=typed["note"])
        messages.success(request, f"已制作拨付单 {row.number}，请另一人审核。")
        return reverse("subsidies:payment", args=[row.uid])

    return _many(request, picked, form, run, title="制作拨付单", submit="制作拨付单", nothing="没有选中待拨付的申请，什么都没有改。")
