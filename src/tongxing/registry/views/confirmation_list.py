"""Organisations that nobody confirmed this year, and asking their agents to (notice:3.4.1–2)."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Exists, IntegerField, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.addresses import address_of
from tongxing.core.errors import Refused
from tongxing.core.listing import Bulk, Column, Filter, ListPage, selected
from tongxing.registry.forms.confirmation import RemindForm
from tongxing.registry.models import ConfirmationReminder, Organisation, Posting, RecordConfirmation
from tongxing.registry.models.coordinators import holds_on
from tongxing.registry.models.organisations import OrganisationKind, Size
from tongxing.registry.reminding import due_day, remind_to_confirm, unconfirmed_organisations, with_agent
from tongxing.registry.search import narrow

YES_NO = [("yes", "有"), ("no", "没有")]


def _posted() -> QuerySet[Posting]:
    return Posting.objects.filter(holds_on(timezone.localdate()), organisation=OuterRef("pk")).order_by()


def _by_coordinator(rows: "QuerySet[Any]", answer: str, request: HttpRequest) -> "QuerySet[Any]":
    return rows.filter(Exists(_posted()) if answer == "yes" else ~Exists(_posted()))


def _by_agent(rows: "QuerySet[Any]", answer: str, request: HttpRequest) -> "QuerySet[Any]":
    return rows.filter(with_agent() if answer == "yes" else ~with_agent())


def _by_reminder(rows: "QuerySet[Any]", answer: str, request: HttpRequest) -> "QuerySet[Any]":
    return rows.filter(reminded_at__isnull=answer == "no")


class UnconfirmedList(ListPage):
    key = "registry.unconfirmed_organisations"
    title = "待核实单位"
    permission = "registry.view"
    export_permission = "registry.export"
    search_hint = "单位名称、拼音首字母、信用代码"
    default_sort = "name"
    above = "registry/confirmation_progress.html"
    empty = ("都已核实", "本年度没有待核实的单位。", "registry:organisations", "打开单位名录")
    columns = (
        Column(
            "name", "单位名称", value=lambda o: o.name, link=lambda o: address_of("registry:organisation", o.uid), sort="name", width=40
        ),
        Column("kind", "类别", value=lambda o: o.get_kind_display(), sort="kind"),
        Column("area", "区划", value=lambda o: o.area.short_name, sort="area_id"),
        Column("size", "规模", value=lambda o: o.get_size_display(), sort="size", width=10),
        Column("coordinators", "在任协调员", value=lambda o: o.coordinators, sort="coordinators", numeric=True, width=10),
        Column("confirmed_on", "上次核实", value=lambda o: o.confirmed_on, sort="confirmed_on"),
        Column(
            "agent",
            "经办账号",
            value=lambda o: "有" if o.has_agent else "没有",
            tone=lambda o: "green" if o.has_agent else "grey",
            width=10,
        ),
        Column("reminded_at", "本年度提醒", value=lambda o: o.reminded_at and timezone.localtime(o.reminded_at).date(), sort="reminded_at"),
        Column("contact", "联系人", value=lambda o: o.contact_name, default=False),
        Column("phone", "联系电话", value=lambda o: o.contact_phone_masked, default=False),
    )
    filters = (
        Filter.area("area", "区划"),
        Filter.choice("kind", "类别", OrganisationKind.choices),
        Filter.choice("size", "规模", Size.choices),
        Filter.custom("coordinator", "在任协调员", YES_NO, apply=_by_coordinator),
        Filter.custom("agent", "经办账号", YES_NO, apply=_by_agent),
        Filter.custom("reminded", "本年度提醒", [("yes", "已提醒"), ("no", "未提醒")], apply=_by_reminder),
    )
    bulk = (Bulk("提醒核实", "registry:remind-confirmation", permission="registry.edit"),)

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        year = timezone.localdate().year
        rows = unconfirmed_organisations(Organisation.objects.visible_to(request.user)).select_related("area")
        people = _posted().values("organisation").annotate(count=Count("coordinator", distinct=True)).values("count")
        asked = ConfirmationReminder.objects.filter(organisation=OuterRef("pk"), year=year).order_by().values("organisation")
        return rows.annotate(
            coordinators=Coalesce(Subquery(people, output_field=IntegerField()), 0),
            reminded_at=Subquery(asked.annotate(last=Max("at")).values("last")),
            has_agent=with_agent(),
        )

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        return narrow(rows, text, "o", user=request.user)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        today = timezone.localdate()
        done = RecordConfirmation.objects.filter(year=today.year, organisation__isnull=False).values("organisation_id")
        confirmed = Organisation.objects.visible_to(request.user).standing().filter(pk__in=done).count()
        return {"year": today.year, "confirmed": confirmed, "due_on": due_day(today)}


@requires("registry.edit")
@require_POST
def remind(request: HttpRequest) -> HttpResponse:
    """Remind the selection of the list; without a day yet, the page asks for it and says who cannot be reached."""
    rows = selected(request, UnconfirmedList)
    form = RemindForm(request.POST if "due_on" in request.POST else None, initial={"due_on": due_day(timezone.localdate()).isoformat()})
    if form.is_bound and form.is_valid():
        try:
            result = remind_to_confirm(
                Organisation.objects.filter(pk__in=rows.order_by().values("pk")), by=user_of(request), **form.cleaned_data
            )
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            _say(request, *result)
            return redirect("registry:confirmations")
    ids = [] if request.POST.get("all") == "1" else request.POST.getlist("ids")
    context = {"form": form, "ids": ids, "count": rows.count(), "reachable": rows.filter(has_agent=True).count(), "first": rows[:10]}
    return render(request, "registry/confirmation_remind.html", context)


def _say(request: HttpRequest, organisations: int, agents: int, without_agent: int, today_already: int) -> None:
    if organisations:
        messages.success(request, f"已提醒 {organisations} 家单位，共 {agents} 个经办账号；待办已进入对方的收件箱。")
    if without_agent:
        messages.warning(
            request, f"{without_agent} 家没有经办账号，没有提醒到。请电话联系后在单位页面代为核实，或请系统管理员开通经办账号。"
        )
    if today_already:
        messages.info(request, f"{today_already} 家今天已经提醒过，没有重复提醒。")
