"""Whom a reviewer must keep away from (回避): found in the register, by the recommendation and by what was declared; and what follows.

A reviewer who must keep away sees nothing of that nominee (`NominationQuerySet.not_barred`), and work in hand is given to somebody else.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import SYSTEM, Actor, record
from tongxing.core.errors import Refused, said
from tongxing.core.values import clean_text
from tongxing.registry.models import Organisation, Posting

from .models import GIVEN, Assignment, AssignmentState, Conflict, Nomination, Panel, Relation, Reviewer, Selection
from .models.nominations import ENDED
from .replacing import replace
from .rules import can_manage, insist

Why = Conflict.Why
BY_MACHINE = (Why.SELF, Why.EMPLOYER, Why.EARLIER, Why.NOMINATED, Why.DECLARED)
MOST_RELATIONS = 40


class Ties(NamedTuple):
    """Organisations where somebody works now, and worked before."""

    now: frozenset[int]
    before: frozenset[int]


class Found(NamedTuple):
    reviewer_id: int
    nomination_id: int
    why: str
    detail: str


def ties_of(people: Iterable[int], on: date) -> dict[int, Ties]:
    """By person: the organisations of all postings, those that hold on the day and those that are over."""
    now: dict[int, set[int]] = defaultdict(set)
    before: dict[int, set[int]] = defaultdict(set)
    rows = Posting.objects.filter(coordinator__person_id__in=set(people)).values_list("coordinator__person_id", "organisation_id", "until")
    for person, organisation, until in rows:
        (now if until is None or until >= on else before)[person].add(organisation)
    return {person: Ties(frozenset(now[person]), frozenset(before[person])) for person in {*now, *before}}


def find(reviewers: Sequence[Reviewer], nominations: Sequence[Nomination], on: date) -> list[Found]:
    """Every reason for every pair, in a constant number of queries."""
    people = {one.user.person_id for one in reviewers} | {one.person_id for one in nominations}
    ties = ties_of((pk for pk in people if pk is not None), on)
    places = {pk for one in ties.values() for pk in one.now | one.before} | {one.organisation_id for one in nominations}
    names = dict(Organisation.objects.filter(pk__in=[pk for pk in places if pk]).values_list("pk", "name"))
    declared: dict[int, dict[str, str]] = defaultdict(dict)
    for relation in Relation.objects.filter(reviewer__in=[one.pk for one in reviewers]):
        declared[relation.reviewer_id][relation.name] = relation.tie
    none = Ties(frozenset(), frozenset())
    found = []
    for reviewer in reviewers:
        own = ties.get(reviewer.user.person_id or 0, none)
        own = Ties(own.now | ({reviewer.organisation_id} if reviewer.organisation_id else set()), own.before)
        for one in nominations:
            theirs = ties.get(one.person_id or 0, none)
            if one.organisation_id:
                theirs = Ties(frozenset({one.organisation_id}), frozenset())
            reasons = [*_of_work(own, theirs, names), *_of_recommendation(reviewer, own, one)]
            reasons += _declared(declared[reviewer.pk], one, {names[pk] for pk in theirs.now | theirs.before if pk in names})
            found += [Found(reviewer.pk, one.pk, why, detail[:200]) for why, detail in reasons]
    return found


def _of_work(own: Ties, theirs: Ties, names: dict[int, str]) -> Iterator[tuple[str, str]]:
    if both := own.now & theirs.now:
        yield Why.EMPLOYER, "、".join(sorted(names[pk] for pk in both))
    elif both := (own.now | own.before) & (theirs.now | theirs.before):
        yield Why.EARLIER, "、".join(sorted(names[pk] for pk in both))


def _of_recommendation(reviewer: Reviewer, own: Ties, one: Nomination) -> Iterator[tuple[str, str]]:
    if one.person_id and one.person_id == reviewer.user.person_id:
        yield Why.SELF, ""
    if one.made_by_id == reviewer.user_id or (one.nominator_id and one.nominator_id in own.now):
        yield Why.NOMINATED, one.nominator_name


def _declared(said_of: dict[str, str], one: Nomination, places: set[str]) -> Iterator[tuple[str, str]]:
    """A name that was declared is the nominee's, or that of where the nominee works or worked."""
    for name in sorted(said_of.keys() & {one.subject.name, *places}):
        yield Why.DECLARED, f"{name}：{said_of[name]}"


