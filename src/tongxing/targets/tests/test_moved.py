"""Coverage on a past day counts an organisation where it was then: figures, lists and duty areas."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tongxing.registry.models import DutyArea
from tongxing.registry.organisations import change_status, update_organisation
from tongxing.targets.figures import figures
from tongxing.targets.models import Target
from tongxing.targets.units import units

from .world import START, coordinator, enterprise, posting

DAYS = timedelta(days=30)


@pytest.fixture
def moved(shipped: None, jiyuan: SimpleNamespace, cast: SimpleNamespace) -> SimpleNamespace:
    """A large enterprise with a coordinator that moved from 克井 to 沁园 thirty days ago."""
    today = timezone.localdate()
    made = enterprise(jiyuan.kejing, name="搬迁厂", size_override="large", no_code_reason="试")
    posting(coordinator(jiyuan.kejing, certified=True), made)
    update_organisation(made, by=cast.officer, version=1, area=jiyuan.qinyuan, area_since=today - DAYS)
    return SimpleNamespace(made=made, before=today - 2 * DAYS, today=today)


def of(key: str, code: int, day: object) -> tuple[int, int, int]:
    found = next(f for f in figures(code, day) if f.key == key)  # type: ignore[arg-type]
    return found.total, found.covered, found.certified


def large() -> Target:
    return next(t for t in Target.objects.all() if t.is_organisations and "large" in t.size_list)


def test_figures_and_lists_of_both_towns_on_both_days(moved: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    key = large().key
    was, now = jiyuan.kejing.code, jiyuan.qinyuan.code
    assert [of(key, code, day) for code in (was, now) for day in (moved.before, moved.today)] == [
        (1, 1, 1),
        (0, 0, 0),
        (0, 0, 0),
        (1, 1, 1),
    ]
    assert [of(key, jiyuan.county.code, day) for day in (moved.before, moved.today)] == [(1, 1, 1), (1, 1, 1)]
    listed = [[(u.name, u.area_name, u.state) for u in units(key, was, day)] for day in (moved.before, moved.today)]
    assert listed == [[("搬迁厂", "克井镇", "certified")], []]


def test_a_duty_area_covers_who_was_there_on_the_day(moved: SimpleNamespace, jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    small = enterprise(jiyuan.kejing, size="small", name="小厂", size_override="small", no_code_reason="试")
    DutyArea.objects.create(coordinator=coordinator(jiyuan.kejing), area=jiyuan.kejing, since=START)
    update_organisation(small, by=cast.officer, version=1, area=jiyuan.qinyuan, area_since=moved.today - DAYS)
    target = next(t for t in Target.objects.all() if t.is_organisations and "small" in t.size_list)
    was, now = jiyuan.kejing.code, jiyuan.qinyuan.code
    assert (of(target.key, was, moved.before), of(target.key, now, moved.today)) == ((1, 1, 0), (1, 0, 0))
    assert [u.state for u in units(target.key, was, moved.before)] == ["covered"]
    assert [u.names for u in units(target.key, was, moved.before)] != [""]


def test_nobody_counts_an_organisation_while_it_had_ended(moved: SimpleNamespace, jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    gone = enterprise(jiyuan.kejing, size_override="large", no_code_reason="试")
    change_status(gone, "moved", by=cast.officer, on=moved.today - 3 * DAYS)
    change_status(gone, "operating", by=cast.officer, on=moved.today - DAYS)
    days = (moved.today - 4 * DAYS, moved.before, moved.today)
    assert [of(large().key, jiyuan.county.code, day)[0] for day in days] == [2, 1, 2]
