"""What may be drawn for a plan, and who may go: read once, when the plan is announced, and frozen then. A constant number of queries."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone

from tongxing.areas.scope import Scope, span_of
from tongxing.evaluation.models import AssessmentBatch, BatchState, Site
from tongxing.policy import provisions
from tongxing.training.models import ClassState, TrainingClass

from . import interests, lottery
from .models import Anomaly, AnomalyState, Candidate, Finding, Inspector, Plan

Spare = Candidate
"""A candidate that is not saved yet: it has no draw."""


class Pool(NamedTuple):
    """What is frozen: candidates, inspectors with the keys barred to them, and the same in the form that is drawn from."""

    candidates: list[Candidate]
    inspectors: list[tuple[Inspector, list[str]]]
    frozen: lottery.Pool


def pool_of(plan: Plan) -> Pool:
    candidates = [*(_sites(plan) if plan.takes_sites else ()), *(_classes(plan) if plan.takes_classes else ())]
    if plan.weighted:
        _weigh(plan, candidates)
    inspectors = _inspectors(plan, candidates)
    wanted = lottery.quota(candidates, number=plan.number, share=plan.share)
    frozen = lottery.Pool(
        wanted,
        plan.per_visit,
        tuple(lottery.Object(one.key, one.tickets, one.name) for one in candidates),
        tuple(lottery.Inspector(str(who.uid), frozenset(keys)) for who, keys in inspectors),
    )
    return Pool(candidates, inspectors, frozen)


def _within(plan: Plan, field: str) -> Q:
    return Scope((span_of(plan.area_id),)).as_q(field)


def _sites(plan: Plan) -> Iterable[Spare]:
    """Sites with an examination in the period."""
    held = AssessmentBatch.objects.filter(exam_on__range=(plan.period_from, plan.period_until)).exclude(state=BatchState.CANCELLED)
    rows = Site.objects.filter(_within(plan, "organisation__area_id"), pk__in=held.values("site_id"))
    for site in rows.select_related("organisation"):
        yield Candidate(key=f"site-{site.pk}", organisation=site.organisation, site=site, name=f"{site.organisation.name} {site.name}")


def _classes(plan: Plan) -> Iterable[Spare]:
    """Classes that are or were held in the period."""
    rows = TrainingClass.objects.filter(
        _within(plan, "area_id"),
        starts_on__lte=plan.period_until,
        ends_on__gte=plan.period_from,
        state__in=(ClassState.APPROVED, ClassState.RUNNING, ClassState.FINISHED, ClassState.ARCHIVED),
    )
    for held in rows.select_related("provider__organisation"):
        body = held.provider.organisation
        yield Candidate(key=f"class-{held.pk}", organisation=body, training_class=held, name=f"{body.name} {held.title}")


def _weigh(plan: Plan, candidates: list[Candidate]) -> None:
    """One more ticket for each open anomaly and each overdue finding of the body, up to the provision."""
    today, bodies = timezone.localdate(), {one.organisation_id for one in candidates}
    most = int(provisions.value("supervision.most_tickets", today))
    risky = Counter(Anomaly.objects.filter(organisation__in=bodies, state=AnomalyState.OPEN).values_list("organisation_id", flat=True))
    risky.update(Finding.objects.overdue(today).filter(organisation__in=bodies).values_list("organisation_id", flat=True))
    for one in candidates:
        one.tickets = min(1 + risky[one.organisation_id], most)


def _inspectors(plan: Plan, candidates: list[Candidate]) -> list[tuple[Inspector, list[str]]]:
    """Inspectors who are appointed for all days of the visits, over the plan's area or one above it."""
    people = Inspector.objects.on(plan.visit_from).select_related("user")
    above = {plan.area_id - plan.area_id % width for width in (10**10, 10**8, 10**6, 10**3, 1)}
    low, high = span_of(plan.area_id)
    fit = [one for one in people if (one.until is None or one.until >= plan.visit_until)]
    fit = [one for one in fit if one.area_id in above or low <= one.area_id <= high]
    areas = {one.key: one.organisation.area_id for one in candidates}
    kept_from = interests.barred(fit, {one.organisation_id for one in candidates})
    found = []
    for one in fit:
        first, last = span_of(one.area_id)
        away = {key for key, area in areas.items() if not first <= area <= last}
        away |= {spare.key for spare in candidates if spare.organisation_id in kept_from.get(one.pk, set())}
        found.append((one, sorted(away)))
    return found
