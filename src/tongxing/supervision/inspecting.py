"""Acts on inspectors: enter, end, declare an interest."""

from datetime import date

from django.db import IntegrityError, transaction

from tongxing.accounts.models import User
from tongxing.areas.models import Area
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused, said
from tongxing.registry.models import Organisation, Person

from .models import Inspector, Interest
from .rules import can_manage, insist


@transaction.atomic
def appoint(
    user: User,
    *,
    by: Actor,
    area: Area,
    since: date,
    until: date | None = None,
    organisation: Organisation | None = None,
    person: Person | None = None,
    remark: str = "",
) -> Inspector:
    """Enter an inspector. The account must hold the role there; the employer and the person say where interests may lie."""
    insist(can_manage(by, area.pk))
    if not user.may_at("supervision.inspect", area.pk):
        raise Refused(f"“{user.name}”在这个区划没有督导员岗位，手机上填不了检查表。请先由系统管理员授权。", code="no_role")
    if until and until < since:
        raise Refused("截止日期早于开始日期，请核对。", code="bad_day")
    linked = person or (Person.objects.filter(pk=user.person_id).first() if user.person_id else None)
    try:
        with transaction.atomic():
            row = Inspector.objects.create(
                user=user, person=linked, organisation=organisation, area=area, since=since, until=until, remark=remark.strip()[:200]
            )
    except IntegrityError:
        raise Refused(f"“{user.name}”已在督导员名单里。请刷新页面。", code="inspector_exists") from None
    after = {"name": user.name, "since": since.isoformat(), "organisation": organisation and organisation.name}
    record("supervision.appoint", by=by, of=row, after=after)
    return row


@transaction.atomic
def dismiss(inspector: Inspector, *, by: Actor, on: date, reason: str) -> Inspector:
    """`on` is the last day."""
    row: Inspector = Inspector.objects.select_for_update(of=("self",)).select_related("user").get(pk=inspector.pk)
    insist(can_manage(by, row.area_id))
    text = said(reason, "请写明结束聘用的原因。")
    if on < row.since or (row.until and row.until <= on):
        raise Refused("最后一天应在聘期之内，请核对日期。", code="bad_day")
    row.until, row.version = on, row.version + 1
    row.save(update_fields=["until", "version"])
    record("supervision.dismiss", by=by, of=row, after={"until": on.isoformat()}, reason=text)
    return row


@transaction.atomic
def declare(inspector: Inspector, organisation: Organisation, *, by: Actor, reason: str) -> Interest:
    """Enter an interest that no register shows (a relative, a stake). The inspector may declare it too."""
    if by.pk != inspector.user_id:
        insist(can_manage(by, inspector.area_id))
    text = said(reason, "请写明回避的原因，例如近亲属在该机构任职。", longest=200)
    row, made = Interest.objects.get_or_create(
        inspector=inspector, organisation=organisation, defaults={"reason": text, "declared_by": by.display_name[:60]}
    )
    if not made:
        raise Refused(f"已登记回避“{organisation.name}”，不用重复登记。", code="interest_exists")
    record("supervision.declare", by=by, of=inspector, after={"organisation": organisation.name}, reason=text)
    return row
