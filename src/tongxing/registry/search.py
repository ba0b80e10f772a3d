"""Finding organisations and people by a piece of the name, by pinyin initials or by an exact number.

The index holds bigrams, because Chinese names of two characters are out of reach for trigram indexes, and area tokens (a41, a419001, …), so
that a narrow scope stays quick in a large country. It only proposes ids: what is shown is read through `visible_to`, so a stale index can
hide a row but never leak one.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from operator import add
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID

from django.db import connection, models
from django.db.models.expressions import RawSQL
from django.db.models.query import QuerySet
from django.urls import reverse

from tongxing.core.identifiers import squeeze
from tongxing.core.vault import mask

from . import partitioning
from .identity import id_index, phone_index
from .models.organisations import Organisation
from .models.people import Person
from .models.search import SearchEntry, SearchKind
from .names import initials, name_key

CHUNK = 2_000
CANDIDATES = 80
MANY = 500
FEW_IDS, MANY_IDS = 2_000, 50_000
"""A list is narrowed by so many ids at hand, or by so many that stay in the database; what more names hold is looked for row by row."""
Rows = TypeVar("Rows", bound="QuerySet[Any]")
Entry = tuple[int, str, int, int, str, str, str]
"""id, kind, object, area, key, initials, and the tokens."""


class Hit(NamedTuple):
    kind: str
    id: int
    uid: UUID
    title: str
    subtitle: str
    url: str


# --- the index ------------------------------------------------------------------------------------------------------------
def bigrams(text: str) -> list[str]:
    return list(map(add, text, text[1:])) or ([text] if text else [])


@lru_cache(maxsize=65_536)
def area_tokens(code: int) -> tuple[str, ...]:
    """One token per level above and at `code`: a41, a4190, a419001, a419001100."""
    digits = f"{code:012}"
    return tuple("a" + digits[:length] for length in (2, 4, 6, 9, 12) if length == 2 or int(digits[:length]) * 10 ** (12 - length) <= code)


def scope_token(low: int, high: int) -> str:
    """The token that all areas of a subtree carry; empty for the whole country."""
    width = high - low + 1
    lengths = {10**12: 0, 10**10: 2, 10**8: 4, 10**6: 6, 10**3: 9, 1: 12}
    length = lengths[width]
    return f"a{low:012}"[: length + 1] if length else ""


def _entries_of(kind: str, rows: Iterable[tuple[int, str, int]]) -> list[Entry]:
    """Entries of (id, name as a key, area)."""
    person = kind == SearchKind.PERSON
    kind, first, found = str(kind), f"kind{kind}", []
    for object_id, key, area_code in rows:
        letters = initials(key, person=person)
        grams = " ".join((first, *area_tokens(area_code), *dict.fromkeys(bigrams(key) + bigrams(letters))))
        found.append((object_id * 2 + person, kind, object_id, area_code, key, letters, grams))
    return found


def _write(entries: Sequence[Entry], *, fresh: bool = False) -> None:
    """Insert or replace entries; `fresh` ones are known to be new."""
    columns = "id, kind, object_id, area_code, key, initials"
    updates = ", ".join(f"{name} = excluded.{name}" for name in ("area_code", "key", "initials"))
    replace = "" if fresh else f" ON CONFLICT ({partitioning.key_columns()}) DO UPDATE SET {updates}"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            if not fresh:
                partitioning.forget_elsewhere(cursor, [entry[0] for entry in entries], [entry[3] for entry in entries])
            cursor.execute(
                f"INSERT INTO registry_searchentry ({columns}, grams)"  # noqa: S608 - column names of this module
                " SELECT a, b, c, d, e, f, array_to_tsvector(string_to_array(g, ' ')) FROM unnest("
                "%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[]) AS t(a, b, c, d, e, f, g)"
                + (f"{replace}, grams = excluded.grams" if replace else ""),
                [list(column) for column in zip(*entries, strict=True)],
            )
            if len(entries) >= MANY:
                # What is written in bulk goes into the index in one sorted run, and no search has to walk the list of what waits.
                partitioning.settle(cursor)
            return
        cursor.executemany(
            f"INSERT INTO registry_searchentry ({columns}) VALUES (%s, %s, %s, %s, %s, %s){replace}",  # noqa: S608
            [entry[:6] for entry in entries],
        )
        how = "INSERT" if fresh else "INSERT OR REPLACE"
        cursor.executemany(
            f"{how} INTO registry_search_fts (rowid, grams) VALUES (%s, %s)",
            [(entry[0], entry[6]) for entry in entries],
        )


def _drop(entry_ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DELETE FROM registry_searchentry WHERE id = ANY(%s)", [list(entry_ids)])
            return
        for table, key in (("registry_searchentry", "id"), ("registry_search_fts", "rowid")):
            cursor.executemany(f"DELETE FROM {table} WHERE {key} = %s", [(entry_id,) for entry_id in entry_ids])  # noqa: S608


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    listed = list(ids)
    for at in range(0, len(listed), CHUNK):
        yield listed[at : at + CHUNK]


def _index(model: type[models.Model], kind: str, ids: Iterable[int]) -> None:
    for chunk in _chunks(ids):
        rows = model._base_manager.filter(id__in=chunk, merged_into=None).values_list("id", "name", "area_id")
        entries = _entries_of(kind, [(number, name_key(name), area_code) for number, name, area_code in rows])
        if gone := set(chunk) - {entry[2] for entry in entries}:
            _drop([object_id * 2 + (kind == SearchKind.PERSON) for object_id in gone])
        if entries:
            _write(entries)


def add_organisations(rows: Iterable[tuple[int, str, int]]) -> None:
    """Entries of organisations inserted in this transaction, given as (id, name_key, area)."""
    if entries := _entries_of(SearchKind.ORGANISATION, rows):
        _write(entries, fresh=True)


def add_people(rows: Iterable[tuple[int, str, int]]) -> None:
    """Entries of people inserted in this transaction, given as (id, name, area)."""
    if entries := _entries_of(SearchKind.PERSON, [(number, name_key(name), area_code) for number, name, area_code in rows]):
        _write(entries, fresh=True)


def remove_organisations(ids: Iterable[int]) -> None:
    """Drop the entries of organisations deleted in this transaction."""
    for chunk in _chunks(ids):
        _drop([number * 2 for number in chunk])


def index_organisations(ids: Iterable[int]) -> None:
    """Bring these organisations' entries up to date (merged and deleted ones leave). Call it inside the act's transaction."""
    _index(Organisation, SearchKind.ORGANISATION, ids)


def index_people(ids: Iterable[int]) -> None:
    """Bring these people's entries up to date. Call it inside the act's transaction."""
    _index(Person, SearchKind.PERSON, ids)


def reindex_all() -> int:
    """Build the whole index anew; returns the number of entries."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM registry_searchentry")
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM registry_search_fts")
    index_organisations(Organisation.objects.values_list("id", flat=True))
    index_people(Person.objects.values_list("id", flat=True))
    return SearchEntry.objects.count()


