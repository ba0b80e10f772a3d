"""Acts that prepare and end the review: criteria with weights, reviewers of the parties, drawing who reviews whom, closing, re-opening."""

import secrets
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused, said
from tongxing.core.values import clean_text
from tongxing.notices import inbox
from tongxing.policy import provisions
from tongxing.registry.models import Organisation

from . import allotting, conflicts
from .allotting import Judge, Roll
from .models import (
    GIVEN,
    Assignment,
    AssignmentState,
    Conflict,
    Criterion,
    Kind,
    Mean,
    Nomination,
    NominationState,
    Panel,
    Party,
    Reviewer,
    Selection,
    Sight,
    Stage,
)
from .rules import can_manage, insist

MOST_CRITERIA, MOST_REVIEWERS = 8, 30
PARTIES = (Party.GOVERNMENT, Party.UNION, Party.FEDERATION)
"""The three parties: each must be among the reviewers."""


class Asked(NamedTuple):
    """A criterion as it is typed."""

    title: str
    weight: int
    guide: str = ""


def usual_criteria(kind: str) -> list[Asked]:
    """Criteria of a kind as the provision proposes them."""
    proposed = provisions.value("honours.criteria", timezone.localdate())[kind]
    return [Asked(one["title"], int(one["weight"]), one.get("guide", "")) for one in proposed]


@transaction.atomic
def set_criteria(selection: Selection, kind: str, asked: Sequence[Asked], *, by: Actor) -> None:
    """What is scored, in this order; the weights add up to 100. Not while or after it is scored."""
    row = _held(selection, by)
    if Panel.objects.filter(selection=row, kind=kind).exists():
        raise Refused("评审已经开始，评分项不能再改。", code="panel_open")
    kept = [one._replace(title=clean_text(one.title, longest=60), guide=clean_text(one.guide, longest=200)) for one in asked]
    if not 1 <= len(kept) <= MOST_CRITERIA or not all(one.title for one in kept):
        raise Refused(f"请填写 1 至 {MOST_CRITERIA} 个评分项，每项都要有名称。", code="incomplete")
    if len({one.title for one in kept}) < len(kept):
        raise Refused("有两个评分项同名，请改名。", code="same_title")
    weight = sum(one.weight for one in kept)
    if weight != 100 or any(not 1 <= one.weight <= 100 for one in kept):
        raise Refused(f"各项权重合计要是 100%，现在是 {weight}%。", code="weights")
    Criterion.objects.filter(selection=row, kind=kind).delete()
    Criterion.objects.bulk_create(
        Criterion(selection=row, kind=kind, place=place, title=one.title, weight=one.weight, guide=one.guide)
        for place, one in enumerate(kept, start=1)
    )
    record("honours.set_criteria", by=by, of=row, after={"kind": kind, "criteria": [one._asdict() for one in kept]})


@transaction.atomic
def appoint(selection: Selection, user: User, *, by: Actor, party: str, organisation: Organisation | None = None) -> Reviewer:
    """Make somebody a reviewer of this selection. Who runs the selection or reads the log never reviews it."""
    row = _held(selection, by)
    if not user.is_active or not user.scope("honours.review").covers(row.area_id):
        raise Refused(f"“{user.name}”没有这个区划的选树评审岗位。请先在账号管理里授予。", code="no_role")
    if user.may_at("honours.manage", row.area_id) or user.scope("audit.view"):
        raise Refused(f"“{user.name}”是选树经办或能看审计日志，看得到全部办理情况，不能当评审。请另选一位。", code="runs_it")
    if Reviewer.objects.filter(selection=row, left_on=None).count() >= MOST_REVIEWERS:
        raise Refused(f"一年的评审最多 {MOST_REVIEWERS} 位。", code="too_many")
    known = Reviewer.objects.filter(selection=row, user=user).first()
    if known and known.left_on is None:
        raise Refused(f"“{user.name}”已经是今年的评审。", code="exists")
    facts = {"party": party, "organisation": organisation, "left_on": None, "left_reason": "", "declared_at": None}
    try:
        with transaction.atomic():
            made, _ = Reviewer.objects.update_or_create(selection=row, user=user, defaults=facts)
    except IntegrityError as error:
        raise Refused(f"“{user.name}”刚刚已被别人加为评审。请刷新页面。", code="exists") from error
    record("honours.appoint", by=by, of=made, after={"party": party, "organisation": organisation.name if organisation else ""})
    inbox.tell(
        [user],
        title=f"请声明应当回避的关系：{row.title}",
        body="您受邀评审。请先填写亲属和关联单位，没有的也要确认，然后才分配评审任务。",
        url="/honours/reviewing/",
    )
    conflicts.refresh(row, by=by)
    return made


