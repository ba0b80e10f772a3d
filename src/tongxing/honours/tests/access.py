"""The access matrix of the yearly selection."""

from types import SimpleNamespace
from typing import Any

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.tests.matrix import Row
from tongxing.honours import dossier, nominating, noticing, objecting, selecting
from tongxing.honours.models import Assignment, DossierItem, Honour
from tongxing.registry.models import Person
from tongxing.registry.tests.people_factories import a_coordinator, an_organisation

from .review_world import a_choice, a_dispatch, a_meeting, a_notice, a_panel, a_reviewer
from .world import a_draft, a_member, a_nomination, a_selection, a_society, a_text, a_visit, an_award, an_opinion

NOMINATE = "officer township union federation coordinator agent"
RECOMMEND = "officer township union federation"
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


def nomination(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": a_nomination(a_selection(jiyuan.county), a_coordinator_with_paper(jiyuan)).uid}


def returned(jiyuan: SimpleNamespace) -> dict[str, Any]:
    row = a_nomination(a_selection(jiyuan.county), a_coordinator_with_paper(jiyuan))
    return {"uid": nominating.return_nomination(row, by=COMMAND_LINE, reason="补材料").uid}


def a_coordinator_with_paper(jiyuan: SimpleNamespace) -> Person:
    return a_member(an_organisation(jiyuan.kejing)).person


def file(jiyuan: SimpleNamespace) -> dict[str, Any]:
    row = a_draft(a_selection(jiyuan.county), a_coordinator_with_paper(jiyuan))
    made = dossier.add_file(row, by=COMMAND_LINE, label="台账", clause="", upload=a_text())
    nominating.submit(row, by=COMMAND_LINE)
    return {"uid": made.uid}


def open_file(jiyuan: SimpleNamespace) -> dict[str, Any]:
    found = file(jiyuan)
    nominating.return_nomination(DossierItem.objects.get(**found).nomination, by=COMMAND_LINE, reason="换材料")
    return found


def opinion(jiyuan: SimpleNamespace) -> dict[str, Any]:
    row = a_nomination(a_selection(jiyuan.county), a_coordinator_with_paper(jiyuan))
    return {"uid": an_opinion(row, upload=a_text()).uid}


def visit(jiyuan: SimpleNamespace) -> dict[str, Any]:
    row = a_nomination(a_selection(jiyuan.county), a_coordinator_with_paper(jiyuan))
    return {"uid": a_visit(row, upload=a_text()).uid}


def drafted(jiyuan: SimpleNamespace) -> dict[str, Any]:
    row = a_choice(jiyuan.county).selection
    noticing.draft_notice(row, by=COMMAND_LINE, title="公示", contact="0391-6633001")
    return {"uid": row.uid}


def passed_over(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": a_choice(jiyuan.county).left.uid}


def shown(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": a_notice(jiyuan.county).selection.uid}


def objected(jiyuan: SimpleNamespace) -> dict[str, Any]:
    scene = a_notice(jiyuan.county)
    return {"uid": objecting.raise_objection(scene.notice, scene.chosen[0], by=COMMAND_LINE, text="不属实", contact="某处").uid}


def sent(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": a_dispatch(jiyuan.county).pack.uid}


def recommended(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": a_dispatch(jiyuan.county).chosen[0].uid}


def honour(jiyuan: SimpleNamespace) -> dict[str, Any]:
    a_dispatch(jiyuan.county)
    return {"uid": Honour.objects.filter(kind="person")[0].uid}


ACCESS: dict[str, Row] = {
    "honours:selections": Row(VIEW),
    "honours:selection-new": Row(MANAGE),
    "honours:selection": Row(VIEW, selection, other=404),
    "honours:selection-edit": Row(MANAGE, selection, other=404),
    "honours:selection-done": Row(MANAGE, selection, other=404),
    "honours:selection-reopen": Row(MANAGE, called, other=404),
    "honours:selection-cancel": Row(MANAGE, selection, other=404),
    "honours:notice": Row(RESULTS, selection, other=404),
    "honours:notice-new": Row(MANAGE, selection, other=404),
    "honours:notice-publish": Row(MANAGE, drafted, method="post", own=302, other=404),
    "honours:notice-withdraw": Row(MANAGE, shown, other=404),
    "honours:objection-new": Row(MANAGE, shown, other=404),
    "honours:objections": Row(MANAGE),
    "honours:objection": Row(MANAGE, objected, other=404),
    "honours:objection-contact": Row(MANAGE, objected, other=404),
    "honours:packs": Row(RESULTS, selection, other=404),
    "honours:pack-new": Row(MANAGE, selection, other=404),
    "honours:pack-file": Row(MANAGE, sent, other=404),
    "honours:pack-send": Row(MANAGE, sent, other=404),
    "honours:pack-receipt": Row(MANAGE, sent, other=404),
    "honours:answer": Row(MANAGE, recommended, other=404),
    "honours:letters": Row(MANAGE, selection, other=404),
    "honours:letter": Row(MANAGE, passed_over, "post", other=404),
    "honours:honours": Row(VIEW),
    "honours:honour-withdraw": Row(MANAGE, honour, other=404),
    "honours:honour-consent": Row(MANAGE, honour, other=404),
    "honours:person-honour": Row(MANAGE, person, other=404),
    "honours:organisation-honour": Row(MANAGE, organisation, other=404),
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
    "honours:mine": Row(NOMINATE),
    "honours:mine-new": Row(NOMINATE),
    "honours:nominations": Row(VIEW),
    "honours:nomination": Row(VIEW, nomination, other=404),
    "honours:nomination-edit": Row(MANAGE, nomination, other=404),
    "honours:nomination-submit": Row(MANAGE, returned, "post", own=302, other=404),
    "honours:nomination-return": Row(MANAGE, nomination, other=404),
    "honours:nomination-accept": Row(MANAGE, nomination, other=404),
    "honours:nomination-refuse": Row(MANAGE, nomination, other=404),
    "honours:nomination-withdraw": Row(MANAGE, nomination, other=404),
    "honours:dossier": Row(MANAGE, returned, other=404),
    "honours:dossier-renew": Row(MANAGE, returned, "post", own=302, other=404),
    "honours:file-new": Row(MANAGE, returned, other=404),
    "honours:file": Row(VIEW, file, other=404),
    "honours:file-remove": Row(MANAGE, open_file, "post", own=302, other=404),
    "honours:opinion-new": Row(MANAGE, nomination, other=404),
    "honours:opinion-file": Row(VIEW, opinion, other=404),
    "honours:visit-new": Row(MANAGE, nomination, other=404),
    "honours:visit-file": Row(VIEW, visit, other=404),
    "honours:person-nominate": Row(RECOMMEND, person, other=404),
    "honours:organisation-nominate": Row(RECOMMEND, organisation, other=404),
    "honours:of-person": Row(VIEW, person, other=404),
    "honours:of-organisation": Row(VIEW, organisation, other=404),
    "honours:award-new": Row(MANAGE, person, other=404),
    "honours:award-strike": Row(MANAGE, award, other=404),
}
