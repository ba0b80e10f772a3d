"""Lists of organisations: the register, the queue 未归属, and placing many at once."""

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.addresses import address_of
from tongxing.core.identifiers import squeeze
from tongxing.core.listing import Bulk, Column, Filter, ListPage, selected, word_of
from tongxing.registry.forms.organisations import PlaceForm
from tongxing.registry.industry import codes_of, sections, title
from tongxing.registry.models.organisations import Organisation, OrganisationKind, OrganisationStatus, Party, Size
from tongxing.registry.placing import place_as_suggested, place_organisations, suggestions
from tongxing.registry.search import narrow

SIZE_TONES = {Size.LARGE: "teal", Size.MEDIUM: "teal", Size.UNKNOWN: "amber"}
STATUS_TONES = {OrganisationStatus.OPERATING: "green", OrganisationStatus.SUSPENDED: "amber"}
SUGGEST_AT_MOST = 2_000


def _in_section(rows: QuerySet[Organisation], section: str, request: HttpRequest) -> QuerySet[Organisation]:
    query = Q(industry=section)
    for code in codes_of(section):
        # A range, not a beginning: LIKE uses no index on SQLite. Codes are two digits.
        query |= Q(industry__gte=code, industry__lt=f"{int(code) + 1:02}")
    return rows.filter(query)


def _waiting(rows: Any, chosen: str, request: HttpRequest) -> QuerySet[Organisation]:
    found: QuerySet[Organisation] = rows.unplaced_on(timezone.localdate())
    return found


class OrganisationList(ListPage):
    key = "registry.organisations"
    title = "单位"
    permission = "registry.view"
    export_permission = "registry.export"
    search_hint = "名称、拼音首字母、信用代码"
    default_sort = "name"
    empty = ("还没有单位", "导入企业名册，或逐个登记。", "sheets:upload", "导入名册")
    columns = (
        Column(
            "name",
            "单位名称",
            value=lambda o: o.name,
            link=lambda o: address_of("registry:organisation", o.uid),
            sort="name",
            width=36,
            reads="name",
        ),
        Column("kind", "类别", value=word_of("kind", OrganisationKind), reads="kind"),
        Column("area", "所属镇街", value=lambda o: o.area.short_name, sort="area_id", reads="area__short_name"),
        Column("size", "规模", value=word_of("size", Size), tone=lambda o: SIZE_TONES.get(o.size, "grey"), reads="size"),
        Column("employees", "从业人员", value=lambda o: o.employees, sort="employees", numeric=True, reads="employees"),
        Column("industry", "行业", value=lambda o: title(o.industry), width=24, reads="industry"),
        Column(
            "status",
            "状态",
            value=word_of("status", OrganisationStatus),
            tone=lambda o: STATUS_TONES.get(o.status, "grey"),
            reads="status",
        ),
        Column("credit_code", "统一社会信用代码", value=lambda o: o.credit_code, default=False, width=22, reads="credit_code"),
        Column("revenue", "营业收入（万元）", value=lambda o: o.revenue, sort="revenue", numeric=True, default=False, reads="revenue"),
        Column("assets", "资产总额（万元）", value=lambda o: o.assets, sort="assets", numeric=True, default=False, reads="assets"),
        Column("figures_year", "数据年度", value=lambda o: o.figures_year and str(o.figures_year), default=False, reads="figures_year"),
        Column("address", "地址", value=lambda o: o.address, default=False, width=36, reads="address"),
        Column("party", "三方身份", value=word_of("party", Party), default=False, reads="party"),
        Column("contact", "联系人", value=lambda o: o.contact_name, default=False, reads="contact_name"),
        Column("confirmed", "最近核实", value=lambda o: o.confirmed_on, sort="confirmed_on", default=False, reads="confirmed_on"),
        Column("created", "登记时间", value=lambda o: o.created_at, sort="id", default=False, reads="created_at"),
    )
    filters = (
        Filter.choice("kind", "类别", OrganisationKind.choices),
        Filter.choice("size", "规模", Size.choices),
        Filter.area("area", "区划"),
        Filter.custom("section", "行业门类", lambda _: [(s.code, f"{s.code} {s.name}") for s in sections()], apply=_in_section),
        Filter.choice("status", "状态", OrganisationStatus.choices),
        Filter.choice("party", "三方身份", Party.choices),
        Filter.custom("unplaced", "未归属", [("1", "是")], apply=_waiting),
        Filter.days("confirmed", "最近核实", field="confirmed_on"),
        Filter.days("created", "登记日期", field="created_at", quiet=True),
    )
    bulk = (
        Bulk("批量归属", "registry:place", permission="registry.edit"),
        Bulk("批量包联", "registry:assign-many", permission="registry.edit"),
    )
    actions = (
        ("登记单位", "registry:organisation-new", "registry.edit"),
        ("导入名册", "sheets:upload", "registry.import"),
        ("未归属单位", "registry:unplaced", "registry.edit"),
    )

    def rows(self, request: HttpRequest) -> QuerySet[Organisation]:
        return Organisation.objects.visible_to(request.user).standing().select_related("area")

    def search(self, rows: QuerySet[Organisation], text: str, request: HttpRequest) -> QuerySet[Organisation]:
        number = squeeze(text)
        if len(number) == 18 and number.isalnum() and number.isascii():
            return rows.filter(credit_code=number)
        return narrow(rows, text, "o", user=request.user)


