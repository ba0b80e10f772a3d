"""The access matrix of the competitions. Whoever judges is appointed first: a judge's pages open to nobody else."""

from types import SimpleNamespace
from typing import Any

from tongxing.accounts.models import User
from tongxing.audit.log import COMMAND_LINE
from tongxing.competitions import appealing, appointing, drawing, marking, planning
from tongxing.competitions.models import Aspect, Competition, Duty
from tongxing.core.tests.matrix import Row
from tongxing.learning.tests.world import an_exam

from .world import a_competition, an_entry, coded, flat, opened, published, ranked, scene, schemed, sheet

VIEW = "officer township union federation leader auditor"
MANAGE = "officer"
JUDGE = "judge"


def draft(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": schemed(jiyuan.county).uid}


def taking(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": opened(jiyuan.county).uid}


def over(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": published(jiyuan.county).row.uid}


def shown(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": ranked(jiyuan.county).row.uid}


def round_(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": schemed(jiyuan.county).rounds.all()[0].uid}


def online(jiyuan: SimpleNamespace) -> dict[str, Any]:
    row, exam = a_competition(jiyuan.county), an_exam(jiyuan.county, attempts=1)
    return {"uid": planning.lay_round(row, by=COMMAND_LINE, title="理论", kind="online", weight=100, exam=exam).uid}


def aspect(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": Aspect.objects.filter(round__competition=schemed(jiyuan.county))[0].uid}


def quota(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": planning.set_quota(schemed(jiyuan.county), by=COMMAND_LINE, number=2, area=jiyuan.kejing).uid}


def entry(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": an_entry(opened(jiyuan.county), jiyuan.kejing).uid}


def judge(jiyuan: SimpleNamespace) -> dict[str, Any]:
    row = schemed(jiyuan.county)
    facts = {"duty": "judge", "name": "甲裁判", "rounds": [row.rounds.get(kind="practice")]}
    return {"uid": appointing.appoint(row, by=COMMAND_LINE, **facts).uid}


def appeal(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": appealing.raise_appeal(coded(ranked(jiyuan.county), "001"), by=COMMAND_LINE, text="漏加分").uid}


def _seated(jiyuan: SimpleNamespace, duty: Duty) -> SimpleNamespace:
    """A competition in marking, in which the judge of the matrix holds a place."""
    world = scene(jiyuan.county)
    seat = {Duty.CHIEF: world.staff.chief, Duty.JUDGE: world.staff.judges[0], Duty.KEYER: world.staff.keyers[0]}[duty]
    seat.user = User.objects.filter(username="matrix-judge-False").first() or seat.user
    seat.save()
    return world


def judging(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": _seated(jiyuan, Duty.JUDGE).practice.uid}


def keyed(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": _seated(jiyuan, Duty.KEYER).theory.uid, "sheet": "measured"}


def leading(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": _seated(jiyuan, Duty.CHIEF).row.uid}


def differing(jiyuan: SimpleNamespace) -> dict[str, Any]:
    world = _seated(jiyuan, Duty.CHIEF)
    for keyer in world.staff.keyers:
        values = sheet(world, world.theory, None, lambda code, title, judge, who=keyer.pk: flat(code, "", "") + who % 7)
        marking.key(world.theory, None, values, by=keyer.user)
    return {"uid": world.row.uid, "code": "001", "aspect": world.theory.aspects.get().uid, "sheet": "measured"}


def wide(jiyuan: SimpleNamespace) -> dict[str, Any]:
    world = _seated(jiyuan, Duty.CHIEF)
    return {"uid": world.row.uid, "code": "001", "aspect": world.practice.aspects.all()[0].uid}


def _drawn(jiyuan: SimpleNamespace) -> Competition:
    world = scene(jiyuan.county, entries=1)
    assert drawing.verified(world.row) == []
    return world.row


ACCESS: dict[str, Row] = {
    "competitions:competitions": Row(VIEW),
    "competitions:competition-new": Row(MANAGE),
    "competitions:competition": Row(VIEW, lambda jiyuan: {"uid": _drawn(jiyuan).uid}, other=404),
    **{
        f"competitions:competition-{name}": Row(MANAGE, draft, other=404)
        for name in ("edit", "cancel", "open", "draw", "begin", "rank", "publish")
    },
    "competitions:scheme": Row(VIEW, draft, other=404),
    "competitions:round-new": Row(MANAGE, draft, other=404),
    "competitions:round-edit": Row(MANAGE, round_, other=404),
    "competitions:round-remove": Row(MANAGE, round_, other=404),
    "competitions:round-fetch": Row(MANAGE, online, other=404),
    "competitions:aspect-new": Row(MANAGE, round_, other=404),
    "competitions:aspect-remove": Row(MANAGE, aspect, other=404),
    "competitions:quota-new": Row(MANAGE, draft, other=404),
    "competitions:quota-remove": Row(MANAGE, quota, other=404),
    "competitions:prizes": Row(MANAGE, draft, other=404),
    "competitions:entries": Row(VIEW, taking, other=404),
    "competitions:entry-new": Row(MANAGE, taking, other=404),
    "competitions:entries-confirm": Row(MANAGE, taking, other=404),
    "competitions:entry": Row(VIEW, entry, other=404),
    "competitions:entry-withdraw": Row(MANAGE, entry, other=404),
    "competitions:entry-absent": Row(MANAGE, entry, other=404),
    "competitions:judges": Row(VIEW, draft, other=404),
    "competitions:judge-new": Row(MANAGE, draft, other=404),
    "competitions:judge-conflict": Row(MANAGE, judge, other=404),
    "competitions:judge-release": Row(MANAGE, judge, other=404),
    "competitions:results": Row(VIEW, shown, other=404),
    "competitions:appeals": Row(VIEW, shown, other=404),
    "competitions:appeal-new": Row(MANAGE, shown, other=404),
    "competitions:appeal-settle": Row(MANAGE, appeal, other=404),
    "competitions:team": Row(VIEW, over, other=404),
    "competitions:team-choose": Row(MANAGE, over, other=404),
    "competitions:mine": Row(JUDGE),
    "competitions:sheet": Row(JUDGE, judging, other=404),
    "competitions:hand-in": Row(JUDGE, judging, other=404),
    "competitions:keying": Row(JUDGE, keyed, other=404),
    "competitions:differences": Row(JUDGE, leading, other=404),
    "competitions:settle": Row(JUDGE, differing, other=404),
    "competitions:confirm": Row(JUDGE, wide, other=404),
    "competitions:again": Row(JUDGE, leading, other=404),
}
