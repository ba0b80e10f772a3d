"""Acts on nominations (推荐): start, change, submit, return for completion, accept for the review, refuse, withdraw (notice:3.3.1, A1, A2)."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused, said
from tongxing.core.values import clean_text
from tongxing.files.guard import leaks_in, refuse_leaks
from tongxing.registry.models import Organisation, Person

from . import conflicts, keeping, telling
from .conditions import Answer, Verdict
from .models import OPEN, Kind, Nomination, NominationState, Selection, SelectionState, Stage, Way
from .moving import held, move
from .opining import doubts, lacks_employer
from .rules import can_change, can_manage, can_nominate, insist, is_nominator, way_of

CLAUSE = "notice:3.3.1"
CALLING = (Stage.CALL, Stage.NOMINATION)
BEFORE_REVIEW = (*CALLING, Stage.CHECK, Stage.VISIT)
LONGEST_SUMMARY, LONGEST_STORY = 300, 3000


def takes(selection: Selection, by: Actor) -> bool:
    """Whether somebody may start a nomination now: everybody until the nominations are in, officers while they are checked."""
    if selection.state != SelectionState.RUNNING:
        return False
    return selection.stage in CALLING or (selection.stage == Stage.CHECK and bool(can_manage(by, selection.area_id)))


@transaction.atomic
def start_nomination(selection: Selection, subject: Person | Organisation, *, by: Actor, reason: str = "") -> Nomination:
    """Open the draft of somebody's nomination, one for each subject and selection; a late one needs a reason."""
    row = Selection.objects.select_for_update(of=("self",)).select_related("area").get(pk=selection.pk)
    insist(can_nominate(by, subject))
    _insist_takes(row, by)
    late = "" if row.stage in CALLING else said(reason, "推荐申报已经结束，补报要写明原因。", longest=300)
    _insist_within(row, subject)
    way = way_of(by, subject)
    assert way is not None  # can_nominate
    values = {
        "kind": Kind.PERSON if isinstance(subject, Person) else Kind.ORGANISATION,
        "person" if isinstance(subject, Person) else "organisation": subject,
        "area_id": subject.area_id,
        "way": way[0],
        "nominator_id": way[1],
        "nominator_name": _named(way[0], way[1], by, subject),
        "state_note": late,
        "made_by_id": by.pk,
        "made_by": by.display_name[:60],
    }
    try:
        with transaction.atomic():
            made = Nomination.objects.create(selection=row, **values)
    except IntegrityError as error:
        already = f"“{subject.name}”在{row.year} 年度选树里已有推荐，一人（单位）一年推荐一次。请在原来的推荐上补充。"
        raise Refused(already, code="exists", clause=CLAUSE) from error
    after = {"subject": subject.name, "selection": row.title, "way": made.get_way_display()}
    record("honours.start_nomination", by=by, of=made, after=after, reason=late)
    return made


def _insist_takes(selection: Selection, by: Actor) -> None:
    if not takes(selection, by):
        stands = selection.get_state_display() if selection.state != SelectionState.RUNNING else f"到了“{selection.get_stage_display()}”"
        raise Refused(f"{selection.year} 年度选树已经{stands}，不再接受推荐。需要补报请联系劳动关系科。", code="not_open", clause=CLAUSE)


def _insist_within(selection: Selection, subject: Person | Organisation) -> None:
    low, high = selection.area.span
    if not low <= subject.area_id <= high:
        raise Refused(f"“{subject.name}”不在{selection.area.short_name}，请在所属区划的选树里推荐。", code="elsewhere", clause=CLAUSE)
    if subject.merged_into_id:
        raise Refused("该记录已并入另一条记录，请用保留的那一条推荐。", code="merged")


def _named(way: Way, nominator: int | None, by: Actor, subject: Person | Organisation) -> str:
    """Who recommends, in words."""
    if way == Way.ORGANISATION:
        return Organisation.objects.get(pk=nominator or 0).name[:120]
    if way == Way.SELF:
        return subject.name[:120]
    return (by.name if isinstance(by, User) else by.display_name)[:120]


