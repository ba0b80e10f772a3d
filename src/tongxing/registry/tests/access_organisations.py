"""The access matrix of the organisations' side."""

from types import SimpleNamespace
from typing import Any

from tongxing.core.tests.matrix import Row
from tongxing.registry.models import Organisation, OrganisationContact

VIEWERS = "officer township union federation training assessment subsidy_handler subsidy_approver cashier leader auditor"
EDITORS = "officer township"
REVEALERS = "officer township assessment subsidy_handler auditor"


def _organisation(jiyuan: SimpleNamespace, **facts: Any) -> Organisation:
    defaults: dict[str, Any] = {"name": "济源甲厂", "name_key": "济源甲厂", "kind": "enterprise", "area": jiyuan.kejing}
    return Organisation.objects.create(**(defaults | facts))


def one(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": _organisation(jiyuan).uid}


def overridden(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": _organisation(jiyuan, size="large", size_override="large", size_override_reason="试").uid}


def suspending(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return one(jiyuan) | {"status": "suspended"}


def with_contact(jiyuan: SimpleNamespace) -> dict[str, Any]:
    organisation = _organisation(jiyuan)
    return {"uid": organisation.uid, "contact": OrganisationContact.objects.create(organisation=organisation, name="甲").uid}


def _kejing(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"code": jiyuan.kejing.code}


ACCESS: dict[str, Row] = {
    "registry:organisations": Row(VIEWERS),
    "registry:organisation": Row(VIEWERS, one, other=404),
    "registry:organisation-history": Row(VIEWERS, one, other=404),
    "registry:organisation-new": Row(EDITORS),
    "registry:organisation-edit": Row(EDITORS, one, other=404),
    "registry:organisation-status": Row(EDITORS, suspending, other=404),
    "registry:organisation-size": Row(EDITORS, one, other=404),
    "registry:organisation-size-clear": Row(EDITORS, overridden, method="post", own=302, other=404),
    "registry:organisation-merge": Row("officer", one, other=404),
    "registry:organisation-contact-new": Row(EDITORS, one, other=404),
    "registry:organisation-contact-remove": Row(EDITORS, with_contact, method="post", own=302, other=404),
    "registry:organisation-phones": Row(REVEALERS, one, method="post", data={"reason": "核实电话"}, other=404),
    "registry:organisation-size-preview": Row(EDITORS),
    "registry:organisation-doubles": Row(EDITORS),
    "registry:industry-picker": Row(EDITORS),
    "registry:unplaced": Row(EDITORS),
    "registry:of-area": Row(VIEWERS, _kejing, other=404),
    "registry:resettle": Row(EDITORS, _kejing, method="post", own=302, other=404),
    "registry:place": Row(EDITORS, method="post", data={"ids": "1"}),
    "registry:place-unplaced": Row(EDITORS, method="post", data={"ids": "1"}),
    "registry:place-suggested": Row(EDITORS, method="post", data={"ids": "1"}, own=302, other=302),
}
