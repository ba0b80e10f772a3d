"""How one nomination stands, as its page shows it: what was judged and what changed since, the dossier by what it proves, what is to be done."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count

from tongxing.accounts.models import User
from tongxing.files.models import StoredFile

from . import dossier, keeping, opining
from .conditions import Answer, Condition, Verdict
from .dossier import Offer
from .models import OPEN, DossierItem, ItemKind, Kind, Nomination, NominationState, Selection
from .nominating import BEFORE_REVIEW, in_time
from .rules import can_manage

UNSAID = "没有注明证明哪一项"


@dataclass(frozen=True)
class Judged:
    """One condition as it was kept (or stands now, before a submission), and as it reads today where that differs."""

    kept: Condition
    now: Condition | None = None


@dataclass(frozen=True)
class Piece:
    """One line of the dossier: a ticked record or a file."""

    kind: str
    text: str
    url: str = ""
    change: dossier.Change | None = None
    now: str = ""
    file: UUID | None = None
    file_name: str = ""
    by: str = ""


@dataclass
class Proof:
    """A condition with the pieces that prove it; `claimed`: a deed that the nominee claims."""

    clause: str
    title: str
    claimed: bool = False
    pieces: list[Piece] = field(default_factory=list)


@dataclass(frozen=True)
class Tally:
    """So many nominations of one kind in one state."""

    kind: str
    state: str
    number: int

    @property
    def label(self) -> str:
        return f"{Kind(self.kind).label} {NominationState(self.state).label}"


def counts(selection: Selection, user: User) -> list[Tally]:
    """How many of a year that the user sees stand in each state: people first, in the order of the states."""
    rows = Nomination.objects.visible_to(user).filter(selection=selection).order_by()
    found = {(one["kind"], one["state"]): one["number"] for one in rows.values("kind", "state").annotate(number=Count("pk"))}
    return [Tally(kind, state, found[kind, state]) for kind in Kind for state in NominationState if (kind, state) in found]


def judged(row: Nomination, now: Verdict) -> tuple[list[Judged], list[Judged]]:
    """The conditions that are needed, and the deeds of which one is enough."""
    kept = keeping.read(row.verdict) or now
    differ = keeping.changes(kept, now)
    rows = [Judged(one, differ.pop((one.clause, one.title), None)) for one in kept.conditions]
    rows += [Judged(one, one) for one in differ.values()]
    return [one for one in rows if not one.kept.any_of], [one for one in rows if one.kept.any_of]


def proofs(row: Nomination, user: User, found: Iterable[Offer]) -> list[Proof]:
    """The dossier by what it proves: deeds that are claimed first, conditions without a piece only where they are claimed."""
    clauses = {clause: Proof(clause, title, clause in row.deeds) for clause, title in keeping.clauses_of(row)}
    clauses[""] = Proof("", UNSAID)
    for one in found:
        if one.ticked:
            url = one.url if one.permission and user.may(one.permission) else ""
            now = one.label if one.change == dossier.Change.CHANGED else ""
            piece = Piece(one.kind.label, one.kept, url, one.change, now)
            clauses.get(one.clause, clauses[""]).pieces.append(piece)
    files = [item for item in row.items.all() if item.kind == ItemKind.FILE]
    names = names_of(item.file_id for item in files)
    for item in files:
        clauses.get(item.clause, clauses[""]).pieces.append(_file(item, names))
    shown = [one for one in clauses.values() if one.claimed or one.pieces]
    return sorted(shown, key=lambda one: not one.claimed)


def _file(item: DossierItem, names: dict[int, str]) -> Piece:
    named = names.get(item.file_id or 0, "文件已不在")
    return Piece(ItemKind.FILE.label, item.label, file=item.uid, file_name=named, by=f"{item.added_by} {item.created_at:%Y-%m-%d}")


def names_of(ids: Iterable[int | None]) -> dict[int, str]:
    """File names by id."""
    wanted = [pk for pk in ids if pk]
    return dict(StoredFile.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def todo(row: Nomination, user: User, now: Verdict) -> list[str]:
    """What is to be done next by whoever looks."""
    if row.state in OPEN:
        late = not in_time(row.selection, row, user)
        return ["这一年不再接受提交，可以撤回；需要补报请联系劳动关系科。"] if late else _before_submission(row, now)
    managed = bool(can_manage(user, row.selection.area_id)) and user.may("honours.manage")
    if row.state == NominationState.SUBMITTED:
        if not managed:
            return ["等待劳动关系科审核；审核前可以撤回。"]
        if row.selection.stage not in BEFORE_REVIEW:
            return [f"选树已经到“{row.selection.get_stage_display()}”，这份推荐没有赶上评审：不予通过，或撤回。"]
        lacking = opining.lacks_employer(row)
        return [*filter(None, [lacking]), *opining.doubts(row), "核对资格、材料和意见，通过审核、退回补正，或不予通过。"]
    if row.state == NominationState.ACCEPTED and managed:
        visited = [] if row.visits.all() else ["还没有走访核实记录。"]
        return [*visited, *opining.doubts(row)]
    return []


def _before_submission(row: Nomination, now: Verdict) -> list[str]:
    found = [f"补正：{row.state_note}"] if row.state == NominationState.RETURNED and row.state_note else []
    found += [f"{one.title}：{' '.join(one.reasons)}" for one in now.needed if one.answer == Answer.NOT_MET]
    if not row.summary or not row.story:
        found.append("写简要事迹和主要事迹。")
    met = {one.clause for one in now.deeds if one.answer == Answer.MET}
    proved = {item.clause for item in row.items.all()} | met
    if not row.deeds:
        found.append("选择符合哪一项业绩条件，至少一项。")
    elif not proved & set(row.deeds):
        found.append("在推荐材料里勾选记录或上传证明，注明证明哪一项业绩。")
    if lacking := opining.lacks_employer(row):
        found.append(lacking)
    return found or ["材料齐了，可以提交。"]