@transaction.atomic
def change_nomination(
    nomination: Nomination, *, by: Actor, deeds: Sequence[str], summary: str, story: str, front_line: bool = False
) -> Nomination:
    """The deeds claimed and what is told of them; nothing that belongs to one person alone stands in it."""
    row = held(nomination)
    insist_open(row, by)
    wanted = [clause for clause, _ in keeping.deeds_of(row) if clause in deeds]
    if len(wanted) != len(set(deeds)):
        raise Refused("选了不属于这一类推荐的业绩条件。请刷新页面重新选择。", code="bad_deed", clause=CLAUSE)
    short, told = clean_text(summary, longest=LONGEST_SUMMARY), _story(story)
    refuse_leaks([*leaks_in(short, "简要事迹"), *leaks_in(told, "主要事迹")], doing="保存")
    before = _told(row)
    row.deeds, row.summary, row.story, row.front_line = wanted, short, told, front_line
    row.version, row.updated_at = row.version + 1, timezone.now()
    row.save(update_fields=["deeds", "summary", "story", "front_line", "version", "updated_at"])
    record("honours.change_nomination", by=by, of=row, before=before, after=_told(row))
    return row


def _story(raw: str) -> str:
    """Paragraphs stay; each is cleaned like any other text."""
    text = "\n".join(clean_text(line, longest=LONGEST_STORY) for line in raw.splitlines()).strip()
    if len(text) > LONGEST_STORY:
        raise Refused(f"主要事迹最多 {LONGEST_STORY} 个字，现在是 {len(text)} 个，请缩短。", code="too_long")
    return text


def _told(row: Nomination) -> dict[str, Any]:
    return {"deeds": list(row.deeds), "summary": row.summary, "story": row.story, "front_line": row.front_line}


def insist_open(row: Nomination, by: Actor) -> None:
    """A `held` nomination that `by` may still change."""
    insist(can_change(by, row))
    if row.state not in OPEN:
        raise Refused(f"这份推荐现在是“{row.get_state_display()}”，不能再改。需要更正请联系劳动关系科退回补正。", code="wrong_state")


@transaction.atomic
def submit(nomination: Nomination, *, by: Actor) -> Nomination:
    """Hand it in. The verdict of the reference day is kept with it; the number is given once, without gaps within the selection."""
    # The selection before the nomination, everywhere: whoever gives numbers waits here.
    selection = Selection.objects.select_for_update(of=("self",)).get(pk=nomination.selection_id)
    row = held(nomination)
    insist_open(row, by)
    _insist_in_time(selection, row, by)
    if not row.summary or not row.story:
        raise Refused("请先写简要事迹和主要事迹，再提交。", code="incomplete", clause=CLAUSE)
    verdict = keeping.asked(row)
    _insist_not_against(verdict, "不能提交")
    _insist_proved(row, verdict)
    number = row.number or f"TJ{selection.year}-{Nomination.objects.filter(selection=selection).exclude(number='').count() + 1:03d}"
    move(row, "submit", by=by, verdict=keeping.as_kept(verdict), number=number, submitted_at=timezone.now())
    # First who must keep away, then the messages.
    conflicts.refresh(selection, by=by)
    telling.submitted(row)
    return row


def in_time(selection: Selection, row: Nomination, by: Actor) -> bool:
    """Whether it can be handed in now: a draft while nominations are taken, one that was sent back until the review begins."""
    if row.state == NominationState.DRAFT:
        return takes(selection, by)
    return selection.state == SelectionState.RUNNING and selection.stage in BEFORE_REVIEW


def _insist_in_time(selection: Selection, row: Nomination, by: Actor) -> None:
    if row.state == NominationState.DRAFT:
        _insist_takes(selection, by)
    elif not in_time(selection, row, by):
        raise Refused("评审已经开始，退回补正的推荐不能再提交。", code="not_open", clause=CLAUSE)


