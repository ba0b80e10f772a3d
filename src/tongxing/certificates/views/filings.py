"""Filing numbers of assessment bodies: looked at and entered."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tongxing.accounts.requests import user_of
from tongxing.certificates.bodies import file_body
from tongxing.certificates.forms.certificates import FilingForm
from tongxing.certificates.models import BodyFiling
from tongxing.core.access import requires
from tongxing.core.listing import Column, ListPage
from tongxing.registry.models import Organisation
from tongxing.registry.views.act_page import act_page, posted


class FilingList(ListPage):
    key = "certificates.filings"
    title = "评价机构备案号"
    intro = "证书编号前 13 位与所选评价机构的备案号核对。"
    permission = "certificates.view"
    default_sort = "number"
    empty = ("还没有备案号", "登记以后，新登记的证书会按备案号核对编号。", "certificates:filing-new", "登记备案号")
    columns = (
        Column("number", "备案号", value=lambda f: f.number, sort="number"),
        Column("organisation", "评价机构", value=lambda f: f.organisation.name, sort="organisation__name", width=40),
        Column("since", "备案日期", value=lambda f: f.since, sort="since"),
        Column("until", "备案到期", value=lambda f: f.until, sort="until"),
    )
    actions = (("登记备案号", "certificates:filing-new", "certificates.edit"),)

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        seen = Organisation.objects.visible_to(user_of(request)).values("pk")
        return BodyFiling.objects.filter(organisation__in=seen).select_related("organisation")


@requires("certificates.edit")
def filing_new(request: HttpRequest) -> HttpResponse:
    form = FilingForm(posted(request), user=user_of(request))
    return act_page(
        request,
        form,
        run=lambda v: file_body(v["organisation"], by=user_of(request), number=v["number"], since=v["since"], until=v["until"]),
        back=reverse("certificates:filings"),
        title="登记评价机构备案号",
        done="已登记备案号。",
        submit="登记",
        clause="notice:3.1.4",
    )
