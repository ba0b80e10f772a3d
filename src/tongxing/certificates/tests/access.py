"""The access matrix of certificates."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from tongxing.audit.log import COMMAND_LINE
from tongxing.certificates.register import register_certificate
from tongxing.core.tests.matrix import Row
from tongxing.registry.models import Organisation
from tongxing.registry.tests.access_people import EDITORS, VIEWERS, someone
from tongxing.registry.tests.people_factories import a_person

KEEPERS = "officer township assessment"


def paper(jiyuan: SimpleNamespace) -> dict[str, Any]:
    person = a_person(jiyuan.kejing)
    facts: dict[str, Any] = {"number": "S000041000012233000001", "level": 3, "issued_on": date(2023, 6, 1)}
    return {"uid": register_certificate(person, by=COMMAND_LINE, **facts).uid}


def firm(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": Organisation.objects.create(name="甲厂", name_key="甲厂", kind="enterprise", area=jiyuan.kejing).uid}


ACCESS: dict[str, Row] = {
    "certificates:of-organisation": Row(VIEWERS, firm, other=404),
    "certificates:certificates": Row(VIEWERS),
    "certificates:coordinators": Row(VIEWERS),
    "certificates:coordinator-new": Row(EDITORS),
    "certificates:merge": Row("officer", own=404, other=404),
    "certificates:filings": Row(VIEWERS),
    "certificates:filing-new": Row(KEEPERS),
    "certificates:of-person": Row(VIEWERS, someone, other=404),
    "certificates:certificate-new": Row(KEEPERS, someone, other=404),
    "certificates:certificate": Row(VIEWERS, paper, other=404),
    "certificates:certificate-correct": Row(KEEPERS, paper, other=404),
    "certificates:certificate-void": Row(KEEPERS, paper, other=404),
    "certificates:certificate-reinstate": Row(KEEPERS, paper, other=404),
    "certificates:certificate-replace": Row(KEEPERS, paper, other=404),
    "certificates:national-check": Row(KEEPERS, paper, other=404),
}
