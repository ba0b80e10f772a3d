"""Merging two records of one organisation: choose, look at both side by side, confirm."""

from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tongxing.accounts.requests import user_of
from tongxing.audit.conflicts import EditConflict, Watch
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.core.private_query import query_text
from tongxing.registry import organisations as acts
from tongxing.registry.models import Organisation
from tongxing.registry.organisation_doubles import likely_doubles
from tongxing.registry.organisation_facts import FILLED, LABELS, audited, facts_of, spoken
from tongxing.registry.rules import can_merge_organisations

from .organisations import fetch

HANGING = (
    ("postings", "任职"),
    ("assignments", "包联"),
    ("conduct_records", "违法失信记录"),
    ("contacts", "其他联系人"),
    ("confirmations", "年度核实"),
)


class Row(NamedTuple):
    """One fact of both records, and what the kept one will hold."""

    label: str
    keep: str
    drop: str
    differs: bool
    filled: bool


@requires("registry.merge")
@require_http_methods(["GET", "POST"])
def organisation_merge(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Choose the record that is merged into this one; with ?drop=…, both side by side."""
    keep = fetch(request, uid)
    user: Any = request.user
    if request.method == "POST":
        drop = fetch(request, _uid(request.POST.get("drop", "")))
        try:
            with Watch(lambda: [keep, drop]).unmoved(request):
                acts.merge_organisations(keep, drop, by=user, reason=request.POST.get("reason", ""))
        except EditConflict as conflict:
            return _compare(request, fetch(request, uid), fetch(request, drop.uid), conflict)
        messages.success(request, f"“{drop.name}”已并入“{keep.name}”。")
        return redirect("registry:organisation", keep.uid)
    if request.GET.get("drop"):
        return _compare(request, keep, fetch(request, _uid(request.GET["drop"])))
    text = query_text(request) or keep.name
    doubles = likely_doubles(text, "", user, but=keep.pk)
    return render(request, "registry/organisation_merge.html", {"organisation": keep, "doubles": doubles, "q": text})


def _compare(request: HttpRequest, keep: Organisation, drop: Organisation, conflict: EditConflict | None = None) -> HttpResponse:
    """Both side by side, with the button; after a conflict with what was typed and what changed."""
    context = {
        "organisation": keep,
        "drop": drop,
        "rows": _rows(keep, drop),
        "hanging": [(label, getattr(keep, name).count(), getattr(drop, name).count()) for name, label in HANGING],
        "answer": can_merge_organisations(user_of(request), keep, drop),
        "two_codes": bool(keep.credit_code and drop.credit_code),
        "conflict": conflict,
        "reason": request.POST.get("reason", ""),
        "seen": Watch(lambda: [keep, drop]).seen,
    }
    return render(request, "registry/organisation_merge_compare.html", context, status=422 if conflict else 200)


def _rows(keep: Organisation, drop: Organisation) -> list[Row]:
    ours, theirs = audited(facts_of(keep)), audited(facts_of(drop))
    extra = {"status": (keep.get_status_display(), drop.get_status_display()), "size": (keep.get_size_display(), drop.get_size_display())}
    found = []
    for field in ours:
        mine, other = spoken(field, ours[field]), spoken(field, theirs[field])
        empty = ours[field] in (None, "", False, []) and theirs[field] not in (None, "", False, [])
        found.append(Row(LABELS[field], mine, other, mine != other, empty and field in (*FILLED, "contact_phone", "services")))
    found += [Row(LABELS[field], *pair, pair[0] != pair[1], filled=False) for field, pair in extra.items()]
    return [row for row in found if (row.keep, row.drop) not in {("空", "空"), ("否", "否")}]


def _uid(raw: str) -> UUID:
    try:
        return UUID(raw)
    except ValueError:
        raise Refused("请先选择要并入的那一条记录。", code="nothing_chosen") from None
