"""The scene of the review: accepted nominees, reviewers of the three parties and experts, an open panel, a meeting."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from tongxing.accounts.models import Grant, User
from tongxing.areas.models import Area
from tongxing.audit.log import COMMAND_LINE
from tongxing.honours import conflicts, deciding, empanelling, noticing, packing, scoring, selecting
from tongxing.honours.deciding import Ballot, Present
from tongxing.honours.models import Assignment, AssignmentState, Kind, Meeting, Nomination, Panel, Reviewer, Selection, Stage
from tongxing.registry.models import Organisation, Person
from tongxing.registry.tests.people_factories import a_coordinator

from .world import a_selection, a_society

_serial = count(1)
PRESENT = (
    Present("赵局", "government", "人社局"),
    Present("钱主席", "union", "总工会"),
    Present("孙会长", "federation", "工商联"),
)


def at_stage(selection: Selection, stage: Stage) -> Selection:
    """The selection with all steps before `stage` done."""
    row = Selection.objects.get(pk=selection.pk)
    while row.stage != stage:
        row = selecting.complete_step(row, by=COMMAND_LINE)
    return row


def a_nominee(selection: Selection, subject: Person | Organisation | None = None, **facts: Any) -> Nomination:
    """Somebody who came as far as the review."""
    one = subject or a_coordinator(selection.area).person
    number = next(_serial)
    values: dict[str, Any] = {
        "kind": Kind.PERSON if isinstance(one, Person) else Kind.ORGANISATION,
        "person" if isinstance(one, Person) else "organisation": one,
        "area": one.area,
        "number": f"TJ{selection.year}-{number:03d}",
        "way": "area",
        "nominator_name": "济源市人社局",
        "summary": "长期在一线调解。",
        "state": "accepted",
        "submitted_at": timezone.now(),
        "made_by": "经办",
        **facts,
    }
    return Nomination.objects.create(selection=selection, **values)


def a_judge(area: Area, name: str = "", *, person: Person | None = None) -> User:
    """An account with the post of a reviewer."""
    number = next(_serial)
    user = User.objects.create(username=f"judge-{number}", name=name or f"评审{number}", person_id=person.pk if person else None)
    Grant.objects.create(user=user, role="reviewer", area_id=area.pk, granted_by="测试")
    return user


def a_reviewer(selection: Selection, party: str = "expert", *, user: User | None = None, declared: bool = True, **facts: Any) -> Reviewer:
    row = empanelling.appoint(selection, user or a_judge(selection.area), by=COMMAND_LINE, party=party, **facts)
    return conflicts.declare(row, by=row.user, relations=[]) if declared else row


def a_bench(selection: Selection, more: int = 2) -> list[Reviewer]:
    """One reviewer of each party, and experts."""
    return [a_reviewer(selection, party) for party in ("government", "union", "federation", *["expert"] * more)]


def a_panel(area: Area, *, nominees: int = 4, each: int = 3, **facts: Any) -> SimpleNamespace:
    """A selection in review with its panel of people open: selection, nominees, reviewers, panel."""
    row = at_stage(a_selection(area), Stage.REVIEW)
    people = [a_nominee(row) for _ in range(nominees)]
    bench = a_bench(row)
    empanelling.set_criteria(row, Kind.PERSON, empanelling.usual_criteria(Kind.PERSON), by=COMMAND_LINE)
    panel = empanelling.open_panel(row, Kind.PERSON, by=COMMAND_LINE, each=each, **facts)
    return SimpleNamespace(selection=row, nominees=people, reviewers=bench, panel=panel)


def scores(panel: Panel, value: int) -> dict[int, int | None]:
    return {one.pk: value for one in scoring.criteria_of(panel)}


def score_all(panel: Panel, by_nominee: dict[int, int]) -> None:
    """Every assignment in hand is submitted with the value of its nominee in each criterion."""
    for one in Assignment.objects.filter(panel=panel, state=AssignmentState.GIVEN).select_related("reviewer__user"):
        scoring.submit(one, by=one.reviewer.user, scores=scores(panel, by_nominee[one.nomination_id]))


def closed(selection: Selection, kind: str, value: int = 80) -> Panel:
    """All nominees of a kind scored alike by the reviewers there are, and the panel closed."""
    empanelling.set_criteria(selection, kind, empanelling.usual_criteria(kind), by=COMMAND_LINE)
    panel = empanelling.open_panel(selection, kind, by=COMMAND_LINE, each=3)
    score_all(panel, dict.fromkeys(panel.assignments.values_list("nomination_id", flat=True), value))
    return empanelling.close_panel(panel, by=COMMAND_LINE)


def a_meeting(selection: Selection, present: Sequence[Present] = PRESENT) -> Meeting:
    row = at_stage(selection, Stage.MEETING)
    return deciding.hold_meeting(row, by=COMMAND_LINE, held_on=timezone.localdate(), place="局三楼会议室", chair="赵局", present=present)


def votes(nominees: Sequence[Nomination], chosen: Sequence[Nomination], **reasons: str) -> dict[int, Ballot]:
    """Unanimous ballots: those of `chosen` for, the others against."""
    taken = {one.pk for one in chosen}
    return {
        one.pk: Ballot(3, 0, 0, "chosen", reasons.get(f"n{one.pk}", ""))
        if one.pk in taken
        else Ballot(0, 3, 0, "passed_over", reasons.get(f"n{one.pk}", ""))
        for one in nominees
    }


def a_choice(area: Area, number: int = 3) -> SimpleNamespace:
    """A selection at its public notice: so many people and a society chosen by the meeting, one person passed over."""
    scene = a_panel(area, nominees=number + 1)
    society = a_nominee(scene.selection, a_society(area, members=0))
    score_all(scene.panel, {one.pk: 90 - place for place, one in enumerate(scene.nominees)})
    empanelling.close_panel(scene.panel, by=COMMAND_LINE)
    closed(scene.selection, Kind.ORGANISATION)
    meeting, chosen = a_meeting(scene.selection), [*scene.nominees[:number], society]
    deciding.set_votes(meeting, votes([*scene.nominees, society], chosen), by=COMMAND_LINE)
    deciding.close_meeting(meeting, by=COMMAND_LINE)
    row = at_stage(scene.selection, Stage.NOTICE)
    return SimpleNamespace(selection=row, chosen=[Nomination.objects.get(pk=one.pk) for one in chosen], left=scene.nominees[number])


def a_notice(area: Area, number: int = 3) -> SimpleNamespace:
    """The same, with its names on show from today."""
    scene = a_choice(area, number)
    draft = noticing.draft_notice(scene.selection, by=COMMAND_LINE, title="推荐名单公示", contact="0391-6633001")
    scene.notice = noticing.publish_notice(draft, by=COMMAND_LINE)
    return scene


def a_dispatch(area: Area) -> SimpleNamespace:
    """The notice is over, the papers are made and sent: everybody chosen stands on the roll."""
    scene = a_notice(area)
    over(scene.selection)
    scene.pack = packing.make_pack(at_stage(scene.selection, Stage.DOCUMENTS), by=COMMAND_LINE)
    at_stage(scene.selection, Stage.DISPATCH)
    scene.pack = packing.send_pack(scene.pack, by=COMMAND_LINE, sent_on=timezone.localdate(), sent_how="政务邮箱")
    return scene


def over(selection: Selection) -> None:
    """The days of the notice are past."""
    Nomination.objects.filter(selection=selection, state="chosen").update(notice_until=timezone.localdate() - timedelta(days=1))
