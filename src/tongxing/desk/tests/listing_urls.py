"""The house's addresses and one list page, so that core.listing is tested on real rows."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from tongxing.core.access import requires
from tongxing.core.listing import Bulk, Column, Filter, ListPage, list_view, selected
from tongxing.registry.models import Organisation
from tongxing.registry.models.organisations import OrganisationKind

handler403 = "tongxing.core.views.forbidden"


class EmployerList(ListPage):
    key = "test.employers"
    title = "用人单位"
    permission = "registry.view"
    export_permission = "registry.export"
    search_hint = "单位名称"
    default_sort = "name"
    empty = ("还没有单位", "先导入名册。", "desk:home", "回到今日待办")
    columns = (
        Column("name", "单位名称", value=lambda o: o.name, link=lambda o: f"/somewhere/{o.uid}/", sort="name"),
        Column("area", "所属镇街", value=lambda o: o.area.short_name, sort="area_id"),
        Column("employees", "从业人员", value=lambda o: o.employees, sort="employees", numeric=True),
        Column("size", "规模", value=lambda o: o.get_size_display(), tone=lambda _: "grey"),
        Column("began", "成立日期", value=lambda o: o.began_on, sort="began_on", default=False),
    )
    filters = (
        Filter.choice("kind", "类别", OrganisationKind.choices),
        Filter.area("area", "区划", field="area_id"),
        Filter.flag("unplaced", "未归属"),
        Filter.days("began", "成立日期", field="began_on"),
        Filter.custom("big", "人数", (("yes", "百人以上"),), apply=lambda rows, _value, _request: rows.filter(employees__gte=100)),
    )
    bulk = (Bulk("批量处理", "test-bulk", permission="registry.edit"),)
    actions = (("登记单位", "test-list", "registry.edit"), ("没有这一页", "nowhere:at-all", "registry.edit"))

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        return Organisation.objects.visible_to(request.user).standing().select_related("area")


@requires("registry.edit")
def bulk(request: HttpRequest) -> HttpResponse:
    return HttpResponse(",".join(sorted(selected(request, EmployerList).values_list("name", flat=True))))


class EmployerForm(forms.Form):
    draft_key = "test.employer"
    sections = (("基本信息", ("name", "credit_code")), ("其他", ("began_on", "kinds", "agreed")))
    name = forms.CharField(label="名称")
    credit_code = forms.CharField(label="统一社会信用代码", help_text="18 位，见营业执照。")
    began_on = forms.DateField(label="成立日期", required=False)
    kinds = forms.MultipleChoiceField(
        label="类别", choices=(("a", "甲类"), ("b", "乙类")), widget=forms.CheckboxSelectMultiple, required=False
    )
    agreed = forms.BooleanField(label="已经核对", required=False)


PAGE = """{% extends "core/workspace.html" %}{% block title %}登记{% endblock %}{% block heading %}登记{% endblock %}
{% block content %}{% include "core/form.html" with form=form submit="登记" cancel="/desk/" %}{% endblock %}"""


@requires("registry.edit")
def form_page(request: HttpRequest) -> HttpResponse:
    form = EmployerForm(request.POST or None)
    if request.method == "POST":
        form.is_valid()
    return HttpResponse(engines["django"].from_string(PAGE).render({"form": form}, request))


urlpatterns = [
    path("test/form/", form_page),
    path("test/list/", list_view(EmployerList), name="test-list"),
    path("test/bulk/", bulk, name="test-bulk"),
    path("", include("tongxing.config.urls")),
]
