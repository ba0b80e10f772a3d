"""Applying, being sent, places and the waiting list; also when many apply at once, on both databases."""

import threading
from collections import Counter
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, connections

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.errors import Refused
from tongxing.notices.models import Notice
from tongxing.registry.models import Person
from tongxing.registry.tests.people_factories import a_coordinator, a_person, an_organisation
from tongxing.training import classes, enrolment, inviting
from tongxing.training.merging import follow_merge, follow_person_merge
from tongxing.training.models import Enrolment, TrainingClass

from .world import TODAY, a_class, a_session, an_account, trainees

pytestmark = pytest.mark.django_db


def states(made: TrainingClass) -> list[tuple[int | None, str]]:
    return list(made.enrolments.order_by("applied_at", "id").values_list("serial", "state"))


def test_who_comes_first_gets_a_place_and_the_rest_wait(jiyuan: SimpleNamespace) -> None:
    made = a_class(jiyuan.county, capacity=2)
    rows = [enrolment.apply(made, a_person(jiyuan.kejing), by=COMMAND_LINE) for _ in range(4)]
    done = enrolment.admit(made, [row.pk for row in reversed(rows)], by=COMMAND_LINE)
    assert (done.admitted, done.waiting, done.refused) == (2, 2, [])
    assert states(made) == [(1, "admitted"), (2, "admitted"), (None, "waiting"), (None, "waiting")]


def test_a_place_that_becomes_free_goes_to_who_waits_longest_and_the_person_is_told(jiyuan: SimpleNamespace) -> None:
    made = a_class(jiyuan.county, capacity=2)
    rows = trainees(made, 4)
    account = an_account("third", "trainee", area=jiyuan.county, person=rows[2].person)
    moved = enrolment.withdraw(rows[0], by=COMMAND_LINE, reason="出差")
    assert [row.pk for row in moved] == [rows[2].pk]
    assert states(made) == [(1, "withdrawn"), (2, "admitted"), (3, "admitted"), (None, "waiting")]
    assert Notice.objects.filter(user=account).latest("pk").title == f"已录取：{made}"


def test_more_places_let_people_move_up(jiyuan: SimpleNamespace) -> None:
    made = a_class(jiyuan.county, capacity=1)
    trainees(made, 3)
    made.refresh_from_db()
    facts = {"title": made.title, "mode": made.mode, "place": made.place, "starts_on": made.starts_on, "ends_on": made.ends_on}
    classes.change_class(made, by=COMMAND_LINE, version=made.version, capacity=3, **facts)
    assert [state for _, state in states(made)] == ["admitted"] * 3
    made.refresh_from_db()
    with pytest.raises(Refused, match="名额不能少于"):
        classes.change_class(made, by=COMMAND_LINE, version=made.version, capacity=2, **facts)


def test_a_class_that_admits_at_once_gives_the_place_with_the_application(jiyuan: SimpleNamespace) -> None:
    made = a_class(jiyuan.county, capacity=1, admits_at_once=True)
    assert [enrolment.apply(made, a_person(jiyuan.kejing), by=COMMAND_LINE).state for _ in range(2)] == ["admitted", "waiting"]


def test_a_person_applies_alone_and_only_for_classes_that_are_open(jiyuan: SimpleNamespace) -> None:
    made, person = a_class(jiyuan.county), a_person(jiyuan.kejing)
    user = an_account("trainee", "trainee", area=jiyuan.county, person=person)
    with pytest.raises(Refused, match="还没有开放报名"):
        enrolment.apply(made, person, by=user)
    classes.announce_class(made, by=COMMAND_LINE, open_for_all=True)
    assert enrolment.apply(made, person, by=user, funding="market").funding == "market"
    with pytest.raises(Refused, match="已在这个班里"):
        enrolment.apply(made, person, by=user)
    with pytest.raises(Refused, match="您不能为此人报这个班"):
        enrolment.apply(made, a_person(jiyuan.kejing), by=user)
    enrolment.withdraw(made.enrolments.get(), by=user)
    assert enrolment.apply(made, person, by=user).state == "applied"


