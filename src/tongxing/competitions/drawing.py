"""Acts before the marking: close the entries by drawing blind codes, then begin with judges whose interests are frozen."""

import secrets

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.drawing import digest
from tongxing.core.errors import Refused

from . import codes, interests
from .board import board_of
from .models import Barred, Competition, Entrant, EntryState, Judge
from .organising import save
from .rules import CLAUSE, moved

DRAWN = (EntryState.CONFIRMED, EntryState.ABSENT)


@transaction.atomic
def draw_codes(competition: Competition, *, by: Actor) -> Competition:
    """Give every confirmed entry a blind code. The secret stays here; its digest and that of the list go into the log now."""
    row = moved(competition, "draw", by)
    today = timezone.localdate()
    if today <= row.closes_on:
        raise Refused(f"报名到 {row.closes_on} 才截止，截止后再抽密号。要提前，请先改报名截止日。", code="still_open", clause=CLAUSE)
    waiting = row.entries.filter(state=EntryState.ENTERED).count()
    if waiting:
        raise Refused(f"还有 {waiting} 份报名没有确认，请先确认或让其退出。", code="unconfirmed", clause=CLAUSE)
    entries = list(Entrant.objects.select_for_update(of=("self",)).filter(competition=row, state=EntryState.CONFIRMED))
    if not entries:
        raise Refused("没有已确认的选手，不能抽密号。", code="nobody", clause=CLAUSE)
    row.secret = secrets.token_hex(32)
    keys = {str(one.uid): one for one in entries}
    for key, code in codes.codes(row.secret, keys).items():
        keys[key].code = code
    Entrant.objects.bulk_update(entries, ["code"])
    row.secret_digest, row.entries_digest = digest(row.secret), digest(codes.canonical(keys))
    save(row, "state", "secret", "secret_digest", "entries_digest")
    after = {"state": row.state, "entries": len(entries), "secret_digest": row.secret_digest, "entries_digest": row.entries_digest}
    record("competitions.draw_codes", by=by, of=row, after=after)
    return row


def staff_faults(competition: Competition) -> list[str]:
    """Why marking could not begin today with the judges there are, in Chinese: interests as they stand now."""
    judges = list(Judge.objects.serving().filter(competition=competition).select_related("user"))
    board = board_of(competition)
    board.barred = set(interests.reasons(judges, board.entries))
    return board.staff_faults()


def verified(competition: Competition) -> list[str]:
    """What does not agree in the draw of the codes, in Chinese; nothing when it was a true draw."""
    given = {str(uid): code for uid, code in competition.entries.filter(state__in=DRAWN).exclude(code="").values_list("uid", "code")}
    return codes.faults(competition.secret, competition.secret_digest, competition.entries_digest, given)


@transaction.atomic
def begin_marking(competition: Competition, *, by: Actor) -> Competition:
    """Freeze who must not mark whom, and let judges and keyers in. Refused where too few are left for anything."""
    row = moved(competition, "begin", by)
    judges = list(Judge.objects.serving().filter(competition=row).select_related("user"))
    entries = list(row.entries.marked())
    Barred.objects.bulk_create(
        Barred(judge_id=judge, entry_id=entry, reason=text) for (judge, entry), text in interests.reasons(judges, entries).items()
    )
    if faults := board_of(row).staff_faults():
        raise Refused("还不能开始评分：" + "；".join(faults) + "。", code="too_few_judges", clause=CLAUSE)
    save(row, "state")
    record("competitions.begin", by=by, of=row, after={"state": row.state, "judges": len(judges), "entries": len(entries)})
    return row
