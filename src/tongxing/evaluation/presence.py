"""Who was at which examination on which day: as a candidate, or on duty. For the look at who was in two places at one time."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from .models import Attendance, BatchState, Candidate, Duty

HELD = (BatchState.EXAMINED, BatchState.SCORED, BatchState.PUBLISHED, BatchState.ISSUED, BatchState.ARCHIVED)


def at_examinations(people: Iterable[int]) -> dict[int, list[tuple[date, str]]]:
    """Person id → (day, what the person did there); two queries."""
    found: dict[int, list[tuple[date, str]]] = defaultdict(list)
    wanted = set(people)
    sat = Candidate.objects.filter(person_id__in=wanted, attendance=Attendance.PRESENT).order_by("batch__exam_on", "pk")
    for person, day, code in sat.values_list("person_id", "batch__exam_on", "batch__code"):
        found[person].append((day, f"参加评价批次 {code} 的考试"))
    duties = Duty.objects.filter(assessor__person_id__in=wanted, batch__state__in=HELD).order_by("batch__exam_on", "pk")
    for person, day, code in duties.values_list("assessor__person_id", "batch__exam_on", "batch__code"):
        found[person].append((day, f"在评价批次 {code} 承担考务"))
    return dict(found)
