"""Acts on many rows at once: first the picked rows with a form, then the act at the same address. The ids travel with the form."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.core.listing import ListPage, selected
from tongxing.subsidies import handling, noticing, paying
from tongxing.subsidies.forms import ApproveForm, PayForm, RoundForm, official_contact
from tongxing.subsidies.models import Claim, ClaimState

from .lists import ClaimList

Row = TypeVar("Row", bound=Model)
MOST = 2_000
PICKED = "picked"


@dataclass(frozen=True)
class Chosen(Generic[Row]):
    """The rows an act is about; `answered` when its form was posted with them."""

    rows: list[Row]
    answered: bool

    @property
    def ids(self) -> str:
        return ",".join(str(row.pk) for row in self.rows)


def chosen_from(request: HttpRequest, page: type[ListPage], rows: "QuerySet[Row]") -> Chosen[Row]:
    """What was ticked in the list, or what the posted form carries; only visible rows either way."""
    if PICKED in request.POST:
        wanted = [value for value in request.POST[PICKED].split(",") if value.isdecimal() and len(value) < 19][:MOST]
        listed = page()
        listed.prepare(request)
        found = listed.rows(request).filter(pk__in=wanted)
    else:
        found = selected(request, page)
    # Some lists count related rows: what is fetched here is the plain record.
    return Chosen(list(rows.filter(pk__in=list(found.values_list("pk", flat=True)[:MOST])).order_by("pk")), PICKED in request.POST)


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
    if picked.answered and form.is_valid():
        try:
            return redirect(run(form.cleaned_data))
        except Refused as refused:
            if refused.status == 403:
                raise
            form.add_error(None, refused.message)
        except ValidationError as error:
            form.add_error(None, error)
    total = sum(claim.amount for claim in picked.rows)
    context = {
        "form": form,
        "names": [f"{claim.person.name}（{claim.serial}）" for claim in picked.rows],
        "ids": picked.ids,
        "sum": f"共 {len(picked.rows)} 笔，{total:,.2f} 元。",
        "title": title,
        "submit": submit,
        "action": request.path,
        "back": reverse("subsidies:claims"),
    }
    return render(request, "subsidies/many.html", context, status=422 if form.errors else 200)


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