@transaction.atomic
def dismiss(reviewer: Reviewer, *, by: Actor, reason: str) -> Reviewer:
    """A reviewer leaves; what was submitted stays, what was not goes to somebody else."""
    _held(reviewer.selection, by)
    row = Reviewer.objects.select_for_update(of=("self",)).select_related("user").get(pk=reviewer.pk)
    if row.left_on:
        raise Refused("这位评审已经退出。请刷新页面。", code="wrong_state")
    row.left_reason, row.left_on, row.version = said(reason, "请写明退出的原因。", longest=200), timezone.localdate(), row.version + 1
    row.save(update_fields=["left_on", "left_reason", "version"])
    record("honours.dismiss", by=by, of=row, after={"left_on": str(row.left_on)}, reason=row.left_reason)
    for one in Assignment.objects.select_for_update(of=("self",)).filter(reviewer=row, state=AssignmentState.GIVEN):
        conflicts.take(one, by=by, reason="评审退出")
    return row


def in_review(selection: Selection, kind: str) -> "list[Nomination]":
    """Nominees that are reviewed: checked and accepted."""
    rows = Nomination.objects.filter(selection=selection, kind=kind, state=NominationState.ACCEPTED)
    return list(rows.select_related("person", "organisation").order_by("pk"))


def roll_of(selection: Selection, kind: str, each: int) -> Roll:
    """Reviewers and nominees by their uids, with what must be kept apart, as they stand now."""
    nominees = {one.pk: str(one.uid) for one in in_review(selection, kind)}
    barred: dict[int, set[str]] = {}
    for row in Conflict.objects.filter(reviewer__selection=selection, lifted_on=None, nomination_id__in=nominees):
        barred.setdefault(row.reviewer_id, set()).add(nominees[row.nomination_id])
    reviewers = Reviewer.objects.filter(selection=selection, left_on=None)
    judges = [Judge(str(one.uid), one.party, frozenset(barred.get(one.pk, ()))) for one in reviewers]
    return Roll(each, tuple(judges), tuple(nominees.values()))


@transaction.atomic
def open_panel(selection: Selection, kind: str, *, by: Actor, each: int, sight: str = Sight.NEVER, mean: str = Mean.MEDIAN) -> Panel:
    """Draw who reviews whom; the seed and the list are kept, so that anybody can draw again."""
    row = _held(selection, by)
    if row.stage != Stage.REVIEW:
        raise Refused(f"现在的环节是“{row.get_stage_display()}”，到“评审”环节才能分配。", code="wrong_stage")
    conflicts.refresh(row, by=by)
    roll = roll_of(row, kind, each)
    _insist_ready(row, kind, roll)
    seed = secrets.token_hex(32)
    try:
        with transaction.atomic():
            panel = Panel.objects.create(
                selection=row, kind=kind, each=each, sight=sight, mean=mean, seed=seed, listed=allotting.canonical(roll)
            )
    except IntegrityError as error:
        raise Refused("这一类的评审已经分配过。请刷新页面。", code="exists") from error
    drawn = allotting.allot(roll, seed)
    reviewers = {str(one.uid): one for one in Reviewer.objects.filter(selection=row).select_related("user")}
    nominees = {str(one.uid): one.pk for one in in_review(row, kind)}
    Assignment.objects.bulk_create(
        Assignment(panel=panel, reviewer=reviewers[who], nomination_id=nominees[key]) for key in sorted(drawn) for who in drawn[key]
    )
    record("honours.open_panel", by=by, of=panel, after={"each": each, "sight": sight, "mean": mean, "seed": seed})
    for who, number in Counter(who for hands in drawn.values() for who in hands).items():
        inbox.tell([reviewers[who].user], title=f"有 {number} 份材料请评审：{row.title}", body="", url="/honours/reviewing/")
    return panel


