"""The officers' side of the review: criteria, reviewers, who keeps away from whom, drawing, progress, figures, re-opening."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.honours import conflicts, empanelling, standing
from tongxing.honours.empanelling import Asked
from tongxing.honours.forms import ReasonForm
from tongxing.honours.models import GIVEN, Assignment, Conflict, Criterion, Kind, Nomination, Panel, Reviewer, Selection
from tongxing.honours.review_forms import AppointForm, BarForm, CriteriaForm, PanelForm, ReopenForm
from tongxing.honours.rules import can_manage, can_see_results, insist
from tongxing.registry.views.act_page import act_page, posted

from .fetching import selection_of

ROWS = "honours/rows_act.html"


def home(row: Selection) -> str:
    return reverse("honours:review", args=[row.uid])


def panel_address(row: Panel) -> str:
    return reverse("honours:panel", args=[row.uid])


def panel_of(request: HttpRequest, uid: UUID, *, managed: bool = True) -> Panel:
    """A panel of a selection that the user sees; who reviews that selection is refused."""
    seen = Selection.objects.visible_to(user_of(request))
    row = get_object_or_404(Panel.objects.filter(selection__in=seen).select_related("selection__area"), uid=uid)
    insist(can_see_results(user_of(request), row.selection))
    if managed:
        insist(can_manage(user_of(request), row.selection.area_id))
    return row


@requires("honours.results")
@require_GET
def review(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What stands ready, who reviews, who keeps away from whom, and how far it has come."""
    row = selection_of(request, uid, managed=False)
    insist(can_see_results(user_of(request), row))
    panels = {one.kind: one for one in Panel.objects.filter(selection=row)}
    criteria = Criterion.objects.filter(selection=row)
    kinds = [
        {
            "kind": kind,
            "nominees": len(empanelling.in_review(row, kind)),
            "criteria": [one for one in criteria if one.kind == kind],
            "panel": panels.get(kind),
            "progress": standing.progress_of(panels[kind]) if kind in panels else [],
        }
        for kind in Kind
    ]
    barred = Conflict.objects.filter(reviewer__selection=row, lifted_on=None, reviewer__left_on=None)
    context = {
        "selection": row,
        "kinds": kinds,
        "reviewers": Reviewer.objects.filter(selection=row).select_related("user", "organisation"),
        "conflicts": barred.select_related("reviewer__user", "nomination__person", "nomination__organisation").order_by(
            "reviewer_id", "pk"
        ),
        "may_manage": row.state == "running" and bool(can_manage(user_of(request), row.area_id)),
    }
    return render(request, "honours/review.html", context)


@requires("honours.manage")
def criteria_edit(request: HttpRequest, uid: UUID, kind: str) -> HttpResponse:
    row, label = selection_of(request, uid), Kind(kind).label
    known = [Asked(one.title, one.weight, one.guide) for one in Criterion.objects.filter(selection=row, kind=kind)]
    form = CriteriaForm(posted(request), asked=known or empanelling.usual_criteria(kind))
    return act_page(
        request,
        form,
        run=lambda _: empanelling.set_criteria(row, kind, form.asked(), by=user_of(request)),
        back=home(row),
        title=f"{label}的评分项：{row.year} 年度",
        hint="每项打 0 至 100 分，权重合计 100%。不用的行留空。",
        done="评分项已保存。",
        template=ROWS,
        watched=lambda: Criterion.objects.filter(selection=row, kind=kind),
    )


@requires("honours.manage")
def reviewer_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    row, user = selection_of(request, uid), user_of(request)
    return act_page(
        request,
        AppointForm(posted(request), selection=row, viewer=user),
        run=lambda v: empanelling.appoint(row, v.pop("user"), by=user, **v),
        back=home(row),
        title=f"增加评审：{row.year} 年度",
        hint="选树经办不能当评审。加入后先由本人声明应当回避的关系。",
        done="已加入，并通知本人声明回避关系。",
        submit="加入评审",
    )


