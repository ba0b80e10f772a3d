"""The scene of a competition at any stage: scheme, entrants, judges, keyers, marks. Time passes by moving the days back. Every name is made up."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from tongxing.accounts.models import Grant, User
from tongxing.areas.models import Area
from tongxing.audit.log import COMMAND_LINE
from tongxing.competitions import appointing, drawing, entering, marking, organising, planning, resulting
from tongxing.competitions.board import board_of
from tongxing.competitions.models import Competition, Duty, Entrant, Judge, Round
from tongxing.registry.tests.people_factories import a_coordinator

_serial = count(1)
Score = Callable[[str, str, str], Decimal]
"""(code, aspect, judge's name or "") → value."""


def a_user(area: Area, role: str = "judge", name: str = "", **facts: Any) -> User:
    number = next(_serial)
    user = User.objects.create_user(f"{role}-{number}", name=name or f"{role}{number}", **facts)
    Grant.objects.create(user=user, role=role, area=area, since=date(2020, 1, 1), granted_by="测试")
    return user


def a_competition(area: Area, **facts: Any) -> Competition:
    today = timezone.localdate()
    values: dict[str, Any] = {
        "title": f"第{next(_serial)}届劳动关系协调员技能竞赛",
        "year": today.year,
        "opens_on": today,
        "closes_on": today + timedelta(days=5),
        "held_on": today + timedelta(days=10),
        "awarded_by": "济源示范区人力资源和社会保障局",
    }
    return organising.make_competition(area, by=COMMAND_LINE, **values | facts)


def schemed(area: Area, **facts: Any) -> Competition:
    """Theory on paper 40 %, a practice case 60 % with two judged aspects and a measured one; three prizes of 1, 1 and 2."""
    row = a_competition(area, **facts)
    theory = planning.lay_round(row, by=COMMAND_LINE, title="理论考试", kind="paper", weight=40)
    planning.lay_aspect(theory, by=COMMAND_LINE, title="试卷得分", kind="measured", full=Decimal(100))
    practice = planning.lay_round(row, by=COMMAND_LINE, title="案例处理", kind="practice", weight=60)
    planning.lay_aspect(practice, by=COMMAND_LINE, title="调解谈话", kind="judged", full=Decimal(20), tie_place=1)
    planning.lay_aspect(practice, by=COMMAND_LINE, title="方案合理", kind="judged", full=Decimal(20))
    planning.lay_aspect(practice, by=COMMAND_LINE, title="文书要素", kind="measured", full=Decimal(10))
    return planning.set_prizes(row, by=COMMAND_LINE, numbers={1: 1, 2: 1, 3: 2})


def opened(area: Area, **facts: Any) -> Competition:
    return organising.open_entries(schemed(area, **facts), by=COMMAND_LINE)


def an_entry(row: Competition, area: Area, **facts: Any) -> Entrant:
    return entering.enter(row, a_coordinator(area, **facts).person, by=COMMAND_LINE)


def later(row: Competition, days: int = 12) -> Competition:
    """So many days later: the competition's own lie as far back."""
    back = timedelta(days=days)
    row.refresh_from_db()
    for name in ("opens_on", "closes_on", "held_on", "ranked_on", "appeals_until"):
        day = getattr(row, name)
        setattr(row, name, day - back if day else None)
    row.save()
    return row


def staffed(row: Competition) -> SimpleNamespace:
    """A chief, two judges with accounts, one who hands in paper, two keyers."""
    practice, area = row.rounds.get(kind="practice"), row.area

    def seat(duty: Duty, name: str, *, account: bool = True) -> Judge:
        user = a_user(area, name=name) if account else None
        rounds = [] if duty == Duty.KEYER else [practice]
        return appointing.appoint(row, by=COMMAND_LINE, duty=duty, name=name, user=user, rounds=rounds)

    return SimpleNamespace(
        chief=seat(Duty.CHIEF, "裁判长"),
        judges=[seat(Duty.JUDGE, "甲裁判"), seat(Duty.JUDGE, "乙裁判")],
        paper=seat(Duty.JUDGE, "丙裁判", account=False),
        keyers=[seat(Duty.KEYER, "录一"), seat(Duty.KEYER, "录二")],
    )


def scene(area: Area, *, entries: int = 4, **facts: Any) -> SimpleNamespace:
    """A competition in marking, with its people."""
    row = opened(area, **facts)
    people = [an_entry(row, area) for _ in range(entries)]
    entering.confirm(people, by=COMMAND_LINE)
    later(row)
    staff = staffed(row)
    drawing.draw_codes(row, by=COMMAND_LINE)
    row = drawing.begin_marking(row, by=COMMAND_LINE)
    theory, practice = row.rounds.all()
    return SimpleNamespace(row=row, area=area, theory=theory, practice=practice, staff=staff)


def flat(code: str, aspect: str, judge: str) -> Decimal:
    """The later the code, the better; all judges agree."""
    return Decimal(int(code)) + Decimal("0.5")


def sheet(world: SimpleNamespace, one: Round, judge: Judge | None, score: Score = flat) -> dict[tuple[str, int], Decimal]:
    """The values of one sheet."""
    places = board_of(world.row).places(one, judge)
    return {(entry.code, aspect.pk): score(entry.code, aspect.title, judge.name if judge else "") for entry, aspect in places}


def marked(world: SimpleNamespace, score: Score = flat) -> SimpleNamespace:
    """Everything marked, keyed twice and handed in."""
    for one, judge in ((world.theory, None), (world.practice, None), (world.practice, world.staff.paper)):
        for keyer in world.staff.keyers:
            marking.key(one, judge, sheet(world, one, judge, score), by=keyer.user)
    for judge in (world.staff.chief, *world.staff.judges):
        marking.mark(world.practice, sheet(world, world.practice, judge, score), by=judge.user)
        marking.hand_in(world.practice, by=judge.user)
    return world


def ranked(area: Area, score: Score = flat, **facts: Any) -> SimpleNamespace:
    world = marked(scene(area, **facts), score)
    world.row = resulting.rank(world.row, by=COMMAND_LINE)
    return world


def published(area: Area, score: Score = flat, **facts: Any) -> SimpleNamespace:
    world = ranked(area, score, **facts)
    later(world.row)
    world.row = resulting.publish(world.row, by=COMMAND_LINE, document="济管人社〔2026〕31号")
    return world


def coded(world: SimpleNamespace, code: str) -> Entrant:
    return Entrant.objects.select_related("person", "competition").get(competition=world.row, code=code)
