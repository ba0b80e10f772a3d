"""Warning trainees before it is too late: one more session missed and the hours no longer suffice. The number of warnings is capped."""

import math

from django.db import transaction
from django.utils import timezone

from tongxing.accounts.holders import accounts_of_people, agents_of
from tongxing.audit.log import SYSTEM, record
from tongxing.notices import inbox
from tongxing.policy import provisions

from .completing import rule_on
from .hours import Hours, hours_of
from .models import ClassState, Enrolment, EnrolmentState, HoursWarning, TrainingClass
from .telling import class_address, own_address


def warn_in_time() -> int:
    """The periodic job (settings.PERIODIC): go through the running classes; returns how many people were warned now."""
    running = TrainingClass.objects.filter(state=ClassState.RUNNING).select_related("provider__organisation")
    return sum(_warn_class(held) for held in running)


@transaction.atomic
def _warn_class(held: TrainingClass) -> int:
    today = timezone.localdate()
    coming = [session.hours for session in held.sessions.filter(on__gt=today)]
    rule, most = rule_on(today), int(provisions.value("training.hours_warnings", today))
    hours = hours_of(held)
    rows = held.enrolments.filter(state=EnrolmentState.ADMITTED).select_related("person").prefetch_related("warnings")
    warned = []
    for row in rows.select_for_update(of=("self",)):
        text = warning_for(hours[row.pk], coming, rule.share)
        given = list(row.warnings.all())
        # Nothing new was missed since the last warning: saying it again would not help.
        if text and len(given) < most and (not given or given[-1].missed < hours[row.pk].missed):
            HoursWarning.objects.create(enrolment=row, text=text, missed=hours[row.pk].missed)
            warned.append((row, text))
    if warned:
        _tell(held, warned)
    return len(warned)


def warning_for(hours: Hours, coming: list[int], share: int) -> str:
    """What to say, or nothing: hours missed so far, how many more may be missed, and whether it can still be reached."""
    if not hours.missed or not hours.planned:
        return ""
    spare = hours.planned - math.ceil(hours.planned * share / 100) - hours.missed
    if spare < 0:
        return f"您已缺 {hours.missed} 学时，出勤已无法达到 {share}%，按规定不能结业。如考勤有误，请尽快找承办机构更正。"
    if coming and spare < max(coming):
        return f"您已缺 {hours.missed} 学时，最多还能缺 {spare} 学时；再缺一次课就可能达不到 {share}% 的出勤要求，不能结业。"
    return ""


def _tell(held: TrainingClass, warned: list[tuple[Enrolment, str]]) -> None:
    for row, text in warned:
        inbox.tell(
            accounts_of_people([row.person_id]), title=f"学时不足提醒：{held.title}", body=text, url=own_address(held), kind="warning"
        )
    names = "、".join(row.person.name for row, _ in warned)
    agents = agents_of([held.provider.organisation_id], "training.run")
    inbox.tell(agents, title=f"{len(warned)} 名学员学时将不足：{held.title}", body=names, url=class_address(held), kind="warning")
    record("training.warn_hours", by=SYSTEM, of=held, after={"people": [row.person.name for row, _ in warned]})