# --- asking ---------------------------------------------------------------------------------------------------------------
class _Query(NamedTuple):
    sql: str
    params: list[Any]


def _words(text: str) -> list[str]:
    return [key for word in re.split(r"[\s　]+", text.strip()) if (key := name_key(word))][:6]


def _match(words: Sequence[str], kinds: Sequence[str], ranges: Iterable[tuple[int, int]] | None) -> tuple[str, str, list[int]]:
    """What to ask the index for: all bigrams of the words within the areas; then the condition for its partitions. Empty without a bigram."""
    grams = list(dict.fromkeys(gram for word in words if len(word) > 1 for gram in bigrams(word)))
    if not grams:
        return "", "", []
    ranges = None if ranges is None else list(ranges)
    places = [] if ranges is None else [scope_token(low, high) for low, high in ranges]
    groups = [[gram] for gram in grams] + ([places] if places and all(places) else [])
    if len(kinds) < len(SearchKind):  # a condition that every entry meets would cost most of all
        groups.append([f"kind{kind}" for kind in kinds])
    both, either, quote = (" & ", " | ", "'") if connection.vendor == "postgresql" else (" AND ", " OR ", '"')
    match = both.join("(" + either.join(f"{quote}{token}{quote}" for token in group) + ")" for group in groups)
    return match, *partitioning.within(ranges)


