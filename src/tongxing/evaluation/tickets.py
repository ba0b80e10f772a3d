"""Admission tickets (准考证) as one PDF for a batch, in the order of rooms and seats."""

import json
from pathlib import Path

from django.db import transaction

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.papers.document import day_in_words, printable
from tongxing.papers.render.pdf import typeset

from .models import AssessmentBatch, BatchState, Candidate
from .moving import insist_state
from .rules import can_manage, insist

SOURCE = Path(__file__).with_name("tickets.typ")
MOST_TAGGED = 50
ADVICE = "请带本证和有效身份证件原件，开考前 30 分钟到场核验。证件号码只印首尾，以原件为准。"


@transaction.atomic
def print_tickets(batch: AssessmentBatch, *, by: Actor) -> bytes:
    """The tickets of every candidate; refused while somebody has no seat."""
    insist(can_manage(by, batch))
    insist_state(batch, BatchState.FIXED, doing="打印准考证")
    rows = Candidate.objects.filter(batch=batch).select_related("person", "room", "application").order_by("room_id", "seat", "ticket")
    candidates = list(rows)
    if any(one.seat is None for one in candidates):
        raise Refused("还有考生没有座位，准考证上印不出考场。请先抽签编座。", code="no_seats")
    data = {
        "title": printable(batch.title),
        "level": f"劳动关系协调员　{batch.get_level_display()}",
        "day": day_in_words(batch.exam_on),
        "site": printable(f"{batch.site.name}（{batch.site.address}）"),
        "advice": ADVICE,
        "tickets": [_ticket(one) for one in candidates],
    }
    made = typeset(SOURCE, {"tickets": json.dumps(data, ensure_ascii=False)}, day=batch.exam_on, tagged=len(candidates) <= MOST_TAGGED)
    record("evaluation.print_tickets", by=by, of=batch, after={"tickets": len(candidates)})
    return made


def _ticket(one: Candidate) -> dict[str, str]:
    application = one.application
    names = (("理论知识", application.takes_theory), ("技能操作", application.takes_practice), ("综合评审", application.takes_review))
    return {
        "name": printable(one.person.name),
        "ticket": one.ticket,
        "id_masked": one.person.id_masked or "–",
        "parts": "、".join(name for name, takes in names if takes),
        "place": f"{printable(one.room.name) if one.room else ''}　{one.seat} 号",
    }
