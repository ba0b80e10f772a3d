"""Every shape and every state of a unit, on today and on other days."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tongxing.areas.ledger import touch
from tongxing.areas.models import Area
from tongxing.audit.log import COMMAND_LINE
from tongxing.honours.honouring import enter_honour, withdraw_honour
from tongxing.registry.models import Assignment, DutyArea, PastSize
from tongxing.targets import recounting
from tongxing.targets.figures import by_child, figure, figures
from tongxing.targets.models import Exemption, LeafFigure, Target
from tongxing.targets.reach import rolled_codes
from tongxing.targets.recounting import recount_all

from .world import certificate, coordinator, enterprise, posting

pytestmark = pytest.mark.usefixtures("shipped")
COUNTY = 419001000000


def counts(area_code: int, key: str, on: date | None = None) -> tuple[int, int, int, int, int]:
    found = figure(area_code, key, on)
    return found.total, found.covered, found.certified, found.exempt, found.vacant


def test_large_and_medium_enterprises_by_state(jiyuan: SimpleNamespace) -> None:
    uncertified, certified = coordinator(jiyuan.kejing), coordinator(jiyuan.kejing, certified=True)
    posting(uncertified, enterprise(jiyuan.kejing, "large"))
    posting(certified, enterprise(jiyuan.kejing, "medium"))
    enterprise(jiyuan.qinyuan, "large")
    enterprise(jiyuan.qinyuan, "small")
    spared = enterprise(jiyuan.park, "medium")
    Exemption.objects.create(
        target_key="enterprises", unit_kind="organisation", unit_id=spared.pk, unit_name=spared.name, area_code=jiyuan.park.code,
        reason="停产", state="approved", until=date(2099, 1, 1), requested_by="甲",
    )  # fmt: skip
    touch([jiyuan.park.code])
    assert counts(COUNTY, "enterprises") == (4, 2, 1, 1, 1)
    found = figure(COUNTY, "enterprises")
    assert (found.rate, found.gap, found.met, found.is_late) == (2 / 3, 1, False, True)
    assert not found.decision
    assert found.decision.reasons[0] == "应覆盖 3 家大中型企业（共 4，免设 1），要求覆盖 100%，即至少 3；每个有 1 名在任协调员算覆盖。"
    assert found.decision.reasons[1] == f"{timezone.localdate()} 已覆盖 2，还差 1。"
    assert found.decision.reasons[2].startswith("期限 2023-12-31，已过 ")
    assert found.decision.facts["已覆盖"] == 2
    assert found.decision.clauses == ("notice:2.1",)
    assert figure(COUNTY, "trained").decision is None
    assert [(area.name, row.total, row.vacant) for area, row in by_child(COUNTY, "enterprises")] == [
        ("沁园街道", 1, 1), ("克井镇", 2, 0), ("玉川片区", 1, 0),
    ]  # fmt: skip


def test_past_and_coming_days_are_counted_from_history(jiyuan: SimpleNamespace) -> None:
    today = timezone.localdate()
    plant = enterprise(jiyuan.kejing, "large", began_on=date(2021, 1, 1))
    holder = coordinator(jiyuan.kejing, since=date(2022, 1, 1), until=date(2022, 12, 31))
    posting(holder, plant, since=date(2021, 6, 1))
    certificate(holder, issued_on=date(2022, 6, 1))
    assert counts(COUNTY, "enterprises", date(2020, 12, 31)) == (0, 0, 0, 0, 0)
    assert counts(COUNTY, "enterprises", date(2021, 12, 31)) == (1, 0, 0, 0, 1)
    assert counts(COUNTY, "enterprises", date(2022, 1, 1)) == (1, 1, 0, 0, 0)
    assert counts(COUNTY, "enterprises", date(2022, 12, 31)) == (1, 1, 1, 0, 0)
    assert counts(COUNTY, "enterprises", date(2023, 1, 1)) == (1, 0, 0, 0, 1)
    assert counts(COUNTY, "enterprises", today + timedelta(days=30)) == (1, 0, 0, 0, 1)


def test_a_size_of_the_past_counts_on_its_days(jiyuan: SimpleNamespace) -> None:
    plant = enterprise(jiyuan.kejing, "small", size_since=date(2024, 1, 1))
    PastSize.objects.create(organisation=plant, size="large", since=date(2020, 1, 1), until=date(2023, 12, 31))
    assert counts(COUNTY, "enterprises", date(2023, 12, 31)) == (1, 0, 0, 0, 1)
    assert counts(COUNTY, "enterprises", date(2024, 1, 1)) == (0, 0, 0, 0, 0)
    assert counts(COUNTY, "small", date(2023, 12, 31)) == (0, 0, 0, 0, 0)
    assert counts(COUNTY, "small") == (1, 0, 0, 0, 1)


def test_a_party_without_a_registered_body_is_a_vacant_unit(jiyuan: SimpleNamespace) -> None:
    assert counts(COUNTY, "tripartite") == (3, 0, 0, 0, 3)
    bureau = enterprise(jiyuan.qinyuan, "unknown", kind="tripartite", party="hr")
    posting(coordinator(jiyuan.county, certified=True), bureau)
    assert counts(COUNTY, "tripartite") == (3, 1, 1, 0, 2)
    assert counts(jiyuan.qinyuan.code, "tripartite") == (0, 0, 0, 0, 0)
    assert counts(jiyuan.henan.code, "tripartite") == (6, 1, 1, 0, 5)


def test_streets_towns_and_parks_by_duty_area_or_grassroots_posting(jiyuan: SimpleNamespace) -> None:
    assert counts(COUNTY, "areas") == (3, 0, 0, 0, 3)
    DutyArea.objects.create(coordinator=coordinator(jiyuan.kejing), area=jiyuan.kejing, since=date(2020, 1, 1))
    office = enterprise(jiyuan.qinyuan, "unknown", kind="grassroots")
    posting(coordinator(jiyuan.qinyuan, certified=True), office)
    touch([jiyuan.kejing.code])
    assert counts(COUNTY, "areas") == (3, 2, 1, 0, 1)
    assert counts(jiyuan.kejing.code, "areas") == (1, 1, 0, 0, 0)


def test_small_enterprises_by_assignment_or_duty_area_up_to_the_share(jiyuan: SimpleNamespace) -> None:
    small = [enterprise(jiyuan.kejing, "small") for _ in range(4)]
    enterprise(jiyuan.qinyuan, "micro")
    Assignment.objects.create(coordinator=coordinator(jiyuan.kejing), organisation=small[0], since=date(2020, 1, 1))
    touch([jiyuan.kejing.code])
    found = figure(COUNTY, "small")
    assert (found.total, found.covered, found.needed, found.gap, found.met) == (5, 1, 4, 3, False)
    DutyArea.objects.create(coordinator=coordinator(jiyuan.kejing, certified=True), area=jiyuan.kejing, since=date(2020, 1, 1))
    touch([jiyuan.kejing.code])
    found = figure(COUNTY, "small")
    assert (found.covered, found.certified, found.gap, found.met) == (4, 4, 0, True)
    assert counts(COUNTY, "small", timezone.localdate() + timedelta(days=1)) == (5, 4, 4, 0, 1)


def test_a_minimum_of_two_asks_for_two_coordinators(jiyuan: SimpleNamespace) -> None:
    Target.objects.filter(key="enterprises").update(minimum_key="", minimum=2)
    plant = enterprise(jiyuan.kejing, "large")
    posting(coordinator(jiyuan.kejing), plant)
    assert counts(COUNTY, "enterprises") == (1, 0, 0, 0, 1)
    posting(coordinator(jiyuan.kejing), plant)
    assert counts(COUNTY, "enterprises") == (1, 1, 0, 0, 0)


def test_yearly_targets_count_what_other_rooms_did_this_year(jiyuan: SimpleNamespace) -> None:
    found = {row.key: row for row in figures(COUNTY)}
    assert [key for key, row in found.items() if row.no_data] == ["trained", "models", "model_organisations"]
    assert (found["trained"].minimum, found["trained"].met) == (60, False)
    assert [row.done for row in found.values() if row.no_data] == [0, 0, 0]
    today = timezone.localdate()
    facts = {"by": COMMAND_LINE, "level": "model", "title": "典型", "awarded_by": "人社局"}
    enter_honour(coordinator(jiyuan.kejing).person, year=today.year, awarded_on=today, **facts)
    enter_honour(coordinator(jiyuan.kejing).person, year=today.year - 1, awarded_on=today, **facts)
    enter_honour(coordinator(jiyuan.kejing).person, year=today.year, awarded_on=today, **{**facts, "level": "gold"})
    gone = enter_honour(coordinator(jiyuan.kejing).person, year=today.year, awarded_on=today, **facts)
    withdraw_honour(gone, by=COMMAND_LINE, reason="不实")
    assert [figure(code, "models").done for code in (COUNTY, jiyuan.kejing.code, jiyuan.other.code)] == [1, 1, 0]


def test_deadline_and_share_come_from_provisions(jiyuan: SimpleNamespace) -> None:
    found = {row.key: row for row in figures(COUNTY)}
    assert [(key, row.deadline, row.clause) for key, row in found.items() if row.deadline] == [
        ("enterprises", date(2023, 12, 31), "notice:2.1"),
        ("tripartite", date(2023, 12, 31), "notice:2.2"),
        ("areas", date(2023, 12, 31), "notice:2.3"),
        ("small", date(2023, 12, 31), "notice:2.4"),
    ]
    assert found["small"].share == 0.8


def test_townships_directly_below_a_prefecture_beside_counties(jiyuan: SimpleNamespace) -> None:
    city = Area.objects.get(code=419000000000)
    street = Area.objects.create(code=419000003000, name="直管街道", short_name="直管街道", kind="street", parent=city)
    enterprise(street, "large")
    enterprise(jiyuan.kejing, "large")
    assert [(area.name, row.total) for area, row in by_child(city.code, "enterprises")] == [("直管街道", 1), ("济源示范区", 1)]
    assert counts(jiyuan.henan.code, "enterprises") == (2, 0, 0, 0, 2)


def test_a_whole_recount_writes_only_what_differs(jiyuan: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    enterprise(jiyuan.qinyuan, "large")
    plant = enterprise(jiyuan.kejing, "large")
    recount_all()
    before = {(row.rolled, row.area_code, row.target_key): row.pk for row in LeafFigure.objects.all()}
    posting(coordinator(jiyuan.kejing, certified=True), plant)
    recount_all()
    after = {(row.rolled, row.area_code, row.target_key): row.pk for row in LeafFigure.objects.all()}
    assert after.keys() == before.keys()
    written = {place for place, pk in after.items() if pk != before[place]}
    above = {(True, code, "enterprises") for code in rolled_codes(COUNTY)}
    assert written == {(False, jiyuan.kejing.code, "enterprises"), *above}
    # Where most of it is new, all is written anew; the figures are the same.
    said = {row[1:]: row for row in LeafFigure.objects.values_list("id", "target_key", "area_code", "rolled", "covered", "certified")}
    monkeypatch.setattr(recounting, "MANY_LEAVES", 0)
    plant.size = "small"
    plant.save(update_fields=["size"])
    recount_all()
    plant.size = "large"
    plant.save(update_fields=["size"])
    recount_all()
    columns = ("target_key", "area_code", "rolled", "covered", "certified")
    assert set(LeafFigure.objects.values_list(*columns)) == said.keys()