def _entries(words: Sequence[str], kinds: Sequence[str], ranges: Iterable[tuple[int, int]] | None, limit: int) -> _Query | None:
    """SQL that yields (kind, object_id, key) of the entries that hold all words; None when no word has two characters."""
    match, place, codes = _match(words, kinds, ranges)
    if not match:
        return None
    likes, params = [], []
    for word in words:
        likes.append("(e.key LIKE %s OR e.initials LIKE %s)" if word.isascii() else "e.key LIKE %s")
        params += [f"%{word}%"] * (2 if word.isascii() else 1)
    if connection.vendor == "postgresql":
        source = "registry_searchentry e WHERE e.grams @@ %s::tsquery"
    else:
        source = "registry_search_fts f JOIN registry_searchentry e ON e.id = f.rowid WHERE registry_search_fts MATCH %s"
    # MATERIALIZED: with ORDER BY and LIMIT outside, PostgreSQL would walk a primary key instead of the index (284 ms against 24).
    sql = (
        f"WITH hits AS MATERIALIZED (SELECT e.kind, e.object_id, e.key FROM {source} AND {' AND '.join(likes)}{place} LIMIT %s)"  # noqa: S608
        " SELECT {columns} FROM hits"
    )
    return _Query(sql, [match, *params, *codes, limit])


def _proposed(words: Sequence[str], kind: str, ranges: Iterable[tuple[int, int]] | None, limit: int) -> list[int]:
    """Ids of at most `limit` entries that hold the bigrams of all words, in whatever order: names that hold the words are among them.

    The index answers it alone. Reading every name to see whether its bigrams stand side by side costs five times as much.
    """
    match, place, codes = _match(words, [kind], ranges)
    if connection.vendor == "postgresql":
        sql = f"SELECT e.object_id FROM registry_searchentry e WHERE e.grams @@ %s::tsquery{place} LIMIT %s"  # noqa: S608 - own conditions
    else:
        sql = "SELECT rowid / 2 FROM registry_search_fts WHERE registry_search_fts MATCH %s LIMIT %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [match, *codes, limit])
        return [row[0] for row in cursor.fetchall()]


def narrow(rows: Rows, text: str, kind: str, *, field: str = "id", user: Any = None) -> Rows:
    """Rows whose `field` is the id of an organisation or person (`kind` "o" or "p") that `text` finds: for list pages' search field.

    A text that few names hold is answered by the index. Of one that many hold (有色金属) the index proposes ids, once, and the names of those rows
    are looked at. One that very many hold (有限公司) is looked for in the names of the rows that the list would show anyway: there are enough of
    them. Give `user`, so that the index looks only through the user's area.
    """
    words, ranges = _words(text), user.scope("registry.view").ranges if user is not None else ()
    query = _entries(words, [kind], ranges or None, FEW_IDS + 1)
    if query is None:
        return rows.none()
    with connection.cursor() as cursor:
        cursor.execute(query.sql.format(columns="object_id"), query.params)
        ids = [row[0] for row in cursor.fetchall()]
    if len(ids) <= FEW_IDS:
        return rows.filter(**{f"{field}__in": ids})
    proposed = _proposed(words, kind, ranges or None, MANY_IDS + 1)
    named = _named(rows, words, kind, field)
    return named if len(proposed) > MANY_IDS else cast("Rows", named.filter(**{f"{field}__in": _listed(proposed)}))


def _listed(ids: Sequence[int]) -> RawSQL:
    """Many ids as one parameter."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [list(ids)])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(ids)])


def _named(rows: Any, words: Sequence[str], kind: str, field: str) -> Any:
    """Rows whose names hold all words, each row looked at by itself."""
    person = kind == SearchKind.PERSON
    # Scalar subqueries, not EXISTS: an engine must not turn them into a join that reads the whole index.
    entry = SearchEntry.objects.filter(id=models.OuterRef(field) * 2 + int(person)).order_by()
    found = rows.alias(search_key=models.Subquery(entry.values("key")), search_initials=models.Subquery(entry.values("initials")))
    # An organisation holds its name as a key itself.
    key = "search_key" if person or field != "id" else "name_key"
    for word in words:
        held = models.Q(**{f"{key}__contains": word})
        found = found.filter(held | models.Q(search_initials__contains=word) if word.isascii() else held)
    return found


def _candidates(words: Sequence[str], kinds: Sequence[str], user: Any) -> dict[str, list[int]]:
    """Ids per kind, names that begin with the text first, then the short before the long."""
    scope = user.scope("registry.view")
    found: list[tuple[str, int, str]] = []
    if scope.ranges and (query := _entries(words, kinds, scope.ranges, CANDIDATES)):
        exact = SearchEntry.objects.filter(key="".join(words), kind__in=kinds)[:CANDIDATES]
        found += [(entry.kind, entry.object_id, entry.key) for entry in exact]
        with connection.cursor() as cursor:
            cursor.execute(query.sql.format(columns="kind, object_id, key"), query.params)
            found += cursor.fetchall()
    first = words[0]
    found.sort(key=lambda row: (not row[2].startswith(first), first not in row[2], len(row[2]), row[2]))
    return {kind: list(dict.fromkeys(row[1] for row in found if row[0] == kind)) for kind in kinds}


def proposed_ids(text: str, kind: str, user: Any) -> list[int]:
    """Ids the index proposes for `text` within the user's area, unjudged: the caller reads them through `visible_to`."""
    words = _words(text)
    return _candidates(words, [kind], user)[kind] if words else []


