"""The decision meeting (会议研究): who took part, the votes on each nominee, quota and majority, reasons for departing from the ranking."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused, said
from tongxing.core.values import clean_text
from tongxing.files.guard import leaks_in, refuse_leaks
from tongxing.policy import provisions
from tongxing.registry.models import Posting
from tongxing.registry.models.coordinators import holds_on

from . import moving, standing, weighing
from .empanelling import PARTIES
from .models import (
    Choice,
    Kind,
    Meeting,
    Nomination,
    NominationState,
    Notice,
    NoticeState,
    Panel,
    Party,
    Selection,
    SelectionState,
    Stage,
    Vote,
)
from .rules import can_manage, insist
from .weighing import Candidate

CLAUSE = "notice:3.3.1"
MOST_PRESENT = 60


class Present(NamedTuple):
    """Somebody who took part and votes."""

    name: str
    party: str
    body: str


class Ballot(NamedTuple):
    """What the meeting decided on one nominee."""

    agree: int
    against: int
    abstain: int
    choice: str
    reason: str = ""


class Quota(NamedTuple):
    least: int
    most: int | None


def quota_of(kind: str, on: date) -> Quota:
    """How many are to be recommended (notice:3.3.1): three to five people, at least one organisation."""
    if kind == Kind.PERSON:
        return Quota(int(provisions.value("honours.people_least", on)), int(provisions.value("honours.people_most", on)))
    return Quota(int(provisions.value("honours.organisations_least", on)), None)


@transaction.atomic
def hold_meeting(
    selection: Selection, *, by: Actor, held_on: date, place: str, chair: str, present: Sequence[Present], minutes: str = ""
) -> Meeting:
    """Write down the meeting, or correct what was written until it is closed."""
    row = _running(selection, by)
    if row.stage != Stage.MEETING:
        raise Refused(f"现在的环节是“{row.get_stage_display()}”，到“会议研究”环节才能登记会议。", code="wrong_stage")
    if held_on > timezone.localdate():
        raise Refused("会议日期还没有到，请在会后登记。", code="future_day")
    there = [Present(clean_text(one.name, longest=60), one.party, clean_text(one.body, longest=120)) for one in present]
    there = [one for one in there if one.name]
    if len(there) > MOST_PRESENT or len({one.name for one in there}) < len(there):
        raise Refused(f"参会人员不能重名，最多 {MOST_PRESENT} 人。同名的请在姓名后注明。", code="present")
    if missing := [party.label for party in PARTIES if party not in {one.party for one in there}]:
        raise Refused(f"没有{'、'.join(missing)}的参会人员。选树由三方共同研究。", code="party_missing", clause=CLAUSE)
    refuse_leaks(leaks_in(minutes, "会议纪要"))
    facts = {
        "held_on": held_on,
        "place": said(clean_text(place, longest=120), "请填写会议地点。", longest=120),
        "chair": said(clean_text(chair, longest=60), "请填写主持人。", longest=60),
        "present": [one._asdict() for one in there],
        "minutes": minutes.strip(),
        "recorded_by": by.display_name[:60],
    }
    made = Meeting.objects.select_for_update().filter(selection=row).first()
    if made and made.closed_on:
        raise Refused("会议结论已经定稿。需要更正时先退回定稿。", code="closed")
    try:
        with transaction.atomic():
            made, _ = Meeting.objects.update_or_create(selection=row, defaults=facts)
    except IntegrityError as error:
        raise Refused("会议刚刚已由别人登记。请刷新页面。", code="exists") from error
    record("honours.hold_meeting", by=by, of=made, after={**facts, "held_on": str(held_on)})
    return made


@transaction.atomic
def set_votes(meeting: Meeting, ballots: Mapping[int, Ballot], *, by: Actor) -> Meeting:
    """Enter the votes, by nomination id; recommended ones keep the order of the review unless a reason says otherwise."""
    row = _open_meeting(meeting, by)
    voters = len(row.present)
    nominees = {one.pk: one for one in _nominees(row.selection)}
    for pk, ballot in ballots.items():
        if pk not in nominees:
            raise Refused("有一份推荐已不在会议研究之列。请刷新页面。", code="wrong_state")
        cast = ballot.agree + ballot.against + ballot.abstain
        if min(ballot[:3]) < 0 or cast != voters:
            raise Refused(f"“{nominees[pk]}”的票数合计 {cast}，与参会 {voters} 人不符。请核对。", code="votes")
        refuse_leaks(leaks_in(ballot.reason, "原因"))
    Vote.objects.filter(meeting=row, nomination_id__in=ballots).delete()
    Vote.objects.bulk_create(
        Vote(
            meeting=row,
            nomination=nominees[pk],
            agree=one.agree,
            against=one.against,
            abstain=one.abstain,
            choice=one.choice,
            reason=clean_text(one.reason, longest=300),
        )
        for pk, one in ballots.items()
    )
    row.version += 1
    row.save(update_fields=["version"])
    told = {nominees[pk].number: [one.agree, one.against, one.abstain, one.choice] for pk, one in ballots.items()}
    record("honours.set_votes", by=by, of=row, after=told)
    return row


@transaction.atomic
def close_meeting(meeting: Meeting, *, by: Actor, reason: str = "") -> Meeting:
    """Make the votes final: everybody was voted on, a majority agreed, the quota is kept, each departure from the ranking has its reason.

    Fewer than the quota asks only with a `reason`, which is added to the minutes.
    """
    row = _open_meeting(meeting, by)
    nominees = _nominees(row.selection)
    votes = {vote.nomination_id: vote for vote in row.votes.all()}
    if silent := [str(one) for one in nominees if one.pk not in votes]:
        raise Refused(f"{'、'.join(silent[:5])} 还没有表决结果。请补充。", code="not_voted")
    places = places_of(row.selection)
    for kind in Kind:
        _check(kind, [one for one in nominees if one.kind == kind], votes, places, row, reason)
    if not nominees:
        raise Refused("没有进入评审的推荐，不能定稿。", code="nobody")
    _number(nominees, votes, places)
    if reason.strip():
        row.minutes = f"{row.minutes}\n名额说明：{reason.strip()}".strip()
    row.closed_on, row.closed_by, row.version = timezone.localdate(), by.display_name[:60], row.version + 1
    row.save(update_fields=["closed_on", "closed_by", "minutes", "version"])
    record("honours.close_meeting", by=by, of=row, after={"chosen": _chosen(nominees, votes)}, reason=reason)
    for one in nominees:
        act = "choose" if votes[one.pk].choice == Choice.CHOSEN else "pass_over"
        moving.move(moving.held(one), act, by=by, note=votes[one.pk].reason)
    return row


def _chosen(nominees: Sequence[Nomination], votes: Mapping[int, Vote]) -> list[str]:
    return [one.number for one in nominees if votes[one.pk].choice == Choice.CHOSEN]


def _check(
    kind: Kind, nominees: Sequence[Nomination], votes: Mapping[int, Vote], places: Mapping[int, int | None], row: Meeting, reason: str
) -> None:
    chosen = [one for one in nominees if votes[one.pk].choice == Choice.CHOSEN]
    for one in chosen:
        if votes[one.pk].agree * 2 <= len(row.present):
            raise Refused(f"“{one}”同意票没有超过参会人数的一半，不能推荐。", code="no_majority", clause=CLAUSE)
    quota = quota_of(kind, row.held_on)
    if quota.most is not None and len(chosen) > quota.most:
        raise Refused(f"{kind.label}最多推荐 {quota.most} 名，现在是 {len(chosen)} 名。请调整。", code="too_many", clause=CLAUSE)
    if len(chosen) < quota.least and not reason.strip():
        short = f"{kind.label}至少推荐 {quota.least} 名，现在是 {len(chosen)} 名。确实没有更多人选的，请写明原因再定稿。"
        raise Refused(short, code="too_few", clause=CLAUSE)
    away = weighing.departing({one.pk: places.get(one.pk) for one in nominees}, [one.pk for one in chosen])
    if bare := [str(one) for one in nominees if one.pk in away and not votes[one.pk].reason]:
        raise Refused(f"{'、'.join(bare)} 的结论与评审名次不一致，请逐个写明原因。", code="reason_missing", clause=CLAUSE)


def _number(nominees: Sequence[Nomination], votes: Mapping[int, Vote], places: Mapping[int, int | None]) -> None:
    """The order in which the chosen are recommended: more votes first, then the place of the review."""
    for kind in Kind:
        chosen = [votes[one.pk] for one in nominees if one.kind == kind and votes[one.pk].choice == Choice.CHOSEN]
        chosen.sort(key=lambda vote: (-vote.agree, places.get(vote.nomination_id) or 10**6, vote.nomination_id))
        for place, vote in enumerate(chosen, start=1):
            vote.place = place
        Vote.objects.bulk_update(chosen, ["place"])


@transaction.atomic
def reopen_meeting(meeting: Meeting, *, by: Actor, reason: str) -> Meeting:
    """Take the decision back to be corrected, while nothing of it was published."""
    row = Meeting.objects.select_for_update().select_related("selection__area").get(pk=meeting.pk)
    _running(row.selection, by)
    text = said(reason, "请写明退回定稿的原因。", longest=200)
    if not row.closed_on:
        raise Refused("会议结论还没有定稿，可以直接修改。", code="wrong_state")
    if Notice.objects.filter(selection=row.selection, state=NoticeState.PUBLISHED).exists():
        raise Refused("名单已经公示。请先撤下公示，再退回会议结论。", code="published")
    for one in Nomination.objects.filter(votes__meeting=row, state__in=(NominationState.CHOSEN, NominationState.PASSED_OVER)):
        moving.move(moving.held(one), "reconsider", by=by, note=text)
    row.closed_on, row.closed_by, row.version = None, "", row.version + 1
    row.save(update_fields=["closed_on", "closed_by", "version"])
    record("honours.reopen_meeting", by=by, of=row, reason=text)
    return row


def _nominees(selection: Selection) -> list[Nomination]:
    rows = Nomination.objects.filter(selection=selection, state=NominationState.ACCEPTED).select_related("person", "organisation", "area")
    return list(rows.order_by("kind", "pk"))


def places_of(selection: Selection) -> dict[int, int | None]:
    """By nomination id: the place after the review; None where nobody scored. Asks only panels that are closed."""
    found: dict[int, int | None] = {}
    for panel in Panel.objects.filter(selection=selection, state=Panel.State.CLOSED):
        found |= {line.nomination.pk: line.place if line.figure is not None else None for line in standing.lines_of(panel)}
    return found


def candidates_of(nominations: Sequence[Nomination], on: date) -> list[Candidate]:
    """What the advice on spread looks at, of people, with the kind of the organisation where each works."""
    places = places_of(nominations[0].selection) if nominations else {}
    posts = Posting.objects.filter(holds_on(on), coordinator__person_id__in=[one.person_id for one in nominations if one.person_id])
    hosts = {
        post.coordinator.person_id: post.organisation.get_kind_display() for post in posts.select_related("coordinator", "organisation")
    }
    return [
        Candidate(one.pk, one.subject.name, places.get(one.pk), one.area.short_name, hosts.get(one.person_id or 0, ""), one.front_line)
        for one in nominations
    ]


def _open_meeting(meeting: Meeting, by: Actor) -> Meeting:
    row = Meeting.objects.select_for_update().select_related("selection__area").get(pk=meeting.pk)
    _running(row.selection, by)
    if row.closed_on:
        raise Refused("会议结论已经定稿。需要更正时先退回定稿。", code="closed")
    return row


def _running(selection: Selection, by: Actor) -> Selection:
    row = Selection.objects.select_for_update(of=("self",)).select_related("area").get(pk=selection.pk)
    insist(can_manage(by, row.area_id))
    if row.state != SelectionState.RUNNING:
        raise Refused(f"这一年的选树{row.get_state_display()}，不能再办这一步。请刷新页面查看。", code="wrong_state")
    return row


def party_label(key: str) -> str:
    return Party(key).label
