"""Assessment bodies: the list of filings with what they may evaluate, and one body with its levels, sites and staff."""

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.certificates.models import BodyFiling, Level
from tongxing.core.access import requires
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.evaluation import bodies as acts
from tongxing.evaluation.forms.bodies import AssessorForm, EndForm, EntitlementForm, SiteForm
from tongxing.evaluation.models import AssessmentBatch, Assessor, Entitlement, Site
from tongxing.evaluation.rules import can_keep_body, insist
from tongxing.evaluation.suspending import suspended_on
from tongxing.registry.models import Organisation
from tongxing.registry.panels import body_panels
from tongxing.registry.views.act_page import act_page, posted

SHORT = {1: "一级", 2: "二级", 3: "三级", 4: "四级"}


def bodies_seen(request: HttpRequest) -> "QuerySet[Organisation]":
    """Bodies of the user's areas, and the body the user works for."""
    scope = user_of(request).scope("evaluation.view")
    return Organisation.objects.standing().filter(scope.as_q("area_id", "id"))


def _by_level(rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
    held = Entitlement.objects.on(timezone.localdate()).filter(level=int(value))
    return rows.filter(pk__in=held.values("filing_id"))


class BodyList(ListPage):
    key = "evaluation.bodies"
    title = "评价机构"
    intro = "备案号、今天能评的等级、考点和考评人员。"
    permission = "evaluation.view"
    export_permission = "registry.export"
    search_hint = "机构名称、备案号"
    default_sort = "number"
    empty = ("还没有评价机构", "先登记单位并勾选“兼评价机构”，再登记备案号。", "certificates:filing-new", "登记备案号")
    columns = (
        Column(
            "name",
            "评价机构",
            value=lambda f: f.organisation.name,
            link=lambda f: reverse("evaluation:body", args=[f.organisation.uid]),
            sort="organisation__name",
            width=36,
        ),
        Column("number", "备案号", value=lambda f: f.number, sort="number"),
        Column("levels", "今天能评的等级", value=lambda f: f.levels or "没有", tone=lambda f: "teal" if f.levels else "red", width=24),
        Column("until", "备案到期", value=lambda f: f.until, sort="until"),
        Column("sites", "考点", value=lambda f: f.sites, sort="sites", numeric=True, width=8),
        Column("staff", "考评人员", value=lambda f: f.staff, sort="staff", numeric=True, width=10),
        Column("batches", "批次", value=lambda f: f.batches, sort="batches", numeric=True, width=8),
        Column("area", "区划", value=lambda f: f.organisation.area.short_name, sort="organisation__area_id"),
    )
    filters = (
        Filter.custom("level", "能评等级", [(level, SHORT[level]) for level in SHORT], apply=_by_level),
        Filter.area("area", "区划", field="organisation__area_id"),
    )
    actions = (("登记备案号", "certificates:filing-new", "certificates.edit"),)

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        today = timezone.localdate()
        sites = Site.objects.on(today).filter(organisation=OuterRef("organisation")).order_by().values("organisation")
        staff = Assessor.objects.on(today).filter(organisation=OuterRef("organisation")).order_by().values("organisation")
        batches = AssessmentBatch.objects.filter(filing=OuterRef("pk")).order_by().values("filing")
        counted = {
            name: Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)
            for name, rows in (("sites", sites), ("staff", staff), ("batches", batches))
        }
        seen = BodyFiling.objects.filter(organisation__in=bodies_seen(request))
        return seen.select_related("organisation__area").annotate(**counted)

    def described(self, rows: list[Any], request: HttpRequest) -> list[Any]:
        held: dict[int, list[str]] = defaultdict(list)
        found = Entitlement.objects.on(timezone.localdate()).filter(filing__in=rows).order_by("-level")
        for filing, level in found.values_list("filing_id", "level"):
            held[filing].append(SHORT[level])
        for row in rows:
            row.levels = "、".join(held[row.pk])
        return rows

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        found = rows.filter(number__startswith=text.strip().upper())
        return found | rows.filter(organisation__name__icontains=text.strip())


def _body(request: HttpRequest, uid: UUID) -> Organisation:
    return get_object_or_404(bodies_seen(request).select_related("area"), uid=uid)


def _kept(request: HttpRequest, uid: UUID) -> Organisation:
    organisation = _body(request, uid)
    insist(can_keep_body(user_of(request), organisation.area_id))
    return organisation


