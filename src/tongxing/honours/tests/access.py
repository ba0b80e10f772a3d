"""The access matrix of the yearly selection."""

from types import SimpleNamespace
from typing import Any

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.tests.matrix import Row
from tongxing.honours import selecting
from tongxing.honours.models import Assignment
from tongxing.registry.tests.people_factories import a_coordinator

from .review_world import a_meeting, a_panel, a_reviewer
from .world import a_selection, a_society, an_award

VIEW = "officer township union federation leader auditor"
MANAGE = "officer"
RESULTS = "officer leader auditor"


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


def panel(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": a_panel(jiyuan.county, nominees=1).panel.uid}


def reviewer(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": a_reviewer(a_selection(jiyuan.county)).uid}


def assignment(jiyuan: SimpleNamespace) -> dict[str, Any]:
    """In the hands of a reviewer who is none of the cast: everybody else must find nothing."""
    return {"uid": Assignment.objects.filter(panel=a_panel(jiyuan.county, nominees=1).panel)[0].uid}


def meeting(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": a_meeting(a_selection(jiyuan.county)).selection.uid}


ACCESS: dict[str, Row] = {
    "honours:selections": Row(VIEW),
    "honours:selection-new": Row(MANAGE),
    "honours:selection": Row(VIEW, selection, other=404),
    "honours:selection-edit": Row(MANAGE, selection, other=404),
    "honours:selection-done": Row(MANAGE, selection, other=404),
    "honours:selection-reopen": Row(MANAGE, called, other=404),
    "honours:selection-cancel": Row(MANAGE, selection, other=404),
    "honours:review": Row(RESULTS, selection, other=404),
    "honours:reviewer-new": Row(MANAGE, selection, other=404),
    "honours:reviewer-leave": Row(MANAGE, reviewer, other=404),
    "honours:bar": Row(MANAGE, selection, other=404),
    "honours:criteria-person": Row(MANAGE, selection, other=404),
    "honours:criteria-organisation": Row(MANAGE, selection, other=404),
    "honours:panel-new-person": Row(MANAGE, selection, other=404),
    "honours:panel-new-organisation": Row(MANAGE, selection, other=404),
    "honours:panel": Row(RESULTS, panel, other=404),
    "honours:panel-close": Row(MANAGE, panel, other=404),
    "honours:panel-reopen": Row(MANAGE, panel, other=404),
    "honours:meeting": Row(RESULTS, selection, other=404),
    "honours:meeting-edit": Row(MANAGE, selection, other=404),
    "honours:meeting-votes": Row(MANAGE, meeting, other=404),
    "honours:meeting-close": Row(MANAGE, meeting, other=404),
    "honours:meeting-reopen": Row(MANAGE, meeting, other=404),
    "honours:reviewing": Row("reviewer"),
    "honours:declaration": Row("", reviewer),
    "honours:score": Row("", assignment),
    "honours:score-abstain": Row("", assignment),
    "honours:score-recuse": Row("", assignment),
    "honours:people": Row(VIEW, selection, other=404),
    "honours:organisations": Row(VIEW, selection, other=404),
    "honours:person": Row(VIEW, person, other=404),
    "honours:organisation": Row(VIEW, organisation, other=404),
    "honours:awards": Row(VIEW),
    "honours:award-new": Row(MANAGE, person, other=404),
    "honours:award-strike": Row(MANAGE, award, other=404),
}
