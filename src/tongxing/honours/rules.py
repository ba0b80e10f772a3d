"""Who may do what in the yearly selection."""

from typing import Any

from django.db.models import Q
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.audit.log import Actor
from tongxing.core import access
from tongxing.core.access import Allowed, Answer, Denied
from tongxing.registry.models import Organisation, Person, Posting
from tongxing.registry.models.coordinators import holds_on

from .models import Nomination, Reviewer, Selection, Way
from .models.nominations import NominationQuerySet

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
    if acted_for := _acted_for(by):
        hosts = {subject.pk} if isinstance(subject, Organisation) else _hosts(subject)
        if at := sorted(hosts & acted_for):
            return Way.ORGANISATION, at[0]
    if scope.covers(subject.area_id):
        return (Way.PARTY if PARTIES & by.role_keys else Way.AREA), None
    return None


def _acted_for(by: User) -> frozenset[int]:
    """Organisations for which the user recommends: as their agent, not as a coordinator who works there."""
    return by.scope("honours.nominate").organisations & by.scope("registry.own_organisation").organisations


def _hosts(person: Person) -> set[int]:
    """Where the person holds a post today."""
    return set(Posting.objects.filter(holds_on(timezone.localdate()), coordinator__person=person).values_list("organisation_id", flat=True))


def can_nominate(by: Actor, subject: Person | Organisation) -> Answer:
    """The subject's own area, a party of it, the organisation where it works, or the person."""
    if way_of(by, subject) is not None:
        return Allowed()
    return Denied("只能推荐本辖区、本单位的协调员和社会组织，或本人申报。")


def is_nominator(by: Actor, nomination: Nomination) -> bool:
    """Whoever filled it in, and the agents of the organisation that recommends."""
    if not isinstance(by, User):
        return False
    return nomination.made_by_id == by.pk or (nomination.nominator_id is not None and nomination.nominator_id in _acted_for(by))


def recommended_by(user: User) -> NominationQuerySet:
    """What `is_nominator` says, for a set."""
    own = Q(made_by_id=user.pk) | Q(nominator_id__in=_acted_for(user))
    return Nomination.objects.visible_to(user).filter(own)


def can_change(by: Actor, nomination: Nomination) -> Answer:
    """Whoever recommends, and the officers of the selection."""
    if not isinstance(by, User) or is_nominator(by, nomination) or by.may_at("honours.manage", nomination.selection.area_id):
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


def can_open_files(by: Actor, nomination: Nomination) -> Answer:
    """Who sees the nomination, and the reviewers who were given it."""
    if not isinstance(by, User):
        return Allowed()
    rows = Nomination.objects.filter(pk=nomination.pk)
    seen = rows.visible_to(by).exists() or rows.reviewable_by(by).exists()
    return Allowed() if seen else Denied("这份材料只有办理和评审这份推荐的人可以打开。")


def insist(answer: Answer, **details: Any) -> None:
    """What a rule denies is refused, by the clause of the selection."""
    access.insist(answer, **{"clause": "notice:3.3.1", **details})
