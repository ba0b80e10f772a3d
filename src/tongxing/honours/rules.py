"""Who may do what in the yearly selection."""

from typing import Any

from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.audit.log import Actor
from tongxing.core import access
from tongxing.core.access import Allowed, Answer, Denied
from tongxing.registry.models import Organisation, Person, Posting
from tongxing.registry.models.coordinators import holds_on

from .models import Nomination, Reviewer, Selection, Way

PARTIES = frozenset({"union", "federation"})


def can_manage(by: Actor, area_code: int) -> Answer:
    """The bureau's officers of the area; the command line and jobs do everywhere."""
    if not isinstance(by, User) or by.may_at("honours.manage", area_code):
        return Allowed()
    return Denied("年度选树由所属区划的劳动关系科办理，您没有这项权限。")


def way_of(by: Actor, subject: Person | Organisation) -> tuple[Way, int | None] | None:
    """How `by` may recommend somebody: the way and the organisation that recommends; None when not at all."""
    if not isinstance(by, User):
        return Way.AREA, None
    scope = by.scope("honours.nominate")
    if isinstance(subject, Person) and by.person_id == subject.pk:
        return Way.SELF, None
    if scope.organisations:
        hosts = {subject.pk} if isinstance(subject, Organisation) else _hosts(subject)
        if at := sorted(hosts & scope.organisations):
            return Way.ORGANISATION, at[0]
    if scope.covers(subject.area_id):
        return (Way.PARTY if PARTIES & by.role_keys else Way.AREA), None
    return None


def _hosts(person: Person) -> set[int]:
    """Where the person holds a post today."""
    return set(Posting.objects.filter(holds_on(timezone.localdate()), coordinator__person=person).values_list("organisation_id", flat=True))


def can_nominate(by: Actor, subject: Person | Organisation) -> Answer:
    """The subject's own area, a party of it, the organisation where it works, or the person."""
    if way_of(by, subject) is not None:
        return Allowed()
    return Denied("只能推荐本辖区、本单位的协调员和社会组织，或本人申报。")


def can_change(by: Actor, nomination: Nomination) -> Answer:
    """Whoever filled it in, and the officers of the selection."""
    if not isinstance(by, User) or nomination.made_by_id == by.pk or by.may_at("honours.manage", nomination.selection.area_id):
        return Allowed()
    if nomination.nominator_id and nomination.nominator_id in by.scope("honours.nominate").organisations:
        return Allowed()
    return Denied("这份推荐由填报人修改。")


def can_see_results(by: Actor, selection: Selection) -> Answer:
    """Figures, votes and who reviews whom: the officers, leaders and auditors of the area, but nobody who reviews this selection."""
    if not isinstance(by, User):
        return Allowed()
    if Reviewer.objects.filter(selection=selection, user=by, left_on=None).exists():
        return Denied("您是今年的评审，评审期间不能看合分和会议材料。")
    if by.may_at("honours.results", selection.area_id):
        return Allowed()
    return Denied("评审结果由劳动关系科掌握，您没有这项权限。")


def insist(answer: Answer, **details: Any) -> None:
    """What a rule denies is refused, by the clause of the selection."""
    access.insist(answer, **{"clause": "notice:3.3.1", **details})
