"""Pages of papers: the list, one paper with its files, and the public verification."""

import uuid

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from tongxing.accounts.requests import user_of
from tongxing.core.access import public, requires
from tongxing.core.limits import allow, client_of

from . import proof, register
from .models import Format, Paper
from .render import CONTENT_TYPES


class NumberForm(forms.Form):
    number = forms.CharField(label="文书编号", max_length=40, help_text="印在标题上方，例如 同行-2026-000123")
    digest = forms.CharField(
        label="内容摘要", max_length=80, required=False, help_text="印在文末二维码旁，填前 16 位即可；扫码打开时已经填好"
    )


class FileForm(forms.Form):
    file = forms.FileField(label="文书文件", help_text="PDF、Word 或 Excel 原件。文件只用来比对，不会保存")


def _served(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


@require_GET
@requires("papers.make")
def paper(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Paper.objects.visible_to(request.user).defer("content"), uid=uid)
    url = register.verification_url(found, served=_served(request))
    context = {
        "paper": found,
        "copies": found.copies.all(),
        "formats": Format.choices,
        "url": url,
        "opens_here_only": register.opens_here_only(url),
    }
    return render(request, "papers/paper.html", context)


@require_GET
@requires("papers.make")
def copy(request: HttpRequest, uid: uuid.UUID, form: str) -> HttpResponse:
    found = get_object_or_404(Paper.objects.visible_to(request.user), uid=uid)
    if form not in Format.values:
        raise Http404
    response = HttpResponse(register.copy_of(found, form, by=user_of(request), served=_served(request)), content_type=CONTENT_TYPES[form])
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=f"{found.title}（{found.number}）.{form}") or ""
    )
    response["Cache-Control"] = "private, no-store"
    return response


@public
@require_safe
@never_cache
def verify(request: HttpRequest) -> HttpResponse:
    """A look-up by number: what the QR code on a paper opens."""
    asked = "number" in request.GET
    form = NumberForm(request.GET if asked else None)
    context: dict[str, object] = {"form": form, "file_form": FileForm(), "searched": asked and form.is_valid()}
    if context["searched"]:
        allow("papers.verify", client_of(request), most=60, seconds=600)
        context["found"] = proof.by_number(form.cleaned_data["number"], form.cleaned_data["digest"])
    return render(request, "papers/verify.html", context)


@public
@require_POST
@never_cache
def compare(request: HttpRequest) -> HttpResponse:
    """Compare a file with the hashes of all copies; the file is not kept."""
    allow("papers.verify", client_of(request), most=60, seconds=600)
    form = FileForm(request.POST, request.FILES)
    context: dict[str, object] = {"form": NumberForm(), "file_form": form, "compared": form.is_valid()}
    if form.is_valid():
        file = form.cleaned_data["file"]
        if file.size > settings.UPLOAD_LIMIT_BYTES:
            form.add_error("file", f"文件超过 {settings.UPLOAD_LIMIT_BYTES >> 20} MB，请上传文书原件。")
            context["compared"] = False
        else:
            context["found"] = proof.by_file(file.chunks())
    return render(request, "papers/verify.html", context)
