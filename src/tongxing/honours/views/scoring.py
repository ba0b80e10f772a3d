"""The reviewer's own pages: what was given to score, declaring relations, one nominee with its dossier and the scores."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.honours import conflicts, dossier, keeping, nominated, scoring
from tongxing.honours.forms import ReasonForm
from tongxing.honours.models import Assignment, AssignmentState, Panel, Reviewer
from tongxing.honours.review_forms import ScoreForm, TiesForm
from tongxing.registry.views.act_page import act_page, posted

HOME = "/honours/reviewing/"


def assignment_of(request: HttpRequest, uid: UUID) -> Assignment:
    """One of the user's own, never one to keep away from."""
    rows = Assignment.objects.visible_to(user_of(request)).filter(nomination__state="accepted")
    return get_object_or_404(rows.select_related("panel__selection", "reviewer", "nomination__person", "nomination__organisation"), uid=uid)


@requires("honours.review")
@require_GET
def reviewing(request: HttpRequest) -> HttpResponse:
    """What waits: declarations, then nominees to score."""
    user = user_of(request)
    mine = Reviewer.objects.filter(user=user, left_on=None, selection__state="running").select_related("selection")
    rows = Assignment.objects.visible_to(user).filter(nomination__state="accepted", panel__selection__state="running")
    given = rows.select_related("panel__selection", "nomination__person", "nomination__organisation").order_by(
        "panel__kind", "nomination__number"
    )
    context = {"reviewers": mine, "given": given, "waiting": sum(one.state == AssignmentState.GIVEN for one in given)}
    return render(request, "honours/reviewing.html", context)


@requires("honours.review")
def declaration(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = get_object_or_404(Reviewer.objects.filter(user=user_of(request), left_on=None).select_related("selection"), uid=uid)
    form = TiesForm(posted(request), reviewer=row)
    return act_page(
        request,
        form,
        run=lambda _: conflicts.declare(row, by=user_of(request), relations=form.relations()),
        back=HOME,
        title=f"声明应当回避的关系：{row.selection.title}",
        hint="写明亲属、师生、任职或有往来的单位。系统自动核对，回避的材料您不会看到。没有的直接提交。",
        done="已声明。",
        submit="提交声明",
        template="honours/rows_act.html",
        watched=lambda: [row],
    )


@requires("honours.review")
def score(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A nominee's dossier beside the scores; "暂存" keeps what is typed, "提交" hands it in."""
    row = assignment_of(request, uid)
    criteria = scoring.criteria_of(row.panel)
    kept = {f"score_{one.criterion_id}": one.value for one in row.scores.all()}
    form = ScoreForm(posted(request), criteria=criteria, initial={**kept, "comment": row.comment})
    if request.method == "POST" and form.is_valid():
        act = scoring.submit if "submit" in request.POST else scoring.keep
        try:
            act(row, by=user_of(request), scores=form.scores(), comment=form.cleaned_data["comment"])
        except Refused as refused:
            if refused.status == 403:
                raise
            form.add_error(None, refused.message)
        else:
            messages.success(request, "评分已提交。" if act is scoring.submit else "已暂存，提交后才计入。")
            return redirect(HOME if act is scoring.submit else request.path)
    nomination = row.nomination
    context = {
        "assignment": row,
        "nomination": nomination,
        "form": form,
        "criteria": [(one, kept.get(f"score_{one.pk}")) for one in criteria],
        "open": row.state == AssignmentState.GIVEN and row.panel.state == Panel.State.OPEN,
        "others": scoring.others_of(row),
        "kept": keeping.read(nomination.verdict),
        "proofs": nominated.proofs(nomination, user_of(request), dossier.offers(nomination)),
        "opinions": nomination.opinions.all(),
        "visits": nomination.visits.all(),
    }
    return render(request, "honours/score.html", context, status=422 if form.errors else 200)


@requires("honours.review")
def abstain(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = assignment_of(request, uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: scoring.abstain(row, by=user_of(request), **v),
        back=HOME,
        title=f"弃权：{row.nomination}",
        hint="不打分，名次由其他评审的评分算出。有利害关系的请用“申请回避”。",
        done="已弃权。",
        submit="弃权",
        watched=lambda: [row],
    )


@requires("honours.review")
def recuse(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = assignment_of(request, uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: conflicts.recuse(row, by=user_of(request), **v),
        back=HOME,
        title=f"申请回避：{row.nomination}",
        hint="提交后您不再看到这份材料，改由其他评审评分。",
        done="已回避，材料改由他人评审。",
        submit="申请回避",
        watched=lambda: [row],
    )
