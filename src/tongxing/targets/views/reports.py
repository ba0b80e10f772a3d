"""Frozen reports: make one, read it, hand it on, see what has changed since."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.replica import reads_replica
from tongxing.targets import freezing, papering
from tongxing.targets.forms import FreezeForm
from tongxing.targets.models import FrozenReport, Target
from tongxing.targets.place import place_of
from tongxing.targets.spread import DIMENSIONS
from tongxing.targets.units import FILLED, FILLED_STATES, State
from tongxing.targets.wording import frozen_year
from tongxing.targets.workbooks import frozen

from .coverage import workbook_answer


@requires("targets.freeze")
def report_new(request: HttpRequest) -> HttpResponse:
    place = place_of(request, "targets.freeze")
    form = FreezeForm(request.POST or None, initial={"on": place.day})
    if request.method == "POST" and form.is_valid():
        report = freezing.freeze(place.area, form.cleaned_data["on"], title=form.cleaned_data["title"], by=user_of(request))
        messages.success(request, f"已定格 {report.number}，内容不会再变。")
        return redirect("targets:report", report.uid)
    return render(request, "targets/report_new.html", {"form": form, "place": place})


def _report(request: HttpRequest, uid: uuid.UUID) -> FrozenReport:
    return get_object_or_404(FrozenReport.objects.visible_to(request.user), uid=uid)


@requires("targets.view")
@reads_replica
def report(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    row = _report(request, uid)
    content = freezing.read(row)
    make_up = [(DIMENSIONS[key].title, rows) for key, rows in freezing.in_order(content, "make_up")]
    figures = [{**line, "year": frozen_year(line, row.day)} for line in content["figures"]]
    return render(request, "targets/report.html", {"report": row, "figures": figures, "make_up": make_up})


@requires("targets.view")
@reads_replica
def report_list(request: HttpRequest, uid: uuid.UUID, key: str) -> HttpResponse:
    """One list as it was frozen, and apart from it what has changed since."""
    row = _report(request, uid)
    lines = freezing.read(row)["lists"].get(key)
    target = get_object_or_404(Target, key=key)
    if lines is None:
        raise Http404
    state = request.GET.get("state", "")
    states = FILLED_STATES if state == FILLED else (state,) if state in State.values else tuple(State)
    shown = [{**line, "state_label": State(line["state"]).label} for line in lines if line["state"] in states]
    context = {"report": row, "target": target, "lines": shown[:1000], "number": len(shown), "later": freezing.later(row, key)}
    context["state"] = {FILLED: "有协调员", **dict(State.choices)}.get(state, "")
    return render(request, "targets/report_list.html", context)


@requires("papers.make")
@require_POST
def report_issue(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Make an official paper of it: number, QR code, PDF, Word, Excel."""
    paper = papering.issue_report(_report(request, uid), by=user_of(request))
    messages.success(request, f"已出具文书 {paper.number}，可以下载 PDF、Word 和 Excel。")
    return redirect("papers:paper", paper.uid)


@requires("papers.make")
@reads_replica
def report_export(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    row = _report(request, uid)
    return workbook_answer(request, row.area_code, frozen(row), f"{row.number}-{row.title}.xlsx")
