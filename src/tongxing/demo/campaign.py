"""The selection in the demonstration from the review on: last year's up to the province's answer, this year's with scores half in."""

from collections.abc import Sequence
from datetime import date, datetime, time

from django.utils import timezone

from tongxing.accounts.models import Grant, User
from tongxing.areas.models import Area
from tongxing.certificates.holding import certified
from tongxing.honours import conflicts, deciding, empanelling, honouring, noticing, packing, scoring, selecting, timing
from tongxing.honours.deciding import Ballot, Present
from tongxing.honours.models import (
    Assignment,
    AssignmentState,
    Honour,
    Kind,
    Meeting,
    Nomination,
    NominationState,
    Notice,
    Opinion,
    Pack,
    Panel,
    Selection,
    Stage,
    Visit,
)
from tongxing.registry.models import Coordinator, Organisation

from . import accounts
from .nominations import MEMBERS, PEOPLE, SOCIETIES, Told, recommend, staff

REVIEWERS = (("union", "邓委员"), ("federation", "韩秘书"), ("expert", "冯教授"), ("expert", "曹律师"))
"""Beside `demo-reviewer`, who speaks for the bureau."""
PRESENT = (
    Present("胡局长", "government", "人力资源和社会保障局"),
    Present("张工会", "union", "总工会"),
    Present("刘联络", "federation", "工商联"),
    Present("冯教授", "expert", "河南某高校"),
)
BODY = Told("1", "全年受理咨询 900 人次，调解成功 62 件。", "为 40 家企业提供集体协商顾问服务。", "accepted")
HOW_GOOD = (88, 84, 91, 79, 86, 82, 90)


def reviewers(county: Area, users: dict[str, User]) -> dict[str, User]:
    """Five accounts with the post of a reviewer: by party, and experts."""
    found = {"government": users["demo-reviewer"]}
    for number, (party, name) in enumerate(REVIEWERS, start=2):
        user = accounts.enter(f"reviewer{number}", name, "选树评审")
        Grant.objects.create(user=user, role="reviewer", area=county, since=date(2022, 9, 15), granted_by="演示数据")
        found[f"{party}-{number}"] = user
    return found


def review(selection: Selection, judges: dict[str, User], officer: User, *, every: bool) -> None:
    """Criteria, reviewers with what they declare, the draw, and scores: all of them, or as many as a review half-way has."""
    for party, user in judges.items():
        row = empanelling.appoint(selection, user, by=officer, party=party.partition("-")[0])
        conflicts.declare(row, by=user, relations=[])
    for kind in Kind:
        if empanelling.in_review(selection, kind):
            empanelling.set_criteria(selection, kind, empanelling.usual_criteria(kind), by=officer)
            panel = empanelling.open_panel(selection, kind, by=officer, each=3)
            _score(panel, every=every)
            if every:
                empanelling.close_panel(panel, by=officer)


def _score(panel: Panel, *, every: bool) -> None:
    """What each gives differs a little from criterion to criterion and from reviewer to reviewer."""
    rows = Assignment.objects.filter(panel=panel, state=AssignmentState.GIVEN).select_related("reviewer__user")
    criteria = scoring.criteria_of(panel)
    for place, row in enumerate(rows.order_by("nomination_id", "reviewer_id")):
        if every or place % 3:
            good = HOW_GOOD[row.nomination_id % len(HOW_GOOD)]
            values = {one.pk: min(100, good + (place + number) % 5 - 2) for number, one in enumerate(criteria)}
            scoring.submit(row, by=row.reviewer.user, scores=values, comment="事迹具体，材料齐全。")


