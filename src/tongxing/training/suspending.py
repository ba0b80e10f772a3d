"""Suspending a provider (暂停承办培训) and lifting it: the decision is made above, here it takes effect (notice:3.1.4, facts §2: 属地监管).

A provider that is suspended makes, files and begins no class and takes nobody in. Classes that have begun go on to their end.
"""

from datetime import date

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.registry.models import Organisation
from tongxing.registry.suspending import ended, entered, locked

from .holding import fill_waiting
from .models import Suspension, TrainingClass
from .models.classes import TAKES_APPLICATIONS
from .rules import can_suspend


def suspended_on(organisation_id: int, level: int | None, day: date) -> list[Suspension]:
    """The suspensions of a provider that hold on a day, for one level or (None) for any; one query."""
    return list(Suspension.objects.holding(organisation_id, level, day).select_related("organisation"))


def insist_running(organisation_id: int, level: int, doing: str) -> None:
    """Refuse what a suspended provider may not do today; `doing` names it (提交报备)."""
    if held := suspended_on(organisation_id, level, timezone.localdate()):
        instead = "已开班的照常办完。请按整改要求办理，由作出决定的部门解除以后再办。"
        raise Refused(f"{held[0].said}暂停期间不能{doing}。{instead}", code="suspended", clause="notice:3.1.4")


def insist_takes_people(organisation_id: int, level: int) -> None:
    """Refuse who applies to a suspended provider: told until when and what to do, not what was found."""
    if held := suspended_on(organisation_id, level, timezone.localdate()):
        instead = "暂停期间不接受报名。请另选其他机构的班，或等解除以后再报。"
        raise Refused(f"{held[0].told}{instead}", code="suspended", clause="notice:3.1.4")


def classes_within(organisation: Organisation, level: int | None, since: date, until: date | None) -> list[str]:
    """Titles of classes that were to begin on a day of the suspension: they cannot begin then."""
    rows = TrainingClass.objects.filter(provider__organisation=organisation, starts_on__gte=since, state__in=TAKES_APPLICATIONS)
    rows = rows.filter(starts_on__lte=until) if until else rows
    rows = rows.filter(course__level=level) if level else rows
    return [str(title) for title in rows.order_by("starts_on").values_list("title", flat=True)]


@transaction.atomic
def suspend(
    organisation: Organisation, *, by: Actor, since: date, document: str, reason: str, level: int | None = None, until: date | None = None
) -> Suspension:
    """From `since` on the provider makes, files and begins no class and takes nobody in, until the day named or until it is lifted."""
    insist(can_suspend(by, organisation.area_id))
    if not reason.strip():
        raise Refused("请写明暂停的原因，机构会看到。", code="reason_missing")
    facts = {"level": level, "reason": reason.strip()[:200]}
    row = entered(Suspension, organisation, by=by, since=since, until=until, document=document, what="暂停承办培训", **facts)
    after = {"level": level, "since": since.isoformat(), "until": until and until.isoformat(), "document": row.document}
    classes = classes_within(organisation, level, since, until)
    record("training.suspend", by=by, of=organisation, after=after | {"classes": classes}, reason=row.reason)
    return row


@transaction.atomic
def lift_suspension(suspension: Suspension, *, by: Actor, reason: str) -> Suspension:
    """From today on the provider may file classes and take people in again; who waits moves up into places that became free."""
    row = locked(suspension)
    insist(can_suspend(by, row.organisation.area_id))
    row = ended(row, reason)
    after = {"level": row.level, "lifted_on": row.lifted_on and row.lifted_on.isoformat()}
    record("training.lift_suspension", by=by, of=row.organisation, after=after, reason=reason)
    fill_waiting(by=by, organisation_id=row.organisation_id)
    return row
