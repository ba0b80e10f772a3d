"""The public notice of a selection, as the officers prepare it, and the objections that come in."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.files.models import StoredFile
from tongxing.honours import noticing, objecting
from tongxing.honours.forms import ReasonForm
from tongxing.honours.models import Nomination, Notice, NoticeState, Objection, Outcome, Selection
from tongxing.honours.notice_forms import NoticeForm, RaiseForm, SettleForm
from tongxing.honours.rules import can_manage, can_see_results, insist
from tongxing.registry.views.act_page import act_page, posted, reveal_page
from tongxing.workdays.calendar import Calendar

from .fetching import selection_of


def home(row: Selection) -> str:
    return reverse("honours:notice", args=[row.uid])


def notice_of(request: HttpRequest, uid: UUID) -> Notice:
    """The notice of a selection that the user runs, the newest."""
    row = selection_of(request, uid)
    found = Notice.objects.filter(selection=row).exclude(state=NoticeState.WITHDRAWN).select_related("selection__area").first()
    if found is None:
        raise Http404
    return found


@requires("honours.results")
@require_GET
def notice(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = selection_of(request, uid, managed=False)
    insist(can_see_results(user_of(request), row))
    return _show(request, row)


def _show(request: HttpRequest, row: Selection, refused: Refused | None = None) -> HttpResponse:
    found = Notice.objects.filter(selection=row).first()
    live = found if found and found.state != NoticeState.WITHDRAWN else None
    today = timezone.localdate()
    lines = live.lines if live and live.state == NoticeState.PUBLISHED else noticing.public_lines(row)
    states = {one.number: one for one in Nomination.objects.filter(selection=row)}
    context = {
        "selection": row,
        "notice": live,
        "withdrawn": Notice.objects.filter(selection=row, state=NoticeState.WITHDRAWN),
        "lines": [(line, states.get(line["number"])) for line in lines],
        "files": StoredFile.objects.filter(pk__in=live.attachments) if live else [],
        "days_left": Calendar().working_days_between(today, live.ends_on) if live and live.ends_on and live.ends_on > today else 0,
        "objections": Objection.objects.filter(notice__selection=row).select_related("nomination__person", "nomination__organisation"),
        "may_manage": row.state == "running" and bool(can_manage(user_of(request), row.area_id)),
        "refused": refused,
    }
    return render(request, "honours/notice.html", context, status=refused.status if refused else 200)


@requires("honours.manage")
def notice_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = selection_of(request, uid)
    first = {
        "title": f"关于{row.year}年度劳动关系协调员和社会组织推荐名单的公示",
        "text": "经推荐、审核、评审和会议研究，现将拟推荐名单公示如下。",
    }
    form = NoticeForm(posted(request), request.FILES or None, initial=first)

    def run(values: dict[str, Any]) -> Notice:
        file = values.pop("attachment")
        return noticing.draft_notice(row, by=user_of(request), attachments=[file] if file else (), **values)

    return act_page(
        request,
        form,
        run=run,
        back=home(row),
        title=f"拟公示：{row.year} 年度",
        hint="先拟稿核对，再发布。",
        done="公示已拟好，核对后发布。",
        submit="拟好公示",
        clause="notice:3.3.1",
    )


@requires("honours.manage")
@require_POST
def notice_publish(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = notice_of(request, uid)
    try:
        done = noticing.publish_notice(row, by=user_of(request))
    except Refused as refused:
        if refused.status == 403:
            raise
        return _show(request, row.selection, refused)
    messages.success(request, f"已发布，公示至 {done.ends_on}，{done.shown_until} 后自动撤下。")
    return redirect(home(row.selection))


@requires("honours.manage")
def notice_withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = notice_of(request, uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: noticing.withdraw_notice(row, by=user_of(request), **v),
        back=home(row.selection),
        title=f"撤下公示：{row.title}",
        hint="撤下后名单须重新公示。",
        done="已撤下。",
        submit="撤下公示",
        watched=lambda: [row],
    )


class ObjectionList(ListPage):
    key = "honours.objections"
    title = "选树异议"
    permission = "honours.manage"
    default_sort = "-raised_on"
    empty = ("没有异议", "公示期内收到的异议列在这里，逐件办结并公开结果。", "honours:selections", "年度选树")
    columns = (
        Column(
            "number",
            "异议编号",
            value=lambda o: o.number,
            link=lambda o: reverse("honours:objection", args=[o.uid]),
            sort="number",
            width=20,
        ),
        Column(
            "outcome",
            "结论",
            value=lambda o: o.get_outcome_display(),
            tone=lambda o: "red" if o.outcome == Outcome.OPEN else "grey",
            sort="outcome",
            width=12,
        ),
        Column("who", "涉及", value=lambda o: o.nomination.subject.name),
        Column("text", "内容", value=lambda o: o.text[:60], width=50),
        Column("raised_on", "提出日期", value=lambda o: o.raised_on, sort="raised_on"),
        Column("settled_on", "办结日期", value=lambda o: o.settled_on, sort="settled_on"),
    )
    filters = (Filter.choice("outcome", "结论", Outcome.choices),)

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        return objections_of(request)


def objections_of(request: HttpRequest) -> "QuerySet[Objection]":
    """Those of the selections that the user runs."""
    managed = Selection.objects.filter(user_of(request).scope("honours.manage").as_q("area_id"))
    rows = Objection.objects.filter(notice__selection__in=managed)
    return rows.select_related("nomination__person", "nomination__organisation", "notice__selection")


@requires("honours.manage")
def objection(request: HttpRequest, uid: UUID) -> HttpResponse:
    """An objection, with the form that settles it."""
    row = get_object_or_404(objections_of(request), uid=uid)

    def run(values: dict[str, Any]) -> Objection:
        return objecting.settle_objection(row, by=user_of(request), upheld=values.pop("upheld") == "yes", **values)

    return act_page(
        request,
        SettleForm(posted(request)),
        run=run,
        back=home(row.notice.selection),
        title=f"异议 {row.number}",
        done="已办结，处理结果登在公示页上。",
        submit="办结异议",
        template="honours/objection.html",
        objection=row,
        watched=lambda: [row],
    )


@requires("honours.manage")
def objection_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """An objection that came by telephone, letter or at the counter."""
    row = notice_of(request, uid)

    def run(values: dict[str, Any]) -> Objection:
        found = objecting.on_show(row, values.pop("number"))
        if found is None:
            raise Refused("这份公示的名单里没有这个推荐编号，请对照名单填写。", code="not_on_list")
        return objecting.raise_objection(row, found, by=user_of(request), **values)

    return act_page(
        request,
        RaiseForm(posted(request)),
        run=run,
        back=home(row.selection),
        title=f"登记异议：{row.selection.year} 年度",
        hint="电话、来信、来访提出的异议。登记后这一名的公示期暂停计算，其他人不受影响。",
        done="已登记异议。",
        submit="登记异议",
    )


@requires("honours.manage")
def objection_contact(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = get_object_or_404(objections_of(request), uid=uid)
    return reveal_page(
        request,
        ReasonForm(posted(request)),
        reveal=lambda v: objecting.reveal_contact(row, by=user_of(request), reason=v["reason"]),
        label=row.by_name or "提出人",
        back=reverse("honours:objection", args=[uid]),
        title=f"查看联系方式：异议 {row.number}",
        hint="只用于答复。查看会记入审计日志。",
    )
