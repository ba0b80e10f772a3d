"""Visits on the spot (走访核实): who went, when and where, what was found true and what was not (notice:3.3.1)."""

import re
from datetime import date

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused, said
from tongxing.core.values import clean_text
from tongxing.files.guard import leaks_in, refuse_leaks
from tongxing.policy import provisions

from . import evidence
from .models import Nomination, NominationState, Visit
from .moving import held
from .rules import can_manage, insist

CLAUSE = "notice:3.3.1"
VISITED = (NominationState.SUBMITTED, NominationState.ACCEPTED)
LONGEST = 2000


@transaction.atomic
def record_visit(
    nomination: Nomination,
    *,
    by: Actor,
    visited_on: date,
    place: str,
    visitors: str,
    findings: str,
    confirmed: bool,
    met: str = "",
    reason: str = "",
    upload: "File[bytes] | None" = None,
    covered: bool = False,
) -> Visit:
    """Enter a visit. One that does not confirm what was handed in needs a `reason` when the nominee stays in the review all the same."""
    row = held(nomination)
    insist(can_manage(by, row.selection.area_id))
    if row.state not in VISITED:
        raise Refused(f"这份推荐现在是“{row.get_state_display()}”，待审核和进入评审的才登记走访。", code="wrong_state")
    _insist_day(row, visited_on)
    people = _visitors(visitors, visited_on)
    where, seen, told = _texts(place, met, findings)
    if not confirmed and row.state == NominationState.ACCEPTED:
        said(reason, "这份推荐已进入评审，走访却认为材料不属实。请先退回补正，或写明仍留在评审的原因。")
    made = Visit.objects.create(
        nomination=row,
        visited_on=visited_on,
        place=where,
        visitors="、".join(people),
        met=seen,
        findings=told,
        confirmed=confirmed,
        file_id=evidence.keep(row, upload, by=by, covered=covered).pk if upload else None,
        recorded_by=by.display_name[:60],
    )
    if not confirmed:
        _note(row, reason.strip())
    after = {"visited_on": str(visited_on), "place": where, "visitors": made.visitors, "confirmed": confirmed}
    record("honours.record_visit", by=by, of=row, after=after, reason=reason.strip())
    return made


def _texts(place: str, met: str, findings: str) -> tuple[str, str, str]:
    """Cleaned, and without numbers of people."""
    where, seen, told = clean_text(place, longest=120), clean_text(met, longest=120), _findings(findings)
    said(where, "请写明走访的地点。", code="incomplete")
    refuse_leaks([*leaks_in(where, "地点"), *leaks_in(seen, "见到的人"), *leaks_in(told, "核实情况")], doing="保存")
    return where, seen, told


def _note(row: Nomination, reason: str) -> None:
    """Why the nominee stays although the visit did not confirm."""
    if reason:
        row.state_note, row.version = reason[:300], row.version + 1
        row.save(update_fields=["state_note", "version"])


def _insist_day(row: Nomination, day: date) -> None:
    if day > timezone.localdate():
        raise Refused("走访日期还没有到。请走访以后再登记。", code="future_day", clause=CLAUSE)
    handed_in = timezone.localdate(row.submitted_at) if row.submitted_at else None
    if handed_in and day < handed_in:
        raise Refused(f"走访日期早于提交推荐的 {handed_in}，请核对。", code="too_early", clause=CLAUSE)


def _visitors(raw: str, on: date) -> list[str]:
    """Each of them once; at least so many as the provision asks (honours.visitors_least)."""
    people = list(dict.fromkeys(filter(None, re.split(r"[\s、，,；;]+", clean_text(raw, longest=120, blanks=True)))))
    least = int(provisions.value("honours.visitors_least", on))
    if len(people) < least:
        raise Refused(f"走访核实至少 {least} 人，请逐个写明姓名，用顿号隔开。", code="too_few", clause=CLAUSE)
    return people


def _findings(raw: str) -> str:
    text = "\n".join(clean_text(line, longest=LONGEST) for line in raw.splitlines()).strip()
    said(text, "请写明核实了什么、情况怎样。", code="incomplete")
    if len(text) > LONGEST:
        raise Refused(f"核实情况最多 {LONGEST} 个字，请缩短。", code="too_long")
    return text
