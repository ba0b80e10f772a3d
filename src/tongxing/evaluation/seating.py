"""Acts on candidates and seats: fix the list, rooms, draw lots with a seed that is kept, change single seats."""

import secrets
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.db.models import Sum

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused

from .bodies import insist_scope
from .models import Application, ApplicationState, AssessmentBatch, BatchState, Candidate, ExamRoom
from .moving import held, insist_move, insist_state, move, save
from .rules import can_manage, insist


@transaction.atomic
def fix_candidates(batch: AssessmentBatch, *, by: Actor) -> AssessmentBatch:
    """Make the accepted applications the list of candidates, with a ticket number each; the list does not change any more."""
    row = held(batch)
    insist(can_manage(by, row))
    insist_move(row, "fix")
    insist_scope(row.filing, row.level, row.exam_on)
    applications = list(
        Application.objects.select_for_update(of=("self",)).filter(batch=row).select_related("person__merged_into").order_by("id")
    )
    waiting = sum(one.state == ApplicationState.SUBMITTED for one in applications)
    if waiting:
        raise Refused(f"还有 {waiting} 份报名没有审核。请先审核完，再确定考生。", code="unchecked")
    accepted = [one for one in applications if one.state == ApplicationState.ACCEPTED]
    if not accepted:
        raise Refused("没有审核通过的报名，不能确定考生。请取消本批次，或退回补正后再审核。", code="nobody")
    if len(accepted) > row.site.capacity:
        raise Refused(f"审核通过 {len(accepted)} 人，超过考点容量 {row.site.capacity} 人。请更换考点，或分到下一批次。", code="capacity")
    people = [(one.person.merged_into or one.person) for one in accepted]
    if len({person.pk for person in people}) < len(people):
        raise Refused("报名名单里有两份属于同一人（人员记录已合并）。请撤回其中一份，再确定考生。", code="same_person")
    start = f"{row.exam_on:%y}{row.pk:06d}"
    Candidate.objects.bulk_create(
        Candidate(batch=row, application=one, person=person, ticket=f"{start}{number:04d}")
        for number, (one, person) in enumerate(zip(accepted, people, strict=True), 1)
    )
    move(row, "fix")
    record("evaluation.fix", by=by, of=row, after={"state": row.state, "candidates": len(accepted)})
    return row


@transaction.atomic
def add_room(batch: AssessmentBatch, *, by: Actor, name: str, capacity: int) -> ExamRoom:
    row = held(batch)
    insist(can_manage(by, row))
    insist_state(row, BatchState.ANNOUNCED, BatchState.CLOSED, BatchState.FIXED, doing="安排考场")
    if not name.strip() or not 1 <= capacity <= 500:
        raise Refused("请填写考场名称，座位数应在 1 至 500 之间。", code="incomplete")
    try:
        with transaction.atomic():
            room = ExamRoom.objects.create(batch=row, name=name.strip()[:40], capacity=capacity)
    except IntegrityError:
        raise Refused(f"已有叫“{name.strip()}”的考场。请换一个名称。", code="room_exists") from None
    record("evaluation.add_room", by=by, of=row, after={"room": room.name, "capacity": capacity})
    return room


@transaction.atomic
def remove_room(room: ExamRoom, *, by: Actor) -> None:
    """Take a room away in which nobody sits."""
    row = held(room.batch)
    insist(can_manage(by, row))
    insist_state(row, BatchState.ANNOUNCED, BatchState.CLOSED, BatchState.FIXED, doing="撤销考场")
    if room.seated.exists():
        raise Refused(f"“{room.name}”已经排了座位。请先增加别的考场并重新抽签，再撤销。", code="room_taken")
    record("evaluation.remove_room", by=by, of=row, before={"room": room.name, "capacity": room.capacity})
    room.delete()


@transaction.atomic
def draw_seats(batch: AssessmentBatch, *, by: Actor, seed: str = "") -> AssessmentBatch:
    """Give every candidate a seat by lot: the order follows from seed and ticket numbers alone, so that anybody can draw it again."""
    row = held(batch)
    insist(can_manage(by, row))
    insist_state(row, BatchState.FIXED, doing="编排座位")
    candidates = list(Candidate.objects.select_for_update(of=("self",)).filter(batch=row))
    rooms = list(ExamRoom.objects.filter(batch=row))
    room_for = ExamRoom.objects.filter(batch=row).aggregate(all=Sum("capacity"))["all"] or 0
    if room_for < len(candidates):
        raise Refused(f"考生 {len(candidates)} 人，考场座位只有 {room_for} 个。请先增加考场。", code="too_few_seats")
    seed = seed.strip()[:40] or secrets.token_hex(8)
    seats = [(room, seat) for room in rooms for seat in range(1, room.capacity + 1)]
    # A seat is taken once: the old plan goes before the new one comes.
    Candidate.objects.filter(batch=row).update(room=None, seat=None)
    for candidate, (room, seat) in zip(drawn(candidates, seed), seats, strict=False):
        candidate.room, candidate.seat = room, seat
    Candidate.objects.bulk_update(candidates, ["room", "seat"])
    save(row, seat_seed=seed)
    record("evaluation.draw_seats", by=by, of=row, after={"seed": seed, "candidates": len(candidates), "rooms": len(rooms)})
    return row


def drawn(candidates: list[Candidate], seed: str) -> list[Candidate]:
    """The candidates in the order of the lot: by SHA-256 of seed and ticket number."""
    return sorted(candidates, key=lambda one: (sha256(f"{seed}|{one.ticket}".encode()).hexdigest(), one.ticket))


@transaction.atomic
def give_seat(candidate: Candidate, *, by: Actor, room: ExamRoom, seat: int, reason: str) -> Candidate:
    """Put a candidate at a certain seat (ground floor, near the door); who sat there takes the seat that becomes free."""
    row = held(candidate.batch)
    insist(can_manage(by, row))
    insist_state(row, BatchState.FIXED, doing="调整座位")
    if room.batch_id != row.pk or not 1 <= seat <= room.capacity:
        raise Refused(f"“{room.name}”的座位号是 1 至 {room.capacity}，请核对。", code="no_seat")
    if not reason.strip():
        raise Refused("请写明调整座位的原因。", code="reason_missing")
    one = Candidate.objects.select_for_update(of=("self",)).get(pk=candidate.pk)
    there = Candidate.objects.select_for_update(of=("self",)).filter(room=room, seat=seat).exclude(pk=one.pk).first()
    before, free = {"ticket": one.ticket, "room": one.room_id, "seat": one.seat}, (one.room, one.seat)
    one.room = one.seat = None
    one.save(update_fields=["room", "seat"])
    if there:
        there.room, there.seat = free
        there.save(update_fields=["room", "seat"])
    one.room, one.seat = room, seat
    one.save(update_fields=["room", "seat"])
    after = {"ticket": one.ticket, "room": room.pk, "seat": seat, "swapped": there.ticket if there else None}
    record("evaluation.give_seat", by=by, of=row, before=before, after=after, reason=reason)
    return one
