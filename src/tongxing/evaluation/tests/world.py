"""The scene of evaluation: a body with scope, site and staff, a batch at any stage, applicants. Time passes by moving a batch's days back."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from tongxing.accounts.models import Grant, User
from tongxing.areas.models import Area
from tongxing.audit.log import COMMAND_LINE
from tongxing.certificates.bodies import file_body
from tongxing.certificates.models import BodyFiling
from tongxing.core.errors import Refused
from tongxing.evaluation import applying, bodies, checking, planning, publishing, scoring, seating, sitting
from tongxing.evaluation.models import Application, AssessmentBatch, Assessor, Attendance, Candidate, Site
from tongxing.evaluation.passing import parts_of
from tongxing.evaluation.sitting import Mark
from tongxing.registry.models import Organisation, Person
from tongxing.registry.tests.people_factories import a_person, an_organisation

_serial = count(1)
SINCE = date(2020, 1, 1)
FIRST, SECOND = (
    SimpleNamespace(pk=900_001, display_name="录一", acting_for=""),
    SimpleNamespace(pk=900_002, display_name="录二", acting_for=""),
)
THIRD = SimpleNamespace(pk=900_003, display_name="核对人", acting_for="")


def refused_code(run: Callable[[], object]) -> str:
    """The code with which an act refuses."""
    with pytest.raises(Refused) as refused:
        run()
    assert refused.value.message.endswith(("。", "）"))
    return refused.value.code


def a_filing(area: Area, *, levels: tuple[int, ...] = (3, 4), number: str = "", **facts: Any) -> BodyFiling:
    body = an_organisation(area, kind="assessment", is_assessment_body=True, **facts)
    filing = file_body(body, by=COMMAND_LINE, number=number or f"S0000410{next(_serial):05d}", since=SINCE)
    for level in levels:
        bodies.entitle(filing, by=COMMAND_LINE, level=level, since=SINCE, document="试人社评〔2020〕1号")
    return filing


def a_site(body: Organisation, **facts: Any) -> Site:
    values: dict[str, Any] = {"name": f"考点{next(_serial)}", "address": "文昌路 1 号", "area": body.area, "capacity": 200, "since": SINCE}
    return bodies.open_site(body, by=COMMAND_LINE, **values | facts)


def an_assessor(body: Organisation, person: Person | None = None, **facts: Any) -> Assessor:
    values: dict[str, Any] = {"kind": "assessor", "level": 1, "since": SINCE}
    return bodies.appoint(body, person or a_person(body.area), by=COMMAND_LINE, **values | facts)


def plan(filing: BodyFiling, **facts: Any) -> dict[str, Any]:
    today = timezone.localdate()
    days = {"apply_from": today, "apply_until": today + timedelta(days=10), "exam_on": today + timedelta(days=30)}
    values: dict[str, Any] = {"title": "四级评价", "level": 4, "capacity": 100, "announcement": "请带身份证原件。"}
    return values | days | {"site": facts.get("site") or a_site(filing.organisation)} | facts


def a_batch(filing: BodyFiling, **facts: Any) -> AssessmentBatch:
    """Planned and announced, open today."""
    return planning.announce(planning.plan_batch(filing, by=COMMAND_LINE, **plan(filing, **facts)), by=COMMAND_LINE)


def an_application(batch: AssessmentBatch, person: Person | None = None, *, accepted: bool = True, **claimed: Any) -> Application:
    person = person or a_person(batch.area)
    application = applying.apply(batch, person, by=COMMAND_LINE, **{"years": 10, **claimed})
    return checking.accept(application, by=COMMAND_LINE, note="对照标准原件核过") if accepted else application


def pass_days(batch: AssessmentBatch, days: int) -> AssessmentBatch:
    """Move everything about the batch so many days back."""
    shift = timedelta(days=days)
    for field in ("apply_from", "apply_until", "exam_on", "notice_from", "notice_until"):
        value = getattr(batch, field)
        setattr(batch, field, value - shift if value else None)
    batch.save(update_fields=["apply_from", "apply_until", "exam_on", "notice_from", "notice_until"])
    for one in Candidate.objects.filter(batch=batch, notice_until__isnull=False):
        Candidate.objects.filter(pk=one.pk).update(notice_until=one.notice_until - shift)
    return batch


def fixed(batch: AssessmentBatch) -> AssessmentBatch:
    """Candidates fixed; the day of the examination was yesterday."""
    pass_days(batch, 11)
    batch = planning.close_applications(batch, by=COMMAND_LINE)
    return pass_days(seating.fix_candidates(batch, by=COMMAND_LINE), 20)


def examined(batch: AssessmentBatch) -> AssessmentBatch:
    batch = fixed(batch)
    marks = {one.pk: Mark(Attendance.PRESENT) for one in Candidate.objects.filter(batch=batch)}
    sitting.mark_attendance(batch, marks, by=COMMAND_LINE)
    return sitting.finish_exam(batch, by=COMMAND_LINE)


def score_all(batch: AssessmentBatch, value: str = "80") -> None:
    """Both entries of every score that is due, by two people."""
    for part in parts_of(batch.level):
        due = [one.pk for one in Candidate.objects.filter(batch=batch).select_related("application") if scoring.due(one, part)]
        for turn, by in ((1, FIRST), (2, SECOND)):
            scoring.enter_scores(batch, part, turn, dict.fromkeys(due, Decimal(value)), by=by)


def published(batch: AssessmentBatch, value: str = "80") -> AssessmentBatch:
    """In public notice since today."""
    batch = examined(batch)
    score_all(batch, value)
    return publishing.publish_results(scoring.settle(batch, by=THIRD), by=COMMAND_LINE)


def past_notice(batch: AssessmentBatch, value: str = "80") -> AssessmentBatch:
    return pass_days(published(batch, value), 20)


def a_user(
    name: str, role: str, *, area: Area | None = None, organisation: Organisation | None = None, person: Person | None = None
) -> User:
    user = User.objects.create_user(f"u{next(_serial)}", "clay-river-9-lamp", name=name, person_id=person.pk if person else None)
    Grant.objects.create(
        user=user, role=role, area=area, organisation_id=organisation.pk if organisation else None, since=SINCE, granted_by="测试"
    )
    return user
