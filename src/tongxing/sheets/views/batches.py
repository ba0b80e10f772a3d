"""The list of batches, one batch with its lines, its progress, and the workbook of its bad lines."""

from collections import Counter
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from tongxing.audit.log import record
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.core.listing import Column, Filter, ListPage, list_view
from tongxing.papers.book import XLSX
from tongxing.sheets.catalogue import all_sheets, open_sheet, sheet_class
from tongxing.sheets.claims import is_stalled
from tongxing.sheets.forms import UndoForm
from tongxing.sheets.models import Batch, BatchStatus, Fate, Line
from tongxing.sheets.tasks import INLINE_BYTES, waits
from tongxing.sheets.undoing import may_undo
from tongxing.sheets.uploads import opened
from tongxing.sheets.workbooks import failed_rows

TONES = {
    BatchStatus.APPLIED: "green",
    BatchStatus.CHECKED: "teal",
    BatchStatus.REFUSED: "red",
    BatchStatus.PAUSED: "amber",
    BatchStatus.APPLYING: "teal",
    BatchStatus.CHECKING: "teal",
}
STEPS = ("上传", "检查", "确认", "入库")
PLACE = {
    BatchStatus.UPLOADED: 1,
    BatchStatus.CHECKING: 1,
    BatchStatus.CHECKED: 2,
    BatchStatus.APPLYING: 3,
    BatchStatus.PAUSED: 3,
    BatchStatus.APPLIED: 4,
    BatchStatus.UNDOING: 4,
    BatchStatus.UNDONE: 4,
    BatchStatus.REFUSED: 1,
    BatchStatus.CANCELLED: 1,
}


class BatchList(ListPage):
    """What was loaded, when, by whom, and what became of it."""

    key = "sheets.batches"
    title = "导入批次"
    permission = "sheets.view"
    search_hint = "文件名"
    default_sort = "-created"
    empty = ("还没有导入过名册", "上传一份 Excel，系统逐行检查，确认后才入库。", "sheets:upload", "导入名册")
    actions = (("导入名册", "sheets:upload", "sheets.use"),)
    columns = (
        Column("file", "文件", value=lambda b: b.file_name, link=lambda b: reverse("sheets:batch", args=[b.uid])),
        Column("sheet", "导入表", value=lambda b: sheet_class(b.sheet).title),
        Column("status", "状态", value=lambda b: b.get_status_display(), tone=lambda b: TONES.get(b.status, "grey"), sort="status"),
        Column("new", "新增", value=lambda b: b.new, numeric=True),
        Column("changed", "变更", value=lambda b: b.changed, numeric=True),
        Column("same", "无变化", value=lambda b: b.same, numeric=True, default=False),
        Column("bad", "有误和重复", value=lambda b: b.invalid + b.duplicate, numeric=True),
        Column("by", "经办", value=lambda b: b.by_name),
        Column("created", "上传时间", value=lambda b: b.created_at, sort="id"),
        Column("seconds", "用时（秒）", value=lambda b: b.seconds, numeric=True, default=False),
    )
    filters = (
        Filter.choice("sheet", "导入表", lambda _: [(sheet.name, sheet.title) for sheet in all_sheets()]),
        Filter.choice("status", "状态", BatchStatus.choices),
    )

    def rows(self, request: HttpRequest) -> QuerySet[Batch]:
        return Batch.objects.visible_to(request.user).defer("unknown_headings")

    def search(self, rows: QuerySet[Any], text: str, request: HttpRequest) -> QuerySet[Any]:
        return rows.filter(file_name__icontains=text)


batches = list_view(BatchList)


def found(request: HttpRequest, uid: Any) -> Batch:
    return get_object_or_404(Batch.objects.visible_to(request.user).select_related("user"), uid=uid)


@requires("sheets.view")
def batch(request: HttpRequest, uid: Any) -> HttpResponse:
    """Steps, totals, and the lines of the chosen kind."""
    held = found(request, uid)
    kind = request.GET.get("kind", "") or _first_kind(held)
    lines = _lines(held, kind, request.GET.get("code", ""))
    page = Paginator(lines, 50).get_page(request.GET.get("page"))
    context = frame_of(held, request) | {"kind": kind, "code": request.GET.get("code", ""), "page": page, "codes": _codes(held)}
    return render(request, "sheets/batch.html", context | {"undo_form": UndoForm()})


