"""Showing personal data in clear: with a reason, once, and never without a read entry in the log (design §4.5)."""

from django.db import transaction

from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused

from .models import Person
from .rules_people import can_reveal

FIELDS = {"id_number": "证件号码", "phone": "手机号"}


@transaction.atomic
def reveal(person: Person, field: str, *, by: Actor, reason: str) -> str:
    """The plain ID number or phone of a person; leaves the entry "registry.reveal" with the reason, not with the value."""
    insist(can_reveal(by, person))
    if field not in FIELDS:
        raise Refused("没有这一项个人信息。", code="unknown_field")
    if len(reason.strip()) < 2:
        raise Refused("查看完整个人信息需要写明用途，例如“电话核实培训报名”。", code="reason_missing")
    plain: str = getattr(person, field)
    record("registry.reveal", by=by, of=person, after={"field": FIELDS[field]}, reason=reason.strip())
    return plain
