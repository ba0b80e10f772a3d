"""Choosing a sheet and handing in a file; templates to fill in."""

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from tongxing.accounts.requests import user_of
from tongxing.areas.models import Area
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.papers.book import XLSX
from tongxing.sheets.catalogue import all_sheets, sheet_class
from tongxing.sheets.forms import UploadForm
from tongxing.sheets.loader import loader_for
from tongxing.sheets.models import Batch
from tongxing.sheets.sheet import Sheet
from tongxing.sheets.tasks import start_check
from tongxing.sheets.uploads import upload as store
from tongxing.sheets.workbooks import template as workbook


@requires("sheets.use")
def upload(request: HttpRequest) -> HttpResponse:
    """Cards of the sheets that the user may load; a POST stores the file, and a small one is checked at once."""
    sheets = [sheet for sheet in all_sheets() if user_of(request).may(sheet.permission)]
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(*data, choices=[(sheet.name, sheet.title) for sheet in sheets], initial={"sheet": request.GET.get("sheet")})
    status = 200
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            batch = store(form.cleaned_data["sheet"], file, name=file.name, by=request.user)
        except Refused as refusal:
            form.add_error("file", refusal.message)
        else:
            start_check(batch)
            return redirect("sheets:batch", uid=batch.uid)
    if form.errors:
        status = 422
    recent = Batch.objects.visible_to(request.user).order_by("-id")[:5]
    chosen = form["sheet"].value() or sheets[0].name
    return render(request, "sheets/upload.html", {"form": form, "sheets": sheets, "recent": recent, "chosen": chosen}, status=status)


@requires("sheets.use")
def template(request: HttpRequest, sheet: str) -> HttpResponse:
    """The workbook to fill in, with drop-downs (townships of the user's own area) and an example line."""
    kind = sheet_class(sheet)
    if not user_of(request).may(kind.permission):
        raise Refused(f"您的岗位不能导入“{kind.title}”，也不用填它的模板。", code="forbidden", status=403)
    content = workbook(
        kind.title,
        kind.columns,
        choices=_choices(kind, request),
        example={column.key: column.example for column in kind.columns if column.example},
        notes={column.key: column.note for column in kind.columns if column.note},
    )
    response = HttpResponse(content, content_type=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename=\"{kind.name}.xlsx\"; filename*=UTF-8''{_quoted(kind.title)}.xlsx"
    return response


def _choices(kind: type[Sheet], request: HttpRequest) -> dict[str, tuple[str, ...]]:
    choices = {column.key: column.choices for column in kind.columns if column.choices}
    area_columns = {column.key for column in kind.columns} & {"township", "duty"}
    if area_columns:
        loader = loader_for(request.user, kind)
        areas = Area.objects.valid_on(timezone.localdate()).in_scope(loader.scope).order_by("code")
        names = tuple(area.short_name for area in areas[:2_000] if area.is_leaf)
        choices |= dict.fromkeys(area_columns, names)
    return choices


def _quoted(text: str) -> str:

    return quote(f"{text}模板")