def test_an_employer_sends_its_own_people_and_answers_the_invitation(jiyuan: SimpleNamespace) -> None:
    firm = an_organisation(jiyuan.kejing)
    made = a_class(jiyuan.county)
    classes.announce_class(made, by=COMMAND_LINE, open_for_all=True)
    agent = an_account("agent-of-firm", "agent", organisation=firm.pk)
    invited = inviting.invite_organisations(made, [firm], by=COMMAND_LINE, why="空缺")
    assert (invited.new, invited.without_account) == (1, 0)
    assert Notice.objects.filter(user=agent).count() == 1
    own = a_coordinator(jiyuan.kejing, organisation=firm).person
    rows = enrolment.send_people(made, [own], firm, by=agent)
    assert [(row.state, row.organisation) for row in rows] == [("applied", firm)]
    assert made.invitations.get().state == "answered"
    with pytest.raises(Refused, match="不能报送"):
        enrolment.send_people(made, [a_person(jiyuan.kejing)], firm, by=agent)


def test_inviting_twice_asks_once(jiyuan: SimpleNamespace) -> None:
    made, people = a_class(jiyuan.county), [a_person(jiyuan.kejing) for _ in range(3)]
    assert inviting.invite_people(made, people[:2], by=COMMAND_LINE)[:2] == (2, 0)
    assert inviting.invite_people(made, people, by=COMMAND_LINE)[:2] == (1, 2)
    assert made.enrolments.filter(state="invited").count() == 3


def test_somebody_in_two_classes_at_one_time_is_not_admitted(jiyuan: SimpleNamespace) -> None:
    first, second = a_class(jiyuan.county), a_class(jiyuan.county)
    row = trainees(first, 1)[0]
    waiting = enrolment.apply(second, row.person, by=COMMAND_LINE)
    a_session(first)
    a_session(second)
    done = enrolment.admit(second, [waiting.pk], by=COMMAND_LINE)
    assert (done.admitted, done.refused) == (0, [f"{row.person}（与“{first.title}”时间冲突）"])


def test_nobody_applies_once_the_first_day_has_come(jiyuan: SimpleNamespace) -> None:
    made = a_class(jiyuan.county)
    TrainingClass.objects.filter(pk=made.pk).update(starts_on=TODAY, ends_on=TODAY + timedelta(days=5))
    with pytest.raises(Refused, match="不再接受报名"):
        enrolment.apply(made, a_person(jiyuan.kejing), by=COMMAND_LINE)


def test_rosters_are_seen_by_the_area_the_provider_and_the_person(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    made = a_class(jiyuan.county)
    near, far = trainees(made, 1, jiyuan.kejing)[0], trainees(made, 1, jiyuan.park)[0]
    person = an_account("trainee", "trainee", area=jiyuan.county, person=far.person)
    agent = an_account("school", "training_provider", organisation=made.provider.organisation_id)
    assert set(Enrolment.objects.visible_to(cast.township)) == {near}
    assert set(Enrolment.objects.visible_to(cast.officer)) == {near, far}
    assert set(Enrolment.objects.visible_to(agent)) == {near, far}
    assert set(Enrolment.objects.visible_to(person)) == {far}
    assert set(Enrolment.objects.visible_to(cast.other)) == set()


def test_merging_organisations_and_people_keeps_what_got_further(jiyuan: SimpleNamespace) -> None:
    first, second = an_organisation(jiyuan.kejing), an_organisation(jiyuan.kejing)
    made = a_class(jiyuan.county)
    inviting.invite_organisations(made, [first, second], by=COMMAND_LINE)
    assert follow_merge(first, second, by=COMMAND_LINE)["invitations"] == 0
    assert made.invitations.get().organisation == first
    row = trainees(made, 1)[0]
    twin = a_person(jiyuan.kejing)
    enrolment.apply(made, twin, by=COMMAND_LINE)
    assert follow_person_merge(twin, row.person, by=COMMAND_LINE) == 1
    assert [(held.person, held.state) for held in made.enrolments.all()] == [(twin, "admitted")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="an SQLite test database lives in one connection's memory")
def test_places_are_never_given_twice_when_many_apply_at_once(jiyuan: SimpleNamespace) -> None:
    made = a_class(jiyuan.county, capacity=10, admits_at_once=True)
    people = [a_person(jiyuan.kejing) for _ in range(50)]
    found: list[str] = []
    start = threading.Barrier(25)

    def run(some: list[Person]) -> None:
        try:
            start.wait(30)
            found.extend(enrolment.apply(made, person, by=COMMAND_LINE).state for person in some)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(people[number::25],)) for number in range(25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert Counter(found) == {"admitted": 10, "waiting": 40}
    serials = made.enrolments.filter(state="admitted").values_list("serial", flat=True)
    assert sorted(serials) == list(range(1, 11))
