"""Who may do what in the competitions: the bureau's officers run them, judges and keyers mark and do nothing else."""

from typing import Any

from tongxing.accounts.models import User
from tongxing.audit.log import Actor
from tongxing.core import access
from tongxing.core.access import Allowed, Answer, Denied
from tongxing.core.errors import Refused

from .models import MOVES, Competition, CompetitionState, Duty, Judge

CLAUSE = "notice:3.2.1"


def can_manage(by: Actor, area_code: int) -> Answer:
    """The bureau's officers of the area; the command line and jobs do everywhere."""
    if not isinstance(by, User) or by.may_at("competitions.manage", area_code):
        return Allowed()
    return Denied("技能竞赛由举办区划的劳动关系科办理，您没有这项权限。")


def can_mark(by: Actor, competition: Competition) -> Answer:
    """Whoever runs the competition knew which code is whose, and does not mark in it."""
    if not isinstance(by, User) or not by.may_at("competitions.judge", competition.area_id):
        return Denied("您没有这次竞赛的评分权限，请联系举办单位安排。")
    if by.may_at("competitions.manage", competition.area_id):
        return Denied("组织竞赛的人知道密号对应谁，不能评分或录分，请交由裁判和录入员办理。")
    return Allowed()


def seat_of(by: Actor, competition: Competition, *duties: Duty) -> Judge:
    """The place of `by` among those who judge or key, with one of these duties; refused where there is none."""
    insist(can_mark(by, competition))
    row = Judge.objects.serving().filter(competition=competition, user_id=by.pk or 0, duty__in=duties).first()
    if row is None:
        named = "、".join(duty.label for duty in duties)
        raise Refused(f"这一步由本次竞赛的{named}办理，您不在其中。", code="not_allowed", status=403, clause=CLAUSE)
    return row


def insist(answer: Answer, **details: Any) -> None:
    """What a rule denies is refused, by the clause of the competitions."""
    access.insist(answer, **{"clause": CLAUSE, **details})


def held(competition: Competition | int) -> Competition:
    """The competition as it stands now, held until the transaction ends: every act on it or on what belongs to it begins here."""
    pk = competition if isinstance(competition, int) else competition.pk
    return Competition.objects.select_for_update(of=("self",)).select_related("area").get(pk=pk)


def managed(competition: Competition | int, by: Actor, *states: CompetitionState, doing: str = "办这一步") -> Competition:
    """`held`, by's to run, and in one of the states."""
    row = held(competition)
    insist(can_manage(by, row.area_id))
    insist_state(row, *states, doing=doing)
    return row


def insist_state(row: Competition, *states: str, doing: str) -> None:
    if row.state not in states:
        raise Refused(f"竞赛现在是“{row.get_state_display()}”，不能{doing}。请刷新页面查看。", code="wrong_state", clause=CLAUSE)


def moved(competition: Competition, act: str, by: Actor) -> Competition:
    """`held`, by's to run, and where the move may start; its state is set, the caller saves."""
    row = held(competition)
    insist(can_manage(by, row.area_id))
    sources, target = MOVES[act]
    insist_state(row, *sources, doing="办这一步")
    row.state = target
    return row
