"""One form, one act: the page behind every small change of the register."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header

from tongxing.audit.conflicts import FIELD, Watch
from tongxing.core.errors import Refused


def act_page(
    request: HttpRequest,
    form: forms.Form,
    *,
    run: Callable[[dict[str, Any]], Any],
    back: str,
    title: str,
    done: str,
    submit: str = "保存",
    template: str = "registry/person_act.html",
    watched: Callable[[], Iterable[Model]] = tuple,
    **context: Any,
) -> HttpResponse:
    """Show the form; when it is posted and valid, run the act and go `back`. What the rules refuse stands above the form.

    `watched` gives the records that the form is about: the act is not run when one of them changed since the page was drawn.
    """
    watch = Watch(watched)
    if request.method == "POST" and form.is_valid():
        try:
            with watch.unmoved(request):
                result = run(form.cleaned_data)
        except Refused as refused:
            if refused.status == 403:
                raise
            form.add_error(None, refused.message)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, done)
            return redirect(back or result)
    return render(request, template, {"form": form, "title": title, "submit": submit, "back": back, "seen": watch.seen, **context})


def file_page(
    request: HttpRequest, form: forms.Form, *, make: Callable[[dict[str, Any]], bytes], name: str, kind: str, back: str, **context: Any
) -> HttpResponse:
    """A form whose answer is a file (`name`, content type `kind`); nothing of it is kept by the browser. Refusals stand above the form."""
    if request.method == "POST" and form.is_valid():
        try:
            made = make(form.cleaned_data)
        except Refused as refused:
            if refused.status == 403:
                raise
            form.add_error(None, refused.message)
        else:
            disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
            return HttpResponse(made, content_type=kind, headers={"Content-Disposition": disposition, "Cache-Control": "no-store"})
    status = 422 if form.errors else 200
    return render(request, "registry/person_act.html", {"form": form, "back": back, **context}, status=status)


def reveal_page(
    request: HttpRequest, form: forms.Form, *, reveal: Callable[[dict[str, Any]], str], label: str, back: str, **context: Any
) -> HttpResponse:
    """A form that asks for the reason, and then the plain text, once and on no other page; `reveal` leaves the read entry."""
    if request.method == "POST" and form.is_valid():
        try:
            plain = reveal(form.cleaned_data)
        except Refused as refused:
            if refused.status == 403:
                raise
            form.add_error(None, refused.message)
        else:
            answer = render(request, "registry/revealed.html", {"plain": plain, "label": label, "back": back, **context})
            answer.headers["Cache-Control"] = "no-store"
            return answer
    status = 422 if form.errors else 200
    return render(request, "registry/person_act.html", {"form": form, "back": back, "submit": "查看", **context}, status=status)


def posted(request: HttpRequest) -> QueryDict | None:
    """What was posted, even when every field was left empty; None when the page is only looked at."""
    return request.POST if request.method == "POST" else None


def uid_of(raw: str | None) -> UUID:
    """A uid that came as text in a query or a form; anything else is an object that does not exist."""
    try:
        return UUID(raw or "")
    except ValueError:
        raise Http404 from None


def read_version(request: HttpRequest, record: Model) -> int:
    """The version of the record that the posted form was read from; 0 never matches.

    Where the page watches the record, it was found unmoved and stands locked: its present version is the one that was read.
    """
    if request.POST.get(FIELD):
        return int(type(record)._base_manager.values_list("version", flat=True).get(pk=record.pk))
    raw = request.POST.get("version", "")
    return int(raw) if raw.isdecimal() and len(raw) < 10 else 0
