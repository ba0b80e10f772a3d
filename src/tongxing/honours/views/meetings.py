"""The decision meeting: who took part, the ranked list with its distribution, votes, and making them final."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.honours import deciding, standing, weighing
from tongxing.honours.forms import ReasonForm
from tongxing.honours.models import Choice, Kind, Meeting, Nomination, Panel, Selection, Vote
from tongxing.honours.models.nominations import UNDER_REVIEW
from tongxing.honours.review_forms import CloseForm, MeetingForm, VotesForm
from tongxing.honours.rules import can_manage, can_see_results, insist
from tongxing.registry.views.act_page import act_page, posted

from .fetching import selection_of

ROWS = "honours/rows_act.html"


def home(row: Selection) -> str:
    return reverse("honours:meeting", args=[row.uid])


def meeting_of(request: HttpRequest, uid: UUID) -> Meeting:
    """The meeting of a selection that the user runs."""
    row = selection_of(request, uid)
    insist(can_see_results(user_of(request), row))
    found = Meeting.objects.filter(selection=row).select_related("selection__area").first()
    if found is None:
        raise Http404
    return found


@requires("honours.results")
@require_GET
def meeting(request: HttpRequest, uid: UUID) -> HttpResponse:
    row, user = selection_of(request, uid, managed=False), user_of(request)
    insist(can_see_results(user, row))
    held = Meeting.objects.filter(selection=row).first()
    votes = {vote.nomination_id: vote for vote in held.votes.all()} if held else {}
    nominees = list(
        Nomination.objects.filter(selection=row, state__in=UNDER_REVIEW)
        .select_related("person", "organisation", "area")
        .order_by("kind", "number")
    )
    chosen = [one for one in nominees if one.pk in votes and votes[one.pk].choice == Choice.CHOSEN]
    on = held.held_on if held else timezone.localdate()
    context = {
        "selection": row,
        "meeting": held,
        "kinds": [
            {
                "kind": kind,
                "quota": deciding.quota_of(kind, on),
                "lines": _lines(row, kind, [one for one in nominees if one.kind == kind], votes),
                "chosen": sum(one.kind == kind for one in chosen),
            }
            for kind in Kind
        ],
        "advice": weighing.advice(deciding.candidates_of([one for one in chosen if one.kind == Kind.PERSON], on)),
        "may_manage": row.state == "running" and bool(can_manage(user, row.area_id)),
    }
    return render(request, "honours/meeting.html", context)


def _lines(row: Selection, kind: str, nominees: "list[Nomination]", votes: "dict[int, Vote]") -> "list[dict[str, object]]":
    """Nominees in the order of the review, each with its figures and the vote."""
    panel = Panel.objects.filter(selection=row, kind=kind, state=Panel.State.CLOSED).first()
    figures = {line.nomination.pk: line for line in standing.lines_of(panel)} if panel else {}
    order = sorted(nominees, key=lambda one: (figures[one.pk].place if one.pk in figures else 10**6, one.number))
    return [{"nomination": one, "line": figures.get(one.pk), "vote": votes.get(one.pk)} for one in order]


@requires("honours.manage")
def meeting_edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = selection_of(request, uid)
    insist(can_see_results(user_of(request), row))
    known = Meeting.objects.filter(selection=row).first()
    form = MeetingForm(posted(request), meeting=known)

    def run(values: dict[str, object]) -> Meeting:
        facts = {name: values[name] for name in ("held_on", "place", "chair", "minutes")}
        return deciding.hold_meeting(row, by=user_of(request), present=form.present(), **facts)  # type: ignore[arg-type]

    return act_page(
        request,
        form,
        run=run,
        back=home(row),
        title=f"登记会议：{row.year} 年度",
        hint="三方都要有人参加；登记后录入表决结果。",
        done="会议已登记。",
        template=ROWS,
        watched=lambda: Meeting.objects.filter(selection=row),
    )


@requires("honours.manage")
def meeting_votes(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = meeting_of(request, uid)
    rows = Nomination.objects.filter(selection=row.selection, state="accepted").select_related("person", "organisation")
    places = deciding.places_of(row.selection)
    nominees = sorted(rows, key=lambda one: (one.kind == Kind.ORGANISATION, places.get(one.pk) or 10**6, one.number))
    form = VotesForm(posted(request), nominees=nominees, known={vote.nomination_id: vote for vote in row.votes.all()}, places=places)
    return act_page(
        request,
        form,
        run=lambda _: deciding.set_votes(row, form.ballots(), by=user_of(request)),
        back=home(row.selection),
        title=f"录入表决：{row.selection.year} 年度",
        hint=f"参会 {len(row.present)} 人，每人的票数合计应当相同。",
        done="表决结果已保存。",
        template=ROWS,
        watched=lambda: [row],
    )


@requires("honours.manage")
def meeting_close(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = meeting_of(request, uid)
    return act_page(
        request,
        CloseForm(posted(request)),
        run=lambda v: deciding.close_meeting(row, by=user_of(request), **v),
        back=home(row.selection),
        title=f"会议结论定稿：{row.selection.year} 年度",
        hint="定稿后，拟推荐的进入公示。",
        done="会议结论已定稿，可以公示。",
        submit="定稿",
        clause="notice:3.3.1",
        watched=lambda: [row],
    )


@requires("honours.manage")
def meeting_reopen(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = meeting_of(request, uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: deciding.reopen_meeting(row, by=user_of(request), **v),
        back=home(row.selection),
        title=f"退回会议结论：{row.selection.year} 年度",
        done="已退回，可以修改表决结果。",
        submit="退回",
        watched=lambda: [row],
    )
