"""The list of provisions, the versions of one, and the bureau's later ones."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.audit.conflicts import Watch
from tongxing.audit.names import ROOMS
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.core.values import clean_date

from .amending import add_version, withdraw_version
from .forms import VersionForm
from .models import BureauProvision
from .provisions import in_force, shipped
from .provisions import versions as versions_of


@require_GET
@requires("policy.view")
def provisions(request: HttpRequest) -> HttpResponse:
    """What holds today (or on ?on=…), by room; unconfirmed ones first on request."""
    try:
        day = clean_date(request.GET["on"]) if request.GET.get("on") else None
    except ValidationError:
        day = None
    rows = in_force(day)
    only = request.GET.get("unconfirmed") == "1"
    groups: dict[str, list[object]] = {}
    for row in rows:
        if row.confirmed and only:
            continue
        groups.setdefault(ROOMS.get(row.room, row.room), []).append(row)
    context = {
        "groups": groups,
        "total": len(rows),
        "unconfirmed": sum(not row.confirmed for row in rows),
        "only": only,
        "day": day,
    }
    return render(request, "policy/provisions.html", context)


def _watch(key: str) -> Watch:
    """A value is entered, or taken back, against the versions that stand on the page."""
    return Watch(lambda: BureauProvision.objects.filter(key=key))


def _page(request: HttpRequest, key: str, form: VersionForm | None = None) -> HttpResponse:
    rows = versions_of(key)
    seen = _watch(key).seen
    may_edit = user_of(request).may_at("policy.edit", settings.PROGRAMME_AREA)
    context = {
        "key": key,
        "newest": rows[0],
        "versions": rows,
        "may_edit": may_edit,
        "form": form or (VersionForm(provision=rows[0]) if may_edit else None),
        "seen": seen,
    }
    return render(request, "policy/provision.html", context, status=422 if form else 200)


@require_GET
@requires("policy.view")
def provision(request: HttpRequest, key: str) -> HttpResponse:
    if key not in shipped():
        raise Http404
    return _page(request, key)


@require_POST
@requires("policy.edit")
def add(request: HttpRequest, key: str) -> HttpResponse:
    if key not in shipped():
        raise Http404
    form = VersionForm(request.POST, provision=versions_of(key)[0])
    if form.is_valid():
        try:
            with _watch(key).unmoved(request):
                row = add_version(key, by=user_of(request), **form.cleaned_data)
            messages.success(request, f"已录入，自 {row.valid_from} 起按新值计算。")
            return redirect("policy:provision", key=key)
        except Refused as refused:
            form.add_error(None, refused.message)
    return _page(request, key, form)


@require_POST
@requires("policy.edit")
def withdraw(request: HttpRequest, version_id: int) -> HttpResponse:
    row = get_object_or_404(BureauProvision.objects.visible_to(request.user), pk=version_id)
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise Refused("请写明撤回的理由。", code="reason_missing")
    with _watch(row.key).unmoved(request):
        withdraw_version(row, reason=reason, by=user_of(request))
    messages.success(request, "已撤回，恢复按前一个版本计算。")
    return redirect("policy:provision", key=row.key)
