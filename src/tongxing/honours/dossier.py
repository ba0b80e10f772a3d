"""The dossier (推荐材料): records that stand in other rooms, ticked with what they prove, and evidence files (notice:A1.3, A2.3).

A ticked record is kept as it read then: the page says when it reads otherwise today, counts no longer, or is gone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused, said
from tongxing.core.values import clean_text
from tongxing.files.guard import leaks_in, refuse_leaks

from . import evidence, keeping, sources
from .models import DossierItem, ItemKind, Nomination
from .moving import held
from .nominating import insist_open
from .sources import Source

MOST_FILES = 30
LONGEST_LABEL = 300
Key = tuple[str, str]
"""Kind and source of a record."""


class Change(StrEnum):
    """What became of a ticked record since."""

    CHANGED = "changed"
    VOID = "void"
    GONE = "gone"

    @property
    def label(self) -> str:
        return {"changed": "勾选后登记有变动", "void": "已作废或换发", "gone": "登记里已没有"}[self]


@dataclass(frozen=True)
class Offer:
    """One line of the page: a record as it reads today, whether it is ticked, what it proves, and how it read when it was ticked."""

    kind: ItemKind
    source: str
    label: str
    url: str
    permission: str
    ticked: bool
    clause: str
    kept: str = ""
    change: Change | None = None

    @property
    def key(self) -> str:
        """The name of its box in a form."""
        return f"{self.kind.value}:{self.source}"


def offers(nomination: Nomination) -> list[Offer]:
    """What can be ticked, and what is ticked and gone since; a constant number of queries."""
    items = {(one.kind, one.source): one for one in nomination.items.all() if one.kind != ItemKind.FILE}
    standing = {(one.kind.value, one.key): one for one in sources.of(nomination)}
    found = [_offer(one, items.get(key)) for key, one in standing.items() if not one.void or key in items]
    gone = [one for key, one in items.items() if key not in standing]
    return [*found, *(Offer(ItemKind(one.kind), one.source, one.label, "", "", True, one.clause, one.label, Change.GONE) for one in gone)]


def _offer(one: Source, item: DossierItem | None) -> Offer:
    if item is None:
        return Offer(one.kind, one.key, one.label, one.url, one.permission, False, one.clause)
    change = Change.VOID if one.void else Change.CHANGED if one.label[:LONGEST_LABEL] != item.label else None
    return Offer(one.kind, one.key, one.label, one.url, one.permission, True, item.clause, item.label, change)


@transaction.atomic
def set_ticks(nomination: Nomination, *, by: Actor, ticked: Mapping[Key, str]) -> Nomination:
    """These records, and no others, belong to the dossier, each with the clause that it proves (or none). Files stay.

    What was ticked before keeps its words; `renew` takes today's.
    """
    row = held(nomination)
    insist_open(row, by)
    _insist_clauses(row, ticked.values())
    items = {(one.kind, one.source): one for one in row.items.all() if one.kind != ItemKind.FILE}
    offered = {(one.kind.value, one.key): one for one in sources.of(row) if not one.void}
    if unknown := [key for key in ticked if key not in offered and key not in items]:
        raise Refused(f"有 {len(unknown)} 项登记里已没有或已作废，不能勾选。请刷新页面重新选择。", code="not_offered")
    before = sorted(one.label for one in items.values())
    row.items.filter(pk__in=[one.pk for key, one in items.items() if key not in ticked]).delete()
    for key, clause in ticked.items():
        if key in items:
            if items[key].clause != clause:
                row.items.filter(pk=items[key].pk).update(clause=clause)
            continue
        label = offered[key].label[:LONGEST_LABEL]
        row.items.create(kind=key[0], source=key[1], label=label, clause=clause, added_by=by.display_name[:60])
    _touch(row)
    after = sorted(row.items.exclude(kind=ItemKind.FILE).values_list("label", flat=True))
    record("honours.set_ticks", by=by, of=row, before={"items": before}, after={"items": after})
    return row


def _insist_clauses(row: Nomination, clauses: Iterable[str]) -> None:
    known = {"", *(clause for clause, _ in keeping.clauses_of(row))}
    if set(clauses) - known:
        raise Refused("选了不属于这一类推荐的条件。请刷新页面重新选择。", code="bad_clause")


@transaction.atomic
def renew(nomination: Nomination, *, by: Actor) -> int:
    """Ticked records that read otherwise today are kept as they read now; those gone or void leave the dossier. Returns how many."""
    row = held(nomination)
    insist_open(row, by)
    stale = [one for one in offers(row) if one.change]
    for one in stale:
        item = row.items.filter(kind=one.kind, source=one.source)
        if one.change == Change.CHANGED:
            item.update(label=one.label[:LONGEST_LABEL])
        else:
            item.delete()
    if stale:
        _touch(row)
        now = [one.label for one in stale if one.change == Change.CHANGED]
        record("honours.renew_ticks", by=by, of=row, before={"items": [one.kept for one in stale]}, after={"items": now})
    return len(stale)


@transaction.atomic
def add_file(nomination: Nomination, *, by: Actor, label: str, clause: str, upload: "File[bytes]", covered: bool = False) -> DossierItem:
    """Put a piece of evidence to the dossier, said in words, with the clause that it proves."""
    row = held(nomination)
    insist_open(row, by)
    _insist_clauses(row, [clause])
    if row.items.filter(kind=ItemKind.FILE).count() >= MOST_FILES:
        raise Refused(f"一份推荐最多 {MOST_FILES} 个文件。请把同类材料合并成一个 PDF。", code="too_many")
    called = said(clean_text(label, longest=LONGEST_LABEL), "请写明这是什么材料。", code="incomplete")
    refuse_leaks(leaks_in(called, "材料名称"), doing="保存")
    stored = evidence.keep(row, upload, by=by, covered=covered)
    made = row.items.create(
        kind=ItemKind.FILE, source=str(stored.uid), label=called, clause=clause, file_id=stored.pk, added_by=by.display_name[:60]
    )
    _touch(row)
    record("honours.add_file", by=by, of=row, after={"label": called, "clause": clause, "file": stored.name, "sha256": stored.sha256})
    return made


@transaction.atomic
def remove_file(item: DossierItem, *, by: Actor) -> Nomination:
    """Take a piece of evidence out; the file itself stays stored."""
    row = held(item.nomination)
    insist_open(row, by)
    found = row.items.filter(pk=item.pk, kind=ItemKind.FILE).first()
    if found is None:
        raise Refused("这份材料已经移除。请刷新页面。", code="wrong_state")
    found.delete()
    _touch(row)
    record("honours.remove_file", by=by, of=row, before={"label": found.label, "clause": found.clause})
    return row


def _touch(row: Nomination) -> None:
    row.version, row.updated_at = row.version + 1, timezone.now()
    row.save(update_fields=["version", "updated_at"])
