"""Providers, courses, classes, their filing and what becomes of them."""

from datetime import time, timedelta
from types import SimpleNamespace

import pytest

from tongxing.accounts.models import Grant
from tongxing.audit.log import COMMAND_LINE
from tongxing.core.errors import Refused
from tongxing.notices.models import Notice
from tongxing.training import classes, courses, filing, providers, running, sessions
from tongxing.training.models import TrainingClass
from tongxing.workdays.calendar import add_working_days

from .world import TODAY, a_class, a_course, a_provider, a_session, an_account, complete_plan, trainees

pytestmark = pytest.mark.django_db


def test_a_provider_teaches_only_what_it_is_eligible_for_in_that_year(jiyuan: SimpleNamespace) -> None:
    provider = a_provider(jiyuan.county, levels=(4,))
    assert provider.eligible_in(TODAY.year) == {4}
    assert provider.eligible_in(TODAY.year - 1) == frozenset()
    with pytest.raises(Refused) as refused:
        a_class(jiyuan.county, provider=provider, course=a_course(level=3))
    assert refused.value.code == "provider_not_eligible"
    providers.set_eligibility(provider, TODAY.year + 1, [4, 3], by=COMMAND_LINE)
    starts = TODAY.replace(year=TODAY.year + 1, month=3, day=1)
    assert a_class(jiyuan.county, provider=provider, course=a_course(level=3), starts_on=starts).state == "draft"


def test_setting_levels_withdraws_those_left_out_and_brings_others_back(jiyuan: SimpleNamespace) -> None:
    provider = a_provider(jiyuan.county, years=(2026,), levels=(4, 3))
    providers.set_eligibility(provider, 2026, [4], by=COMMAND_LINE)
    assert provider.eligible_in(2026) == {4}
    providers.set_eligibility(provider, 2026, [4, 3], by=COMMAND_LINE, document="济人社〔2026〕3号")
    assert provider.eligible_in(2026) == {4, 3}
    providers.withdraw_eligibility(provider, 2026, by=COMMAND_LINE, reason="检查不合格")
    assert provider.eligible_in(2026) == frozenset()


def test_an_organisation_that_trains_nobody_is_no_provider(jiyuan: SimpleNamespace) -> None:
    from tongxing.registry.tests.people_factories import an_organisation

    with pytest.raises(Refused, match="兼培训机构"):
        providers.register_provider(an_organisation(jiyuan.kejing), by=COMMAND_LINE)


def test_a_course_has_the_hours_its_level_asks_for(jiyuan: SimpleNamespace) -> None:
    with pytest.raises(Refused, match="少于四级要求的 40 学时"):
        a_course(hours=39)
    course = a_course(hours=44)
    assert (course.hours, [topic.hours for topic in course.topics.all()]) == (44, [36, 8])


def test_a_syllabus_stays_once_sessions_are_planned_by_it(jiyuan: SimpleNamespace) -> None:
    course = a_course()
    lines = [courses.TopicLine("全部内容", 48)]
    courses.change_course(course, by=COMMAND_LINE, topics=lines, summary="", version=1)
    assert course.topics.get().hours == 48
    a_session(a_class(jiyuan.county, course=course))
    with pytest.raises(Refused, match="大纲不能再改"):
        courses.change_course(course, by=COMMAND_LINE, topics=[courses.TopicLine("别的", 40)], summary="", version=2)


def test_a_filing_says_everything_that_is_missing(jiyuan: SimpleNamespace) -> None:
    made = a_class(jiyuan.county, starts_on=TODAY + timedelta(days=10))
    decision = filing.filing_decision(made)
    assert not decision
    assert [reason.partition("：")[0] for reason in decision.reasons] == [
        "学员名册",
        "教学计划",
        "课程表",
        "教学资源",
        "考核方案",
        "期限",
    ]
    with pytest.raises(Refused, match="还不能报备"):
        filing.file_class(made, by=COMMAND_LINE)


def test_filing_review_and_start(jiyuan: SimpleNamespace) -> None:
    clerk = an_account("clerk", "training", area=jiyuan.county)
    chief = an_account("chief", "training", area=jiyuan.county)
    made = complete_plan(a_class(jiyuan.county))
    filed = filing.file_class(made, by=clerk)
    assert (filed.state, filed.review_due_on) == ("filed", add_working_days(TODAY, 5))
    assert [notice.user_id for notice in Notice.objects.open_todos()] == [chief.pk]
    with pytest.raises(Refused, match="报备人不能审核"):
        filing.approve_class(made, by=clerk)
    with pytest.raises(Refused, match="补正"):
        filing.return_class(made, by=chief, reason=" ")
    assert filing.return_class(made, by=chief, reason="师资证明不全").state == "returned"
    filing.file_class(made, by=clerk)
    assert filing.approve_class(made, by=chief).state == "approved"
    assert Notice.objects.open_todos().count() == 0
    with pytest.raises(Refused, match="到那一天再办理开班"):
        running.start_class(made, by=clerk)
    TrainingClass.objects.filter(pk=made.pk).update(starts_on=TODAY)
    assert running.start_class(made, by=clerk).state == "running"
    with pytest.raises(Refused, match="不能办理“准予开班”"):
        filing.approve_class(made, by=chief)


