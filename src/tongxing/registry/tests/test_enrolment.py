"""Enrolment: the moves, the history that never overlaps, what ends with a leaving, and the area that follows the host."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
import time_machine

from tongxing.areas.models import TouchedLeaf
from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.registry import assignments, enrolment
from tongxing.registry.hosting import main_posting
from tongxing.registry.models import Coordinator
from tongxing.registry.models.coordinators import MOVES, CoordinatorStatus
from tongxing.registry.tests.people_factories import a_coordinator, a_person, an_organisation

DAY = date(2025, 5, 20)


def periods(coordinator: Coordinator) -> list[tuple[str, date, date | None]]:
    return list(coordinator.status_periods.values_list("status", "since", "until"))


def test_enrolling_opens_period_posting_and_figures(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    host = an_organisation(jiyuan.kejing, kind="union")
    coordinator = enrolment.enrol(a_person(jiyuan.kejing), host, by=cast.township, on=DAY, post="主席", full_time=True)
    assert (coordinator.status, coordinator.host_kind, coordinator.area_id) == ("active", "union", jiyuan.kejing.code)
    assert periods(coordinator) == [("active", DAY, None)]
    assert list(coordinator.postings.values_list("organisation", "post", "since", "is_primary")) == [(host.pk, "主席", DAY, True)]
    assert set(TouchedLeaf.objects.values_list("area_code", flat=True)) == {jiyuan.kejing.code}
    assert Entry.objects.filter(act="registry.enrol").count() == 1


def test_enrolling_is_refused_twice_too_young_in_future_and_at_ended_hosts(jiyuan: SimpleNamespace) -> None:
    host = an_organisation(jiyuan.kejing)
    ended = an_organisation(jiyuan.kejing, ended_on=date(2025, 1, 1))
    codes = []
    for person, organisation, on in (
        (a_coordinator(jiyuan.kejing).person, host, DAY),
        (a_person(jiyuan.kejing, born_on=date(2010, 1, 1)), host, DAY),
        (a_person(jiyuan.kejing), host, date(2999, 1, 1)),
        (a_person(jiyuan.kejing), ended, DAY),
    ):
        with pytest.raises(Refused) as refused:
            enrolment.enrol(person, organisation, by=COMMAND_LINE, on=on)
        codes.append(refused.value.code)
    assert codes == ["already_enrolled", "too_young", "future_day", "organisation_ended"]


def act_on(coordinator: Coordinator, act: str, host: object, on: date) -> Coordinator:
    if act == "rejoin":
        return enrolment.rejoin(coordinator, host, by=COMMAND_LINE, on=on)
    return getattr(enrolment, act)(coordinator, by=COMMAND_LINE, on=on, reason="测试")


@pytest.mark.parametrize("status", CoordinatorStatus.values)
@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.act)
def test_every_move_is_open_from_its_sources_only(jiyuan: SimpleNamespace, status: str, move: object) -> None:
    path = {"candidate": [], "active": ["activate"], "suspended": ["activate", "suspend"], "left": ["leave"]}[status]
    coordinator = a_coordinator(jiyuan.kejing, on=date(2024, 1, 1), status="candidate")
    for step, act in enumerate(path):
        coordinator = act_on(coordinator, act, None, date(2024, 2 + step, 1))
    host = an_organisation(jiyuan.kejing)
    if status in move.sources:
        assert act_on(coordinator, move.act, host, DAY).status == move.target
    else:
        with pytest.raises(Refused) as refused:
            act_on(coordinator, move.act, host, DAY)
        assert refused.value.code == "bad_move"


def test_leaving_ends_everything_and_gaps_open(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    coordinator = a_coordinator(jiyuan.kejing)
    small = an_organisation(jiyuan.qinyuan, size="small")
    enrolment.give_duty_area(coordinator, jiyuan.park, by=COMMAND_LINE, since=date(2024, 2, 1))
    assignments.assign(coordinator, small, by=COMMAND_LINE, since=date(2024, 2, 1))
    TouchedLeaf.objects.all().delete()
    enrolment.leave(coordinator, by=cast.officer, on=DAY, reason="调离本市")
    coordinator.refresh_from_db()
    ends = {row.until for held in (coordinator.postings, coordinator.duty_areas, coordinator.assignments) for row in held.all()}
    assert (coordinator.status, ends) == ("left", {DAY})
    assert periods(coordinator) == [("active", date(2024, 1, 1), DAY - timedelta(days=1)), ("left", DAY, None)]
    leaves = {jiyuan.kejing.code, jiyuan.qinyuan.code, jiyuan.park.code}
    assert set(TouchedLeaf.objects.values_list("area_code", flat=True)) == leaves
    assert list(Coordinator.objects.active_on(DAY)) == []
    assert list(Coordinator.objects.active_on(DAY - timedelta(days=1))) == [coordinator]


def test_leaving_needs_a_reason_and_a_day_after_the_last_beginning(jiyuan: SimpleNamespace) -> None:
    coordinator = a_coordinator(jiyuan.kejing)
    enrolment.add_posting(coordinator, an_organisation(jiyuan.kejing), by=COMMAND_LINE, since=DAY)
    for on, reason, code in ((DAY, " ", "reason_missing"), (DAY - timedelta(days=1), "病休", "before_posting")):
        with pytest.raises(Refused) as refused:
            enrolment.leave(coordinator, by=COMMAND_LINE, on=on, reason=reason)
        assert refused.value.code == code
    assert coordinator.postings.filter(until=None).count() == 2


def test_back_dated_moves_never_overlap(jiyuan: SimpleNamespace) -> None:
    coordinator = a_coordinator(jiyuan.kejing)
    enrolment.suspend(coordinator, by=COMMAND_LINE, on=DAY, reason="产假")
    with pytest.raises(Refused) as refused:
        enrolment.resume(coordinator, by=COMMAND_LINE, on=DAY - timedelta(days=5))
    assert refused.value.code == "before_period"
    enrolment.resume(coordinator, by=COMMAND_LINE, on=DAY)
    assert periods(coordinator) == [("active", date(2024, 1, 1), DAY - timedelta(days=1)), ("active", DAY, None)]


def test_transfer_moves_area_and_host_kind(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    coordinator = a_coordinator(jiyuan.kejing)
    agency = an_organisation(jiyuan.qinyuan, kind="legal_agency")
    with pytest.raises(Refused) as refused:
        enrolment.transfer(coordinator, agency, by=cast.township, on=DAY)
    assert refused.value.code == "not_allowed"
    enrolment.transfer(coordinator, agency, by=cast.officer, on=DAY, post="顾问")
    coordinator.refresh_from_db()
    coordinator.person.refresh_from_db()
    assert (coordinator.host_kind, coordinator.area, coordinator.person.area) == ("legal_agency", jiyuan.qinyuan, jiyuan.qinyuan)
    assert list(coordinator.postings.values_list("since", "until", "is_primary")) == [
        (DAY, None, True),
        (date(2024, 1, 1), DAY - timedelta(days=1), True),
    ]


def test_ending_the_main_posting_promotes_the_next_then_the_duty_area(jiyuan: SimpleNamespace) -> None:
    coordinator = a_coordinator(jiyuan.kejing)
    main = coordinator.postings.get()
    second = enrolment.add_posting(coordinator, an_organisation(jiyuan.qinyuan, kind="union"), by=COMMAND_LINE, since=DAY)
    assert second.is_primary is False
    enrolment.give_duty_area(coordinator, jiyuan.park, by=COMMAND_LINE, since=DAY)
    enrolment.end_posting(main, by=COMMAND_LINE, on=DAY)
    coordinator.refresh_from_db()
    second.refresh_from_db()
    assert (second.is_primary, coordinator.host_kind, coordinator.area) == (True, "union", jiyuan.qinyuan)
    enrolment.end_posting(second, by=COMMAND_LINE, on=DAY)
    coordinator.refresh_from_db()
    assert (coordinator.host_kind, coordinator.area) == ("", jiyuan.park)


def test_postings_and_duty_areas_refuse_overlap_and_counties(jiyuan: SimpleNamespace) -> None:
    coordinator = a_coordinator(jiyuan.kejing)
    host = coordinator.postings.get().organisation
    for act, place, code in (
        (enrolment.add_posting, host, "overlap"),
        (enrolment.transfer, host, "same_organisation"),
        (enrolment.give_duty_area, jiyuan.county, "not_a_leaf"),
    ):
        with pytest.raises(Refused) as refused:
            act(coordinator, place, by=COMMAND_LINE)
        assert refused.value.code == code
    with pytest.raises(Refused) as refused:
        enrolment.add_posting(coordinator, an_organisation(jiyuan.kejing), by=COMMAND_LINE, since=date(2023, 1, 1))
    assert refused.value.code == "before_enrolment"


def test_rejoining_brings_a_new_posting(jiyuan: SimpleNamespace) -> None:
    coordinator = a_coordinator(jiyuan.kejing)
    enrolment.leave(coordinator, by=COMMAND_LINE, on=DAY, reason="离职")
    host = an_organisation(jiyuan.qinyuan)
    enrolment.rejoin(coordinator, host, by=COMMAND_LINE, on=DAY + timedelta(days=30))
    coordinator.refresh_from_db()
    assert (coordinator.status, coordinator.area) == ("active", jiyuan.qinyuan)
    assert [status for status, _, _ in periods(coordinator)] == ["active", "left", "active"]


@time_machine.travel("2026-11-22 02:00", tick=False)
def test_assignments_are_for_small_and_micro_enterprises(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    coordinator = a_coordinator(jiyuan.kejing)
    small, micro = an_organisation(jiyuan.kejing, size="small"), an_organisation(jiyuan.kejing, size="micro")
    large = an_organisation(jiyuan.kejing, size="large")
    with pytest.raises(Refused) as refused:
        assignments.assign(coordinator, large, by=cast.township)
    assert (refused.value.code, refused.value.clause) == ("not_small", "notice:2.4")
    assignment = assignments.assign(coordinator, small, by=cast.township)
    outcome = assignments.assign_many(coordinator, [small, micro, large], by=cast.township)
    assert (outcome.done, [name for name, _ in outcome.left_out]) == (1, [small.name, large.name])
    assert assignments.load_of([coordinator.pk, 0]) == {coordinator.pk: 2, 0: 0}
    assignments.end_assignment(assignment, by=cast.township, on=date(2026, 11, 22), reason="停业")
    assert assignments.load_of([coordinator.pk], date(2026, 11, 23)) == {coordinator.pk: 1}
    assert Entry.objects.filter(act="registry.assign_many").count() == 1
    assert assignments.overload(51) != ""
    assert assignments.overload(50) == ""
    suspended = enrolment.suspend(coordinator, by=COMMAND_LINE, reason="产假")
    with pytest.raises(Refused) as refused:
        assignments.assign_many(suspended, [small], by=cast.township)
    assert refused.value.code == "not_active"


def test_acts_see_what_another_officer_did_meanwhile(jiyuan: SimpleNamespace) -> None:
    coordinator = a_coordinator(jiyuan.kejing, on=DAY)
    stale, posting = Coordinator.objects.get(pk=coordinator.pk), coordinator.postings.get()
    enrolment.leave(coordinator, by=COMMAND_LINE, reason="离职", on=DAY + timedelta(days=9))
    small = an_organisation(jiyuan.kejing, size="small")
    for act in (
        lambda: enrolment.add_posting(stale, an_organisation(jiyuan.kejing), by=COMMAND_LINE),
        lambda: enrolment.give_duty_area(stale, jiyuan.kejing, by=COMMAND_LINE),
        lambda: assignments.assign(stale, small, by=COMMAND_LINE),
        lambda: enrolment.end_posting(posting, by=COMMAND_LINE),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code in {"left", "not_active", "already_ended"}
    assert list(coordinator.postings.values_list("until", flat=True)) == [DAY + timedelta(days=9)]


def test_transfer_from_a_stale_page_is_an_edit_conflict(jiyuan: SimpleNamespace) -> None:
    coordinator = a_coordinator(jiyuan.kejing)
    seen = main_posting(coordinator)
    first, second = an_organisation(jiyuan.qinyuan), an_organisation(jiyuan.kejing)
    enrolment.transfer(coordinator, first, by=COMMAND_LINE, on=date(2025, 1, 1), seen=seen.pk)
    with pytest.raises(Refused) as refused:
        enrolment.transfer(coordinator, second, by=COMMAND_LINE, on=date(2025, 2, 1), seen=seen.pk)
    assert refused.value.code == "edit_conflict"
    assert first.name in refused.value.message
    assert main_posting(coordinator).organisation == first


EVERY_MOVE = {
    "activate": lambda c, _: enrolment.activate(c, by=COMMAND_LINE),
    "suspend": lambda c, _: enrolment.suspend(c, by=COMMAND_LINE, reason="病休"),
    "resume": lambda c, _: enrolment.resume(c, by=COMMAND_LINE),
    "leave": lambda c, _: enrolment.leave(c, by=COMMAND_LINE, reason="离职"),
    "rejoin": lambda c, host: enrolment.rejoin(c, host, by=COMMAND_LINE),
}


@pytest.mark.parametrize("status", CoordinatorStatus.values)
@pytest.mark.parametrize("act", EVERY_MOVE)
def test_every_move_is_taken_or_refused_as_the_table_says(jiyuan: SimpleNamespace, status: str, act: str) -> None:
    coordinator = a_coordinator(jiyuan.kejing, status="candidate" if status == "candidate" else "active")
    if status == "suspended":
        coordinator = EVERY_MOVE["suspend"](coordinator, None)
    if status == "left":
        coordinator = EVERY_MOVE["leave"](coordinator, None)
    move = enrolment.move_named(act)
    if status in move.sources:
        assert EVERY_MOVE[act](coordinator, an_organisation(jiyuan.kejing)).status == move.target
        return
    with pytest.raises(Refused) as refused:
        EVERY_MOVE[act](coordinator, an_organisation(jiyuan.kejing))
    assert refused.value.message.startswith(f"“{coordinator}”现在是“{CoordinatorStatus(status).label}”，不能办理“{move.label}”。")
