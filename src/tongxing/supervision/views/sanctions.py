"""Sanctions: the list, one sanction with what comes next, and its steps."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.core.access import Answer, requires
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.registry.views.act_page import act_page, posted
from tongxing.supervision import sanctioning
from tongxing.supervision.forms import DocumentForm, ReasonForm, TextForm
from tongxing.supervision.models import SANCTION_MOVES, Sanction, SanctionKind, SanctionState
from tongxing.supervision.rules import can_answer, can_decide, can_manage, insist
from tongxing.supervision.sanctioning import address

from .fetching import sanction_of, tone


class Step(NamedTuple):
    """One move of the table: who may, what it asks, what is said afterwards."""

    run: Callable[..., Sanction]
    may: Callable[[Any, Sanction], Answer]
    form: type[forms.Form]
    hint: str
    done: str


def _manages(by: Any, row: Sanction) -> Answer:
    return can_manage(by, row.area_id)


def _answers(by: Any, row: Sanction) -> Answer:
    return can_answer(by, row.organisation_id)


STEPS = {
    "notify": Step(
        sanctioning.notify, _manages, forms.Form, "把拟作处理的事实、理由、依据告知机构，开始计算陈述申辩的工作日。", "已告知机构。"
    ),
    "state": Step(sanctioning.state, _answers, TextForm, "写明您的意见和证据，处理前必须听取。", "陈述申辩已提交。"),
    "ask_hearing": Step(sanctioning.ask_hearing, _answers, TextForm, "写明要求听证的理由。", "听证要求已提交。"),
    "hear": Step(sanctioning.hear, _manages, TextForm, "写明听证的时间、参加人和双方意见。", "听证情况已登记。"),
    "waive": Step(sanctioning.waive, _manages, forms.Form, "期限已过，机构没有陈述申辩，也没有要求听证。", "已登记。"),
    "decide": Step(
        sanctioning.decide,
        can_decide,
        DocumentForm,
        "决定后通知机构；从今天起，暂停评价的不能安排、公告新的批次，暂停承办培训的不能报备新班、招收学员。",
        "决定已作出，机构收到通知。",
    ),
    "drop": Step(sanctioning.drop, can_decide, ReasonForm, "写明不予处理的理由。", "已登记不予处理。"),
    "lift": Step(sanctioning.lift, can_decide, ReasonForm, "解除后机构可以安排新的批次，或者报备新班、招收学员。", "已解除。"),
}


class SanctionList(ListPage):
    key = "supervision.sanctions"
    title = "督导处理"
    intro = "警示约谈、通报批评、暂停评价、暂停承办培训、建议移出目录：先告知、听取意见，再由他人决定。"
    permission = "supervision.view"
    export_permission = "registry.export"
    search_hint = "编号、机构"
    default_sort = "-proposed_on"
    empty = ("没有督导处理", "在问题页面“提出处理”。", "supervision:findings", "督导问题")
    columns = (
        Column("code", "编号", value=lambda s: s.code, link=address, sort="code"),
        Column("body", "机构", value=lambda s: s.organisation.name, sort="organisation__name", width=34),
        Column("kind", "种类", value=lambda s: s.get_kind_display(), sort="kind", width=14),
        Column("state", "状态", value=lambda s: s.get_state_display(), tone=tone, sort="state", width=18),
        Column("proposed_on", "提出日期", value=lambda s: s.proposed_on, sort="proposed_on"),
        Column("answer_until", "陈述期限", value=lambda s: s.answer_until, sort="answer_until"),
        Column("decided_on", "决定日期", value=lambda s: s.decided_on, sort="decided_on"),
        Column("document", "文号", value=lambda s: s.document, default=False, width=24),
    )
    filters = (
        Filter.choice("state", "状态", SanctionState.choices),
        Filter.choice("kind", "种类", SanctionKind.choices),
        Filter.area("area", "区划"),
    )

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        return Sanction.objects.visible_to(user_of(request)).select_related("organisation")

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        return rows.filter(Q(code__icontains=text.strip()) | Q(organisation__name__icontains=text.strip()))


@requires("supervision.view")
@require_GET
def sanction(request: HttpRequest, uid: UUID) -> HttpResponse:
    row, user = sanction_of(request, uid), user_of(request)
    acts = [(key, SANCTION_MOVES[key].label) for key, step in STEPS.items() if sanctioning.may(row, key) and step.may(user, row)]
    waits = row.answer_until is None or timezone.localdate() <= row.answer_until
    idle = {"lift"} if row.effect is None else set()
    acts = [pair for pair in acts if pair[0] not in (idle | {"waive"} if waits else idle)]
    context = {"sanction": row, "tone": tone(row), "acts": acts, "steps": row.steps.all(), "findings": row.findings.all()}
    return render(request, "supervision/sanction.html", context)


@requires("supervision.view")
def sanction_step(request: HttpRequest, uid: UUID, act: str) -> HttpResponse:
    """One move of the table, each with its own form."""
    row = sanction_of(request, uid)
    if act not in STEPS:
        raise Http404
    step, label = STEPS[act], SANCTION_MOVES[act].label
    insist(step.may(user_of(request), row))
    return act_page(
        request,
        step.form(posted(request)),
        run=lambda v: step.run(row, by=user_of(request), **v),
        back=address(row),
        title=f"{label}：{row.code} {row.get_kind_display()}",
        hint=step.hint,
        done=step.done,
        submit=label,
        watched=lambda: [row],
    )
