"""How nominees stand after the review: figures, places, spread and outliers of each, once the panel is closed."""

from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from .models import Assignment, AssignmentState, Criterion, Nomination, Panel
from .models.nominations import UNDER_REVIEW
from .ranking import Sheet, Weighted, outliers, ranked, rounded, total


class Given(NamedTuple):
    """One reviewer's total, without the name; `outlier`: far from the others."""

    total: Decimal
    outlier: bool
    comment: str
    assignment: UUID


class Line(NamedTuple):
    """One nominee in the order of the review."""

    nomination: Nomination
    place: int
    figure: Decimal | None
    tied: bool
    given: tuple[Given, ...]
    abstained: int
    by_criterion: tuple[tuple[str, Decimal | None], ...]

    @property
    def spread(self) -> Decimal | None:
        totals = [one.total for one in self.given]
        return max(totals) - min(totals) if totals else None


def lines_of(panel: Panel) -> list[Line]:
    """All nominees of a panel in their order, in a constant number of queries. Ask only when the panel is closed."""
    criteria = list(Criterion.objects.filter(selection_id=panel.selection_id, kind=panel.kind))
    chief = max(criteria, key=lambda one: (one.weight, -one.place)).pk if criteria else None
    rows = Assignment.objects.filter(panel=panel, nomination__state__in=UNDER_REVIEW).prefetch_related("scores").order_by("uid")
    weights = {one.pk: one.weight for one in criteria}
    done: dict[int, list[tuple[Assignment, dict[int, int]]]] = defaultdict(list)
    abstained: dict[int, int] = defaultdict(int)
    for row in rows:
        if row.state == AssignmentState.DONE:
            done[row.nomination_id].append((row, {score.criterion_id: score.value for score in row.scores.all()}))
        abstained[row.nomination_id] += row.state == AssignmentState.ABSTAINED
    nominees = Nomination.objects.filter(selection_id=panel.selection_id, kind=panel.kind, state__in=UNDER_REVIEW)
    known = {one.pk: one for one in nominees.select_related("person", "organisation", "area")}
    totals = {
        pk: {str(row.uid): total(Weighted(tuple((value, weights[key]) for key, value in scores.items()))) for row, scores in done[pk]}
        for pk in known
    }
    sheets = [
        Sheet(str(pk), tuple(totals[pk].values()), tuple(Decimal(scores[chief]) for _, scores in done[pk] if chief in scores))
        for pk in known
    ]
    lines = []
    for placed in ranked(sheets, panel.mean):
        pk = int(placed.key)
        far = outliers(totals[pk])
        given = tuple(Given(totals[pk][str(row.uid)], str(row.uid) in far, row.comment, row.uid) for row, _ in done[pk])
        means = tuple((one.title, _mean([scores[one.pk] for _, scores in done[pk]])) for one in criteria)
        lines.append(Line(known[pk], placed.place, placed.figure, placed.tied, given, abstained[pk], means))
    return lines


def _mean(values: list[int]) -> Decimal | None:
    return rounded(Decimal(sum(values)) / len(values)) if values else None


def progress_of(panel: Panel) -> list[tuple[str, int, int]]:
    """By reviewer: name, how many are done (scored or abstained), how many there are. No score and no nominee."""
    rows = Assignment.objects.filter(panel=panel, nomination__state__in=UNDER_REVIEW).exclude(state=AssignmentState.TAKEN)
    counts: dict[str, list[int]] = {}
    for name, state in rows.order_by("reviewer_id").values_list("reviewer__user__name", "state"):
        counts.setdefault(name, [0, 0])[1] += 1
        counts[name][0] += state != AssignmentState.GIVEN
    return [(name, done, all_of) for name, (done, all_of) in counts.items()]
