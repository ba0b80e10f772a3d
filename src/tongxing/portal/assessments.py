"""Announcements of skill-level evaluation, and results while they stand in public notice: names masked, taken down by themselves (notice:3.1.4)."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import models
from django.utils import timezone

from tongxing.credentials.payload import masked_name
from tongxing.evaluation.models import AssessmentBatch, BatchState, Candidate, ObjectionState


class Line(NamedTuple):
    """What the public may know of one result. That somebody objected is not for the public: a clock that stands still only shows as prolonged."""

    name: str
    ticket: str
    until: date
    prolonged: bool


def announced(today: date | None = None) -> list[AssessmentBatch]:
    """Batches that take applications, or will."""
    day = today or timezone.localdate()
    rows = AssessmentBatch.objects.filter(state=BatchState.ANNOUNCED, apply_until__gte=day)
    return list(rows.select_related("filing__organisation", "site").order_by("exam_on", "id")[:50])


def in_notice(today: date | None = None) -> list[AssessmentBatch]:
    """Batches with a name that stands in public notice today."""
    rows = AssessmentBatch.objects.filter(pk__in=_noticed(today).values("batch_id"))
    return list(rows.select_related("filing__organisation").order_by("-notice_from", "-id")[:50])


def _noticed(today: date | None) -> "models.QuerySet[Candidate]":
    """Passed names whose own clock runs or stands still; the others have been taken down."""
    day = today or timezone.localdate()
    passed = Candidate.objects.filter(batch__state=BatchState.PUBLISHED, passed=True, certificate=None)
    return passed.filter(models.Q(notice_until__gte=day) | models.Q(objections__state=ObjectionState.OPEN)).distinct()


def notice(uid: UUID, today: date | None = None) -> tuple[AssessmentBatch, list[Line]] | None:
    """One notice with its lines; None when nothing of it stands in notice today."""
    rows = _noticed(today).filter(batch__uid=uid).select_related("person", "batch__filing__organisation").order_by("ticket")
    candidates = list(rows)
    if not candidates:
        return None
    day = today or timezone.localdate()
    lines = [
        Line(masked_name(one.person.name), one.ticket, one.notice_until, one.notice_until < day) for one in candidates if one.notice_until
    ]
    return candidates[0].batch, lines
