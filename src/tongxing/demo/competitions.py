"""Skills competitions in the demonstration: last year's published with prizes and a team, this year's in the middle of its marking.

Acts know only today; so that entries are long closed, a competition's days are moved back between two steps.
"""

from datetime import date, timedelta
from decimal import Decimal

from django.db.models import F

from tongxing.accounts.models import Grant, User
from tongxing.areas.models import Area
from tongxing.competitions import appealing, appointing, drawing, entering, marking, organising, planning, resulting, teaming
from tongxing.competitions.board import board_of
from tongxing.competitions.models import Appeal, Competition, Duty, Entrant, Judge, Result, Round
from tongxing.registry.models import Coordinator

from .accounts import enter

ENTRIES = 14
DAYS = ("opens_on", "closes_on", "held_on", "ranked_on", "appeals_until", "published_on")
CASES = (("调解谈话", "judged", 40, 1), ("处理方案", "judged", 30, 2), ("文书要素", "measured", 30, None))
STAFF = (
    ("judge", "", Duty.CHIEF, "hr"),
    ("judge-2", "薛裁判", Duty.JUDGE, "union"),
    ("judge-3", "贺裁判", Duty.JUDGE, "federation"),
    ("judge-4", "倪录入", Duty.KEYER, ""),
    ("judge-5", "汤录入", Duty.KEYER, ""),
)


class Cast:
    """Who acts: the bureau's officer, a chief, two judges with accounts, two keyers."""

    def __init__(self, users: dict[str, User], county: Area, today: date) -> None:
        self.officer, self.county, self.today = users["demo-officer"], county, today
        self.accounts = [users["demo-judge"] if name == "judge" else _account(name, called, county) for name, called, _, _ in STAFF]


def _account(name: str, called: str, county: Area) -> User:
    user = enter(name, called, "竞赛裁判")
    Grant.objects.create(user=user, role="judge", area=county, since=date(2022, 9, 15), granted_by="演示数据")
    return user


def build(users: dict[str, User], county: Area, today: date) -> None:
    """Last year's, this year's and a draft of the next."""
    cast = Cast(users, county, today)
    people = list(Coordinator.objects.active_on(today).filter(status="active").order_by("pk")[: 4 * ENTRIES : 4])
    _published(cast, people)
    _marking(cast, people[2:])
    _scheme(cast, today.year + 1)


def _scheme(cast: Cast, year: int) -> Competition:
    today = cast.today
    row = organising.make_competition(
        cast.county,
        by=cast.officer,
        title=f"济源示范区 {year} 年劳动关系协调员职业技能竞赛",
        year=year,
        opens_on=today,
        closes_on=today + timedelta(days=10),
        held_on=today + timedelta(days=20),
        awarded_by="济源示范区人力资源和社会保障局",
        note="理论考劳动合同、集体协商和争议处理，实操处理一件真实改编的案例。",
    )
    theory = planning.lay_round(row, by=cast.officer, title="理论考试", kind="paper", weight=40)
    planning.lay_aspect(theory, by=cast.officer, title="试卷得分", kind="measured", full=Decimal(100))
    case = planning.lay_round(row, by=cast.officer, title="案例处理", kind="practice", weight=60)
    for title, kind, full, tie in CASES:
        planning.lay_aspect(case, by=cast.officer, title=title, kind=kind, full=Decimal(full), tie_place=tie)
    planning.set_quota(row, by=cast.officer, number=20, area=cast.county)
    return planning.set_prizes(row, by=cast.officer, numbers={1: 1, 2: 2, 3: 3})


def _begun(cast: Cast, year: int, people: list[Coordinator]) -> Competition:
    """Entered, drawn and open for marks; one judge hands in paper."""
    row = organising.open_entries(_scheme(cast, year), by=cast.officer)
    entries = [entering.enter(row, one.person, by=cast.officer) for one in people]
    entering.confirm(entries[:-1], by=cast.officer)
    entering.withdraw(entries[-1], by=cast.officer, reason="竞赛当天值班")
    _back(row, 21)
    case = row.rounds.get(kind="practice")
    for account, (_, _, duty, party) in zip(cast.accounts, STAFF, strict=True):
        rounds = [] if duty == Duty.KEYER else [case]
        appointing.appoint(row, by=cast.officer, duty=duty, user=account, party=party, rounds=rounds)
    appointing.appoint(row, by=cast.officer, duty=Duty.JUDGE, name="外聘邵裁判", rounds=[case])
    drawing.draw_codes(row, by=cast.officer)
    entering.mark_absent(row.entries.marked()[0], by=cast.officer, reason="没有到场")
    return drawing.begin_marking(row, by=cast.officer)


