"""The dossier of a nomination: records to tick, files, opinions, visits."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.audit.conflicts import EditConflict, Watch
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.files.serving import served
from tongxing.honours import dossier, evidence, nominated, opining, visiting
from tongxing.honours.models import OPEN, DossierItem, ItemKind, Nomination, Opinion, Visit
from tongxing.honours.nomination_forms import FileForm, OpinionForm, VisitForm, cited_clauses
from tongxing.registry.views.act_page import act_page, posted

from .nominees import changeable, managed, page, pressed, with_files


@requires("honours.nominate")
def dossier_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Every record that can be ticked, with a box and what it proves."""
    row = changeable(request, uid)
    watch, errors = Watch(lambda: [row, *DossierItem.objects.filter(nomination=row)]), []
    if request.method == "POST":
        try:
            with watch.unmoved(request):
                dossier.set_ticks(row, by=user_of(request), ticked=_ticked(request))
        except (Refused, EditConflict) as refused:
            if refused.status == 403:
                raise
            errors.append(refused.message)
        else:
            messages.success(request, "推荐材料已保存。")
            return redirect(page(row))
    return render(request, "honours/dossier.html", _shown(request, row) | {"errors": errors, "seen": watch.seen})


def _ticked(request: HttpRequest) -> dict[dossier.Key, str]:
    keys = (raw.partition(":") for raw in request.POST.getlist("tick"))
    return {(kind, source): request.POST.get(f"clause:{kind}:{source}", "") for kind, _, source in keys}


def _shown(request: HttpRequest, row: Nomination) -> dict[str, Any]:
    user, offers = user_of(request), dossier.offers(row)
    if request.method == "POST":
        # What was ticked stays on the page when it is refused.
        chosen = _ticked(request)
        offers = [
            replace(one, ticked=key in chosen, clause=chosen.get(key, one.clause))
            for one in offers
            if (key := (one.kind.value, one.source))
        ]
    groups: dict[ItemKind, list[tuple[dossier.Offer, bool]]] = {}
    for one in offers:
        groups.setdefault(one.kind, []).append((one, bool(one.url) and user.may(one.permission)))
    files = [item for item in row.items.all() if item.kind == ItemKind.FILE]
    names = nominated.names_of(item.file_id for item in files)
    return {
        "nomination": row,
        "groups": [(kind.label, lines) for kind, lines in groups.items()],
        "files": [(item, names.get(item.file_id or 0, "文件已不在")) for item in files],
        "clauses": cited_clauses(row),
        "stale": any(one.change for one in offers),
        "open": row.state in OPEN,
    }


@requires("honours.nominate")
@require_POST
def dossier_renew(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = changeable(request, uid)
    back = reverse("honours:dossier", args=[uid])
    return pressed(request, lambda: dossier.renew(row, by=user_of(request)), "已按现在的登记更新。", back)


@requires("honours.nominate")
def file_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = changeable(request, uid)
    return act_page(
        request,
        FileForm(posted(request), request.FILES or None, nomination=row),
        run=lambda v: dossier.add_file(row, by=user_of(request), **v),
        back=reverse("honours:dossier", args=[uid]),
        title=f"上传证明材料：{row.subject.name}",
        done="材料已上传。",
        submit="上传",
    )


@requires("honours.nominate")
@require_POST
def file_remove(request: HttpRequest, uid: UUID) -> HttpResponse:
    items = DossierItem.objects.filter(nomination__in=with_files(user_of(request)), kind=ItemKind.FILE)
    item = get_object_or_404(items.select_related("nomination__selection"), uid=uid)
    back = reverse("honours:dossier", args=[item.nomination.uid])
    return pressed(request, lambda: dossier.remove_file(item, by=user_of(request)), "材料已移除。", back)


def _file(request: HttpRequest, holder: DossierItem | Opinion | Visit) -> FileResponse:
    """The file itself; who opened it stands in the log."""
    stored = evidence.open_file(holder.nomination, holder.file_id, by=user_of(request))
    return served(stored, inline="inline" in request.GET)


@requires("desk.use")
@require_GET
def file_open(request: HttpRequest, uid: UUID) -> FileResponse:
    rows = DossierItem.objects.filter(nomination__in=with_files(user_of(request))).select_related("nomination")
    return _file(request, get_object_or_404(rows, uid=uid))


@requires("desk.use")
@require_GET
def opinion_file(request: HttpRequest, uid: UUID) -> FileResponse:
    rows = Opinion.objects.filter(nomination__in=with_files(user_of(request))).select_related("nomination")
    return _file(request, get_object_or_404(rows, uid=uid))


@requires("desk.use")
@require_GET
def visit_file(request: HttpRequest, uid: UUID) -> FileResponse:
    rows = Visit.objects.filter(nomination__in=with_files(user_of(request))).select_related("nomination")
    return _file(request, get_object_or_404(rows, uid=uid))


@requires("honours.nominate")
def opinion_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = changeable(request, uid)
    return act_page(
        request,
        OpinionForm(posted(request), request.FILES or None),
        run=lambda v: opining.record_opinion(row, by=user_of(request), **v),
        back=page(row),
        title=f"登记意见：{row.subject.name}",
        hint="同一单位以最后一份意见为准，以前的保留。",
        done="意见已登记。",
        submit="登记",
        clause="notice:A1.2" if row.person_id else "notice:A2.2",
    )


@requires("honours.manage")
def visit_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = managed(request, uid)
    return act_page(
        request,
        VisitForm(posted(request), request.FILES or None, nomination=row),
        run=lambda v: visiting.record_visit(row, by=user_of(request), **v),
        back=page(row),
        title=f"登记走访核实：{row.subject.name}",
        done="走访已登记。",
        submit="登记",
        clause="notice:3.3.1",
    )