def test_a_provider_agent_runs_only_the_own_classes(jiyuan: SimpleNamespace) -> None:
    made, foreign = a_class(jiyuan.county), a_class(jiyuan.county)
    agent = an_account("school", "training_provider", organisation=made.provider.organisation_id)
    assert list(TrainingClass.objects.visible_to(agent)) == [made]
    complete_plan(made)
    assert filing.file_class(made, by=agent).state == "filed"
    with pytest.raises(Refused) as refused:
        filing.file_class(foreign, by=agent)
    assert refused.value.status == 403
    with pytest.raises(Refused) as refused:
        filing.approve_class(made, by=agent)
    assert refused.value.status == 403


def test_a_township_sees_the_classes_of_its_county_but_not_of_another(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    county, park, other = a_class(jiyuan.county), a_class(jiyuan.park), a_class(jiyuan.other)
    assert set(TrainingClass.objects.visible_to(cast.township)) == {county}
    assert set(TrainingClass.objects.visible_to(cast.officer)) == {county, park}
    assert set(TrainingClass.objects.visible_to(cast.other)) == {other}
    assert set(TrainingClass.objects.visible_to(cast.nobody)) == set()


def test_sessions_clash_by_trainer_room_class_and_trainee(jiyuan: SimpleNamespace) -> None:
    provider = a_provider(jiyuan.county)
    first = a_class(jiyuan.county, provider=provider)
    held = a_session(first)
    second = a_class(jiyuan.county, provider=provider)
    with pytest.raises(Refused, match="教师张老师这个时间在上课"):
        a_session(second, room=None, is_online=True)
    with pytest.raises(Refused, match="教室一号教室这个时间已被占用"):
        a_session(second, trainer=providers.add_trainer(provider, by=COMMAND_LINE, name="李老师"))
    with pytest.raises(Refused, match="本班这个时间已有课"):
        a_session(first, begins=time(9, 0), hours=3, trainer=None, room=None)
    assert a_session(second, begins=held.ends, ends=time(12, 15), hours=1).begins == held.ends
    row = trainees(first, 1)[0]
    third = a_class(jiyuan.county)
    third.enrolments.create(person=row.person, state="admitted", serial=1)
    with pytest.raises(Refused, match=f"学员{row.person}这个时间在另一个班上课"):
        a_session(third)


def test_a_session_holds_no_more_hours_than_its_time(jiyuan: SimpleNamespace) -> None:
    made = a_class(jiyuan.county)
    with pytest.raises(Refused, match="最多合 4 学时"):
        a_session(made, hours=5)
    with pytest.raises(Refused, match="请核对日期"):
        a_session(made, day=40)


def test_cancelling_tells_everybody(jiyuan: SimpleNamespace) -> None:
    made = complete_plan(a_class(jiyuan.county))
    row = made.enrolments.first()
    assert row is not None
    trainee = an_account("trainee", "trainee", area=jiyuan.county, person=row.person)
    agent = an_account("school", "training_provider", organisation=made.provider.organisation_id)
    running.cancel_class(made, by=COMMAND_LINE, reason="报名人数不足")
    told = Notice.objects.values_list("user__username", "title")
    assert set(told) == {("trainee", f"培训班取消：{made.title}"), ("school", f"培训班取消：{made.title}")}
    assert {trainee.username, agent.username} == {"trainee", "school"}
    with pytest.raises(Refused, match="已取消"):
        filing.file_class(made, by=COMMAND_LINE)


def test_postponing_moves_sessions_and_asks_for_a_new_filing(jiyuan: SimpleNamespace) -> None:
    made = complete_plan(a_class(jiyuan.county))
    filing.file_class(made, by=COMMAND_LINE)
    first = made.sessions.first()
    assert first is not None
    later = made.starts_on + timedelta(days=14)
    running.postpone_class(made, by=COMMAND_LINE, starts_on=later, ends_on=made.ends_on + timedelta(days=14), reason="场地检修")
    made.refresh_from_db()
    first.refresh_from_db()
    assert (made.state, made.starts_on, first.on) == ("postponed", later, later)
    assert filing.file_class(made, by=COMMAND_LINE).state == "filed"


def test_a_class_that_is_filed_is_not_changed(jiyuan: SimpleNamespace) -> None:
    made = complete_plan(a_class(jiyuan.county))
    filing.file_class(made, by=COMMAND_LINE)
    made.refresh_from_db()
    facts = {"title": "新名", "mode": "offline", "place": "某处", "capacity": 9, "starts_on": made.starts_on, "ends_on": made.ends_on}
    with pytest.raises(Refused, match="不能修改"):
        classes.change_class(made, by=COMMAND_LINE, version=made.version, **facts)
    session = made.sessions.first()
    assert session is not None
    with pytest.raises(Refused, match="不能排课"):
        sessions.drop_session(session, by=COMMAND_LINE)


def test_grants_of_a_provider_are_by_organisation(jiyuan: SimpleNamespace) -> None:
    made = a_class(jiyuan.county)
    agent = an_account("school", "training_provider", organisation=made.provider.organisation_id)
    Grant.objects.filter(user=agent).update(until=TODAY - timedelta(days=1))
    agent = type(agent).objects.get(pk=agent.pk)
    assert list(TrainingClass.objects.visible_to(agent)) == []
