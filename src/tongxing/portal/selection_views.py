"""Public pages of the yearly selection: names in public notice, objections, the honours roll with photos of those who agreed."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from tongxing.core.access import public
from tongxing.core.errors import Refused
from tongxing.core.limits import allow, client_of
from tongxing.credentials.photos import photos_of
from tongxing.files.models import StoredFile
from tongxing.files.serving import served
from tongxing.honours import noticing, objecting
from tongxing.honours.models import Honour, Kind, Notice, Objection, Outcome

from .caching import cached
from .objecting import CITIZEN, ObjectionForm, received


class SelectionObjectionForm(ObjectionForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reference"].label = "名单中的推荐编号"


def _on_show(uid: UUID) -> Notice:
    return get_object_or_404(Notice.objects.on_show(timezone.localdate()).select_related("selection"), uid=uid)


@public
@require_safe
@cached(60)
def selection_notices(request: HttpRequest) -> HttpResponse:
    rows = list(Notice.objects.on_show(timezone.localdate()).order_by("-published_on", "-pk"))
    return render(request, "portal/selection_notices.html", {"notices": rows, "today": timezone.localdate()})


@public
@require_safe
@cached(60)
def selection_notice(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _show(request, _on_show(uid), SelectionObjectionForm())


def _show(request: HttpRequest, row: Notice, form: ObjectionForm, **more: Any) -> HttpResponse:
    today = timezone.localdate()
    names = {one.number: one for one in noticing.names_on(row)}
    settled = Objection.objects.filter(notice=row).exclude(outcome=Outcome.OPEN).order_by("settled_on", "pk")
    context = {
        "notice": row,
        "lines": [(line, _standing(names.get(line["number"]), today)) for line in row.lines],
        "open": any(name.is_on_show(today) for name in names.values()),
        "form": form,
        "files": StoredFile.objects.filter(pk__in=row.attachments),
        "settled": settled.select_related("nomination"),
    }
    return render(request, "portal/selection_notice.html", context | more, status=422 if form.errors else 200)


def _standing(name: noticing.Name | None, today: date) -> str:
    """Until when a name stands on the list: its own day, none while an objection to it is looked into."""
    if name is None:
        return "不再列入"
    return "顺延" if name.stopped else str(name.until) if name.is_on_show(today) else f"{name.until} 期满"


@public
@require_safe
@never_cache
def selection_file(request: HttpRequest, uid: UUID, file_uid: UUID) -> FileResponse:
    """An attachment, as long as its notice is on show: it was looked through before it was published."""
    row = _on_show(uid)
    file = StoredFile.objects.filter(uid=file_uid, pk__in=row.attachments).first()
    if file is None:
        raise Http404
    allow("portal.notice_file", client_of(request), most=60, seconds=600)
    return served(file)


@public
@csrf_exempt  # anybody may object without a cookie; what it changes is looked into by people
@require_POST
@never_cache
def selection_objection(request: HttpRequest, uid: UUID) -> HttpResponse:
    row, form = _on_show(uid), SelectionObjectionForm(request.POST)
    raised: list[Objection] = []

    def enter(typed: dict[str, Any]) -> None:
        found = objecting.on_show(row, typed.pop("reference"))
        if found is None:
            raise Refused("这份公示的名单里没有这个推荐编号，请对照名单填写。", code="not_on_list")
        raised.append(objecting.raise_objection(row, found, by=CITIZEN, **typed))

    done = received(request, form, enter)
    return _show(request, row, SelectionObjectionForm(), raised=raised[0]) if done else _show(request, row, form)


@public
@require_safe
@cached(300)
def honours_roll(request: HttpRequest) -> HttpResponse:
    """All models and gold ones by year; withdrawn ones with their reason."""
    rows = Honour.objects.select_related("person", "organisation", "area").order_by("-year", "level", "kind", "pk")
    kind = request.GET.get("kind", "")
    if kind in Kind.values:
        rows = rows.filter(kind=kind)
    year = request.GET.get("year", "")
    years = list(Honour.objects.order_by("-year").values_list("year", flat=True).distinct())
    if year.isdecimal() and int(year) in years:
        rows = rows.filter(year=int(year))
    shown = list(rows)
    agreed = [one.person_id for one in shown if one.person_id and one.photo_consent and not one.withdrawn_on]
    photos = photos_of(agreed) if agreed else {}
    lines = [(one, bool(one.photo_consent) and not one.withdrawn_on and one.person_id in photos) for one in shown]
    context = {"lines": lines, "years": years, "kinds": Kind.choices, "kind": kind, "year": year}
    return render(request, "portal/honours_roll.html", context)


@public
@require_safe
@never_cache
def honour_photo(request: HttpRequest, uid: UUID) -> FileResponse:
    """The photo of somebody on the roll, as long as there is a consent and the honour stands."""
    row = get_object_or_404(Honour.objects.standing().exclude(photo_consent=""), uid=uid)
    photo = photos_of([row.person_id]).get(row.person_id) if row.person_id else None
    if photo is None:
        raise Http404
    allow("portal.honour_photo", client_of(request), most=300, seconds=600)
    return served(photo.file)