def _suggested(organisation: Any) -> str:
    return organisation.town.short_name if organisation.town else "地址中没有唯一的镇街名，也没有唯一的继任区划"


class UnplacedList(ListPage):
    """The queue 未归属: organisations known only down to their county or left in an ended area, with where they seem to belong."""

    key = "registry.unplaced"
    title = "未归属单位"
    intro = "只知道到县一级的企业，以及仍记在已撤并镇街的单位，归属到在用的镇街或园区后才计入该处的覆盖。"
    permission = "registry.edit"
    export_permission = "registry.export"
    search_hint = "名称、拼音首字母、信用代码"
    default_sort = "created"
    page_size = 50
    above = "registry/unplaced_head.html"
    empty = ("没有未归属的单位", "导入名册时地址里没有唯一镇街名的企业会出现在这里。", "registry:organisations", "查看单位名录")
    columns = (
        OrganisationList.columns[0],
        Column("address", "地址", value=lambda o: o.address, sort="address", width=40),
        Column("area", "现在记在", value=lambda o: f"{o.area.short_name}{'（已撤并）' if o.area.valid_until else ''}", sort="area_id"),
        Column("town", "建议归属", value=_suggested, tone=lambda o: "teal" if o.town else "", width=28),
        *(column for column in OrganisationList.columns if column.key in ("size", "kind", "employees")),
        *(column for column in OrganisationList.columns if column.key in ("industry", "credit_code", "contact", "created")),
    )
    filters = tuple(one for one in OrganisationList.filters if one.key in ("kind", "size", "area", "section", "created"))
    bulk = (
        Bulk("按建议归属", "registry:place-suggested", permission="registry.edit"),
        Bulk("归属到指定镇街", "registry:place-unplaced", permission="registry.edit"),
    )

    def rows(self, request: HttpRequest) -> QuerySet[Organisation]:
        user: Any = request.user
        rows = Organisation.objects.visible_to(user).unplaced_on(timezone.localdate())
        return rows.filter(user.scope("registry.edit").as_q("area_id")).select_related("area")

    def described(self, rows: list[Any], request: HttpRequest) -> list[Any]:
        found = suggestions(rows)
        for organisation in rows:
            organisation.town = found.get(organisation.pk)
        return rows

    def search(self, rows: QuerySet[Organisation], text: str, request: HttpRequest) -> QuerySet[Organisation]:
        return OrganisationList().search(rows, text, request)


@requires("registry.edit")
@require_POST
def place(request: HttpRequest, listed: type[ListPage] = OrganisationList, back: str = "registry:organisations") -> HttpResponse:
    """Place the selection of a list in one area. Without an area yet, the page asks for it."""
    rows = selected(request, listed)
    form = PlaceForm(request.POST if "area" in request.POST else None, user=request.user)
    if form.is_bound and form.is_valid():
        area = form.cleaned_data["area"]
        moved = place_organisations(rows.order_by().values_list("id", flat=True), area, by=user_of(request))
        messages.success(request, f"已把 {moved} 个单位归属到{area}。" if moved else "没有选中需要归属的单位，请先勾选。")
        return redirect(back)
    ids = [] if request.POST.get("all") == "1" else request.POST.getlist("ids")
    context = {"form": form, "ids": ids, "count": rows.count(), "first": rows[:10], "back": reverse(back)}
    return render(request, "registry/organisation_place.html", context)


@requires("registry.edit")
@require_POST
def place_suggested(request: HttpRequest) -> HttpResponse:
    """Place the selection (of everything that matches the first thousands) as their addresses say."""
    placed = place_as_suggested(selected(request, UnplacedList).order_by("id")[:SUGGEST_AT_MOST], by=user_of(request))
    if placed:
        messages.success(request, f"已按建议归属 {placed} 个单位。")
    else:
        messages.warning(request, "选中的单位没有建议的归属（地址里没有唯一的镇街名称），请勾选后手工选择归属。")
    return redirect("registry:unplaced")
