"""One entry with before and after; the blocks, and the button that verifies them."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from tongxing.areas.models import Area
from tongxing.core.access import requires

from . import history, log
from .models import Block, Entry
from .names import ROOMS, act_name
from .verification import verify

PAGE_VERIFIES = 200
"""The page checks this many newest blocks; the whole log is the command's work."""


@require_GET
@requires("audit.view")
def entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    row = get_object_or_404(Entry.objects.visible_to(request.user), pk=entry_id)
    related = Entry.objects.visible_to(request.user).filter(object_type=row.object_type, object_id=row.object_id).exclude(pk=row.pk)
    context = {
        "entry": row,
        "act_name": act_name(row.act),
        "room": ROOMS.get(row.act.partition(".")[0], ""),
        "lines": history.lines(row),
        "area": Area.objects.filter(code=row.area_code).first() if row.area_code else None,
        "related": [(other, act_name(other.act)) for other in related[:20]],
    }
    return render(request, "audit/entry.html", context)


@require_GET
@requires("audit.view")
def blocks(request: HttpRequest) -> HttpResponse:
    return render(request, "audit/blocks.html", _blocks(request))


@require_POST
@requires("audit.view")
def check(request: HttpRequest) -> HttpResponse:
    report = verify(last=PAGE_VERIFIES)
    log.record(
        "audit.verify",
        by=request.user,  # type: ignore[arg-type]
        object_type="audit.block",
        label=f"区块 {report.first_block} 起 {report.blocks} 个",
        after={"发现问题": len(report.findings), "日志条数": report.entries},
    )
    return render(request, "audit/blocks.html", _blocks(request) | {"report": report})


def _blocks(request: HttpRequest) -> dict[str, object]:
    rows = Block.objects.order_by("-number").defer("digests")
    return {
        "page": Paginator(rows, 30).get_page(request.GET.get("page")),
        "unsealed": Entry.objects.filter(block=None).count(),
        "most": PAGE_VERIFIES,
    }
