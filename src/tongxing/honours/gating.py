"""What must be done before a step of the plan is done, where the selection is run in the system; by hand it is the officer's word alone."""

from collections.abc import Callable

from django.utils import timezone

from .models import Meeting, Nomination, NominationState, Objection, Outcome, Panel, Selection, Stage

S = NominationState


def missing(selection: Selection) -> str:
    """Why the present step is not done yet, with what to do; empty when nothing is in its way."""
    asked = GATES.get(Stage(selection.stage))
    rows = Nomination.objects.filter(selection=selection).exclude(state=S.WITHDRAWN)
    return asked(selection) if asked and rows.exists() else ""


def _check(selection: Selection) -> str:
    waiting = Nomination.objects.filter(selection=selection, state__in=(S.SUBMITTED, S.RETURNED)).count()
    return f"还有 {waiting} 份推荐没有审核完（待审核或退回补正）。请先办完或撤回。" if waiting else ""


def _review(selection: Selection) -> str:
    kinds = set(Nomination.objects.filter(selection=selection, state=S.ACCEPTED).values_list("kind", flat=True))
    closed = set(Panel.objects.filter(selection=selection, state=Panel.State.CLOSED).values_list("kind", flat=True))
    return "评审还没有结束。请在“评审”页面分配评审、收齐评分后结束。" if kinds - closed else ""


def _meeting(selection: Selection) -> str:
    done = Meeting.objects.filter(selection=selection).exclude(closed_on=None).exists()
    return "" if done else "会议结论还没有定稿。请在“会议研究”页面登记会议和表决，再定稿。"


def _notice(selection: Selection) -> str:
    chosen = Nomination.objects.filter(selection=selection, state=S.CHOSEN)
    if chosen.filter(notice_until=None).exists():
        return "还有拟推荐的没有公示。请先发布公示。"
    if open_cases := Objection.objects.filter(nomination__in=chosen, outcome=Outcome.OPEN).count():
        return f"还有 {open_cases} 件异议没有办结。"
    last = max((one.notice_until for one in chosen if one.notice_until), default=None)
    return f"公示到 {last} 才满，之后才能完成这一步。" if last and last >= timezone.localdate() else ""


def _dispatch(selection: Selection) -> str:
    left = Nomination.objects.filter(selection=selection, state=S.CHOSEN).exists()
    return "推荐材料还没有登记报送。请在“报送材料”页面登记报送日期和方式。" if left else ""


GATES: dict[Stage, Callable[[Selection], str]] = {
    Stage.VISIT: _check,
    Stage.REVIEW: _review,
    Stage.MEETING: _meeting,
    Stage.NOTICE: _notice,
    Stage.DISPATCH: _dispatch,
}
