"""The question bank: the list, one question with its versions and figures, writing, changing, putting in and out of use."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.listing import Bulk, Column, Filter, ListPage, selected
from tongxing.learning import banking
from tongxing.learning.forms.bank import QuestionForm, initial_of
from tongxing.learning.models import Difficulty, Function, Kind, Question, QuestionState
from tongxing.learning.rules import can_write_bank, insist
from tongxing.learning.statistics import difficulty_of, figures_of
from tongxing.registry.views.act_page import act_page, posted
from tongxing.training.models import CourseLevel

from .found import seen_question

TONES: dict[str, str] = {QuestionState.DRAFT: "amber", QuestionState.IN_USE: "teal", QuestionState.RETIRED: "grey"}
LONGEST = 60


def _by_level(rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
    return rows.filter(levels__contains=value)


class QuestionList(ListPage):
    key = "learning.questions"
    title = "题库"
    intro = "在用的题不改原题，改了就是新版本。案例的小题在案例里。"
    permission = "learning.questions"
    export_permission = "learning.bank"
    search_hint = "题干、题号、法律依据"
    default_sort = "number"
    empty = ("题库里还没有题", "逐题录入，或在“导入名册”里选“题库”整批导入。", "learning:question-new", "出题")
    columns = (
        Column(
            "number", "题号", value=lambda q: q.code, link=lambda q: reverse("learning:question", args=[q.uid]), sort="number", width=10
        ),
        Column(
            "stem", "题干", value=lambda q: q.stem[:LONGEST] + ("…" if len(q.stem) > LONGEST else ""), export=lambda q: q.stem, width=60
        ),
        Column("kind", "题型", value=lambda q: q.get_kind_display(), sort="kind", width=8),
        Column("function", "职业功能", value=lambda q: q.get_function_display(), sort="function", width=18),
        Column("levels", "等级", value=lambda q: q.level_names, sort="levels", width=14),
        Column("difficulty", "难度", value=lambda q: q.get_difficulty_display(), sort="difficulty", width=6),
        Column("state", "状态", value=lambda q: q.get_state_display(), tone=lambda q: TONES[q.state], sort="state", width=8),
        Column("answers", "答题人次", value=lambda q: q.answers, numeric=True, width=10),
        Column("index", "难度指数", value=lambda q: q.index, numeric=True, width=10, help="平均得分率，越大越容易"),
        Column("citation", "法律依据", value=lambda q: q.citation, default=False, width=30),
    )
    filters = (
        Filter.choice("state", "状态", QuestionState.choices),
        Filter.choice("kind", "题型", Kind.choices),
        Filter.choice("function", "职业功能", Function.choices),
        Filter.custom("level", "等级", CourseLevel.choices, apply=_by_level),
        Filter.choice("difficulty", "难度", Difficulty.choices),
    )
    bulk = (Bulk("启用", "learning:questions-use", permission="learning.bank"),)
    actions = (("出题", "learning:question-new", "learning.bank"), ("导入题库", "sheets:upload", "sheets.use"))

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        return Question.objects.visible_to(user_of(request)).newest().filter(case=None)

    def described(self, rows: list[Any], request: HttpRequest) -> list[Any]:
        figures = difficulty_of(row.pk for row in rows)
        for row in rows:
            number, mean = figures.get(row.pk, (0, None))
            row.answers, row.index = number or None, None if mean is None else round(mean, 2)
        return rows

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        plain = text.strip()
        digits = plain.upper().removeprefix("T").partition("-")[0]
        found = Q(stem__icontains=plain) | Q(citation__icontains=plain)
        return rows.filter(found | Q(number=int(digits)) if digits.isdecimal() and len(digits) < 9 else found)


@requires("learning.questions")
@require_GET
def question(request: HttpRequest, uid: UUID) -> HttpResponse:
    found, user = seen_question(request, uid), user_of(request)
    figures = figures_of(found)
    context = {
        "question": found,
        "tone": TONES[found.state],
        "figures": figures,
        "options": [(option, figures.options.get(option.letter, 0)) for option in found.options.all()],
        "parts": [(part, part.options.all()) for part in found.parts.newest().prefetch_related("options").order_by("position")],
        "versions": Question.objects.filter(number=found.number).order_by("-version"),
        "may_write": user.may("learning.bank") and bool(can_write_bank(user)) and found.is_latest,
    }
    return render(request, "learning/question.html", context)


@requires("learning.bank")
def question_new(request: HttpRequest, uid: UUID | None = None) -> HttpResponse:
    """A new question; with a case, a sub-question of it."""
    user = user_of(request)
    insist(can_write_bank(user))
    case = seen_question(request, uid) if uid else None
    if case and (case.kind != Kind.CASE or not case.is_latest):
        raise Http404
    initial = initial_of(banking.facts_of(case)) if case else {}
    kept = {name: initial[name] for name in ("function", "levels", "difficulty") if name in initial}
    form = QuestionForm(posted(request), of_case=bool(case), initial=kept)

    def run(values: dict[str, Any]) -> str:
        made = banking.write_question(form.facts(), by=user, case=case)
        return reverse("learning:question", args=[(case or made).uid])

    title = f"给 {case.code} 加小题" if case else "出题"
    done = "已加小题。" if case else "已存为草稿，核对后启用才会进入试卷。"
    return act_page(request, form, run=run, back="", title=title, done=done, submit="保存", clause="notice:3.1.4")


@requires("learning.bank")
def question_edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    found, user = seen_question(request, uid), user_of(request)
    form = QuestionForm(posted(request), kind=found.kind, initial=initial_of(banking.facts_of(found)))

    def run(values: dict[str, Any]) -> str:
        made = banking.change_question(found, form.facts(), by=user)
        return reverse("learning:question", args=[made.uid])

    hint = "" if found.state == QuestionState.DRAFT else "这道题用过，保存后成为新版本；以前的试卷和答卷不变。"
    return act_page(
        request,
        form,
        run=run,
        back="",
        title=f"修改 {found.code}",
        hint=hint,
        done="已保存。",
        watched=lambda: [found, *found.options.all()],
    )


@requires("learning.bank")
@require_POST
def question_move(request: HttpRequest, uid: UUID, act: str) -> HttpResponse:
    if act not in banking.STATE_MOVES:
        raise Http404
    held = banking.move_question(seen_question(request, uid), act, by=user_of(request))
    messages.success(request, f"{held.code} 已{'启用' if act == 'use' else '停用'}。")
    return redirect("learning:question", uid)


@requires("learning.bank")
@require_POST
def questions_use(request: HttpRequest) -> HttpResponse:
    """The bulk act of the list: drafts that were ticked, such as those of an import."""
    number = banking.use_many(selected(request, QuestionList).values_list("pk", flat=True), by=user_of(request))
    messages.success(request, f"已启用 {number} 题。")
    return redirect(f"{reverse('learning:questions')}?{request.GET.urlencode()}")
