"""The access matrix of the people's side."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.tests.matrix import Row
from tongxing.registry import assignments, conduct, enrolment
from tongxing.registry.confirmation import confirm_organisation
from tongxing.registry.tests.people_factories import PDF, PHONE, a_coordinator, a_person, an_organisation

VIEWERS = "officer township union federation training assessment subsidy_handler subsidy_approver cashier leader auditor"
EDITORS = "officer township"
REVEALERS = "officer township assessment subsidy_handler auditor"


def someone(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": a_person(jiyuan.kejing, phone=PHONE).uid}


def phone_of(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return someone(jiyuan) | {"field": "phone"}


def host(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": an_organisation(jiyuan.kejing).uid}


def one(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": a_coordinator(jiyuan.kejing).uid}


def leaving(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return one(jiyuan) | {"act": "leave"}


def posting(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"pk": a_coordinator(jiyuan.kejing).postings.get().pk}


def duty(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"pk": enrolment.give_duty_area(a_coordinator(jiyuan.kejing), jiyuan.kejing, by=COMMAND_LINE).pk}


def assignment(jiyuan: SimpleNamespace) -> dict[str, Any]:
    small = an_organisation(jiyuan.kejing, size="small")
    return {"pk": assignments.assign(a_coordinator(jiyuan.kejing), small, by=COMMAND_LINE).pk}


def conduct_record(jiyuan: SimpleNamespace) -> dict[str, Any]:
    facts: dict[str, Any] = {"kind": "violation", "happened_on": date(2024, 1, 1), "source": "法院", "summary": "试"}
    return {"pk": conduct.add_conduct(a_person(jiyuan.kejing), by=COMMAND_LINE, **facts).pk}


def remarked(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": confirm_organisation(an_organisation(jiyuan.kejing), by=COMMAND_LINE, remark="手机换成13900139000").uid}


def conduct_of_organisation(jiyuan: SimpleNamespace) -> dict[str, Any]:
    facts: dict[str, Any] = {"kind": "violation", "happened_on": date(2024, 1, 1), "source": "法院", "summary": "试"}
    paper = SimpleUploadedFile("决定书.pdf", PDF)
    return {"pk": conduct.add_conduct(an_organisation(jiyuan.kejing), by=COMMAND_LINE, document_file=paper, **facts).pk}


ACCESS: dict[str, Row] = {
    "registry:people": Row(VIEWERS),
    "registry:person": Row(VIEWERS, someone, other=404),
    "registry:person-history": Row(VIEWERS, someone, other=404),
    "registry:person-new": Row(EDITORS),
    "registry:person-edit": Row(EDITORS, someone, other=404),
    "registry:person-similar": Row(EDITORS, method="post"),
    "registry:person-reveal": Row(REVEALERS, phone_of, method="post", data={"reason": "核实电话"}, other=404),
    "registry:person-account": Row(EDITORS, someone, other=404),
    "registry:person-confirm": Row(EDITORS, someone, other=404),
    "registry:duplicates": Row("officer"),
    "registry:not-duplicate": Row("officer", method="post", own=404, other=404),
    "registry:conduct-new": Row(EDITORS, someone, other=404),
    "registry:organisation-conduct-new": Row(EDITORS, host, other=404),
    "registry:organisation-confirm": Row(EDITORS, host, other=404),
    "registry:confirmations": Row(VIEWERS),
    "registry:remind-confirmation": Row(EDITORS, method="post", data={"ids": "1"}),
    "registry:confirmation-remark": Row(REVEALERS, remarked, other=404),
    "registry:conduct-lift": Row(EDITORS, conduct_record, other=404),
    "registry:conduct-strike": Row(EDITORS, conduct_record, other=404),
    "registry:conduct-attach": Row(EDITORS, conduct_of_organisation, other=404),
    "registry:conduct-document": Row(REVEALERS, conduct_of_organisation, other=404),
    "registry:conduct-records": Row(VIEWERS),
    "registry:coordinator": Row(VIEWERS, one, own=302, other=404),
    "registry:coordinator-edit": Row(EDITORS, one, other=404),
    "registry:coordinator-move": Row(EDITORS, leaving, other=404),
    "registry:coordinator-rejoin": Row(EDITORS, one, other=404),
    "registry:coordinator-transfer": Row(EDITORS, one, other=404),
    "registry:posting-new": Row(EDITORS, one, other=404),
    "registry:posting-end": Row(EDITORS, posting, other=404),
    "registry:duty-new": Row(EDITORS, one, other=404),
    "registry:duty-end": Row(EDITORS, duty, other=404),
    "registry:assign": Row(EDITORS, one, other=404),
    "registry:assign-many": Row(EDITORS, method="post"),
    "registry:assignment-end": Row(EDITORS, assignment, other=404),
    "registry:pick-organisation": Row(VIEWERS),
    "registry:own-record": Row("coordinator trainee"),
    "registry:own-organisation": Row("agent"),
}
