"""The team for the competition above: chosen from the ranking, and where it is not simply the first, with the reason."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.policy import provisions

from .models import Competition, CompetitionState, Entrant, Result, Team, TeamMember
from .rules import CLAUSE, managed


def passed_over(ahead: dict[int, int], members: Iterable[int], substitutes: Iterable[int]) -> set[int]:
    """Who stands before somebody chosen and was not chosen so: by entry, `ahead` is how many are better. Substitutes come after members."""
    main, spare = set(members), set(substitutes)
    last_main = max((ahead[one] for one in main), default=-1)
    last_spare = max((ahead[one] for one in spare), default=-1)
    missed = {one for one, place in ahead.items() if one not in main and place < last_main}
    return missed | {one for one, place in ahead.items() if one not in main | spare and place < last_spare}


@transaction.atomic
def choose_team(
    competition: Competition, *, by: Actor, members: Sequence[Entrant], substitutes: Sequence[Entrant] = (), reason: str = ""
) -> Team:
    """Choose the team, or choose it anew. Passing over somebody who ranks before asks for the reason."""
    row = managed(competition, by, CompetitionState.PUBLISHED, doing="选代表队，成绩公布后才能选")
    chosen = [*members, *substitutes]
    most = int(provisions.value("competitions.team_size", row.held_on))
    if not members or len(members) > most:
        raise Refused(f"正式队员请选 1 至 {most} 名。", code="bad_team", clause=CLAUSE)
    ahead = dict(Result.objects.filter(entry__competition=row).values_list("entry_id", "ahead"))
    if len({one.pk for one in chosen}) < len(chosen) or any(one.pk not in ahead for one in chosen):
        raise Refused("队员须有这次竞赛的成绩，同一人只选一次。请核对名单。", code="bad_team", clause=CLAUSE)
    missed = passed_over(ahead, [one.pk for one in members], [one.pk for one in substitutes])
    words = reason.strip()[:300]
    if missed and not words:
        named = Entrant.objects.filter(pk__in=missed).select_related("person").order_by("result__rank")
        who = "、".join(one.person.name for one in named[:5])
        raise Refused(f"没有按名次选（名次在前的还有：{who}），请写明理由。", code="reason_missing", clause=CLAUSE)
    facts = {"reason": words if missed else "", "chosen_by": by.display_name[:60], "chosen_on": timezone.localdate()}
    team, _ = Team.objects.select_for_update().get_or_create(competition=row, defaults=facts)
    for name, value in facts.items():
        setattr(team, name, value)
    team.version += 1
    team.save(update_fields=[*facts, "version"])
    team.members.all().delete()
    TeamMember.objects.bulk_create(
        TeamMember(team=team, entry=one, is_substitute=place >= len(members)) for place, one in enumerate(chosen)
    )
    names = {"members": [str(one) for one in members], "substitutes": [str(one) for one in substitutes]}
    record("competitions.choose_team", by=by, of=team, after=names, reason=team.reason)
    return team
