"""Funds and comparison lists."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.registry.views.act_page import act_page, posted
from tongxing.subsidies import comparing, funding, reading_files
from tongxing.subsidies.forms import ComparisonForm, FundForm
from tongxing.subsidies.models import ClaimKind, Comparison, Fund

from .lists import LEVELS


@requires("subsidies.view")
@require_GET
def fund(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a fund's money is: by scheme, level, payee and month."""
    row = get_object_or_404(Fund.objects.visible_to(user_of(request)).select_related("area"), pk=pk)
    standing = funding.standings([row])[row.pk]
    kinds = dict(ClaimKind.choices)
    tables: list[tuple[str, list[tuple[str, dict[str, Any]]]]] = [
        ("按补贴种类", [(kinds[one["kind"]], one) for one in funding.breakdown(row, "kind")]),
        ("按证书等级", [(LEVELS[one["level"]], one) for one in funding.breakdown(row, "level")]),
        ("按收款单位", [(one["payee_organisation__name"] or "个人", one) for one in funding.breakdown(row, "payee_organisation__name")]),
        ("按申请月份", [(f"{one['claimed_on__month']} 月", one) for one in funding.breakdown(row, "claimed_on__month")]),
    ]
    used = standing.reserved + standing.paid
    share = int(used * 100 / standing.budget) if standing.budget else 0
    context = {"fund": row, "standing": standing, "tables": tables, "share": share}
    return render(request, "subsidies/fund.html", context | {"may_edit": user_of(request).may_at("subsidies.approve", row.area_id)})


@requires("subsidies.approve")
def fund_new(request: HttpRequest) -> HttpResponse:
    def run(typed: dict[str, Any]) -> Any:
        area = typed.pop("area")
        return funding.set_fund(by=user_of(request), area_code=area.pk, **typed)

    form = FundForm(posted(request), user=user_of(request))
    back = reverse("subsidies:funds")
    return act_page(request, form, run=run, back=back, title="登记资金", done="已登记资金预算。", submit="登记", clause="notice:3.1.2")


@requires("subsidies.approve")
def fund_edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Fund.objects.visible_to(user_of(request)), pk=pk)

    def run(typed: dict[str, Any]) -> Any:
        return funding.set_fund(by=user_of(request), area_code=row.area_id, fund=row, **typed)

    form = FundForm(posted(request), user=user_of(request), fund=row)
    back = reverse("subsidies:fund", args=[pk])
    return act_page(request, form, run=run, back=back, watched=lambda: [row], title=f"修改预算：{row}", done="已修改预算。")


@requires("subsidies.handle")
def comparison_new(request: HttpRequest) -> HttpResponse:
    form = ComparisonForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        upload, user = typed.pop("file"), user_of(request)
        try:
            with reading_files.people_of(upload, upload.name) as (rows, sha256):
                taken = comparing.take_list(rows, by=user, area_code=min(user.scope("subsidies.handle").roots), sha256=sha256, **typed)
        except Refused as refused:
            if refused.status == 403:
                raise
            form.add_error("file", refused.message)
        else:
            left = taken.left
            named = "；".join(f"第 {row} 行：{why}" for row, why in left[:3])
            messages.success(request, f"已导入 {taken.comparison.rows_count:,} 人。" + (f"{len(left)} 行没有导入，{named}" if left else ""))
            return redirect("subsidies:comparisons")
    context = {"form": form, "title": "导入比对名单", "submit": "导入", "back": reverse("subsidies:comparisons")}
    hint = "系统只保存证件号的比对摘要和姓名，原文件不保存。"
    return render(request, "registry/person_act.html", context | {"hint": hint}, status=422 if form.errors else 200)


@requires("subsidies.handle")
@require_POST
def comparison_retire(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Comparison.objects.visible_to(user_of(request)), pk=pk)
    comparing.retire_list(row, by=user_of(request))
    messages.success(request, "已停用，此后不再与它比对；其中的人员摘要已删除。")
    return redirect("subsidies:comparisons")
