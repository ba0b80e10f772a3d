"""How many people were trained: each counted once a year, against the minimum that the programme sets (notice:3.1.1)."""

from datetime import date
from typing import NamedTuple

from django.db.models import Count, Q
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.areas.scope import span_of
from tongxing.policy import provisions

from .models import ClassState, Enrolment, EnrolmentState, Funding, TrainingClass
from .models.enrolments import EnrolmentQuerySet


class YearPlan(NamedTuple):
    """One area's year: people who completed a class, by who paid, people in running classes, places of classes to come."""

    area_code: int
    area_name: str
    year: int
    trained: int
    market: int
    under_way: int
    places: int
    wanted: int

    @property
    def share(self) -> int:
        """How full the gauge is, in whole percent; a full gauge stays full."""
        return min(100, self.trained * 100 // self.wanted) if self.wanted else 100

    @property
    def missing(self) -> int:
        return max(0, self.wanted - self.trained)


def completed_in(area_code: int, first: date, last: date) -> EnrolmentQuerySet:
    """Enrolments that ended with completion between two days, of people who stand in the area."""
    rows = Enrolment.objects.filter(state=EnrolmentState.COMPLETED, completed_on__range=(first, last))
    low, high = span_of(area_code)
    return rows.filter(person__area_id__gte=low, person__area_id__lte=high)


def people_trained(area_code: int, year: int, *, until: date | None = None) -> int:
    """People, not attendances: who completed two classes in the year (up to a day) counts once."""
    rows = completed_in(area_code, date(year, 1, 1), until or date(year, 12, 31))
    return int(rows.aggregate(n=Count("person_id", distinct=True))["n"])


def year_plan(area_code: int, year: int) -> YearPlan:
    """Three queries, whatever the size."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    done = completed_in(area_code, first, last).aggregate(
        all=Count("person_id", distinct=True), market=Count("person_id", distinct=True, filter=Q(funding=Funding.MARKET))
    )
    low, high = span_of(area_code)
    here = TrainingClass.objects.filter(area_id__gte=low, area_id__lte=high, ends_on__range=(first, last))
    coming = here.filter(state__in=(ClassState.DRAFT, ClassState.FILED, ClassState.RETURNED, ClassState.APPROVED, ClassState.POSTPONED))
    going = Enrolment.objects.filter(training_class__in=here.filter(state=ClassState.RUNNING), state=EnrolmentState.ADMITTED)
    return YearPlan(
        area_code,
        Area.objects.filter(code=area_code).values_list("short_name", flat=True).first() or "全部",
        year,
        done["all"],
        done["market"],
        going.aggregate(n=Count("person_id", distinct=True))["n"],
        sum(coming.values_list("capacity", flat=True)),
        int(provisions.value("targets.training.people_per_year", min(last, timezone.localdate()))),
    )
