"""Asking for a subsidy: picked certificates in one submission, what was returned put right, and the claimant's own list."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.certificates.models import Certificate
from tongxing.core.access import insist, requires
from tongxing.core.listing import Chosen, act_on_many, chosen_from
from tongxing.files import store
from tongxing.registry.models import Organisation
from tongxing.registry.views.act_page import act_page, posted
from tongxing.subsidies import claiming
from tongxing.subsidies.forms import AmendForm, EvaluationForm, OpenForm, OwnForm, ReasonForm, TrainingForm
from tongxing.subsidies.judging import Ask
from tongxing.subsidies.models import Claim, ClaimKind
from tongxing.subsidies.reaching import reachable, unclaimed
from tongxing.subsidies.rules import can_claim_for

from .lists import LEVELS, CandidateList, kind_of, tone_of

PURPOSE = "subsidies.evidence"
FACTS = ("category", "direct", "on_payroll", "draws_pension")


def found_claim(request: HttpRequest, uid: UUID) -> Claim:
    rows = Claim.objects.visible_to(user_of(request))
    return get_object_or_404(
        rows.select_related("person", "certificate", "payee_person", "payee_organisation", "fund", "round", "area"), uid=uid
    )


def page_of(claim: Claim) -> str:
    return reverse("subsidies:claim", args=[claim.uid])


@requires("subsidies.claim")
def open_many(request: HttpRequest) -> HttpResponse:
    """The form for picked certificates, and the submission itself."""
    if request.method != "POST":
        return redirect("subsidies:candidates")
    picked: Chosen[Certificate] = chosen_from(request, CandidateList, Certificate.objects.select_related("person", "body"))
    kind = kind_of(request)
    back = f"{reverse('subsidies:candidates')}?kind={kind}"
    if not picked.rows:
        messages.warning(request, "没有选中还可以申请的证书，什么都没有提交。请先勾选。")
        return redirect(back)
    form_class: type[OpenForm] = TrainingForm if kind == ClaimKind.TRAINING else EvaluationForm
    form = form_class(
        request.POST if picked.answered else None,
        request.FILES or None,
        user=user_of(request),
        initial=_proposed(picked.rows, user_of(request)),
    )  # type: ignore[call-arg]

    def run(typed: dict[str, Any]) -> str:
        claims = _open(request, typed, picked.rows, kind)
        total = sum(claim.amount for claim in claims)
        upto = f" 至 {claims[-1].serial}。" if len(claims) > 1 else "。"
        messages.success(request, f"已提交 {len(claims)} 笔，共 {total:,.2f} 元，受理号 {claims[0].serial}{upto}")
        return f"{reverse('subsidies:claims')}?state=submitted" if user_of(request).may("subsidies.view") else reverse("subsidies:own")

    names = [f"{row.person.name}（{row.number}）" for row in picked.rows]
    title = f"申请{ClaimKind(kind).label}"
    return act_on_many(request, picked, form, run, title=title, submit="提交申请", back=back, names=names, clause="notice:3.1.2")


def _proposed(rows: Sequence[Certificate], user: Any) -> dict[str, Any]:
    """The body that issued all of them, or the one acted for, and the account that it used last."""
    scope = user.scope("subsidies.claim")
    if scope.ranges:
        bodies = {row.body_id for row in rows}
        body = rows[0].body if len(bodies) == 1 else None
    else:
        body = Organisation.objects.standing().filter(pk__in=scope.organisations).first()
    if body is None:
        return {}
    last = Claim.objects.filter(payee_organisation=body).order_by("-id").first()
    known = {"account_name": last.account_name if last else body.name, "bank": last.bank if last else ""}
    return known | ({"payee": body.name} if scope.ranges else {})


@requires("registry.own_record")
def own_open(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A person asks for the training subsidy of the own certificate."""
    user = user_of(request)
    mine = unclaimed(reachable(user, ClaimKind.TRAINING).filter(person=user.person_id or 0), ClaimKind.TRAINING)
    paper = get_object_or_404(mine.select_related("person", "body"), uid=uid)
    form = OwnForm(posted(request), request.FILES or None, initial={"account_name": paper.person.name})

    def run(typed: dict[str, Any]) -> Any:
        return _open(request, {**typed, "to": "person"}, [paper], ClaimKind.TRAINING)

    hint = f"证书 {paper.number}，{paper.issued_on} 发证。培训机构登记过的结业日期和学时自动取用，不用填写。"
    return act_page(
        request, form, run=run, back=reverse("subsidies:own"), title="申请培训补贴", submit="提交申请", hint=hint, clause="notice:3.1.2",
        done="已提交，受理后这里能看到进度。",
    )  # fmt: skip


