"""A suspended provider makes, files and begins no class and takes nobody in; what has begun goes on."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.registry.tests.people_factories import a_person, an_organisation
from tongxing.training import classes, enrolment, filing, inviting, running, suspending
from tongxing.training.attendance import Mark, take_attendance
from tongxing.training.holding import fill_waiting
from tongxing.training.merging import follow_merge
from tongxing.training.models import Enrolment, Suspension, TrainingClass
from tongxing.training.next_steps import next_steps

from .world import TODAY, a_class, a_course, a_provider, an_account, complete_plan, running_class, trainees

pytestmark = pytest.mark.django_db
WHY = {"document": "济人社督决〔2026〕3号", "reason": "签到表没有本人签名"}


def refused(job: Any) -> Refused:
    with pytest.raises(Refused) as found:
        job()
    return found.value


def suspended(made: TrainingClass, **facts: Any) -> Suspension:
    return suspending.suspend(made.provider.organisation, by=COMMAND_LINE, **{"since": TODAY, **WHY, **facts})


def test_nothing_new_begins_while_the_provider_is_suspended(jiyuan: SimpleNamespace) -> None:
    made = complete_plan(a_class(jiyuan.county))
    row = suspended(made)
    person = a_person(jiyuan.kejing)
    jobs = {
        "new": lambda: a_class(jiyuan.county, provider=made.provider),
        "open": lambda: classes.announce_class(made, by=COMMAND_LINE, open_for_all=True),
        "file": lambda: filing.file_class(made, by=COMMAND_LINE),
        "apply": lambda: enrolment.apply(made, person, by=COMMAND_LINE),
        "send": lambda: enrolment.send_people(made, [person], an_organisation(jiyuan.kejing), by=COMMAND_LINE),
        "admit": lambda: enrolment.admit(made, [], by=COMMAND_LINE),
        "invite": lambda: inviting.invite_people(made, [person], by=COMMAND_LINE),
    }
    assert {name: refused(job).code for name, job in jobs.items()} == dict.fromkeys(jobs, "suspended")
    text = refused(jobs["file"]).message
    assert [part in text for part in (WHY["document"], WHY["reason"], str(TODAY), "已开班的照常办完", "解除以后再办")] == [True] * 5
    told = refused(jobs["apply"]).message
    assert [part in told for part in (str(TODAY), "另选其他机构", WHY["reason"])] == [True, True, False], "what was found may name people"
    assert classes.announce_class(made, by=COMMAND_LINE, open_for_all=False).is_announced is False
    suspending.lift_suspension(row, by=COMMAND_LINE, reason="整改已复查合格")
    assert filing.file_class(made, by=COMMAND_LINE).state == "filed"


def test_a_filed_class_is_neither_let_through_nor_begun_but_may_be_put_off(jiyuan: SimpleNamespace) -> None:
    made = filing.file_class(complete_plan(a_class(jiyuan.county)), by=COMMAND_LINE)
    offered = {move.act for move in filing.open_moves(made, COMMAND_LINE)}
    row = suspended(made, until=TODAY + timedelta(days=40))
    assert offered - {move.act for move in filing.open_moves(made, COMMAND_LINE)} == {"approve"}, "what would be refused is not offered"
    assert refused(lambda: filing.approve_class(made, by=COMMAND_LINE)).code == "suspended"
    TrainingClass.objects.filter(pk=made.pk).update(state="approved", starts_on=TODAY)
    assert refused(lambda: running.start_class(made, by=COMMAND_LINE)).code == "suspended"
    assert Entry.objects.get(act="training.suspend").after["classes"] == [made.title]
    days = {"starts_on": TODAY + timedelta(days=60), "ends_on": TODAY + timedelta(days=80)}
    assert running.postpone_class(made, by=COMMAND_LINE, reason="机构暂停", **days).state == "postponed"
    made.refresh_from_db()
    assert row.document in next_steps(made, COMMAND_LINE)[0].text


def test_a_class_that_has_begun_goes_on_to_its_end(jiyuan: SimpleNamespace) -> None:
    begun = running_class(jiyuan.county, people=1, began=40)
    suspended(begun.made)
    assert take_attendance(begun.sessions[0], {begun.rows[0].pk: Mark("present", timezone.now())}, by=COMMAND_LINE, source="paper").new == 1
    Enrolment.objects.update(state="completed")
    assert running.finish_class(begun.made, by=COMMAND_LINE).state == "finished"


def test_who_waits_moves_up_only_when_the_suspension_is_lifted(jiyuan: SimpleNamespace) -> None:
    made = a_class(jiyuan.county, capacity=1)
    first, second = trainees(made, 2)
    assert (first.state, second.state) == ("admitted", "waiting")
    row = suspended(made)
    assert enrolment.withdraw(first, by=COMMAND_LINE) == []
    suspending.lift_suspension(row, by=COMMAND_LINE, reason="整改已复查合格")
    second.refresh_from_db()
    assert second.state == "admitted"


def test_who_waits_moves_up_by_the_clock_when_the_suspension_has_run_out(jiyuan: SimpleNamespace) -> None:
    made = a_class(jiyuan.county, capacity=1)
    first, second = trainees(made, 2)
    suspended(made, until=TODAY + timedelta(days=3))
    enrolment.withdraw(first, by=COMMAND_LINE)
    assert fill_waiting() == 0
    Suspension.objects.update(since=TODAY - timedelta(days=9), until=TODAY - timedelta(days=1))
    assert (fill_waiting(), fill_waiting()) == (1, 0)
    second.refresh_from_db()
    entry = Entry.objects.get(act="training.promote")
    assert (second.state, entry.after["class"], entry.actor_name) == ("admitted", made.title, "系统")


def test_it_holds_for_its_level_and_its_days_and_is_decided_by_supervision(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    made = a_class(jiyuan.county)
    until = TODAY + timedelta(days=20)
    organisation = made.provider.organisation
    facts = {"since": TODAY, "until": until, "level": 4, **WHY}
    assert refused(lambda: suspending.suspend(organisation, by=cast.officer, **facts)).code == "not_allowed"
    assert refused(lambda: suspending.suspend(organisation, by=cast.leader, **{**facts, "reason": " "})).code == "reason_missing"
    assert refused(lambda: suspending.suspend(organisation, by=cast.leader, **{**facts, "document": " "})).code == "document_missing"
    row = suspending.suspend(organisation, by=cast.leader, **facts)
    assert a_class(jiyuan.county, provider=made.provider, course=a_course(level=3)).state == "draft"
    held = [bool(suspending.suspended_on(organisation.pk, 4, day)) for day in (TODAY, until, until + timedelta(days=1))]
    assert held == [True, True, False]
    assert refused(lambda: suspending.lift_suspension(row, by=cast.officer, reason="改好了")).code == "not_allowed"
    suspending.lift_suspension(row, by=cast.leader, reason="整改已复查合格")
    assert refused(lambda: suspending.lift_suspension(row, by=cast.leader, reason="再来")).code == "already_ended"


def test_it_goes_with_the_provider_when_two_records_become_one(jiyuan: SimpleNamespace) -> None:
    first, second = a_class(jiyuan.county), a_class(jiyuan.county, provider=a_provider(jiyuan.county))
    suspended(second)
    moved = follow_merge(first.provider.organisation, second.provider.organisation, by=COMMAND_LINE)
    assert moved["suspensions"] == 1
    assert refused(lambda: a_class(jiyuan.county, provider=first.provider)).code == "suspended"


def test_the_page_of_the_provider_says_it(jiyuan: SimpleNamespace) -> None:
    made = a_class(jiyuan.county)
    client = Client()
    client.force_login(an_account("school", "training_provider", organisation=made.provider.organisation_id))
    address = reverse("training:provider", args=[made.provider.uid])
    assert "暂停承办" not in client.get(address).content.decode()
    row = suspended(made)
    text = client.get(address).content.decode()
    assert [part in text for part in (row.document, row.reason, "已开班的照常办完")] == [True] * 3
