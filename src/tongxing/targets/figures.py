"""The figures of an area: units, covered, certified, exempt, vacant, against what the notice asks (notice:2.1-2.4, 3.1.1, 3.3.1).

Today's figures are sums of kept leaf figures, refreshed first; those of another day are counted from the register's history.
"""

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.areas.scope import span_of
from tongxing.honours.honouring import models_in
from tongxing.policy.decision import Decision
from tongxing.training.figures import people_trained

from .counting import Tally, count, count_many
from .definitions import Held, deadline_of, held_on, minimum_of, share_of
from .models import LeafFigure, Target
from .reach import Reach, is_rolled
from .recounting import refresh

TRAINED = "training.people"
MODELS = {"honours.people": "person", "honours.organisations": "organisation"}
"""What the yearly targets of models count, by the kind of those on the honours roll."""
"""What a target that counts trained people names in `counts`."""


@dataclass(frozen=True)
class TargetFigure:
    """One target's figure in one area on one day. `no_data`: a room that will deliver the count is not there yet."""

    key: str
    title: str
    clause: str
    deadline: date | None
    minimum: int
    total: int
    covered: int
    certified: int
    exempt: int
    vacant: int
    no_data: bool
    noun: str
    shape: str
    share: float
    day: date
    chased: bool = True
    done: int | None = None
    """Of a yearly target that a room counts: how many this year up to the day."""

    @property
    def counted(self) -> int:
        """Units that have to be covered: all but the exempt ones."""
        return self.total - self.exempt

    @property
    def rate(self) -> float | None:
        return self.covered / self.counted if self.counted else None

    @property
    def certified_rate(self) -> float | None:
        return self.certified / self.counted if self.counted else None

    @property
    def needed(self) -> int:
        """How many units must be covered for the target to be met."""
        return math.ceil(round(self.share * self.counted, 6))

    @property
    def gap(self) -> int:
        """How many more units must be covered."""
        return max(0, self.needed - self.covered)

    @property
    def uncertified(self) -> int:
        return self.covered - self.certified

    @property
    def decision(self) -> Decision | None:
        """Whether the target is met on the day, and why; None while there is nothing to count."""
        if self.no_data or not self.counted:
            return None
        exempt = f"（共 {self.total}，免设 {self.exempt}）" if self.exempt else ""
        reasons = [
            f"应覆盖 {self.counted} {self.noun}{exempt}，要求覆盖 {self.share:.0%}，即至少 {self.needed}；每个有 {self.minimum} 名在任协调员算覆盖。",
            f"{self.day} 已覆盖 {self.covered}，" + (f"还差 {self.gap}。" if self.gap else "达到要求。"),
        ]
        if self.deadline and self.gap:
            left = (self.deadline - self.day).days
            reasons.append(f"期限 {self.deadline}，" + (f"还有 {left} 天。" if left >= 0 else f"已过 {-left} 天。"))
        facts: dict[str, Any] = {
            "共": self.total,
            "免设": self.exempt,
            "已覆盖": self.covered,
            "要求比例": self.share,
            "每个至少": self.minimum,
        }
        facts |= {"期限": self.deadline.isoformat() if self.deadline else None, "日期": self.day.isoformat()}
        return Decision(self.gap == 0, tuple(reasons), facts, (self.clause,) if self.clause else ())

    @property
    def met(self) -> bool:
        return bool(self.decision)

    @property
    def is_late(self) -> bool:
        return not self.no_data and not self.met and self.counted > 0 and self.deadline is not None and self.day > self.deadline

    @property
    def meter(self) -> int:
        return math.floor((self.rate or 0) * 100)


def _figure(target: Target, tally: Tally, day: date, held: Held, done: int | None = None) -> TargetFigure:
    return TargetFigure(
        key=target.key,
        title=target.title,
        clause=target.clause,
        deadline=deadline_of(target, day, held),
        minimum=minimum_of(target, day, held),
        total=tally.total,
        covered=tally.covered,
        certified=tally.certified,
        exempt=tally.exempt,
        vacant=tally.vacant,
        no_data=target.is_yearly,
        noun=target.noun,
        shape=target.shape,
        share=share_of(target, day, held),
        day=day,
        chased=target.chased,
        done=done,
    )


def _done(target: Target, area_code: int, day: date) -> int | None:
    """What a yearly target counts; None where no room delivers the count yet."""
    if target.counts == TRAINED:
        return people_trained(area_code, day.year, until=day)
    kind = MODELS.get(target.counts)
    return models_in(area_code, day.year, kind, until=day) if kind else None


