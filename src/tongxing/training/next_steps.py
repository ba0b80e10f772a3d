"""What to do next with a class, for whoever looks at it: one sentence and where to go."""

from datetime import date
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone

from tongxing.audit.log import Actor

from .filing import filing_decision, last_filing_day
from .models import ClassState, EnrolmentState, TrainingClass
from .models.classes import TAKES_APPLICATIONS
from .rules import can_manage_at, can_review, can_run
from .suspending import suspended_on

S = ClassState


class Step(NamedTuple):
    """What to do, by when, and at which address (empty: on this page)."""

    text: str
    due_on: date | None = None
    url: str = ""
    label: str = ""


def next_steps(held: TrainingClass, user: Actor) -> list[Step]:
    """The open steps of a class that are this user's to do."""
    steps: list[Step] = []
    stopped = _stopped(held)
    if can_review(user, held) and held.state == S.FILED:
        text = f"{stopped}报备在解除以前只能退回。" if stopped else "审核开班报备，准予开班或退回补正。"
        steps.append(Step(text, held.review_due_on))
    if can_run(user, held):
        steps += _of_the_provider(held, stopped)
    if can_manage_at(user, held.area_id) and held.state == S.FINISHED:
        steps.append(Step("颁发培训合格证书，下载档案包核对后归档。"))
    return steps


def _stopped(held: TrainingClass) -> str:
    """What is said of the suspension that keeps the class from its first day; nothing where none does."""
    if held.state not in TAKES_APPLICATIONS:
        return ""
    stopped = suspended_on(held.provider.organisation_id, held.course.level, timezone.localdate())
    return stopped[0].said if stopped else ""


def _of_the_provider(held: TrainingClass, stopped: str) -> list[Step]:
    if stopped:
        return [Step(f"{stopped}解除以前不能报备、开班和招收学员；来不及的办理延期或取消。")]
    return [step for step in (_people(held), _filing(held), _start(held), _end(held)) if step]


def _people(held: TrainingClass) -> Step | None:
    if not held.takes_applications:
        return None
    waiting = held.enrolments.filter(state=EnrolmentState.APPLIED).count()
    if not waiting:
        return None
    address = f"{reverse('training:people')}?class={held.uid}&state=applied"
    return Step(f"有 {waiting} 人报名等待录取。", None, address, "去录取")


def _filing(held: TrainingClass) -> Step | None:
    if held.state not in {S.DRAFT, S.RETURNED, S.POSTPONED}:
        return None
    ready = bool(filing_decision(held))
    text = "报备材料已齐，可以提交报备。" if ready else "补齐下面“报备材料”中缺的内容，再提交报备。"
    if held.state == S.RETURNED:
        text = f"报备被退回：{held.state_reason}。{text}"
    return Step(text, last_filing_day(held.starts_on))


def _start(held: TrainingClass) -> Step | None:
    if held.state != S.APPROVED:
        return None
    if timezone.localdate() >= held.starts_on:
        return Step("已到开班日期，请办理开班。")
    return Step("等待开班；人员有变动时办理退出，候补会自动递补。", held.starts_on)


def _end(held: TrainingClass) -> Step | None:
    if held.state != S.RUNNING:
        return None
    today = timezone.localdate()
    unmarked = [session for session in held.sessions.filter(on__lte=today) if not session.attendance.exists()]
    if unmarked:
        return Step(f"{unmarked[0]} 的课还没有考勤。", None, reverse("training:attendance", args=[unmarked[0].uid]), "点名")
    if today < max((session.on for session in held.sessions.all()), default=held.ends_on):
        return None
    return Step("课已上完：登记考核成绩，认定结业，再办理结业。", None, reverse("training:completion", args=[held.uid]), "认定结业")