@transaction.atomic
def _open(request: HttpRequest, typed: dict[str, Any], rows: Sequence[Certificate], kind: str) -> list[Claim]:
    user = user_of(request)
    kept = _kept(typed["evidence"], rows[0].person.area_id, user)
    asks = [
        Ask(
            kind=kind,
            certificate=row,
            payee=row.person if typed.get("to") == "person" else typed["payee"],
            account=typed["judged"],
            evidence=kept,
            completed_on=typed.get("completed_on"),
            hours=typed.get("hours"),
            **{name: typed[name] for name in FACTS},
        )
        for row in rows
    ]
    return claiming.open_claims(asks, by=user)


def _kept(upload: Any, area_code: int, user: Any) -> tuple[int, ...]:
    if not upload:
        return ()
    return (store.keep(upload, name=upload.name, purpose=PURPOSE, by=user, area_code=area_code, opens_with="subsidies.handle").pk,)


def _own_or_handled(request: HttpRequest, uid: UUID) -> Claim:
    """A claim of whoever asked for it, or handles it; others may look at most."""
    claim = found_claim(request, uid)
    insist(can_claim_for(user_of(request), claim.area_id, claim.payee_organisation_id, claim.payee_person_id))
    return claim


@requires("desk.use")
def amend(request: HttpRequest, uid: UUID) -> HttpResponse:
    claim = _own_or_handled(request, uid)
    initial = {name: getattr(claim, name) for name in FACTS}
    form = AmendForm(posted(request), request.FILES or None, initial=initial)

    def run(typed: dict[str, Any]) -> Any:
        kept = _kept(typed["evidence"], claim.area_id, user_of(request))
        facts = {name: typed[name] for name in FACTS}
        return claiming.amend_claim(claim, by=user_of(request), account=typed.get("judged"), evidence=kept, **facts)

    return act_page(
        request, form, run=run, back=page_of(claim), watched=lambda: [claim], title=f"补正 {claim.serial}", done="已补正并重新提交。",
        submit="重新提交", hint=f"退回说明：{claim.state_note}" if claim.state_note else "", clause="notice:3.1.2",
    )  # fmt: skip


@requires("desk.use")
def withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    claim = _own_or_handled(request, uid)
    return act_page(
        request, ReasonForm(posted(request)), run=lambda v: claiming.withdraw_claim(claim, by=user_of(request), reason=v["reason"]),
        back=page_of(claim), watched=lambda: [claim], title=f"撤回 {claim.serial}", done="已撤回，可以重新申请。", submit="撤回申请",
    )  # fmt: skip


@requires("desk.use")
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """The claims of whoever signs in: the person's own, and those of the organisation acted for."""
    user = user_of(request)
    claims = (
        list(Claim.objects.visible_to(user).select_related("person", "payee_person", "payee_organisation")[:200])
        if not user.may("subsidies.view")
        else []
    )
    for claim in claims:
        claim.tone = tone_of(claim)  # type: ignore[attr-defined]
    mine: QuerySet[Certificate] = Certificate.objects.none()
    if user.person_id and user.may("registry.own_record"):
        mine = unclaimed(reachable(user, ClaimKind.TRAINING).filter(person_id=user.person_id), ClaimKind.TRAINING)
    asks = [(kind, label, unclaimed(reachable(user, kind), kind).count()) for kind, label in ClaimKind.choices]
    title = "本单位补贴" if user.may("subsidies.own") else "我的补贴"
    context = {"title": title, "claims": claims, "certificates": [(row, LEVELS[row.level]) for row in mine]}
    return render(request, "subsidies/own.html", context | {"asks": asks if user.may("subsidies.own") else []})
