"""Pages of conduct records, of people and of organisations alike: enter, put the paper to it, open it, lift, strike out; the list."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.files.serving import served
from tongxing.registry import conduct
from tongxing.registry.forms.conduct import ConductForm, DocumentForm, LiftForm, StrikeForm
from tongxing.registry.models import ConductRecord, Organisation, Person

from .act_page import act_page, posted


def _page_of(subject: Person | Organisation) -> str:
    name = "registry:person" if isinstance(subject, Person) else "registry:organisation"
    return f"{reverse(name, args=[subject.uid])}#conduct"


def _enter(request: HttpRequest, subject: Person | Organisation, clause: str) -> HttpResponse:
    return act_page(
        request,
        ConductForm(posted(request), request.FILES or None),
        run=lambda values: conduct.add_conduct(subject, by=user_of(request), **values),
        back=_page_of(subject),
        title=f"登记违法失信记录：{subject.name}",
        done="已登记违法失信记录。",
        submit="登记",
        clause=clause,
    )


@requires("registry.edit")
def conduct_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _enter(request, get_object_or_404(Person.objects.visible_to(user_of(request)).standing(), uid=uid), "notice:A1.2")


@requires("registry.edit")
def organisation_conduct_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _enter(request, get_object_or_404(Organisation.objects.visible_to(user_of(request)).standing(), uid=uid), "notice:A2.2")


def _found(request: HttpRequest, pk: int) -> ConductRecord:
    rows = ConductRecord.objects.visible_to(user_of(request)).select_related("person", "organisation")
    return get_object_or_404(rows, pk=pk)


def _on_record(
    request: HttpRequest, entry: ConductRecord, form: Any, *, run: Callable[[dict[str, Any]], Any], **words: Any
) -> HttpResponse:
    """One form about one record: the heading says whose and which."""
    words["title"] = f"{words['title']}：{entry.subject.name}"
    hint = f"{entry.happened_on:%Y-%m-%d} {entry.get_kind_display()}，{entry.summary} {words.pop('hint', '')}"
    return act_page(request, form, run=run, back=_page_of(entry.subject), hint=hint, watched=lambda: [entry], **words)


@requires("registry.edit")
def conduct_attach(request: HttpRequest, pk: int) -> HttpResponse:
    entry = _found(request, pk)
    return _on_record(
        request,
        entry,
        DocumentForm(posted(request), request.FILES or None),
        run=lambda values: conduct.attach_document(entry, by=user_of(request), document_file=values["document_file"]),
        title="更换附件" if entry.file_id else "补传附件",
        done="附件已保存。",
        submit="上传",
    )


@requires("registry.reveal")
@require_GET
def conduct_document(request: HttpRequest, pk: int) -> FileResponse:
    """The paper itself; who opened it stands in the log."""
    return served(conduct.open_document(_found(request, pk), by=user_of(request)), inline="inline" in request.GET)


@requires("registry.edit")
def conduct_lift(request: HttpRequest, pk: int) -> HttpResponse:
    entry = _found(request, pk)
    return _on_record(
        request,
        entry,
        LiftForm(posted(request)),
        run=lambda values: conduct.lift_conduct(entry, by=user_of(request), on=values["on"], reason=values["reason"]),
        title="撤销或修复",
        done="已记下撤销或修复。",
        submit="记下",
    )


@requires("registry.edit")
def conduct_strike(request: HttpRequest, pk: int) -> HttpResponse:
    entry = _found(request, pk)
    return _on_record(
        request,
        entry,
        StrikeForm(posted(request)),
        run=lambda values: conduct.strike_conduct(entry, by=user_of(request), reason=values["reason"]),
        title="作废记录",
        hint="只用于录错的记录。已经改正的违法失信行为，请办理“撤销或修复”。",
        done="记录已作废，不再作为选树的依据。",
        submit="作废",
    )
