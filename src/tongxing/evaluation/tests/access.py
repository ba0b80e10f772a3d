"""The access matrix of evaluation. The body of the scene is the organisation of the matrix, so that its agent and scorer have their own."""

from types import SimpleNamespace
from typing import Any

from django.core.files.base import ContentFile

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.tests.matrix import Row
from tongxing.evaluation import applying, objecting, seating, staffing
from tongxing.evaluation.models import AssessmentBatch, Candidate, Entitlement
from tongxing.registry.tests.access_people import someone
from tongxing.registry.tests.people_factories import PDF

from .world import a_batch, a_filing, a_site, an_application, an_assessor, examined, fixed, past_notice, published

BODY = 999_999
VIEWERS = "officer training assessment assessment_body scorer leader auditor"
READERS = "officer training assessment assessment_body leader auditor"
MANAGERS = "officer assessment assessment_body"
BUREAU = "officer assessment"
APPLICANTS = "trainee officer assessment assessment_body coordinator agent"
OPENERS = "officer training assessment assessment_body leader auditor coordinator agent"


def _filing(jiyuan: SimpleNamespace) -> Any:
    return a_filing(jiyuan.kejing, pk=BODY, number="S000041088888")


def body(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": _filing(jiyuan).organisation.uid}


def level(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"pk": Entitlement.objects.filter(filing=_filing(jiyuan))[0].pk}


def site(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"pk": a_site(_filing(jiyuan).organisation).pk}


def assessor(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": an_assessor(_filing(jiyuan).organisation).uid}


def announced(jiyuan: SimpleNamespace) -> AssessmentBatch:
    return a_batch(_filing(jiyuan))


def batch(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": announced(jiyuan).uid}


def stepped(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return batch(jiyuan) | {"act": "close"}


def applied(jiyuan: SimpleNamespace, *, accepted: bool = True) -> Any:
    return an_application(announced(jiyuan), accepted=accepted)


def application(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": applied(jiyuan, accepted=False).uid}


def evidence(jiyuan: SimpleNamespace) -> dict[str, Any]:
    row = applied(jiyuan, accepted=False)
    return {"pk": applying.attach(row, by=COMMAND_LINE, kind="work", upload=ContentFile(PDF, name="a.pdf")).pk}


def _seated(jiyuan: SimpleNamespace) -> AssessmentBatch:
    found = fixed(applied(jiyuan).batch)
    seating.add_room(found, by=COMMAND_LINE, name="101", capacity=5)
    return seating.draw_seats(found, by=COMMAND_LINE)


def seated(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": _seated(jiyuan).uid}


def empty_room(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"pk": seating.add_room(announced(jiyuan), by=COMMAND_LINE, name="101", capacity=5).pk}


def duty(jiyuan: SimpleNamespace) -> dict[str, Any]:
    found = announced(jiyuan)
    return {"pk": staffing.assign_duty(found, an_assessor(found.filing.organisation), by=COMMAND_LINE, kind="assessor").pk}


def scored(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": examined(applied(jiyuan).batch).uid, "part": "theory", "turn": 1}


def differing(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": Candidate.objects.get(batch=examined(applied(jiyuan).batch)).uid, "part": "theory"}


def passed(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": Candidate.objects.get(batch=published(applied(jiyuan).batch)).uid}


def ended(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": past_notice(applied(jiyuan).batch).uid}


def objection(jiyuan: SimpleNamespace) -> dict[str, Any]:
    found = published(applied(jiyuan).batch)
    one = Candidate.objects.get(batch=found)
    facts: dict[str, Any] = {"raised_on": found.notice_from, "raised_by": "群众", "text": "不实"}
    return {"uid": objecting.raise_objection(one, by=COMMAND_LINE, **facts).uid}


ACCESS: dict[str, Row] = {
    "evaluation:bodies": Row(VIEWERS),
    "evaluation:body": Row(VIEWERS, body, other=404),
    "evaluation:entitlement-new": Row(BUREAU, body, other=404),
    "evaluation:site-new": Row(BUREAU, body, other=404),
    "evaluation:assessor-new": Row(BUREAU, body, other=404),
    "evaluation:entitlement-end": Row(BUREAU, level, other=404),
    "evaluation:site-close": Row(BUREAU, site, other=404),
    "evaluation:assessor-end": Row(BUREAU, assessor, other=404),
    "evaluation:batches": Row(VIEWERS),
    "evaluation:batch-new": Row(MANAGERS),
    "evaluation:batch": Row(VIEWERS, batch, other=404),
    "evaluation:batch-edit": Row(MANAGERS, batch, other=404),
    "evaluation:batch-cancel": Row(MANAGERS, batch, other=404),
    "evaluation:step": Row(MANAGERS, stepped, method="post", own=302, other=404),
    "evaluation:issue": Row(BUREAU, ended, method="post", own=302, other=404),
    "evaluation:photos-take": Row(BUREAU, ended, method="post", own=302, other=404),
    "evaluation:extracts-print": Row(BUREAU, ended, method="post", own=409, other=404),
    "evaluation:batch-applications": Row(READERS, batch, other=404),
    "evaluation:application-new": Row(MANAGERS, batch, other=404),
    "evaluation:own-new": Row("agent", batch),
    "evaluation:duties": Row(VIEWERS, batch, other=404),
    "evaluation:duty-new": Row(MANAGERS, batch, other=404),
    "evaluation:duty-remove": Row(MANAGERS, duty, method="post", own=302, other=404),
    "evaluation:seats": Row(READERS, seated, other=404),
    "evaluation:seats-draw": Row(MANAGERS, seated, method="post", own=302, other=404),
    "evaluation:seat-give": Row(MANAGERS, seated, other=404),
    "evaluation:tickets": Row(MANAGERS, seated, method="post", other=404),
    "evaluation:room-new": Row(MANAGERS, batch, other=404),
    "evaluation:room-remove": Row(MANAGERS, empty_room, method="post", own=302, other=404),
    "evaluation:attendance": Row(READERS, seated, other=404),
    "evaluation:attendance-save": Row(MANAGERS, seated, method="post", own=302, other=404),
    "evaluation:scores": Row("officer scorer", scored, other=404),
    "evaluation:differences": Row(VIEWERS, batch, other=404),
    "evaluation:resolve": Row(MANAGERS, differing, other=404),
    "evaluation:results": Row(READERS, ended, other=404),
    "evaluation:objection-new": Row(MANAGERS, passed, other=404),
    "evaluation:result-cancel": Row(BUREAU, passed, other=404),
    "evaluation:objection-contact": Row(BUREAU, objection, other=404),
    "evaluation:objection-dismiss": Row(BUREAU, objection, other=404),
    "evaluation:objection-uphold": Row(BUREAU, objection, other=404),
    "evaluation:archive": Row(VIEWERS, ended, other=404),
    "evaluation:archive-note": Row(MANAGERS, ended, method="post", own=302, other=404),
    "evaluation:archive-close": Row(MANAGERS, ended, method="post", own=302, other=404),
    "evaluation:national": Row(MANAGERS, ended, other=404),
    "evaluation:own": Row(APPLICANTS),
    "evaluation:of-person": Row("officer training assessment leader auditor", someone, other=404),
    "evaluation:application": Row("officer training assessment assessment_body leader auditor", application, other=404),
    "evaluation:application-correct": Row(MANAGERS, application, other=404),
    "evaluation:application-withdraw": Row(MANAGERS, application, method="post", own=302, other=404),
    "evaluation:evidence-new": Row(MANAGERS, application, other=404),
    "evaluation:evidence": Row("officer assessment assessment_body auditor", evidence, other=404),
    "evaluation:application-accept": Row(MANAGERS, application, method="post", own=302, other=404),
    "evaluation:application-return": Row(MANAGERS, application, method="post", own=422, other=404),
    "evaluation:application-reject": Row(MANAGERS, application, method="post", own=422, other=404),
}
