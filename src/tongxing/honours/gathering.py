"""The facts of many people or organisations on a day, in a constant number of queries: what the rules of `conditions` look at."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from django.db.models import Q, QuerySet

from tongxing.certificates.models import Certificate, Level
from tongxing.competitions.prizes import prizes_of
from tongxing.policy import provisions
from tongxing.registry.models import ConductRecord, Coordinator, Organisation, OrganisationService, Person, Posting, StatusPeriod
from tongxing.registry.models.conduct import ConductKind
from tongxing.registry.models.coordinators import CoordinatorStatus, holds_on
from tongxing.registry.models.organisations import OrganisationKind

from . import conditions
from .conditions import Conduct, Member, OrganisationFacts, Paper, PersonFacts, Terms, Verdict
from .models import PROVINCIAL, Award, AwardKind

SOCIAL = frozenset(
    {
        OrganisationKind.MEDIATION,
        OrganisationKind.UNION,
        OrganisationKind.ASSOCIATION,
        OrganisationKind.HR_AGENCY,
        OrganisationKind.LEGAL_AGENCY,
        OrganisationKind.SOCIAL,
    }
)
"""The hosts of notice:1.2 that are social organisations coordinating labour relations: neither employers nor the parties themselves."""
EXCEPTED = SOCIAL | {OrganisationKind.TRIPARTITE}
"""Where somebody without a certificate could work in 2022 (notice:A1.1)."""
COUNTING = (ConductKind.VIOLATION, ConductKind.DISHONESTY)


def terms_on(day: date) -> Terms:
    """What the provisions of a day ask."""
    return Terms(
        without_certificate=bool(provisions.value("honours.without_certificate", day)),
        certified_least=int(provisions.value("honours.certified_least", day)),
        clean_years=int(provisions.value("honours.clean_years", day)),
    )


def judge_people(people: Collection[Person], on: date, facts: dict[int, PersonFacts] | None = None) -> dict[int, Verdict]:
    """The verdict on each, by id; `facts` where the caller gathered them already."""
    terms, known = terms_on(on), facts_of_people([person.pk for person in people], on) if facts is None else facts
    return {pk: conditions.judge_person(one, terms, on) for pk, one in known.items()}


def judge_organisations(
    organisations: Collection[Organisation], on: date, facts: dict[int, OrganisationFacts] | None = None
) -> dict[int, Verdict]:
    """The verdict on each, by id; `facts` where the caller gathered them already."""
    terms, known = terms_on(on), facts_of_organisations(organisations, on) if facts is None else facts
    return {pk: conditions.judge_organisation(one, terms, on) for pk, one in known.items()}


def facts_of_people(ids: Collection[int], on: date) -> dict[int, PersonFacts]:
    periods = StatusPeriod.objects.filter(holds_on(on), status=CoordinatorStatus.ACTIVE, coordinator__person_id__in=ids)
    active = set(periods.values_list("coordinator__person_id", flat=True))
    papers: dict[int, list[Paper]] = defaultdict(list)
    for one in Certificate.objects.valid_on(on).filter(person_id__in=ids).order_by("level", "issued_on"):
        papers[one.person_id].append(Paper(one.number, one.get_kind_display(), Level(one.level).label.partition("/")[0], one.issued_on))
    works: dict[int, list[str]] = defaultdict(list)
    posts = Posting.objects.filter(holds_on(on), coordinator__person_id__in=ids, organisation__kind__in=EXCEPTED)
    for pk, name in posts.order_by("pk").values_list("coordinator__person_id", "organisation__name"):
        works[pk].append(name)
    conduct = _conduct("person_id", ids)
    awards: dict[int, list[conditions.Award]] = defaultdict(list)
    for won in Award.objects.standing().filter(person_id__in=ids).order_by("awarded_on", "pk"):
        told = conditions.Award(won.name, won.kind == AwardKind.PRIZE, won.get_rank_display(), won.rank in PROVINCIAL, won.awarded_on)
        awards[won.person_id].append(told)
    for pk, prizes in prizes_of(ids, on).items():
        awards[pk] += [conditions.Award(one.name, True, one.rank, one.provincial, one.awarded_on) for one in prizes]
    return {pk: PersonFacts(pk in active, tuple(papers[pk]), tuple(works[pk]), tuple(conduct[pk]), tuple(awards[pk])) for pk in ids}


def facts_of_organisations(organisations: Collection[Organisation], on: date) -> dict[int, OrganisationFacts]:
    ids = [one.pk for one in organisations]
    members: dict[int, list[Member]] = defaultdict(list)
    for posting in certified_members(on).filter(organisation_id__in=ids).select_related("coordinator__person").order_by("since", "pk"):
        members[posting.organisation_id].append(Member(posting.coordinator.person.name, posting.until))
    services: dict[int, list[str]] = defaultdict(list)
    for offered in OrganisationService.objects.filter(organisation_id__in=ids):
        services[offered.organisation_id].append(offered.get_service_display())
    conduct = _conduct("organisation_id", ids)
    operating = set(Organisation.objects.operating_on(on).filter(pk__in=ids).values_list("pk", flat=True))
    return {
        one.pk: OrganisationFacts(
            kind=one.get_kind_display(),
            social=one.kind in SOCIAL,
            operating=one.pk in operating,
            registered_as=one.credit_code or "",
            members=tuple(members[one.pk]),
            services=tuple(services[one.pk]),
            conduct=tuple(conduct[one.pk]),
        )
        for one in organisations
    }


def certified_members(on: date) -> "QuerySet[Posting]":
    """Postings that hold on a day of active coordinators with a certificate valid on it, one for each person and organisation."""
    holders = Certificate.objects.valid_on(on).values("person_id")
    active = Coordinator.objects.active_on(on).filter(person__merged_into=None, person_id__in=holders)
    return Posting.objects.filter(holds_on(on), Q(coordinator_id__in=active.values("pk")))


def _conduct(key: str, ids: Collection[int]) -> dict[int, list[Conduct]]:
    """What counts against people (`key` person_id) or organisations (organisation_id)."""
    found: dict[int, list[Conduct]] = defaultdict(list)
    rows = ConductRecord.objects.standing().filter(kind__in=COUNTING, **{f"{key}__in": ids})
    for one in rows.order_by("happened_on", "pk"):
        found[getattr(one, key)].append(Conduct(one.get_kind_display(), one.happened_on, one.source, one.lifted_on))
    return found
