"""Acts on training providers (notice:3.1.1): who may teach which levels in a year, with which trainers and in which rooms."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.core.values import clean_text
from tongxing.registry.models import Organisation

from .models import CourseLevel, Eligibility, Provider, Room, Session, Trainer
from .rules import can_manage_at, can_run_provider


@transaction.atomic
def register_provider(organisation: Organisation, *, by: Actor, remark: str = "") -> Provider:
    """Take an organisation in as a training provider; it may teach once it is eligible for a year."""
    insist(can_manage_at(by, organisation.area_id))
    if not (organisation.is_training_provider or organisation.kind == "training"):
        raise Refused(
            f"“{organisation}”没有登记为培训机构，请先在单位信息中勾选“兼培训机构”。", code="not_a_provider", clause="notice:3.1.1"
        )
    provider, new = Provider.objects.get_or_create(organisation=organisation, defaults={"remark": clean_text(remark, longest=200)})
    if not new:
        raise Refused(f"“{organisation}”已经是培训机构，请打开它的页面办理。", code="provider_exists")
    record("training.register_provider", by=by, of=provider, after={"organisation": organisation.name})
    return provider


@transaction.atomic
def set_eligibility(provider: Provider, year: int, levels: Iterable[int], *, by: Actor, document: str = "") -> None:
    """Say which levels a provider may teach in a year. A level that is left out is withdrawn, one that was withdrawn comes back."""
    insist(can_manage_at(by, provider.area_code))
    wanted = set(levels)
    if not wanted <= set(CourseLevel.values):
        raise Refused("等级只有一级至四级，请重新选择。", code="bad_level", status=422)
    if not 2000 <= year <= timezone.localdate().year + 1:
        raise Refused("资格只能认定到明年，请核对年度。", code="bad_year", status=422)
    Provider.objects.select_for_update().get(pk=provider.pk)
    before = sorted(provider.eligible_in(year))
    held = {row.level: row for row in provider.eligibilities.filter(year=year)}
    for level in sorted(wanted):
        row = held.get(level) or Eligibility(provider=provider, year=year, level=level)
        row.withdrawn_on, row.reason = None, ""
        row.document = clean_text(document, longest=120) or row.document
        row.save()
    dropped = provider.eligibilities.filter(year=year, withdrawn_on=None).exclude(level__in=wanted)
    dropped.update(withdrawn_on=timezone.localdate(), reason="重新认定时未列入")
    after = {"year": year, "levels": sorted(wanted), "document": document}
    record("training.set_eligibility", by=by, of=provider, before={"levels": before}, after=after)


@transaction.atomic
def withdraw_eligibility(provider: Provider, year: int, *, by: Actor, reason: str) -> None:
    """Take back a provider's eligibility of a year; classes that are running go on."""
    insist(can_manage_at(by, provider.area_code))
    if not reason.strip():
        raise Refused("取消资格必须写明原因。", code="reason_missing", status=422)
    held = provider.eligibilities.filter(year=year, withdrawn_on=None)
    levels = sorted(held.values_list("level", flat=True))
    if not levels:
        raise Refused(f"“{provider}” {year} 年没有资格可以取消，请核对年度。", code="not_eligible")
    held.update(withdrawn_on=timezone.localdate(), reason=clean_text(reason, longest=200))
    record("training.withdraw_eligibility", by=by, of=provider, before={"year": year, "levels": levels}, reason=reason)


@transaction.atomic
def add_trainer(provider: Provider, *, by: Actor, name: str, education: str = "", title: str = "", qualification: str = "") -> Trainer:
    insist(can_run_provider(by, provider))
    facts = {"name": clean_text(name, longest=60), "education": education, "title": title, "qualification": qualification}
    trainer = Trainer.objects.create(provider=provider, **facts)
    record("training.add_trainer", by=by, of=trainer, area_code=provider.area_code, after=facts)
    return trainer


@transaction.atomic
def retire_trainer(trainer: Trainer, *, by: Actor, reason: str = "") -> None:
    """No longer to be planned; refused while sessions to come name the trainer."""
    insist(can_run_provider(by, trainer.provider))
    if Session.objects.filter(trainer=trainer, on__gte=timezone.localdate()).exclude(training_class__state="cancelled").exists():
        raise Refused(f"“{trainer}”还有今天以后的课，请先调课再停用。", code="still_planned")
    trainer.is_active = False
    trainer.save(update_fields=["is_active"])
    record("training.retire_trainer", by=by, of=trainer, area_code=trainer.provider.area_code, reason=reason)


@transaction.atomic
def add_room(provider: Provider, *, by: Actor, name: str, seats: int, address: str = "") -> Room:
    insist(can_run_provider(by, provider))
    facts = {"name": clean_text(name, longest=60), "seats": seats, "address": address}
    try:
        with transaction.atomic():
            room = Room.objects.create(provider=provider, **facts)
    except IntegrityError:
        raise Refused(f"“{provider}”已有名为“{facts['name']}”的教室，请换一个名称。", code="room_exists") from None
    record("training.add_room", by=by, of=room, area_code=provider.area_code, after=facts)
    return room


@transaction.atomic
def retire_room(room: Room, *, by: Actor, reason: str = "") -> None:
    """No longer to be planned; refused while sessions to come are held in it."""
    insist(can_run_provider(by, room.provider))
    if Session.objects.filter(room=room, on__gte=timezone.localdate()).exclude(training_class__state="cancelled").exists():
        raise Refused(f"“{room}”还有今天以后的课，请先调课再停用。", code="still_planned")
    room.is_active = False
    room.save(update_fields=["is_active"])
    record("training.retire_room", by=by, of=room, area_code=room.provider.area_code, reason=reason)
