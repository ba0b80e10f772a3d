"""A result without having been there: scores or a pass of somebody not marked as present, a completed training nobody attended."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from tongxing.evaluation.models import Candidate, PartResult
from tongxing.training.models import Attendance, Enrolment, EnrolmentState
from tongxing.training.models.attendance import EARNING

from .hits import Hit
from .limits import Limits


class Missing(NamedTuple):
    """Somebody who has a result; `rule` says of what."""

    rule: str
    thing_id: int
    thing: str
    organisation_id: int
    area_id: int
    name: str
    person_id: int


def find(missing: Iterable[Missing], limits: Limits) -> list[Hit]:
    """One finding for each batch or class, with how many people."""
    groups: dict[tuple[str, int], list[Missing]] = {}
    for row in missing:
        groups.setdefault((row.rule, row.thing_id), []).append(row)
    return [_hit(rule, thing, rows) for (rule, thing), rows in groups.items()]


def _hit(rule: str, thing: int, rows: list[Missing]) -> Hit:
    one, number = rows[0], len({row.person_id for row in rows})
    if rule == "absent":
        text = f"{one.name}批次 {one.thing} 有 {number} 人没有到考登记，却有成绩或合格结果。"
        advice = "对照考生签到表和监控：到了的补登记并写明原因，没到的取消成绩，已发证的作废。"
    else:
        text = f"{one.name}培训班“{one.thing}”有 {number} 人一次到课记录都没有，却登记为结业。"
        advice = "对照签到表原件；没有到课的更正结业结果，涉及补贴的转补贴经办核实。"
    return Hit(rule, str(thing), one.area_id, one.organisation_id, text, advice, {"人数": number})


def load(since: date) -> list[Missing]:
    """Two queries."""
    scored = PartResult.objects.filter(candidate=OuterRef("pk"), value__isnull=False, kept_from=None)
    sat = Candidate.objects.filter(batch__exam_on__gte=since).exclude(attendance__in=("present", "violation"))
    sat = sat.filter(Q(Exists(scored)) | Q(passed=True, certificate__isnull=False, parts__kept_from=None)).distinct().order_by("pk")
    fields = (
        "batch_id",
        "batch__code",
        "batch__filing__organisation_id",
        "batch__area_id",
        "batch__filing__organisation__name",
        "person_id",
    )
    found = [Missing("absent", *row) for row in sat.values_list(*fields)]
    there = Attendance.objects.filter(enrolment=OuterRef("pk"), state__in=EARNING)
    done = Enrolment.objects.filter(~Exists(there), state=EnrolmentState.COMPLETED, completed_on__gte=since).order_by("pk")
    fields = (
        "training_class_id",
        "training_class__title",
        "training_class__provider__organisation_id",
        "training_class__area_id",
        "training_class__provider__organisation__name",
        "person_id",
    )
    return found + [Missing("untaught", *row) for row in done.values_list(*fields)]
