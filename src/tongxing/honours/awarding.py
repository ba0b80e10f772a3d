"""Acts on prizes and titles: enter one with who awarded it, strike one out that was entered by mistake (notice:A1.3.6)."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused, said
from tongxing.core.values import clean_text
from tongxing.registry.models import Person

from .models import Award
from .rules import can_manage, insist

CLAUSE = "notice:A1.3.6"


@transaction.atomic
def enter_award(
    person: Person, *, by: Actor, kind: str, name: str, rank: str, awarded_on: date, awarded_by: str, document: str = ""
) -> Award:
    """Enter a prize or title of a person."""
    insist(can_manage(by, person.area_id))
    if awarded_on > timezone.localdate():
        raise Refused("授予日期还没有到，请核对文件上的日期。", code="future_day", clause=CLAUSE)
    called, giver = clean_text(name, longest=120), clean_text(awarded_by, longest=120)
    if not called or not giver:
        raise Refused("请写明奖项或称号的全称和授予单位，推荐材料里要用。", code="incomplete", clause=CLAUSE)
    facts = {"kind": kind, "name": called, "rank": rank, "awarded_on": awarded_on, "awarded_by": giver}
    try:
        with transaction.atomic():
            row = Award.objects.create(person=person, document=clean_text(document, longest=120), recorded_by=by.display_name[:60], **facts)
    except IntegrityError as error:
        raise Refused("这项获奖或称号已经登记过，不用再登记。", code="exists", clause=CLAUSE) from error
    record("honours.enter_award", by=by, of=row, label=f"{person.name}：{row}", after={**facts, "awarded_on": str(awarded_on)})
    return row


@transaction.atomic
def strike_award(award: Award, *, by: Actor, reason: str) -> Award:
    """Take back an entry made by mistake; it stays in the log and counts nowhere."""
    row = Award.objects.select_for_update(of=("self",)).select_related("person").get(pk=award.pk)
    insist(can_manage(by, row.person.area_id))
    if row.struck_on:
        raise Refused("这条记录已经作废。请刷新页面。", code="wrong_state")
    row.struck_reason = said(reason, "请写明作废的原因。", longest=200)
    row.struck_on, row.version = timezone.localdate(), row.version + 1
    row.save(update_fields=["struck_on", "struck_reason", "version"])
    record("honours.strike_award", by=by, of=row, label=f"{row.person.name}：{row}", after={"struck_on": str(row.struck_on)}, reason=reason)
    return row
