"""Two records of one person, or of one organisation, became one: prizes, titles and nominations go on under the record that is kept."""

from typing import Literal

from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.registry.models import Organisation, Person

from .models import Award, Honour, Nomination, NominationState, Reviewer
from .models.nominations import ENDED
from .moving import can_move, held, move

NOTE = "合并记录时与另一份推荐重复，自动撤回；以先填报的一份为准。"


def follow_person_merge(keep: Person, drop: Person, *, by: Actor) -> int:
    """What is asked by settings.PERSON_MERGES; one that both records hold is struck out on the one that goes. Returns how many moved."""
    standing = Award.objects.standing().filter(person=keep, kind=OuterRef("kind"), name=OuterRef("name"), awarded_on=OuterRef("awarded_on"))
    double = Award.objects.standing().filter(Exists(standing), person=drop)
    Award.objects.filter(pk__in=list(double.values_list("pk", flat=True))).update(
        struck_on=timezone.localdate(), struck_reason="合并人员记录时与保留的记录重复"
    )
    moved = Award.objects.filter(person=drop).update(person=keep)
    nominations = _move_nominations("person", keep, drop, by)
    honours = _move_honours("person", keep, drop, by)
    if moved or nominations or honours:
        after = {"person_id": keep.pk, "awards": moved, "nominations": nominations, "honours": honours}
        record("honours.follow_person_merge", by=by, of=keep, before={"person_id": drop.pk}, after=after)
    return moved + nominations + honours


def follow_merge(keep: Organisation, drop: Organisation, *, by: Actor) -> dict[str, int]:
    """What is asked by settings.ORGANISATION_MERGES: nominations of it and by it, reviewers who work there. Returns how many of each moved."""
    moved = {
        "nominations": _move_nominations("organisation", keep, drop, by),
        "honours": _move_honours("organisation", keep, drop, by),
        "recommended": Nomination.objects.filter(nominator=drop).update(nominator=keep, version=F("version") + 1),
        "reviewers": Reviewer.objects.filter(organisation=drop).update(organisation=keep),
    }
    if any(moved.values()):
        record("honours.follow_merge", by=by, of=keep, before={"organisation_id": drop.pk}, after={"organisation_id": keep.pk, **moved})
    return moved


def _move_honours(subject: Literal["person", "organisation"], keep: Person | Organisation, drop: Person | Organisation, by: Actor) -> int:
    """Lines of the roll; one that both records hold was entered twice: of the two the one with a nomination stays, else the kept record's."""
    held = {(one.year, one.level): one for one in Honour.objects.standing().filter(**{subject: keep})}
    for line in Honour.objects.standing().filter(**{subject: drop}):
        if (own := held.get((line.year, line.level))) is None:
            continue
        double = own if line.nomination_id and not own.nomination_id else line
        told = {"year": double.year, "level": double.level, "title": double.title, "awarded_on": str(double.awarded_on)}
        record("honours.drop_double", by=by, of=double, before=told, reason="合并记录时重复登记的荣誉")
        double.delete()
    return Honour.objects.filter(**{subject: drop}).update(**{subject: keep, "version": F("version") + 1})


def _move_nominations(
    subject: Literal["person", "organisation"], keep: Person | Organisation, drop: Person | Organisation, by: Actor
) -> int:
    """Nominations of `drop` become those of `keep`; of two that stand in one selection one is withdrawn."""
    rows = list(Nomination.objects.filter(**{f"{subject}__in": [keep, drop]}).order_by("selection_id", "pk"))
    standing: dict[int, list[Nomination]] = {}
    for row in rows:
        if row.state not in ENDED:
            standing.setdefault(row.selection_id, []).append(row)
    for pair in standing.values():
        if len(pair) == 2:
            _withdraw_one(pair, by)
    mine = Nomination.objects.filter(**{subject: drop})
    return mine.update(**{subject: keep, "area_id": keep.area_id, "version": F("version") + 1})


def _withdraw_one(pair: list[Nomination], by: Actor) -> None:
    """The later one; the earlier one where the later got too far to be taken back."""
    earlier, later = pair
    loser = held(later if can_move(later, "withdraw") or not can_move(earlier, "withdraw") else earlier)
    if can_move(loser, "withdraw"):
        move(loser, "withdraw", by=by, note=NOTE)
        return
    # Both have been decided on: the roll keeps what came of them, and one nominee has one nomination.
    before = loser.state
    loser.state, loser.state_note, loser.version = NominationState.WITHDRAWN, NOTE, loser.version + 1
    loser.save(update_fields=["state", "state_note", "version"])
    record("honours.withdraw", by=by, of=loser, before={"state": before}, after={"state": loser.state}, reason=NOTE)
