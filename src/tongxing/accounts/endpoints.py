"""What scripts of the pages ask: drafts of forms, and keeping a session alive."""

import json
import re
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tongxing.core.access import requires

from . import sessions
from .models import Draft
from .requests import user_of

LONGEST_DRAFT = 64 * 1024
MOST_DRAFTS = 50
# Personal data lies in the vault only: a draft never keeps it, whatever a page sends (core/js/drafts.js leaves the same fields out).
_PRIVATE = re.compile(r"(^|_)(id_number|phone|bank_account)$|password")


@never_cache
@require_http_methods(["GET", "POST"])
@requires("accounts.self")
def draft(request: HttpRequest) -> HttpResponse:
    """GET ?form=… gives the draft back; POST form, content keeps it; an empty content throws it away."""
    user = user_of(request)
    form = (request.POST if request.method == "POST" else request.GET).get("form", "")
    if not form or len(form) > 120:
        return JsonResponse({"detail": "缺少表单标识。"}, status=400)
    mine = Draft.objects.filter(user=user)
    if request.method == "GET":
        row = mine.filter(form=form).first()
        return JsonResponse({"content": row.content if row else {}, "updated_at": row.updated_at.isoformat() if row else ""})
    raw = request.POST.get("content", "")
    if not raw:
        mine.filter(form=form).delete()
        return HttpResponse(status=204)
    if len(raw.encode()) > LONGEST_DRAFT:
        return JsonResponse({"detail": "草稿太长，只存在这台设备上。"}, status=413)
    content = _object(raw)
    if content is None:
        return JsonResponse({"detail": "草稿内容看不懂。"}, status=400)
    mine.update_or_create(user=user, form=form, defaults={"content": content})
    old = list(mine.order_by("-updated_at").values_list("pk", flat=True)[MOST_DRAFTS:])
    mine.filter(pk__in=old).delete()
    return HttpResponse(status=204)


def _object(raw: str) -> dict[str, Any] | None:
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return {name: value for name, value in content.items() if not _PRIVATE.search(name)} if isinstance(content, dict) else None


@never_cache
@require_POST
@requires("accounts.self")
def keep_alive(request: HttpRequest) -> HttpResponse:
    """Counts as use, unless it is asked in the background; answers how many seconds the session still has."""
    if not request.headers.get("X-Background"):
        sessions.touch(request)
    return JsonResponse({"seconds": sessions.seconds_left(request)})
