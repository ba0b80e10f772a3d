"""Marking, all by code: what waits for one, the sheet of a judge, the sheet of a keyer, and what the chief settles."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.competitions import marking, waiting
from tongxing.competitions.board import Board, Place, board_of
from tongxing.competitions.deviation import clean_mark
from tongxing.competitions.forms import AgainForm, ConfirmForm, ReasonForm, SettleForm
from tongxing.competitions.models import Aspect, Competition, CompetitionState, Duty, Entrant, Judge, Round, RulingKind
from tongxing.competitions.rules import seat_of
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.registry.views.act_page import act_page, posted

from .fetching import coded, judged_of, judged_round_of, sheet_of

PER_PAGE = 30
"""Codes on one page of a sheet: what a tablet shows without waiting."""
Values = dict[tuple[str, int], Decimal]


class Field(NamedTuple):
    """One value of a sheet. `locked` says why nothing can be typed."""

    entry: Entrant
    aspect: Aspect
    value: str
    locked: str
    error: str

    @property
    def name(self) -> str:
        return f"m_{self.entry.code}_{self.aspect.pk}"


@requires("competitions.judge")
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    return render(request, "competitions/mine.html", {"seats": waiting.seats_of(user_of(request))})


@requires("competitions.judge")
def sheet(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A judge's own marks of a round."""
    one = judged_round_of(request, uid)
    judge, board = seat_of(user_of(request), one.competition, Duty.CHIEF, Duty.JUDGE), board_of(one.competition)
    signed = (judge.pk, one.pk) in board.handed_in

    def stands(place: Place) -> tuple[str, str]:
        known = board.marks.get(place)
        confirmed = (place.entry, place.aspect, RulingKind.CONFIRMED) in board.rulings
        return _shown(known.value if known else None), "裁判长已确认" if confirmed else "已交表" if known and signed else ""

    context = {"signed": signed, "hint": "每名选手独立打分，保存后可以改，交表后不能再改。"}
    return _sheet_page(request, one, _places(board, one, judge), stands, partial(marking.mark, one, by=user_of(request)), context)


def _places(board: Board, one: Round, judge: Judge | None) -> list[tuple[Entrant, Aspect, Place]]:
    return [(entry, aspect, Place(entry.pk, aspect.pk, judge.pk if judge else None)) for entry, aspect in board.places(one, judge)]


@requires("competitions.judge")
def keying(request: HttpRequest, uid: UUID, sheet: str) -> HttpResponse:
    """A keyer's own entry of a paper sheet: what the other keyed is not shown."""
    one = judged_round_of(request, uid)
    keyer, judge = seat_of(user_of(request), one.competition, Duty.KEYER), sheet_of(one.competition, sheet)
    board = board_of(one.competition)

    def stands(place: Place) -> tuple[str, str]:
        turns = board.keyings.get(place, {})
        own = next((entry for entry in turns.values() if entry.keyer_id == keyer.pk), None)
        return _shown(own.value if own else None), "两遍已录" if len(turns) == 2 else ""

    context = {"whose": judge.name if judge else "客观分", "hint": "照评分表录入，按回车到下一个。这里看不到另一遍的分数。"}
    return _sheet_page(request, one, _places(board, one, judge), stands, partial(marking.key, one, judge, by=user_of(request)), context)