@requires("sheets.view")
def progress(request: HttpRequest, uid: Any) -> HttpResponse:
    """The head of the batch page while something runs; when the state changes the browser is told to load the page anew."""
    held = found(request, uid)
    response = render(request, "sheets/progress.html", frame_of(held, request))
    over = not (held.is_running or waits(held) or held.status == BatchStatus.UPLOADED)
    if over or is_stalled(held) or request.GET.get("was", held.status) != held.status:
        response.headers["HX-Refresh"] = "true"
    return response


def frame_of(held: Batch, request: HttpRequest) -> dict[str, Any]:
    place = PLACE[BatchStatus(held.status)]
    steps = [{"label": label, "done": number < place, "current": number == place} for number, label in enumerate(STEPS)]
    user: Any = request.user
    mine = held.user_id == user.pk
    queued = waits(held)
    return {
        "batch": held,
        "sheet": sheet_class(held.sheet),
        "steps": steps,
        "tone": TONES.get(BatchStatus(held.status), "grey"),
        "stalled": is_stalled(held),
        "waiting": held.status == BatchStatus.UPLOADED or queued,
        "bad": held.invalid + held.duplicate,
        "good": held.new + held.changed,
        "tense": {BatchStatus.APPLIED: "已", BatchStatus.UNDONE: "已撤销"}.get(BatchStatus(held.status), "将"),
        "mine": mine,
        "large": held.file_size > INLINE_BYTES,
        "may_undo": may_undo(held, user),
    }


def _first_kind(held: Batch) -> str:
    if held.invalid + held.duplicate:
        return "bad"
    return "changed" if held.changed else "warned"


def _lines(held: Batch, kind: str, code: str) -> QuerySet[Line]:
    lines = Line.objects.filter(batch=held).defer("undo_sealed", "refs")
    if kind == "changed":
        return lines.filter(fate=Fate.CHANGED)
    if kind == "warned":
        return lines.filter(warned=True)
    lines = lines.filter(fate__in=[Fate.INVALID, Fate.DUPLICATE])
    return lines.filter(row__in=_rows_with(held, code)) if code else lines


def _rows_with(held: Batch, code: str) -> list[int]:
    """Rows that carry a problem code. JSON containment differs between the databases, so the short list is read."""
    rows = Line.objects.filter(batch=held, fate__in=[Fate.INVALID, Fate.DUPLICATE]).values_list("row", "problems")
    return [row for row, problems in rows if any(problem["code"] == code for problem in problems)][:5_000]


def _codes(held: Batch) -> list[dict[str, Any]]:
    """What is wrong, the most frequent first: code, column, an example message, how many lines."""
    counts: Counter[str] = Counter()
    shown: dict[str, dict[str, str]] = {}
    rows = Line.objects.filter(batch=held, fate__in=[Fate.INVALID, Fate.DUPLICATE]).values_list("problems", flat=True)
    for problems in rows.iterator(chunk_size=2_000):
        for problem in problems:
            counts[problem["code"]] += 1
            shown.setdefault(problem["code"], problem)
    return [
        {"code": code, "count": count, **{key: shown[code][key] for key in ("column", "message")}} for code, count in counts.most_common(12)
    ]


@requires("sheets.use")
def failed(request: HttpRequest, uid: Any) -> HttpResponse:
    """A workbook of only the bad lines with the reason, to mend and hand in again. The file's own values go back to its uploader alone."""
    held = found(request, uid)
    if held.user_id != request.user.pk:
        raise Http404
    if not held.file:
        raise Refused("原文件已按保存期限删除，不能再生成退回行。每行的原因仍在本页，可对照自己的原文件改正。", code="file_removed")
    sheet = open_sheet(held.sheet)
    lines = Line.objects.filter(batch=held, fate__in=[Fate.INVALID, Fate.DUPLICATE]).values_list("row", "problems")
    reasons = {
        row: "；".join(f"{p['column']}：{p['message']}" if p["column"] else p["message"] for p in problems) for row, problems in lines
    }
    with opened(held, sheet) as reading:
        # The file's own headings in its own order: a unit in a heading must come back with the values.
        used = sorted(reading.mapping, key=reading.mapping.__getitem__)
        rows = (([row.cells.get(key, "") for key in used], reasons[row.number]) for row in reading.rows if row.number in reasons)
        content = failed_rows([reading.headings[key] for key in used], rows, title="退回行")
    user: Any = request.user
    record("sheets.download_failed", by=user, of=held, after={"lines": len(reasons)})
    response = HttpResponse(content, content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="failed-{held.uid.hex[:8]}.xlsx"'
    return response
