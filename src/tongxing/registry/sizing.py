"""The size class of an organisation in force: by the rule, or by a recorded override; past days keep the class they had."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from tongxing.areas import ledger
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused

from .models.organisations import Organisation, PastSize, Size
from .rules import can_edit_organisation, insist
from .size import SizeDecision, decide

SIZE_FIELDS = ["size", "size_by_rule", "size_since", "size_override", "size_override_reason", "size_override_by"]


def decision_for(organisation: Organisation) -> SizeDecision:
    """What the rule says of the present figures, with its reasons."""
    return decide(organisation.kind, organisation.industry, organisation.employees, organisation.revenue, organisation.assets)


def settle_size(organisation: Organisation, *, on: date | None = None) -> bool:
    """Put the class that rule and override give; a saved organisation whose class changes leaves a PastSize. True when it changed.

    The caller saves SIZE_FIELDS. Two changes on one day leave one past row, and a change taken back the same day none.
    """
    on = on or timezone.localdate()
    organisation.size_by_rule = decision_for(organisation).size
    new = organisation.size_override or organisation.size_by_rule
    if organisation.pk is None or new == organisation.size:
        changed = new != organisation.size
        organisation.size = new
        return changed
    if organisation.size_since == on:
        past = organisation.past_sizes.filter(until=on - timedelta(days=1)).first()
        if past and past.size == new:
            organisation.size_since = past.since
            past.delete()
    else:
        PastSize.objects.create(
            organisation=organisation, size=organisation.size, since=organisation.size_since, until=on - timedelta(days=1)
        )
        organisation.size_since = on
    organisation.size = new
    return True


@transaction.atomic
def override_size(organisation: Organisation, *, by: Actor, size: str, reason: str) -> Organisation:
    """Set the class by decision of a person, with a reason; it holds until cleared, whatever the figures say."""
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    insist(can_edit_organisation(by, organisation))
    if size not in (Size.LARGE, Size.MEDIUM, Size.SMALL, Size.MICRO, Size.UNCLASSIFIED):
        raise Refused("人工认定只能选大型、中型、小型、微型或不划型。请重新选择。", code="size_choice")
    if not reason.strip():
        raise Refused("人工认定规模要写明理由，便于日后核查。请补充理由后再提交。", code="reason_missing")
    before = {"size": organisation.size, "size_override": organisation.size_override}
    organisation.size_override, organisation.size_override_reason = size, reason.strip()[:200]
    organisation.size_override_by = by.display_name[:60]
    _save(organisation)
    after = {"size": organisation.size, "size_override": size}
    record("registry.override_size", by=by, of=organisation, before=before, after=after, reason=reason)
    return organisation


@transaction.atomic
def clear_override(organisation: Organisation, *, by: Actor, reason: str = "") -> Organisation:
    """Back to what the rule says."""
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    insist(can_edit_organisation(by, organisation))
    if not organisation.size_override:
        raise Refused("该单位没有人工认定的规模，无需撤销。请刷新页面。", code="no_override")
    before = {"size": organisation.size, "size_override": organisation.size_override}
    organisation.size_override = organisation.size_override_reason = organisation.size_override_by = ""
    _save(organisation)
    after = {"size": organisation.size, "size_override": ""}
    record("registry.clear_override", by=by, of=organisation, before=before, after=after, reason=reason)
    return organisation


def _save(organisation: Organisation) -> None:
    settle_size(organisation)
    organisation.version += 1
    organisation.updated_at = timezone.now()
    organisation.save(update_fields=[*SIZE_FIELDS, "version", "updated_at"])
    ledger.touch([organisation.area_id])