def _insist_ready(selection: Selection, kind: str, roll: Roll) -> None:
    label = Kind(kind).label
    if not roll.nominees:
        raise Refused(f"没有进入评审的{label}。请先审核推荐材料。", code="nobody")
    if not Criterion.objects.filter(selection=selection, kind=kind).exists():
        raise Refused(f"还没有{label}的评分项和权重。请先设置。", code="no_criteria")
    reviewers = list(Reviewer.objects.filter(selection=selection, left_on=None).select_related("user"))
    if missing := [party.label for party in PARTIES if party not in {one.party for one in reviewers}]:
        raise Refused(f"评审里还没有{'、'.join(missing)}的代表。三方都要参加。", code="party_missing", clause="notice:3.3.2")
    if silent := [one.user.name for one in reviewers if one.declared_at is None]:
        raise Refused(f"{'、'.join(silent)}还没有声明回避关系。请提醒后再分配。", code="undeclared")
    least = int(provisions.value("honours.reviewers_least", timezone.localdate()))
    if not least <= roll.each <= MOST_REVIEWERS:
        raise Refused(f"每份材料至少由 {least} 位评审。", code="too_few")
    if short := allotting.short_of(roll):
        worst = min(short.values())
        raise Refused(
            f"有 {len(short)} 份材料因回避最少只有 {worst} 位可评，不够 {roll.each} 位。请增加评审，或减少每份的评审数。", code="short"
        )


@transaction.atomic
def close_panel(panel: Panel, *, by: Actor) -> Panel:
    """End the review: from now on the figures are open to those who prepare the meeting, and no score changes."""
    row = Panel.objects.select_for_update(of=("self",)).select_related("selection").get(pk=panel.pk)
    insist(can_manage(by, row.selection.area_id))
    if row.state != Panel.State.OPEN:
        raise Refused("这一类的评审已经结束。请刷新页面。", code="wrong_state")
    rows = Assignment.objects.filter(panel=row, nomination__state=NominationState.ACCEPTED)
    if waiting := rows.filter(state=AssignmentState.GIVEN).count():
        raise Refused(f"还有 {waiting} 份评分没有提交。请提醒评审，或收回后改由他人评审。", code="waiting")
    least = int(provisions.value("honours.scores_least", timezone.localdate()))
    given = Counter(rows.filter(state=AssignmentState.DONE).values_list("nomination_id", flat=True))
    under = [one.number for one in in_review(row.selection, row.kind) if given[one.pk] < least]
    if under:
        raise Refused(f"{'、'.join(under)} 的有效评分不足 {least} 份。请补充评审。", code="too_few")
    row.state, row.closed_on, row.version = Panel.State.CLOSED, timezone.localdate(), row.version + 1
    row.save(update_fields=["state", "closed_on", "version"])
    record("honours.close_panel", by=by, of=row, after={"scores": sum(given.values())})
    return row


@transaction.atomic
def reopen_panel(panel: Panel, assignment: Assignment, *, by: Actor, reason: str) -> Panel:
    """Let one reviewer score one nominee anew, with a reason that is kept; the figures are sealed again until the panel is closed."""
    row = Panel.objects.select_for_update(of=("self",)).select_related("selection").get(pk=panel.pk)
    _held(row.selection, by)
    text = said(reason, "请写明为什么要重评。", longest=200)
    if row.selection.stage != Stage.REVIEW:
        raise Refused("评审环节已经完成，不能再重评。确有必要时先退回环节。", code="wrong_stage")
    again = Assignment.objects.select_for_update(of=("self",)).filter(panel=row, pk=assignment.pk, state__in=GIVEN).first()
    if again is None:
        raise Refused("这份评审任务已经收回，不能重评。请刷新页面。", code="wrong_state")
    again.state, again.submitted_at, again.version = AssignmentState.GIVEN, None, again.version + 1
    again.save(update_fields=["state", "submitted_at", "version"])
    row.reopened = [
        *row.reopened,
        {"on": str(timezone.localdate()), "by": by.display_name[:60], "reason": text, "assignment": str(again.uid)},
    ]
    row.state, row.closed_on, row.version = Panel.State.OPEN, None, row.version + 1
    row.save(update_fields=["state", "closed_on", "reopened", "version"])
    record("honours.reopen_panel", by=by, of=row, after={"assignment": str(again.uid)}, reason=text)
    inbox.tell([again.reviewer.user], title="有一份评审请重新评分", body=text, url="/honours/reviewing/")
    return row


def _held(selection: Selection, by: Actor) -> Selection:
    """The selection, `by`'s to manage and running, held until the transaction ends."""
    row = Selection.objects.select_for_update(of=("self",)).select_related("area").get(pk=selection.pk)
    insist(can_manage(by, row.area_id))
    if row.state != "running":
        raise Refused(f"这一年的选树{row.get_state_display()}，不能再办这一步。请刷新页面查看。", code="wrong_state")
    return row
