"""Scores: the grid for one entry of one part, the differences, and the third person's decision."""

from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.evaluation import scoring
from tongxing.evaluation.forms.results import ResolveForm, score_name
from tongxing.evaluation.models import AssessmentBatch, BatchState, Candidate, Part
from tongxing.evaluation.passing import parts_of
from tongxing.evaluation.scoring import TURNS, Pair, clean_score
from tongxing.registry.views.act_page import act_page, posted

from .fetching import batch_of, candidate_of, frame

STATES = {"settled": ("green", "已核定"), "missing": ("amber", "未录满"), "differs": ("red", "不一致"), "same": ("green", "一致")}


class Line(NamedTuple):
    """One field of the grid. `locked` says why nothing can be typed."""

    candidate: Candidate
    name: str
    value: str
    locked: str
    error: str


def _shown(value: Decimal | None) -> str:
    return "缺考" if value is None else f"{value.normalize():f}"


def _lines(batch: AssessmentBatch, part: str, turn: int, request: HttpRequest, errors: dict[int, str]) -> list[Line]:
    user, lines = user_of(request), []
    for pair in scoring.pairs(batch):
        if pair.part != part:
            continue
        own, other = (pair.first, pair.second) if turn == 1 else (pair.second, pair.first)
        mine = own is None or own.by_id == user.pk
        locked = "两遍已录" if own and other else "" if mine else f"{own.by_name if own else ''}已录"
        if not own and other and other.by_id == user.pk:
            locked = "另一遍是您录的"
        name = score_name(pair.candidate)
        value = _shown(own.value) if own and mine else ""
        typed = request.POST.get(name, value) if not locked else value
        lines.append(Line(pair.candidate, name, typed, locked, errors.get(pair.candidate.pk, "")))
    return lines


@requires("evaluation.score")
def scores(request: HttpRequest, uid: UUID, part: str, turn: int) -> HttpResponse:
    """One of the two entries of a part. Nobody sees here what the other entry says."""
    batch = batch_of(request, uid)
    if part not in parts_of(batch.level) or turn not in TURNS:
        raise Http404
    errors: dict[int, str] = {}
    refusal = ""
    if request.method == "POST":
        values = _typed(_lines(batch, part, turn, request, {}), errors)
        if not errors:
            try:
                count = scoring.enter_scores(batch, part, turn, values, by=user_of(request))
            except Refused as refused:
                if refused.status == 403:
                    raise
                refusal = refused.message
            else:
                messages.success(request, f"已保存 {count} 个分数。")
                return redirect("evaluation:scores", uid, part, turn)
    lines = _lines(batch, part, turn, request, errors)
    context = {
        "lines": lines,
        "part": Part(part),
        "turn": turn,
        "turn_name": "一二"[turn - 1],
        "refusal": refusal,
        "faults": len(errors),
        "open": batch.state == BatchState.EXAMINED and any(not line.locked for line in lines),
        "examined": batch.state == BatchState.EXAMINED,
    }
    answer = context | frame(request, batch, "differences")
    return render(request, "evaluation/scores.html", answer, status=422 if errors or refusal else 200)


def _typed(lines: list[Line], errors: dict[int, str]) -> dict[int, Decimal | None]:
    """What was typed, by candidate; empty fields are left for another time, faults are collected all at once."""
    values: dict[int, Decimal | None] = {}
    for line in lines:
        if line.locked or not line.value.strip():
            continue
        try:
            values[line.candidate.pk] = clean_score(line.value)
        except ValidationError as error:
            errors[line.candidate.pk] = error.messages[0]
    return values


@requires("evaluation.view")
@require_GET
def differences(request: HttpRequest, uid: UUID) -> HttpResponse:
    """How far both entries are, and, for those who run the batch, where they differ."""
    batch = batch_of(request, uid)
    found = scoring.pairs(batch) if batch.state not in {BatchState.PLANNED, BatchState.ANNOUNCED, BatchState.CLOSED} else []
    parts = []
    for part in parts_of(batch.level):
        rows = [pair for pair in found if pair.part == part]
        turns = [(turn, "一二"[turn - 1], sum(_entry(pair, turn) is not None for pair in rows)) for turn in TURNS]
        parts.append((Part(part), len(rows), turns, sum(pair.state == "differs" for pair in rows)))
    context: dict[str, Any] = {"parts": parts, "open": batch.state == BatchState.EXAMINED}
    context |= frame(request, batch, "differences")
    # A scorer who still has to enter must not learn what the first entry says.
    if context["may_manage"]:
        context["different"] = [pair for pair in found if pair.state == "differs"]
        context["settled"] = [pair for pair in found if pair.settled and pair.settled.reason]
    return render(request, "evaluation/differences.html", context)


def _entry(pair: Pair, turn: int) -> Any:
    return pair.first if turn == 1 else pair.second


@requires("evaluation.edit")
def resolve(request: HttpRequest, uid: UUID, part: str) -> HttpResponse:
    one = candidate_of(request, uid)
    if part not in parts_of(one.batch.level):
        raise Http404
    entries = list(one.entries.filter(part=part))
    return act_page(
        request,
        ResolveForm(posted(request)),
        run=lambda v: scoring.resolve_difference(one, part, v["value"], by=user_of(request), reason=v["reason"]),
        back=reverse("evaluation:differences", args=[one.batch.uid]),
        title=f"核对差异：准考证 {one.ticket}，{Part(part).label}",
        hint="；".join(f"第{'一二'[entry.turn - 1]}遍 {_shown(entry.value)}（{entry.by_name}）" for entry in entries),
        done="已核定。",
        submit="核定",
    )
