"""Pages of public notices, objections, and the way of a claim."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from tongxing.core.access import public
from tongxing.core.errors import Refused
from tongxing.core.limits import allow, client_of
from tongxing.files.models import StoredFile
from tongxing.files.serving import served
from tongxing.subsidies import objecting
from tongxing.subsidies.models import Objection, Round

from . import subsidies
from .caching import cached
from .objecting import CITIZEN, ObjectionForm, received


class ProgressForm(forms.Form):
    serial = forms.CharField(label="受理号", max_length=20, help_text="形如 BT2026000123，提交申请时给出")
    tail = forms.CharField(label="受益人证件号末四位", max_length=8, widget=forms.TextInput(attrs={"autocomplete": "off"}))


def _on_show(uid: UUID) -> Round:
    return get_object_or_404(Round.objects.on_show(timezone.localdate()), uid=uid)


@public
@require_safe
@cached(60)
def notices(request: HttpRequest) -> HttpResponse:
    rows = list(Round.objects.on_show(timezone.localdate()).order_by("-published_on", "-pk"))
    return render(request, "portal/notices.html", {"rounds": rows, "today": timezone.localdate()})


@public
@require_safe
@cached(60)
def notice(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _show(request, _on_show(uid), ObjectionForm())


def _show(request: HttpRequest, row: Round, form: ObjectionForm, **more: Any) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "round": row,
        "open": row.ends_on is not None and today <= row.ends_on,
        "form": form,
        "files": StoredFile.objects.filter(pk__in=row.attachments),
    }
    return render(request, "portal/notice.html", context | more, status=422 if form.errors else 200)


@public
@require_safe
@never_cache
def notice_file(request: HttpRequest, uid: UUID, file_uid: UUID) -> FileResponse:
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
def objection(request: HttpRequest, uid: UUID) -> HttpResponse:
    row, form = _on_show(uid), ObjectionForm(request.POST)
    raised: list[Objection] = []

    def enter(typed: dict[str, Any]) -> None:
        claim = subsidies.claim_on_show(row, typed.pop("reference"))
        if claim is None:
            raise Refused("这份公示的名单里没有这个受理号，请对照名单填写。", code="not_on_list")
        raised.append(objecting.raise_objection(claim, by=CITIZEN, **typed))

    return _show(request, row, ObjectionForm(), raised=raised[0]) if received(request, form, enter) else _show(request, row, form)


@public
@require_safe
@cached(3600)
def progress(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/progress.html", {"form": ProgressForm()})


@public
@csrf_exempt  # nothing changes, as with the look-up of certificates
@require_POST
@never_cache
def progress_look_up(request: HttpRequest) -> HttpResponse:
    """By serial and the last four signs of the ID number; ten tries in ten minutes, for four signs are soon tried out."""
    form = ProgressForm(request.POST)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        allow("portal.progress", client_of(request), most=10, seconds=600)
        # Besides the visitor, the claim itself: many addresses together must not try its four signs out.
        allow("portal.progress_of", form.cleaned_data["serial"].strip().upper()[:20], most=20, seconds=86_400)
        context["found"] = subsidies.progress_of(form.cleaned_data["serial"], form.cleaned_data["tail"])
        context["not_found"] = "" if context["found"] else subsidies.NOT_FOUND
    return render(request, "portal/progress.html", context)
