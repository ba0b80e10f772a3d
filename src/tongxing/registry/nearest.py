"""The registered organisations whose names come nearest to names that are not registered: for the messages of a roster's bad lines.

The bigram index (`search.py`) proposes candidates for many names at once; Python ranks them. Never one query per row.
"""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from django.db import connection

from tongxing.areas.scope import Scope

from . import partitioning
from .models import Organisation
from .models.search import SearchKind
from .search import bigrams, scope_token

MOST_NAMES = 200
"""So many unknown names of a chunk get proposals: a roster of another town altogether must not cost minutes."""
AT_ONCE = 20
CANDIDATES = 2_000
SHOWN = 3
LEAST = 0.6
_PLACE = re.compile(r"^(?:[^省市县区]{2,3}[省市县区])+(?=..)")
_LEGAL = re.compile(r"(?:股份|集团|责任|有限|公司|总厂|厂|中心|分公司)+$")


def core_of(key: str) -> str:
    """What tells a name apart: without the place before it and the legal form behind it; the whole when nothing would be left."""
    core = _LEGAL.sub("", _PLACE.sub("", key))
    return core if len(core) > 1 else key


def likeness(wanted: str, other: str) -> float:
    """How alike two name keys are, 0 to 1: the cores count, so that one wrong character in four is still near; whole names break ties."""
    one, two = core_of(wanted), core_of(other)
    # Shared characters bound the ratio from above and cost a tenth of it.
    if 2 * len(set(one) & set(two)) < LEAST * (len(set(one)) + len(set(two))):
        return 0.0
    return SequenceMatcher(None, one, two, autojunk=False).ratio() + SequenceMatcher(None, wanted, other, autojunk=False).ratio() / 100


def nearest_names(keys: Sequence[str], scope: Scope) -> dict[str, list[str]]:
    """Up to three registered names (in scope, standing) per unknown name key, the likest first; names without any are missing."""
    found: dict[str, list[tuple[float, int]]] = {}
    for at in range(0, min(len(keys), MOST_NAMES), AT_ONCE):
        group = keys[at : at + AT_ONCE]
        candidates = _candidates(group, scope)
        for wanted in group:
            ranked = sorted(((likeness(wanted, key), -number) for number, key in candidates.items()), reverse=True)
            found[wanted] = [one for one in ranked[:SHOWN] if one[0] >= LEAST]
    numbers = {-number for ranked in found.values() for _, number in ranked}
    rows = Organisation.objects.filter(pk__in=numbers, merged_into=None).values_list("pk", "name", "area_id")
    names = {number: name for number, name, area in rows if scope.covers(area)}
    return {wanted: said for wanted, ranked in found.items() if (said := [names[-n] for _, n in ranked if -n in names])}


def _candidates(keys: Iterable[str], scope: Scope) -> dict[int, str]:
    """Entries that share two neighbouring bigrams with the core of one of the keys, or one where the core is short; one query."""
    alternatives: dict[tuple[str, ...], None] = {}
    for key in keys:
        grams = bigrams(core_of(key))
        pairs: list[tuple[str, ...]] = [(gram,) for gram in grams] if len(grams) < 4 else list(pairwise(grams))
        alternatives |= dict.fromkeys(pairs)
    places = [scope_token(low, high) for low, high in scope.ranges]
    if not alternatives or not places:
        return {}
    groups = [[f"kind{SearchKind.ORGANISATION}"]] + ([places] if all(places) else [])
    return dict(_asked(list(alternatives), groups, partitioning.within(scope.ranges)))


def _asked(alternatives: list[tuple[str, ...]], groups: list[list[str]], place: tuple[str, list[int]]) -> list[tuple[int, str]]:
    postgresql = connection.vendor == "postgresql"
    quote, both, either = ("'", " & ", " | ") if postgresql else ('"', " AND ", " OR ")

    def joined(tokens: Iterable[str], word: str) -> str:
        return "(" + word.join(f"{quote}{token}{quote}" for token in tokens) + ")"

    wished = "(" + either.join(joined(pair, both) for pair in alternatives) + ")"
    match = both.join([wished, *(joined(group, either) for group in groups)])
    source = (
        "registry_searchentry e WHERE e.grams @@ %s::tsquery"
        if postgresql
        else "registry_search_fts f JOIN registry_searchentry e ON e.id = f.rowid WHERE registry_search_fts MATCH %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT e.object_id, e.key FROM {source}{place[0]} LIMIT %s", [match, *place[1], CANDIDATES])  # noqa: S608 - values are parameters
        return [(number, key) for number, key in cursor.fetchall()]