def kept_rows(area_code: int) -> QuerySet[LeafFigure]:
    """The rows that sum up to an area: one rolled row a target for a county and above, the leaves themselves below."""
    if is_rolled(area_code):
        return LeafFigure.objects.filter(rolled=True, area_code=area_code)
    low, high = span_of(area_code)
    return LeafFigure.objects.filter(rolled=False, area_code__gte=low, area_code__lte=high)


def tallies_of(area_code: int, on: date | None = None) -> dict[str, Tally]:
    """Tallies by target key, for today from the kept figures, else counted."""
    today = timezone.localdate()
    day = on or today
    if day == today:
        refresh()
        sums = kept_rows(area_code).values_list("target_key").annotate(Sum("total"), Sum("covered"), Sum("certified"), Sum("exempt"))
        return {key: Tally(*numbers) for key, *numbers in sums}
    targets = list(Target.objects.active_on(day).coverage())
    found = {target.key: Tally() for target in targets}
    for (key, _), part in count_many(targets, day, Reach.below(area_code)).items():
        found[key].add(part)
    return found


def figures(area_code: int, on: date | None = None) -> list[TargetFigure]:
    """All targets active on the day, in their order."""
    day = on or timezone.localdate()
    tallies = tallies_of(area_code, on)
    held = held_on(day)
    targets = Target.objects.active_on(day)
    return [_figure(target, tallies.get(target.key, Tally()), day, held, _done(target, area_code, day)) for target in targets]


def figure(area_code: int, key: str, on: date | None = None) -> TargetFigure:
    """One target's figure; Target.DoesNotExist for an unknown key."""
    day = on or timezone.localdate()
    target = Target.objects.get(key=key)
    return _figure(target, tallies_of(area_code, on).get(key, Tally()), day, held_on(day), _done(target, area_code, day))


def children_of(area_code: int, day: date) -> list[Area]:
    """The areas one step below; below the whole country (code 0) those without a parent when there is no row for the country."""
    below = Area.objects.valid_on(day).filter(parent_id=area_code).order_by("code")
    if area_code == 0 and not Area.objects.filter(code=0).exists():
        below = Area.objects.valid_on(day).filter(parent=None).order_by("code")
    return list(below)


def by_child(area_code: int, key: str, on: date | None = None) -> list[tuple[Area, TargetFigure]]:
    """The figure of each child area, then of the units that stand at the area itself (parties, organisations not yet placed)."""
    day = on or timezone.localdate()
    target = Target.objects.get(key=key)
    children = children_of(area_code, day)
    tallies = _child_tallies(target, area_code, [area.code for area in children], day)
    held = held_on(day)
    rows = [(area, _figure(target, tallies.get(area.code, Tally()), day, held)) for area in children]
    own = tallies.get(area_code, Tally())
    itself = Area.objects.filter(code=area_code).first() if own else None
    return [*rows, (itself, _figure(target, own, day, held))] if itself else rows


def by_leaf(area_code: int, key: str, day: date) -> dict[int, Tally]:
    """The tally of each leaf area below an area (and of the area itself), by its code."""
    if day != refresh():
        return count(Target.objects.get(key=key), day, Reach.below(area_code))
    return dict(_parts(LeafFigure.objects.filter(target_key=key, rolled=False, area_code__range=span_of(area_code))))


Part = tuple[int, Tally]


def _child_tallies(target: Target, area_code: int, children: list[int], day: date) -> dict[int, Tally]:
    if day != refresh():
        return _gather(list(count(target, day, Reach.below(area_code)).items()), area_code, children)
    rolled = {code for code in children if is_rolled(code)}
    kept = LeafFigure.objects.filter(target_key=target.key)
    sums = dict(_parts(kept.filter(rolled=True, area_code__in=sorted(rolled))))
    if len(rolled) < len(children):
        leaves = _gather(_parts(kept.filter(rolled=False, area_code__range=span_of(area_code))), area_code, children)
    else:
        leaves = dict(_parts(kept.filter(rolled=False, area_code=area_code)))
    return {**leaves, **sums}


def _parts(rows: QuerySet[LeafFigure]) -> list[Part]:
    columns = rows.values_list("area_code", "total", "covered", "certified", "exempt")
    return [(code, Tally(*numbers)) for code, *numbers in columns]


def _gather(parts: list[Part], area_code: int, children: list[int]) -> dict[int, Tally]:
    """Add each part to the child whose subtree holds it; what no child holds stays with the area itself."""
    widths = sorted({high - low + 1 for low, high in map(span_of, children)})
    known = set(children)
    sums: dict[int, Tally] = defaultdict(Tally)
    for code, part in parts:
        home = next((code // width * width for width in widths if code // width * width in known), area_code)
        sums[home].add(part)
    return sums
