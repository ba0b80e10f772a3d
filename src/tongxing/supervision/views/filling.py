"""Filling a checklist on the spot: what the telephone sends, at once or when the line is back; and the whole form for browsers without a script."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.files.serving import served
from tongxing.registry.views.act_page import uid_of
from tongxing.supervision import photographs, visiting
from tongxing.supervision.drawing import visit_address
from tongxing.supervision.models import Photo, Visit
from tongxing.supervision.visiting import Fill

from .fetching import pressed, visit_of

MOST_FILLS = 200


@requires("supervision.inspect")
@require_POST
def visit_begin(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = visit_of(request, uid)
    return pressed(request, lambda: visiting.begin(row, by=user_of(request)), "检查已开始，可以逐项填写。", visit_address(row))


@requires("supervision.inspect")
@require_POST
def visit_fill(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The whole checklist at once."""
    row, now = visit_of(request, uid), timezone.now()
    keys = row.items.values_list("key", flat=True)
    fills = [Fill(key, request.POST.get(f"verdict-{key}", ""), request.POST.get(f"note-{key}", ""), now) for key in keys]
    return pressed(request, lambda: visiting.fill(row, fills, by=user_of(request)), "检查表已保存。", visit_address(row))


@requires("supervision.inspect")
@require_POST
def visit_sync(request: HttpRequest, uid: UUID) -> JsonResponse:
    """What was pressed on the device; each line is answered with how it stands now."""
    row = visit_of(request, uid)
    fills = _read(request.body)
    refused = visiting.fill(row, fills, by=user_of(request))
    now = {item.key: (item.verdict, item.note) for item in row.items.all()}
    return JsonResponse({"results": [_answer(one, refused.get(one.item, ""), now.get(one.item, ("", ""))) for one in fills]})


def _answer(one: Fill, message: str, now: tuple[str, str]) -> dict[str, Any]:
    return {"item": one.item, "saved": not message, "message": message, "verdict": now[0], "note": now[1]}


def _read(body: bytes) -> list[Fill]:
    now = timezone.now()
    try:
        # A telephone's clock that runs ahead must not win over every later word.
        rows = [
            Fill(str(row["item"]), str(row["verdict"]), str(row["note"]), min(_moment(row["at"]), now)) for row in json.loads(body)["fills"]
        ]
    except (ValueError, KeyError, TypeError):
        raise Refused("检查数据看不懂，没有保存。请刷新页面重试。", code="bad_fills", status=400) from None
    if len(rows) > MOST_FILLS:
        raise Refused(f"一次最多送 {MOST_FILLS} 项，没有保存。请刷新页面重试。", code="bad_fills", status=400)
    return rows


def _moment(raw: str) -> datetime:
    moment = parse_datetime(raw)
    if moment is None or timezone.is_naive(moment):
        raise ValueError(raw)
    return moment


@requires("supervision.inspect")
@require_POST
def photo_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One picture. A script waits for JSON; a form goes back to the visit."""
    row, upload = visit_of(request, uid), request.FILES.get("photo")
    scripted = request.headers.get("X-Requested-With") == "fetch"
    client = uid_of(request.POST.get("client")) if request.POST.get("client") else uuid4()
    item = row.items.filter(key=request.POST.get("item", "")).first()

    def run() -> Photo:
        if upload is None:
            raise Refused("没有选照片。请先拍照或选择照片。", code="no_file", status=422)
        return photographs.attach(row, by=user_of(request), upload=upload, client=client, item=item)

    if not scripted:
        return pressed(request, run, "照片已保存，位置等信息已去掉。", visit_address(row))
    try:
        photo = run()
    except Refused as refused:
        return JsonResponse({"saved": False, "message": refused.message})
    return JsonResponse({"saved": True, "id": photo.pk})


@requires("supervision.view")
@require_GET
def photo(request: HttpRequest, pk: int) -> FileResponse:
    seen = Visit.objects.visible_to(request.user)
    row = get_object_or_404(Photo.objects.filter(visit__in=seen).select_related("visit"), pk=pk)
    return served(photographs.open_photo(row, by=user_of(request)), inline=True)