@transaction.atomic
def refresh(selection: Selection, *, by: Actor = SYSTEM) -> int:
    """Look again at every pair of a selection; asked after each step that could change an answer. Returns how many were newly found."""
    reviewers = list(Reviewer.objects.filter(selection=selection, left_on=None).select_related("user"))
    nominations = list(
        Nomination.objects.filter(selection=selection).exclude(state__in=ENDED).select_related("person", "organisation").order_by("pk")
    )
    wanted = {one[:3]: one for one in find(reviewers, nominations, timezone.localdate())}
    machine = Conflict.objects.filter(reviewer__selection=selection, why__in=BY_MACHINE)
    known = {(row.reviewer_id, row.nomination_id, row.why): row for row in machine}
    for key, row in known.items():
        lifted = None if key in wanted else row.lifted_on or timezone.localdate()
        detail = wanted[key].detail if key in wanted else row.detail
        if (lifted, detail) != (row.lifted_on, row.detail):
            Conflict.objects.filter(pk=row.pk).update(lifted_on=lifted, detail=detail)
    new = [wanted[key] for key in sorted(wanted.keys() - known.keys())]
    Conflict.objects.bulk_create(
        Conflict(reviewer_id=one.reviewer_id, nomination_id=one.nomination_id, why=one.why, detail=one.detail) for one in new
    )
    _take_back(selection, by=by)
    if new:
        told = [{"reviewer": one.reviewer_id, "nomination": one.nomination_id, "why": one.why} for one in new]
        record("honours.find_conflicts", by=by, of=selection, after={"found": told[:200], "count": len(new)})
    return len(new)


def _take_back(selection: Selection, *, by: Actor) -> None:
    """Work of those who must keep away now is taken from them; what they gave counts no more, and somebody else gets it."""
    rows = Assignment.objects.select_for_update(of=("self",)).filter(panel__selection=selection, state__in=GIVEN)
    barred = {(one.reviewer_id, one.nomination_id) for one in Conflict.objects.filter(reviewer__selection=selection, lifted_on=None)}
    for row in rows.select_related("panel").order_by("pk"):
        if (row.reviewer_id, row.nomination_id) in barred:
            take(row, by=by, reason="应当回避")


def take(row: Assignment, *, by: Actor, reason: str) -> Assignment | None:
    """Take a nominee out of a reviewer's hands and give it to somebody else, where there is anybody. Returns the new assignment."""
    row.state, row.reason, row.version = AssignmentState.TAKEN, reason[:200], row.version + 1
    row.save(update_fields=["state", "reason", "version"])
    following = replace(Panel.objects.get(pk=row.panel_id), row.nomination_id)
    after = {"given_to": str(following.reviewer_id) if following else None}
    record("honours.take_back", by=by, of=row, after=after, reason=reason)
    return following


@transaction.atomic
def declare(reviewer: Reviewer, *, by: Actor, relations: Sequence[tuple[str, str]]) -> Reviewer:
    """A reviewer names relatives and related organisations, or says that there are none. Anew at any time; earlier names are replaced."""
    row = Reviewer.objects.select_for_update(of=("self",)).select_related("user", "selection").get(pk=reviewer.pk)
    if by.pk != row.user_id:
        raise Refused("只能声明自己的关系。", code="not_own", status=403)
    if len(relations) > MOST_RELATIONS:
        raise Refused(f"一次最多声明 {MOST_RELATIONS} 项。", code="too_many")
    wanted: dict[str, str] = {}
    for name, tie in relations:
        called = clean_text(name, longest=120)
        if called:
            wanted[called] = said(clean_text(tie, longest=120), f"请写明与“{called}”的关系。", longest=120)
    row.relations.all().delete()
    Relation.objects.bulk_create(Relation(reviewer=row, name=name, tie=tie) for name, tie in wanted.items())
    row.declared_at, row.version = timezone.now(), row.version + 1
    row.save(update_fields=["declared_at", "version"])
    record("honours.declare", by=by, of=row, after={"relations": wanted})
    refresh(row.selection, by=by)
    return row


@transaction.atomic
def order(reviewer: Reviewer, nomination: Nomination, *, by: Actor, reason: str) -> None:
    """The officers keep a reviewer away from a nominee for a reason that no register shows."""
    insist(can_manage(by, nomination.selection.area_id))
    _bar(reviewer, nomination, Why.ORDERED, said(reason, "请写明应当回避的原因。", longest=200), by=by)


@transaction.atomic
def recuse(assignment: Assignment, *, by: Actor, reason: str) -> None:
    """A reviewer steps back from a nominee; nothing of it is shown to him from then on, and somebody else gets it."""
    row = Assignment.objects.select_for_update(of=("self",)).select_related("reviewer", "nomination__selection").get(pk=assignment.pk)
    if by.pk != row.reviewer.user_id:
        raise Refused("只能申请自己回避。", code="not_own", status=403)
    _bar(row.reviewer, row.nomination, Why.RECUSED, said(reason, "请写明申请回避的原因。", longest=200), by=by)


def _bar(reviewer: Reviewer, nomination: Nomination, why: str, detail: str, *, by: Actor) -> None:
    if reviewer.selection_id != nomination.selection_id:
        raise Refused("评审和推荐不属于同一年度的选树。请刷新页面。", code="other_selection")
    Conflict.objects.update_or_create(reviewer=reviewer, nomination=nomination, why=why, defaults={"detail": detail, "lifted_on": None})
    record("honours.bar", by=by, of=reviewer, after={"nomination": nomination.number, "why": why}, reason=detail)
    _take_back(nomination.selection, by=by)