def _insist_not_against(verdict: Verdict, doing: str) -> None:
    failed = [one for one in verdict.needed if one.answer == Answer.NOT_MET]
    if failed:
        why = "".join(f"{one.title}：{' '.join(one.reasons)}" for one in failed)
        raise Refused(
            f"{doing}，按 {verdict.on} 的登记有条件不符合。{why}登记有误的请先更正登记。", code="not_met", clause=failed[0].clause
        )


def _insist_proved(row: Nomination, verdict: Verdict) -> None:
    """At least one of the deeds claimed has a piece of the dossier behind it, or is a prize or title that the register knows."""
    if not row.deeds:
        raise Refused("请选择符合哪一项业绩条件，至少一项。", code="no_deed", clause=CLAUSE)
    met = {one.clause for one in verdict.deeds if one.answer == Answer.MET}
    if not met & set(row.deeds) and not row.items.filter(clause__in=row.deeds).exists():
        raise Refused("所选的业绩条件还没有一项有材料证明。请在“推荐材料”里勾选登记的记录或上传证明，并注明证明哪一项。", code="unproved")


def _insist_before_review(row: Nomination, doing: str) -> None:
    if row.selection.state != SelectionState.RUNNING or row.selection.stage not in BEFORE_REVIEW:
        stands = row.selection.get_stage_display()
        raise Refused(f"选树已经到“{stands}”（{row.selection.get_state_display()}），不能再{doing}。", code="not_open", clause=CLAUSE)


def _managed(nomination: Nomination, by: Actor) -> Nomination:
    row = held(nomination)
    insist(can_manage(by, row.selection.area_id))
    return row


@transaction.atomic
def return_nomination(nomination: Nomination, *, by: Actor, reason: str) -> Nomination:
    """Send it back to be completed, with what is missing; before the review begins."""
    row = _managed(nomination, by)
    _insist_before_review(row, "退回补正")
    note = said(reason, "请写明要补正什么，推荐人照此补充。")
    move(row, "return", by=by, note=note)
    telling.answered(row, f"推荐被退回补正：{row.subject.name}", f"{note} 补正后请重新提交。", kind="warning")
    return row


@transaction.atomic
def accept(nomination: Nomination, *, by: Actor, note: str = "") -> Nomination:
    """Let it go to the review. The rules are asked again, and their answer is kept anew; what speaks against it needs a reason."""
    row = _managed(nomination, by)
    _insist_before_review(row, "通过审核")
    verdict = keeping.asked(row)
    _insist_not_against(verdict, "不能通过审核")
    if missing := lacks_employer(row):
        raise Refused(missing, code="no_opinion", clause="notice:A1.2")
    open_doubts = doubts(row)
    if open_doubts and not note.strip():
        raise Refused(f"{''.join(open_doubts)}仍要进入评审的，请写明原因。", code="reason_missing", clause=CLAUSE)
    move(row, "accept", by=by, note=note.strip(), verdict=keeping.as_kept(verdict))
    telling.answered(row, f"推荐通过审核：{row.subject.name}", f"{row.number} 进入评审。")
    return row


@transaction.atomic
def refuse(nomination: Nomination, *, by: Actor, reason: str) -> Nomination:
    """End it because the conditions are not met."""
    row = _managed(nomination, by)
    note = said(reason, "请写明哪一条不符合，推荐人要知道。")
    move(row, "refuse", by=by, note=note)
    telling.answered(row, f"推荐未通过审核：{row.subject.name}", note)
    return row


def is_own(by: Actor, nomination: Nomination) -> bool:
    """Whether `by` would take back something of the own, which nobody reviews yet."""
    return is_nominator(by, nomination) and nomination.state in {*OPEN, NominationState.SUBMITTED}


@transaction.atomic
def withdraw(nomination: Nomination, *, by: Actor, reason: str = "") -> Nomination:
    """Take it back: the nominator before the review, the officers with a reason until it is recommended."""
    row = held(nomination)
    own = is_own(by, row)
    if not own:
        insist(can_manage(by, row.selection.area_id))
        said(reason, "请写明撤回的原因，推荐人要知道。")
    move(row, "withdraw", by=by, note=reason.strip())
    if not own:
        telling.answered(row, f"推荐已撤回：{row.subject.name}", reason.strip())
    return row