def _own(words: Sequence[str], user: Any, kind: str) -> list[int]:
    """Matches among the organisations (or the record) that a user holds by name rather than by area: a handful, so read at once."""
    if not user.scope("registry.own_organisation").organisations and not (user.person_id and user.may("registry.own_record")):
        return []
    if user.scope("registry.view").ranges:
        return []
    model: Any = Organisation if kind == SearchKind.ORGANISATION else Person
    rows = model.objects.visible_to(user).values_list("id", "name")[:500]
    keys = ((object_id, name_key(name)) for object_id, name in rows)
    return [object_id for object_id, key in keys if all(word in key or word in initials(key) for word in words)]


def _organisation_hit(organisation: Organisation) -> Hit:
    subtitle = f"{organisation.get_kind_display()} · {organisation.area.short_name}"
    return Hit(
        "organisation",
        organisation.id,
        organisation.uid,
        organisation.name,
        subtitle,
        reverse("registry:organisation", args=[organisation.uid]),
    )


def _person_hit(person: Person) -> Hit:
    subtitle = f"{mask(person.id_number) or '无证件号'} · {person.area.short_name}"
    return Hit("person", person.id, person.uid, person.name, subtitle, reverse("registry:person", args=[person.uid]))


def _load(kind: str, ids: Sequence[int], user: Any) -> list[Hit]:
    if not ids:
        return []
    if kind == SearchKind.ORGANISATION:
        organisations = Organisation.objects.visible_to(user).standing().select_related("area").in_bulk(list(ids))
        return [_organisation_hit(organisations[object_id]) for object_id in ids if object_id in organisations]
    people = Person.objects.visible_to(user).standing().select_related("area").in_bulk(list(ids))
    return [_person_hit(people[object_id]) for object_id in ids if object_id in people]


def _by_number(number: str, user: Any) -> list[Hit]:
    """Exact credit code, ID number or phone number."""
    hits = []
    if len(number) == 18:
        organisations = Organisation.objects.filter(credit_code=number).values_list("id", flat=True)
        hits += _load(SearchKind.ORGANISATION, list(organisations), user)
    return hits + _load(SearchKind.PERSON, _people_by_number(number), user)


def _people_by_number(number: str) -> list[int]:
    people = Person.objects.filter(models.Q(id_index=id_index(number)) | models.Q(phone_index=phone_index(number)))
    return list(people.values_list("id", flat=True)[:20])


def find(text: str, user: Any, kinds: Sequence[str] = ("organisation", "person"), limit: int = 20) -> list[Hit]:
    """What `text` finds in what `user` may see: a piece of a name (two characters or more), initials, credit code, ID or phone number."""
    if not user.is_authenticated:
        return []
    number = squeeze(text)
    if re.fullmatch(r"[0-9A-Z]{18}|\d{11}|[A-Z]{1,2}\d{7,10}", number) and (hits := _by_number(number, user)):
        return [hit for hit in hits if hit.kind in kinds][:limit]
    words = _words(text)
    letters = [kind for kind, name in (("o", "organisation"), ("p", "person")) if name in kinds]
    if not words or not letters:
        return []
    ids = _candidates(words, letters, user)
    found = [_load(kind, (ids[kind] + _own(words, user, kind))[: limit * 2], user) for kind in letters]
    # Half the page for each kind, and what one kind leaves free for the other.
    room = max(limit // len(letters), limit - len(found[-1])) if len(letters) > 1 else limit
    head = found[0][:room]
    return [*head, *(found[1][: limit - len(head)] if len(found) > 1 else [])]