def _back(row: Competition, days: int) -> None:
    """So many days later: the competition's own lie as far back."""
    Competition.objects.filter(pk=row.pk).update(**{name: F(name) - timedelta(days=days) for name in DAYS})
    row.refresh_from_db()


def _value(entry: Entrant, full: Decimal, twist: int) -> Decimal:
    """Something plausible that follows from the code: between two thirds and nearly all of the full score."""
    share = 66 + (int(entry.code) * 37) % 30 + twist
    return (full * share / 100).quantize(Decimal("0.5"))


def _sheet(row: Competition, one: Round, judge: Judge | None, twist: int, until: int = 999) -> marking.Values:
    places = board_of(row).places(one, judge)
    return {(entry.code, aspect.pk): _value(entry, aspect.full, twist) for entry, aspect in places if int(entry.code) <= until}


def _keyed(row: Competition, one: Round, judge: Judge | None, twist: int, keyers: list[User], until: int = 999) -> None:
    for keyer in keyers:
        marking.key(one, judge, _sheet(row, one, judge, twist, until), by=keyer)


def _paper(row: Competition) -> Judge:
    return Judge.objects.get(competition=row, user=None)


def _published(cast: Cast, people: list[Coordinator]) -> None:
    """All marked, one appeal upheld and one not, published ten months ago, three for the team."""
    row = _begun(cast, cast.today.year - 1, people)
    theory, case = row.rounds.all()
    _keyed(row, theory, None, 0, cast.accounts[3:])
    _keyed(row, case, None, 1, cast.accounts[3:])
    _keyed(row, case, _paper(row), 2, cast.accounts[3:])
    for twist, account in enumerate(cast.accounts[:3]):
        seat = Judge.objects.get(competition=row, user=account)
        marking.mark(case, _sheet(row, case, seat, twist), by=account)
        marking.hand_in(case, by=account)
    row = resulting.rank(row, by=cast.officer)
    by_rank = [one.entry for one in _ranking(row)]
    appeal = appealing.raise_appeal(by_rank[4], by=cast.officer, text="试卷第 3 大题漏加 2 分")
    known = board_of(row).marks
    aspect = theory.aspects.get()
    mark = next(one for place, one in known.items() if (place.entry, place.aspect) == (by_rank[4].pk, aspect.pk))
    finding, value = "复核试卷，第 3 大题漏加 2 分，应予更正", min(mark.value + 2, aspect.full)
    appealing.settle_appeal(appeal, by=cast.officer, upheld=True, finding=finding, aspect=aspect, value=value)
    second = appealing.raise_appeal(by_rank[8], by=cast.officer, text="认为调解谈话打分偏低")
    appealing.settle_appeal(second, by=cast.officer, upheld=False, finding="复看录像，四名裁判打分相近，维持原分")
    _back(row, 10)
    resulting.publish(row, by=cast.officer, document=f"济管人社〔{cast.today.year - 1}〕31号")
    chosen = [one.entry for one in _ranking(row)[:5]]
    teaming.choose_team(
        row, by=cast.officer, members=[chosen[0], chosen[1], chosen[3]], substitutes=[chosen[4]], reason="第三名省赛期间产假，本人书面放弃"
    )
    _back(row, 300)
    for one in Appeal.objects.filter(entry__competition=row):
        one.raised_on, one.settled_on = row.ranked_on or one.raised_on, row.appeals_until
        one.save(update_fields=["raised_on", "settled_on"])


def _ranking(row: Competition) -> list[Result]:
    return list(Result.objects.filter(entry__competition=row).select_related("entry").order_by("rank", "id"))


def _marking(cast: Cast, people: list[Coordinator]) -> None:
    """Theory keyed with two differences, one keyer behind on the case, one judge done and one far off in two places."""
    row = _begun(cast, cast.today.year, people)
    theory, case = row.rounds.all()
    first, second = cast.accounts[3:]
    _keyed(row, theory, None, 0, [first])
    values = _sheet(row, theory, None, 0)
    slipped = {place: value - 10 if place[0] in {"004", "009"} else value for place, value in values.items()}
    marking.key(theory, None, slipped, by=second)
    _keyed(row, case, None, 1, [first])
    _keyed(row, case, None, 1, [second], until=6)
    _keyed(row, case, _paper(row), 2, [first, second], until=5)
    for twist, account in ((0, cast.accounts[0]), (1, cast.accounts[1])):
        seat = Judge.objects.get(competition=row, user=account)
        marks = _sheet(row, case, seat, twist, until=999 if twist else 7)
        far = {place: value - 12 if twist and place[0] == "003" else value for place, value in marks.items()}
        marking.mark(case, far, by=account)
        if twist:
            marking.hand_in(case, by=account)
    seat = Judge.objects.get(competition=row, user=cast.accounts[2])
    marking.mark(case, _sheet(row, case, seat, 2, until=5), by=cast.accounts[2])