def last_year(selection: Selection, judges: dict[str, User], users: dict[str, User]) -> None:
    """The whole of it: three people and one organisation recommended, one of them gold."""
    officer = users["demo-officer"]
    _nominate(selection, users)
    row = _step(selection, officer, Stage.REVIEW)
    review(row, judges, officer, every=True)
    _meet(_step(row, officer, Stage.MEETING), officer)
    row = _step(row, officer, Stage.NOTICE)
    draft = noticing.draft_notice(
        row,
        by=officer,
        title=f"关于{row.year}年度劳动关系协调员和社会组织推荐名单的公示",
        contact="劳动关系科 0391-6633001",
        text="经推荐、审核、评审和会议研究，现将拟推荐名单公示如下。",
    )
    noticing.publish_notice(draft, by=officer)
    # What takes days is over: this was last year.
    Nomination.objects.filter(selection=row, state=NominationState.CHOSEN).update(notice_until=_ends(row, Stage.NOTICE))
    row = _step(row, officer, Stage.DOCUMENTS)
    pack = packing.make_pack(row, by=officer)
    _step(row, officer, Stage.DISPATCH)
    pack = packing.send_pack(pack, by=officer, sent_on=timezone.localdate(), sent_how="政务邮箱")
    packing.receive_pack(pack, by=officer, received_on=timezone.localdate(), receipt="省厅劳动关系处邮件回执")
    recommended = Nomination.objects.filter(selection=row, state=NominationState.RECOMMENDED).order_by("kind", "pk")
    for place, one in enumerate(recommended):
        honouring.record_answer(one, by=officer, gold=place == 1, awarded_on=timezone.localdate(), document="豫人社办〔演示〕3 号")
    selecting.complete_step(Selection.objects.get(pk=row.pk), by=officer, done_on=_ends(row, Stage.DISPATCH))
    _set_back(row)


def _nominate(selection: Selection, users: dict[str, User]) -> None:
    """Four people and one organisation, other people than this year's as far as there are any."""
    day = selection.judged_on
    crew = certified(Coordinator.objects.active_on(day).filter(enrolled_on__lte=day), day).select_related("person").order_by("-pk")
    for coordinator, told in zip(crew[:4], PEOPLE, strict=False):
        recommend(coordinator.person, told._replace(state="accepted"), selection, users)
    society = Organisation.objects.get(name=SOCIETIES[0])
    staff(society, list(crew[4 : 4 + MEMBERS]), selection, users["demo-officer"])
    recommend(society, BODY, selection, users)


def _meet(selection: Selection, officer: User) -> None:
    """All agree on the first three and on the organisation; the last is passed over."""
    meeting = deciding.hold_meeting(
        selection,
        by=officer,
        held_on=timezone.localdate(),
        place="局三楼会议室",
        chair="胡局长",
        present=PRESENT,
        minutes="听取评审情况，逐个研究，按名次表决。",
    )
    places = deciding.places_of(selection)
    deciding.set_votes(meeting, _ballots(list(Nomination.objects.filter(selection=selection, state="accepted")), places), by=officer)
    deciding.close_meeting(meeting, by=officer)


def _ballots(rows: Sequence[Nomination], places: dict[int, int | None]) -> dict[int, Ballot]:
    people = sorted((one for one in rows if one.person_id), key=lambda one: (places.get(one.pk) or 99, one.pk))
    chosen = {one.pk for one in people[:3]} | {one.pk for one in rows if one.organisation_id}
    return {one.pk: Ballot(4, 0, 0, "chosen") if one.pk in chosen else Ballot(1, 3, 0, "passed_over") for one in rows}


def _ends(selection: Selection, stage: str) -> date:
    (clock,) = timing.clocks([selection])
    return next(line.ends for line in clock.lines if line.step.stage == stage)


def _step(selection: Selection, officer: User, stage: Stage) -> Selection:
    """Steps done on their last days, up to `stage`."""
    row = Selection.objects.get(pk=selection.pk)
    while row.stage != stage:
        row = selecting.complete_step(row, by=officer, done_on=_ends(row, row.stage))
    return row


def _set_back(row: Selection) -> None:
    """What was done just now belongs to the days of the plan."""
    day = {stage: _ends(row, stage) for stage in Stage}
    nominations = Nomination.objects.filter(selection=row)
    Opinion.objects.filter(nomination__in=nominations).update(given_on=day[Stage.NOMINATION])
    Visit.objects.filter(nomination__in=nominations).update(visited_on=day[Stage.VISIT])
    nominations.update(submitted_at=datetime.combine(day[Stage.NOMINATION], time(9), timezone.get_current_timezone()))
    Panel.objects.filter(selection=row).update(opened_on=day[Stage.VISIT], closed_on=day[Stage.REVIEW])
    Meeting.objects.filter(selection=row).update(held_on=day[Stage.MEETING], closed_on=day[Stage.MEETING])
    Notice.objects.filter(selection=row).update(published_on=day[Stage.MEETING], ends_on=day[Stage.NOTICE], shown_until=day[Stage.DISPATCH])
    Pack.objects.filter(selection=row).update(sent_on=day[Stage.DISPATCH], received_on=day[Stage.DISPATCH])
    Honour.objects.filter(nomination__in=nominations, level="model").update(awarded_on=day[Stage.DISPATCH])
