"""Who must not mark whom: declared interests, and those that the register shows. A constant number of queries.

A judge keeps away from an entry when he or she is the entrant, or when the employer of one is or was the employer of the other.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable

from tongxing.registry.models import Posting

from .models import Conflict, Entrant, Judge


def reasons(judges: Collection[Judge], entries: Iterable[Entrant]) -> dict[tuple[int, int], str]:
    """(judge id, entry id) → why the one must not mark the other; the first reason that was found."""
    entrants = list(entries)
    people = {one.person_id for one in entrants} | {who for judge in judges if (who := person_of(judge))}
    worked: dict[int, set[int]] = defaultdict(set)
    rows = Posting.objects.filter(coordinator__person_id__in=people)
    for person, organisation in rows.values_list("coordinator__person_id", "organisation_id"):
        worked[person].add(organisation)
    declared: dict[int, set[int]] = defaultdict(set)
    for judge_id, organisation in Conflict.objects.filter(judge__in=judges).values_list("judge_id", "organisation_id"):
        declared[judge_id].add(organisation)
    found = {}
    for judge in judges:
        for entry in entrants:
            text = _reason(judge, entry, worked, declared[judge.pk])
            if text:
                found[judge.pk, entry.pk] = text
    return found


def person_of(judge: Judge) -> int | None:
    """The register's person behind a judge, named or by the account."""
    return judge.person_id or (judge.user.person_id if judge.user else None)


def _reason(judge: Judge, entry: Entrant, worked: dict[int, set[int]], declared: set[int]) -> str:
    own = person_of(judge)
    entrants = worked[entry.person_id] | ({entry.organisation_id} if entry.organisation_id else set())
    judges = worked[own] if own else set()
    if own == entry.person_id:
        return "裁判就是选手本人"
    if judge.organisation_id in entrants:
        return "裁判所在单位是选手现在或以前的单位"
    if judges & entrants:
        return "裁判与选手在同一单位任职或任过职"
    if declared & entrants:
        return "已登记回避选手的单位"
    return ""
