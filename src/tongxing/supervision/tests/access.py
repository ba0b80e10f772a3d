"""The access matrix of supervision. The body is the organisation of the matrix, and the matrix's own inspector is the one who is sent."""

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile

from tongxing.accounts.models import User
from tongxing.audit.log import COMMAND_LINE
from tongxing.core.tests.matrix import Row
from tongxing.evaluation.tests.world import SINCE, a_batch, a_filing
from tongxing.files.tests.test_images import a_jpeg
from tongxing.registry.models import Organisation
from tongxing.supervision import inspecting, photographs, sanctioning, visiting
from tongxing.supervision.models import Anomaly, Finding, Inspector, Visit

from .world import a_plan, a_visit, an_inspector, announced, begun, done, drawn, filled, proposed, signed

BODY = 999_999
PLANS = "officer assessment leader auditor"
MANAGE = "officer assessment"
VIEW = "officer training assessment assessment_body inspector training_provider leader auditor"
AGENTS = "assessment_body training_provider"


def _body(jiyuan: SimpleNamespace) -> Organisation:
    filing = a_filing(jiyuan.kejing, pk=BODY, number="S000041077777")
    a_batch(filing)
    return filing.organisation


def _team(jiyuan: SimpleNamespace) -> list[Inspector]:
    user = User.objects.get(username="matrix-inspector-False")
    return [inspecting.appoint(user, by=COMMAND_LINE, area=jiyuan.county, since=SINCE), an_inspector(jiyuan.county)]


def plan(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": a_plan(jiyuan.county).uid}


def promised(jiyuan: SimpleNamespace) -> dict[str, Any]:
    _body(jiyuan), _team(jiyuan)
    return {"uid": announced(jiyuan.county).plan.uid}


def came_out(jiyuan: SimpleNamespace) -> dict[str, Any]:
    _body(jiyuan), _team(jiyuan)
    visit = drawn(jiyuan.county)[0]
    return {"uid": visiting.cancel_visit(visit, by=COMMAND_LINE, reason="停用").plan.uid}


def inspector(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": an_inspector(jiyuan.county).uid}


def waiting(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": a_visit(_body(jiyuan), _team(jiyuan)).uid}


def _begun(jiyuan: SimpleNamespace) -> Visit:
    return begun(_body(jiyuan), _team(jiyuan))


def running(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": _begun(jiyuan).uid}


def to_sign(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": signed(filled(_begun(jiyuan))).uid}


def _done(jiyuan: SimpleNamespace) -> Visit:
    return done(_body(jiyuan), _team(jiyuan))


def over(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": _done(jiyuan).uid}


def picture(jiyuan: SimpleNamespace) -> dict[str, Any]:
    visit = _begun(jiyuan)
    who = visit.inspectors.select_related("inspector__user")[0].inspector.user
    photo = photographs.attach(visit, by=who, upload=ContentFile(a_jpeg(), name="a.jpg"), client=uuid4())
    Visit.objects.filter(pk=visit.pk).update(state="done")
    return {"pk": photo.pk}


def _finding(jiyuan: SimpleNamespace) -> Finding:
    return Finding.objects.get(visit=_done(jiyuan))


def finding(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": _finding(jiyuan).uid}


def to_recheck(jiyuan: SimpleNamespace) -> dict[str, Any]:
    row = _finding(jiyuan)
    Finding.objects.filter(pk=row.pk).update(state="answered")
    return {"uid": row.uid}


def sanction(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": sanctioning.notify(proposed(_finding(jiyuan)), by=COMMAND_LINE).uid}


def stating(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return sanction(jiyuan) | {"act": "state"}


def anomaly(jiyuan: SimpleNamespace) -> dict[str, Any]:
    facts = {"rule": "same_scores", "reference": "1", "text": "分数雷同", "advice": "比对答题卡"}
    return {"uid": Anomaly.objects.create(organisation=_body(jiyuan), area=jiyuan.kejing, **facts).uid}


def body(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": _body(jiyuan).uid}


ACCESS: dict[str, Row] = {
    "supervision:plans": Row(PLANS),
    "supervision:plan-new": Row(MANAGE),
    "supervision:plan": Row(PLANS, promised, other=404),
    "supervision:plan-edit": Row(MANAGE, plan, other=404),
    "supervision:plan-announce": Row(MANAGE, plan, method="post", own=302, other=404),
    "supervision:plan-draw": Row(MANAGE, promised, other=404),
    "supervision:plan-redraw": Row(MANAGE, promised, other=404),
    "supervision:plan-publish": Row(MANAGE, came_out, method="post", own=302, other=404),
    "supervision:plan-cancel": Row(MANAGE, plan, other=404),
    "supervision:inspectors": Row(PLANS),
    "supervision:inspector-new": Row(MANAGE),
    "supervision:inspector-end": Row(MANAGE, inspector, other=404),
    "supervision:inspector-interest": Row(MANAGE, inspector, other=404),
    "supervision:mine": Row("inspector"),
    "supervision:visits": Row(PLANS),
    "supervision:visit": Row(VIEW, over, other=404),
    "supervision:visit-begin": Row("inspector", waiting, method="post", own=302, other=404),
    "supervision:visit-fill": Row("inspector", running, method="post", own=302, other=404),
    "supervision:visit-sync": Row("inspector", running, method="post", own=400, other=404),
    "supervision:photo-new": Row("inspector", running, method="post", own=302, other=404),
    "supervision:photo": Row("officer assessment inspector leader auditor", picture, other=404),
    "supervision:visit-sign": Row("inspector", running, other=404),
    "supervision:visit-reopen": Row("inspector", to_sign, other=404),
    "supervision:visit-countersign": Row(f"inspector {AGENTS}", to_sign, other=404),
    "supervision:visit-cancel": Row(MANAGE, waiting, other=404),
    "supervision:visit-replace": Row(MANAGE, waiting, other=404),
    "supervision:visit-new": Row(MANAGE, body, other=404),
    "supervision:findings": Row(VIEW),
    "supervision:finding": Row(VIEW, finding, other=404),
    "supervision:finding-answer": Row(AGENTS, finding, other=404),
    "supervision:finding-extend": Row(MANAGE, finding, other=404),
    "supervision:finding-recheck": Row(f"{MANAGE} inspector", to_recheck, other=404),
    "supervision:finding-regrade": Row(MANAGE, finding, other=404),
    "supervision:finding-withdraw": Row(MANAGE, finding, other=404),
    "supervision:finding-propose": Row(MANAGE, finding, other=404),
    "supervision:sanctions": Row(VIEW),
    "supervision:sanction": Row(VIEW, sanction, other=404),
    "supervision:sanction-step": Row(AGENTS, stating, other=404),
    "supervision:anomalies": Row(PLANS),
    "supervision:anomaly": Row(PLANS, anomaly, other=404),
    "supervision:anomaly-dismiss": Row(MANAGE, anomaly, other=404),
    "supervision:anomaly-visit": Row(MANAGE, anomaly, other=404),
    "supervision:anomaly-issue": Row(MANAGE, anomaly, other=404),
    "supervision:of-body": Row(VIEW, body, other=404),
}
