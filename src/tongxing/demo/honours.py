"""The yearly selection in the demonstration: last year's dispatched in time, this year's under way, prizes and titles of some coordinators."""

from datetime import date

from tongxing.accounts.models import User
from tongxing.areas.models import Area
from tongxing.certificates.holding import certified
from tongxing.honours import awarding, selecting, timing
from tongxing.honours.models import Selection, Stage
from tongxing.registry.models import Coordinator

from . import campaign, nominations

AWARDS: tuple[tuple[str, str, str, str], ...] = (
    ("prize", "劳动关系协调员职业技能竞赛三等奖", "province", "河南省人力资源和社会保障厅"),
    ("prize", "劳动关系协调员技能比武二等奖", "county", "济源示范区人力资源和社会保障局"),
    ("title", "和谐劳动关系先进个人", "province", "河南省劳动关系三方机制"),
    ("title", "和谐劳动关系先进个人", "county", "济源示范区劳动关系三方机制"),
)


def build(users: dict[str, User], county: Area, today: date) -> None:
    """Two years and four awards."""
    officer = users["demo-officer"]
    holders = certified(Coordinator.objects.active_on(today)).select_related("person").order_by("pk")[: len(AWARDS)]
    for coordinator, (kind, name, rank, giver) in zip(holders, AWARDS, strict=False):
        day = date(today.year - 1, 10, 20)
        awarding.enter_award(coordinator.person, by=officer, kind=kind, name=name, rank=rank, awarded_on=day, awarded_by=giver)
    year = today.year if today <= selecting.due_in(today.year) else today.year + 1
    judges = campaign.reviewers(county, users)
    before, present = (selecting.plan_selection(county, one, by=officer) for one in (year - 1, year))
    nominations.build(users, county, present)
    campaign.last_year(before, judges, users)
    _review(_done_until(present, officer, today), judges, officer)


def _review(row: Selection, judges: dict[str, User], officer: User) -> None:
    if row.stage == Stage.REVIEW:
        campaign.review(row, judges, officer, every=False)


def _done_until(row: Selection, officer: User, today: date) -> Selection:
    """Each step done on its last day, as far as that is over; the review is still open at the latest."""
    (clock,) = timing.clocks([row], today)
    for line in clock.lines:
        if line.ends >= today or line.step.stage == Stage.REVIEW:
            break
        row = selecting.complete_step(row, by=officer, done_on=line.ends)
    return row
