"""An act on many rows of a list, at one address: first the ticked rows with a form, then the act. The ids travel with the form."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tongxing.core.errors import Refused

from .page import ListPage
from .view import ID_LIMIT, selected

Row = TypeVar("Row", bound=Model)
PICKED = "picked"
NAMED = 200


class Watched(Protocol):
    """What stops an act on records that somebody changed meanwhile (audit.conflicts)."""

    @property
    def seen(self) -> str: ...
    def unmoved(self, request: HttpRequest) -> AbstractContextManager[None]: ...


@dataclass(frozen=True)
class Chosen(Generic[Row]):
    """The rows an act is about; `answered` when its form was posted with them."""

    rows: list[Row]
    answered: bool

    @property
    def ids(self) -> str:
        return ",".join(str(row.pk) for row in self.rows)


def chosen_from(request: HttpRequest, page: type[ListPage], rows: "QuerySet[Row]") -> Chosen[Row]:
    """What was ticked in the list, or what the posted form carries: of the rows that the list shows to this user, those among `rows`."""
    answered = PICKED in request.POST
    if answered:
        wanted = [value for value in request.POST[PICKED].split(",") if value.isdecimal() and len(value) < 19]
        listed = page()
        listed.prepare(request)
        found = listed.rows(request).filter(pk__in=wanted[:ID_LIMIT])
    else:
        found = selected(request, page)
    # Some lists count related rows: what is fetched here is the plain record.
    return Chosen(list(rows.filter(pk__in=list(found.values_list("pk", flat=True)[:ID_LIMIT])).order_by("pk")), answered)


def act_on_many(
    request: HttpRequest,
    chosen: Chosen[Any],
    form: Form,
    run: Callable[[dict[str, Any]], str],
    *,
    title: str,
    submit: str,
    back: str,
    names: Sequence[str],
    said: str = "",
    clause: str = "",
    watch: Watched | None = None,
) -> HttpResponse:
    """Show the form with the chosen rows, or carry out the act: `run` takes what was typed and returns the address to go to."""
    if chosen.answered and form.is_valid():
        try:
            with watch.unmoved(request) if watch else nullcontext():
                done = run(form.cleaned_data)
            return redirect(done)
        except Refused as refused:
            if refused.status == 403:
                raise
            form.add_error(None, refused.message)
        except ValidationError as error:
            form.add_error(None, error)
    context = {"form": form, "title": title, "submit": submit, "cancel": back, "said": said, "clause": clause}
    context |= {"names": names[:NAMED], "number": len(names), "ids": chosen.ids, "seen": watch.seen if watch else ""}
    return render(request, "core/many.html", context, status=422 if form.errors else 200)
