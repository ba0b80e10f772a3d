"""A verdict as it was given when a nomination was submitted: kept as JSON with every condition, and held against today's (notice:A1, notice:A2)."""

from datetime import date
from typing import Any

from . import conditions, gathering
from .conditions import Answer, Condition, Verdict
from .models import Nomination

AWARDED = "notice:A1.3.6"
"""The deed that the register proves by itself."""


def deeds_of(nomination: Nomination) -> tuple[tuple[str, str], ...]:
    """Clause and words of the deeds that may be claimed."""
    if nomination.person_id is None:
        return conditions.DEEDS_OF_ORGANISATIONS
    return (*conditions.DEEDS_OF_PEOPLE, (AWARDED, "在协调员技能竞赛中获奖，或获得省级以上和谐劳动关系先进个人称号"))


def clauses_of(nomination: Nomination) -> tuple[tuple[str, str], ...]:
    """What a piece of the dossier may prove: the conditions that are needed, then the deeds."""
    if nomination.person_id is None:
        needed = (("notice:A2.1", "范围：依法登记、持证协调员、服务"), ("notice:A2.2", "基本条件：政治、设施、人员和能力"))
    else:
        needed = (("notice:A1.1", "范围：证书、理论和实践"), ("notice:A1.2", "基本条件：政治、业务能力、守法"))
    return (*needed, *deeds_of(nomination))


def asked(nomination: Nomination) -> Verdict:
    """What the rules and the register say now, for the reference day of the selection."""
    on = nomination.selection.judged_on
    if nomination.person is not None:
        return gathering.judge_people([nomination.person], on)[nomination.person.pk]
    assert nomination.organisation is not None  # the constraint
    return gathering.judge_organisations([nomination.organisation], on)[nomination.organisation.pk]


def as_kept(verdict: Verdict) -> dict[str, Any]:
    rows = [
        {"clause": one.clause, "title": one.title, "answer": one.answer.value, "reasons": list(one.reasons), "any_of": one.any_of}
        for one in verdict.conditions
    ]
    return {"on": verdict.on.isoformat(), "answer": verdict.answer.value, "conditions": rows}


def read(kept: dict[str, Any]) -> Verdict | None:
    """The verdict that was kept; None before a nomination is submitted."""
    if not kept:
        return None
    rows = (
        Condition(one["clause"], one["title"], Answer(one["answer"]), tuple(one["reasons"]), one["any_of"]) for one in kept["conditions"]
    )
    return Verdict(date.fromisoformat(kept["on"]), tuple(rows))


def changes(kept: Verdict, now: Verdict) -> dict[tuple[str, str], Condition]:
    """Conditions of today that say something else than was kept, by clause and title; a condition that was not asked then counts too."""
    before = {(one.clause, one.title): one for one in kept.conditions}
    told = {(one.clause, one.title): one for one in now.conditions}
    return {
        key: one for key, one in told.items() if (was := before.get(key)) is None or (was.answer, was.reasons) != (one.answer, one.reasons)
    }
