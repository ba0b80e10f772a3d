"""Visits: all of them, one's own (for a telephone), one visit with its checklist, and the steps around it."""

from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.core.offline import own_copy
from tongxing.registry.views.act_page import act_page, posted
from tongxing.supervision import visiting
from tongxing.supervision.drawing import visit_address
from tongxing.supervision.forms import CountersignForm, ReasonForm, ReplaceForm, SignForm, VisitForm
from tongxing.supervision.models import Verdict, Visit, VisitState
from tongxing.supervision.models.visits import OPEN_VISITS
from tongxing.supervision.rules import can_fill, can_manage, can_open_photos, can_sign_for_body, insist

from .fetching import body_of, tone, visit_of


class VisitList(ListPage):
    key = "supervision.visits"
    title = "现场检查"
    intro = "抽中的和计划外的检查。机构在签字时才看得到。"
    permission = "supervision.plans"
    export_permission = "registry.export"
    search_hint = "编号、检查对象"
    default_sort = "-due_until"
    empty = ("还没有现场检查", "抽取以后自动生成，也可以从机构的督导记录或异常线索安排。", "supervision:plans", "抽查计划")
    columns = (
        Column("place", "检查对象", value=lambda v: v.place, link=visit_address, sort="place", width=40),
        Column("code", "编号", value=lambda v: v.code, sort="code"),
        Column("state", "状态", value=lambda v: v.get_state_display(), tone=tone, sort="state", width=14),
        Column("how", "来源", value=lambda v: "抽中" if v.draw_id else "计划外", width=10),
        Column("due_until", "检查截止", value=lambda v: v.due_until, sort="due_until"),
        Column("plan", "计划", value=lambda v: v.plan.title if v.plan else None, default=False, width=30),
        Column("unfit", "不符合项", value=lambda v: v.unfit or None, sort="unfit", numeric=True, width=10),
        Column("area", "区划", value=lambda v: v.area.short_name, sort="area_id"),
    )
    filters = (
        Filter.choice("state", "状态", VisitState.choices),
        Filter.area("area", "区划"),
        Filter.days("due", "截止", field="due_until"),
    )

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        rows = Visit.objects.visible_to(user_of(request)).select_related("area", "plan")
        return rows.annotate(unfit=Count("items", filter=Q(items__verdict=Verdict.UNFIT)))

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        return rows.filter(Q(code__icontains=text.strip()) | Q(place__icontains=text.strip()))


@requires("supervision.inspect")
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """What waits for the inspector, the most urgent first; then what is over."""
    rows = Visit.objects.of_inspector(user_of(request)).select_related("organisation", "site", "training_class")
    said = Count("items", filter=~Q(items__verdict=""))
    rows = rows.annotate(filled=said, lines=Count("items")).prefetch_related("inspectors__inspector__user")
    context = {
        "open": [(row, tone(row)) for row in rows.filter(state__in=OPEN_VISITS).order_by("due_until", "id")],
        "over": [(row, tone(row)) for row in rows.exclude(state__in=OPEN_VISITS)[:10]],
        "today": timezone.localdate(),
    }
    return render(request, "supervision/mine.html", context)


@requires("supervision.view")
@require_GET
def visit(request: HttpRequest, uid: UUID) -> HttpResponse:
    row, user = visit_of(request, uid), user_of(request)
    items = list(row.items.prefetch_related("photos"))
    sections: dict[str, list[Any]] = {}
    for item in items:
        sections.setdefault(item.section, []).append(item)
    sent = list(row.inspectors.select_related("inspector__user"))
    may_fill = bool(can_fill(user, row))
    context = {
        "visit": row,
        "tone": tone(row),
        "sections": sections,
        "filled": sum(bool(item.verdict) for item in items),
        "count": len(items),
        "sent": sent,
        "verdicts": Verdict.choices,
        "may_fill": may_fill,
        "may_sign": may_fill and any(one.inspector.user_id == user.pk and not one.signed_at for one in sent),
        "may_countersign": bool(can_sign_for_body(user, row)),
        "may_manage": bool(can_manage(user, row.area_id)),
        "may_photos": bool(can_open_photos(user, row)),
        "loose": row.photos.filter(item=None),
        "findings": [(one, tone(one)) for one in row.findings.all()],
        "unconfirmed": any(not item.confirmed for item in items),
    }
    response = render(request, "supervision/visit.html", context)
    return own_copy(request, response) if may_fill and row.state == VisitState.BEGUN else response


@requires("supervision.inspect")
def visit_sign(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = visit_of(request, uid)
    insist(can_fill(user_of(request), row))
    return act_page(
        request,
        SignForm(posted(request), initial={"summary": row.summary}),
        run=lambda v: visiting.sign(row, by=user_of(request), **v),
        back=visit_address(row),
        title=f"签字：{row.place}",
        hint="签字表示检查表由您核对无误。两名督导员都签字后，请被检查方签字。",
        done="已签字。",
        submit="确认并签字",
    )


@requires("supervision.inspect")
def visit_reopen(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = visit_of(request, uid)
    insist(can_fill(user_of(request), row))
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: visiting.reopen(row, by=user_of(request), **v),
        back=visit_address(row),
        title=f"退回修改：{row.place}",
        hint="已有的签字作废，改完重新签。",
        done="已退回，可以修改检查表。",
        submit="退回修改",
    )


@requires("supervision.view")
def visit_countersign(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = visit_of(request, uid)
    insist(can_sign_for_body(user_of(request), row))
    return act_page(
        request,
        CountersignForm(posted(request)),
        run=lambda v: visiting.countersign(row, by=user_of(request), **v),
        back=visit_address(row),
        title=f"被检查方签字：{row.place}",
        hint="由在场人员当面确认。签字后检查完成，不符合项自动下达整改，机构收到通知。",
        done="检查已完成，不符合项已下达整改。",
        submit="确认",
        watched=lambda: [row],
    )


@requires("supervision.manage")
def visit_cancel(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = visit_of(request, uid)
    insist(can_manage(user_of(request), row.area_id))
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: visiting.cancel_visit(row, by=user_of(request), **v),
        back=visit_address(row),
        title=f"取消检查：{row.place}",
        done="检查已取消。",
        submit="取消检查",
        watched=lambda: [row],
    )


@requires("supervision.manage")
def visit_replace(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = visit_of(request, uid)
    insist(can_manage(user_of(request), row.area_id))
    return act_page(
        request,
        ReplaceForm(posted(request), visit=row),
        run=lambda v: visiting.replace(row, v["leaves"], v["comes"], by=user_of(request), reason=v["reason"]),
        back=visit_address(row),
        title=f"换人：{row.place}",
        hint="抽取结果照原样保留；应回避的人选不上。",
        done="已换人，双方收到通知。",
        submit="换人",
    )


@requires("supervision.manage")
def visit_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A visit outside the draw, from the record of a body."""
    body = body_of(request, uid)
    insist(can_manage(user_of(request), body.area_id))
    return act_page(
        request,
        VisitForm(posted(request), organisation=body),
        run=lambda v: visit_address(visiting.add_visit(body, list(v.pop("inspectors")), by=user_of(request), **v)),
        back="",
        title=f"安排计划外检查：{body.name}",
        hint="投诉举报、异常线索或复查需要时用；不混入随机抽取的结果。",
        done="已安排，督导员收到通知。",
        submit="安排检查",
    )
