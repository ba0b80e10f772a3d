"""Who may open which address of this room. Each role asks with a token of its own that has both scopes."""

from types import SimpleNamespace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tongxing.core.tests.matrix import PUBLIC, SIGNED_IN, Row
from tongxing.registry.models import Coordinator, Organisation, Person

ROLES = "officer township union federation training assessment subsidy_handler subsidy_approver cashier leader auditor"
SENDERS = "officer township training subsidy_handler"
OWN_SENDERS = f"{SENDERS} assessment_body training_provider scorer agent"


def _organisation(jiyuan: SimpleNamespace) -> dict[str, Any]:
    row = Organisation.objects.create(
        name="济源甲公司", name_key="济源甲公司", kind="enterprise", area=jiyuan.kejing, no_code_reason="测试"
    )
    return {"uid": row.uid}


def _coordinator(jiyuan: SimpleNamespace) -> dict[str, Any]:
    person = Person.objects.create(name="张三", area=jiyuan.kejing)
    return {"uid": Coordinator.objects.create(person=person, area=jiyuan.kejing).uid}


def _batch(jiyuan: SimpleNamespace) -> dict[str, Any]:
    from tongxing.sheets.models import Batch

    row = Batch.objects.create(sheet="enterprises", file_name="a.xlsx", sha256="0" * 64, by_name="测试", area_code=jiyuan.kejing.code)
    return {"uid": row.uid}


def _sheet(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"sheet": "enterprises"}


def _file() -> dict[str, Any]:
    return {"file": SimpleUploadedFile("名册.csv", "单位名称\n".encode())}


ACCESS = {
    "api:openapi": Row(PUBLIC),
    "api:areas": Row(SIGNED_IN),
    "api:area": Row(SIGNED_IN, lambda jiyuan: {"code": jiyuan.kejing.code}),
    "api:organisations": Row(ROLES),
    "api:organisation": Row(ROLES, _organisation, own=200, other=404),
    "api:coordinators": Row(ROLES),
    "api:coordinator": Row(ROLES, _coordinator, own=200, other=404),
    # Without the area the question is incomplete; tests/test_api.py asks it whole.
    "api:coverage": Row(SIGNED_IN, own=422, other=422),
    "api:gaps": Row(ROLES),
    # No Idempotency-Key: judged before anything is stored.
    "api:sheet": Row(OWN_SENDERS, _sheet, method="post", data=_file(), own=422, other=422),
    "api:batch": Row(SENDERS, _batch, own=200, other=404),
}