@requires("honours.manage")
def reviewer_leave(request: HttpRequest, uid: UUID) -> HttpResponse:
    seen = Selection.objects.visible_to(user_of(request))
    row = get_object_or_404(Reviewer.objects.filter(selection__in=seen).select_related("selection__area", "user"), uid=uid)
    insist(can_manage(user_of(request), row.selection.area_id))
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: empanelling.dismiss(row, by=user_of(request), **v),
        back=home(row.selection),
        title=f"退出评审：{row.user.name}",
        hint="已提交的评分保留，没有评的改由他人评审。",
        done="已退出。",
        submit="退出评审",
        watched=lambda: [row],
    )


@requires("honours.manage")
def bar(request: HttpRequest, uid: UUID) -> HttpResponse:
    row, user = selection_of(request, uid), user_of(request)
    nominations = Nomination.objects.visible_to(user).filter(selection=row, state="accepted").select_related("person", "organisation")
    return act_page(
        request,
        BarForm(posted(request), selection=row, nominations=nominations),
        run=lambda v: conflicts.order(v["reviewer"], v["nomination"], by=user, reason=v["reason"]),
        back=home(row),
        title=f"决定回避：{row.year} 年度",
        hint="登记里查不到、但应当回避的，由经办人决定。评审看不到这份材料；已交的评分不再计入。",
        done="已决定回避。",
        submit="决定回避",
    )


@requires("honours.manage")
def panel_new(request: HttpRequest, uid: UUID, kind: str) -> HttpResponse:
    row, label = selection_of(request, uid), Kind(kind).label
    return act_page(
        request,
        PanelForm(posted(request)),
        run=lambda v: empanelling.open_panel(row, kind, by=user_of(request), **v),
        back=home(row),
        title=f"分配{label}评审：{row.year} 年度",
        hint="按随机种子均衡分配，应当回避的自动避开；种子和名单留存，可以重算。",
        done="已分配，并通知评审。",
        submit="随机分配",
    )


@requires("honours.results")
@require_GET
def panel(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The figures, once the review is closed; before that, only how far it has come."""
    row = panel_of(request, uid, managed=False)
    closed = row.state == Panel.State.CLOSED
    context = {
        "panel": row,
        "selection": row.selection,
        "criteria": Criterion.objects.filter(selection_id=row.selection_id, kind=row.kind),
        "lines": standing.lines_of(row) if closed else [],
        "progress": standing.progress_of(row),
        "may_manage": row.selection.state == "running" and bool(can_manage(user_of(request), row.selection.area_id)),
    }
    return render(request, "honours/panel.html", context)


@requires("honours.manage")
def panel_close(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = panel_of(request, uid)
    return act_page(
        request,
        forms.Form(posted(request)),
        run=lambda _: empanelling.close_panel(row, by=user_of(request)),
        back=panel_address(row),
        title=f"结束{row.get_kind_display()}评审：{row.selection.year} 年度",
        hint="结束后评分不能再改，合分和名次向经办人开放。",
        done="评审已结束。",
        submit="结束评审",
        watched=lambda: [row],
    )


@requires("honours.manage")
def panel_reopen(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = panel_of(request, uid)
    rows = Assignment.objects.filter(panel=row, state__in=GIVEN).select_related(
        "reviewer__user", "nomination__person", "nomination__organisation"
    )
    known = {str(one.uid): one for one in rows.order_by("nomination__number", "reviewer_id")}
    form = ReopenForm(posted(request), choices=[(key, f"{one.nomination} · {one.reviewer.user.name}") for key, one in known.items()])
    return act_page(
        request,
        form,
        run=lambda v: empanelling.reopen_panel(row, known[v["assignment"]], by=user_of(request), reason=v["reason"]),
        back=panel_address(row),
        title=f"重评一份：{row.selection.year} 年度{row.get_kind_display()}",
        hint="只为更正明显的差错；原因和经手人留存，重评期间合分重新封存。",
        done="已退回评审重评。",
        submit="退回重评",
        watched=lambda: [row],
    )
