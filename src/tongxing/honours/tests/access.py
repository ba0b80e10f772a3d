"""The access matrix of the yearly selection."""

from types import SimpleNamespace
from typing import Any

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.tests.matrix import Row
from tongxing.honours import selecting
from tongxing.registry.tests.people_factories import a_coordinator

from .world import a_selection, a_society, an_award

VIEW = "officer township union federation leader auditor"
MANAGE = "officer"


def selection(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": a_selection(jiyuan.county).uid}


def called(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": selecting.complete_step(a_selection(jiyuan.county), by=COMMAND_LINE).uid}


def person(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": a_coordinator(jiyuan.kejing).person.uid}


def organisation(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": a_society(jiyuan.kejing).uid}


def award(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": an_award(a_coordinator(jiyuan.kejing).person).uid}


ACCESS: dict[str, Row] = {
    "honours:selections": Row(VIEW),
    "honours:selection-new": Row(MANAGE),
    "honours:selection": Row(VIEW, selection, other=404),
    "honours:selection-edit": Row(MANAGE, selection, other=404),
    "honours:selection-done": Row(MANAGE, selection, other=404),
    "honours:selection-reopen": Row(MANAGE, called, other=404),
    "honours:selection-cancel": Row(MANAGE, selection, other=404),
    "honours:people": Row(VIEW, selection, other=404),
    "honours:organisations": Row(VIEW, selection, other=404),
    "honours:person": Row(VIEW, person, other=404),
    "honours:organisation": Row(VIEW, organisation, other=404),
    "honours:awards": Row(VIEW),
    "honours:award-new": Row(MANAGE, person, other=404),
    "honours:award-strike": Row(MANAGE, award, other=404),
}