@requires("evaluation.view")
@require_GET
def body(request: HttpRequest, uid: UUID) -> HttpResponse:
    organisation, today = _body(request, uid), timezone.localdate()
    entitlements = list(Entitlement.objects.filter(filing__organisation=organisation).select_related("filing"))
    context = {
        "organisation": organisation,
        "today": today,
        "filings": [(filing, _running(filing, today)) for filing in BodyFiling.objects.filter(organisation=organisation)],
        "entitlements": [(row, _running(row, today)) for row in entitlements],
        "panels": body_panels(organisation, user_of(request)),
        "suspensions": suspended_on(organisation.pk, None, today),
        "first_level": any(row.level == Level.FIRST and _running(row, today) == "now" for row in entitlements),
        "sites": [(row, _running(row, today)) for row in Site.objects.filter(organisation=organisation).select_related("area")],
        "staff": [(row, _running(row, today)) for row in Assessor.objects.filter(organisation=organisation).select_related("person")],
        "batches": AssessmentBatch.objects.filter(filing__organisation=organisation)[:10],
        "may_keep": bool(can_keep_body(user_of(request), organisation.area_id)),
    }
    return render(request, "evaluation/body.html", context)


def _running(row: Any, today: date) -> str:
    """now, later or over."""
    if row.until and row.until < today:
        return "over"
    return "later" if row.since and row.since > today else "now"


@requires("evaluation.bodies")
def entitlement_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    organisation = _kept(request, uid)
    return act_page(
        request,
        EntitlementForm(posted(request), organisation=organisation),
        run=lambda v: acts.entitle(v.pop("filing"), by=user_of(request), **v),
        back=reverse("evaluation:body", args=[uid]),
        title=f"登记评价等级范围：{organisation.name}",
        done="已登记评价等级范围。",
        submit="登记",
        clause="notice:3.1.4",
    )


@requires("evaluation.bodies")
def entitlement_end(request: HttpRequest, pk: int) -> HttpResponse:
    seen = Entitlement.objects.filter(filing__organisation__in=bodies_seen(request)).select_related("filing__organisation")
    row = get_object_or_404(seen, pk=pk)
    return act_page(
        request,
        EndForm(posted(request)),
        run=lambda v: acts.end_entitlement(row, by=user_of(request), **v),
        back=reverse("evaluation:body", args=[row.filing.organisation.uid]),
        title=f"终止评价等级范围：{row.get_level_display()}",
        hint=f"{row.filing.organisation.name}（{row.filing.number}）",
        done="已终止。",
        submit="终止",
        watched=lambda: [row],
    )


@requires("evaluation.bodies")
def site_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    organisation = _kept(request, uid)
    return act_page(
        request,
        SiteForm(posted(request), user=user_of(request)),
        run=lambda v: acts.open_site(organisation, by=user_of(request), **v),
        back=reverse("evaluation:body", args=[uid]),
        title=f"登记考点：{organisation.name}",
        done="已登记考点。",
        submit="登记",
    )


@requires("evaluation.bodies")
def site_close(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Site.objects.filter(organisation__in=bodies_seen(request)).select_related("organisation"), pk=pk)
    return act_page(
        request,
        EndForm(posted(request)),
        run=lambda v: acts.close_site(row, by=user_of(request), **v),
        back=reverse("evaluation:body", args=[row.organisation.uid]),
        title=f"停用考点：{row.name}",
        done="已停用。",
        submit="停用",
        watched=lambda: [row],
    )


@requires("evaluation.bodies")
def assessor_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    organisation = _kept(request, uid)
    form = AssessorForm(posted(request))
    return act_page(
        request,
        form,
        run=lambda v: acts.appoint(organisation, v["person"], by=user_of(request), **form.facts()),
        back=reverse("evaluation:body", args=[uid]),
        title=f"登记考评人员：{organisation.name}",
        done="已登记考评人员。",
        submit="登记",
    )


@requires("evaluation.bodies")
def assessor_end(request: HttpRequest, uid: UUID) -> HttpResponse:
    seen = Assessor.objects.filter(organisation__in=bodies_seen(request)).select_related("organisation", "person")
    row = get_object_or_404(seen, uid=uid)
    return act_page(
        request,
        EndForm(posted(request)),
        run=lambda v: acts.dismiss(row, by=user_of(request), **v),
        back=reverse("evaluation:body", args=[row.organisation.uid]),
        title=f"结束聘用：{row.person.name}",
        done="已结束聘用。",
        submit="结束聘用",
        watched=lambda: [row],
    )