def _shown(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def _sheet_page(
    request: HttpRequest,
    one: Round,
    places: list[tuple[Entrant, Aspect, Place]],
    stands: Callable[[Place], tuple[str, str]],
    save: Callable[[Values], int],
    context: Mapping[str, Any],
) -> HttpResponse:
    """The grid of a sheet, some codes at a time; what is posted goes to `save`, and faults are shown all at once."""
    order = sorted({entry.code for entry, _, _ in places})
    raw = request.GET.get("part", "")
    parts = max(-(-len(order) // PER_PAGE), 1)
    part = min(max(int(raw), 1), parts) if raw.isdecimal() and len(raw) < 5 else 1
    shown = set(order[(part - 1) * PER_PAGE : part * PER_PAGE])
    errors: dict[str, str] = {}
    refusal = ""
    fields = [_field(request, *found, stands, errors) for found in places if found[0].code in shown]
    if request.method == "POST" and not errors:
        try:
            count = save(_typed(fields))
        except Refused as refused:
            if refused.status == 403:
                raise
            refusal = refused.message
        else:
            messages.success(request, f"已保存 {count} 个分数。" if count else "没有新的分数。")
            return redirect(f"{request.path}?part={part}")
    lines: dict[str, list[Field]] = {}
    for field in fields:
        lines.setdefault(field.entry.code, []).append(field)
    answer = {"round": one, "competition": one.competition, "lines": lines.items(), "aspects": next(iter(lines.values()), [])}
    answer |= {"part": part, "parts": range(1, parts + 1), "refusal": refusal, "faults": len(errors)}
    answer["marking"] = one.competition.state == CompetitionState.MARKING
    answer["open"] = answer["marking"] and any(not field.locked for field in fields)
    return render(request, "competitions/sheet.html", answer | dict(context), status=422 if errors or refusal else 200)


def _field(
    request: HttpRequest, entry: Entrant, aspect: Aspect, place: Place, stands: Callable[[Place], tuple[str, str]], errors: dict[str, str]
) -> Field:
    value, locked = stands(place)
    field = Field(entry, aspect, value, locked, "")
    if request.method != "POST" or locked:
        return field
    typed = request.POST.get(field.name, value).strip()
    try:
        error = ""
        if typed:
            clean_mark(typed, aspect.full)
    except ValidationError as fault:
        error = errors[field.name] = fault.messages[0]
    return field._replace(value=typed, error=error)


def _typed(fields: list[Field]) -> Values:
    """What was typed; empty fields are left for another time."""
    return {(one.entry.code, one.aspect.pk): clean_mark(one.value, one.aspect.full) for one in fields if not one.locked and one.value}


@requires("competitions.judge")
def hand_in(request: HttpRequest, uid: UUID) -> HttpResponse:
    one = judged_round_of(request, uid)
    seat_of(user_of(request), one.competition, Duty.CHIEF, Duty.JUDGE)
    return act_page(
        request,
        ConfirmForm(posted(request)),
        run=lambda _: marking.hand_in(one, by=user_of(request)),
        back=reverse("competitions:sheet", args=[one.uid]),
        title=f"交评分表：{one.title}",
        hint="交表等于签字：以后不能再改，只有裁判长退回重评的才能重新打分。",
        done="评分表已交。",
        submit="交评分表",
    )


@requires("competitions.judge")
@require_GET
def differences(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What waits for the chief: keyings that differ, and judges who lie too far apart."""
    row = judged_of(request, uid)
    seat_of(user_of(request), row, Duty.CHIEF)
    board = board_of(row)
    wide = [(one, cell) for one in board.rounds for cell in board.cells(one) if cell.too_wide]
    context = {
        "competition": row,
        "pairs": board.differences(),
        "wide": wide,
        "limit": board.limit,
        "points": board.open_points(),
        "marking": row.state == CompetitionState.MARKING,
    }
    return render(request, "competitions/differences.html", context)


def _chief(request: HttpRequest, uid: UUID) -> tuple[Competition, str]:
    row = judged_of(request, uid)
    seat_of(user_of(request), row, Duty.CHIEF)
    return row, reverse("competitions:differences", args=[row.uid])


@requires("competitions.judge")
def settle(request: HttpRequest, uid: UUID, code: str, aspect: UUID, sheet: str) -> HttpResponse:
    row, back = _chief(request, uid)
    entry, one = coded(row, code, aspect)
    judge = sheet_of(row, sheet)
    turns = board_of(row).keyings.get(Place(entry.pk, one.pk, judge.pk if judge else None), {})
    return act_page(
        request,
        SettleForm(posted(request), aspect=one),
        run=lambda v: marking.settle_difference(entry, one, judge, v["value"], by=user_of(request), reason=v["reason"]),
        back=back,
        title=f"核定差异：密号 {code}，{one.title}",
        hint="；".join(f"第{'一二'[turn - 1]}遍 {_shown(turns[turn].value)}（{turns[turn].keyer.name}）" for turn in sorted(turns)),
        done="已核定。",
        submit="核定",
    )


@requires("competitions.judge")
def confirm(request: HttpRequest, uid: UUID, code: str, aspect: UUID) -> HttpResponse:
    row, back = _chief(request, uid)
    entry, one = coded(row, code, aspect)
    values = "、".join(_shown(value) for value in board_of(row).cell(one.round, entry, one).values)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: marking.confirm_spread(entry, one, by=user_of(request), **v),
        back=back,
        title=f"确认分差：密号 {code}，{one.title}",
        hint=f"各裁判打分：{values}；满分 {_shown(one.full)}。",
        done="分差已确认，按平均分计。",
        submit="确认分差",
    )


@requires("competitions.judge")
def again(request: HttpRequest, uid: UUID) -> HttpResponse:
    row, back = _chief(request, uid)
    form = AgainForm(posted(request), competition=row, initial={name: request.GET.get(name, "") for name in ("code", "aspect")})
    return act_page(
        request,
        form,
        run=lambda v: marking.ask_again(v["code"], v["aspect"], by=user_of(request), reason=v["reason"]),
        back=back,
        title=f"退回重评：{row.title}",
        hint="这名选手这一项的全部打分和录入作废，留在日志里；各裁判重新打分，交过表的也可以。",
        done="已退回，请裁判重新打分。",
        submit="退回重评",
    )
