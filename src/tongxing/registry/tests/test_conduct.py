"""Conduct records and the yearly confirmation: who may, and what is refused."""

from datetime import date
from types import SimpleNamespace

import pytest

from tongxing.accounts.models import Grant, User
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.notices.models import Notice
from tongxing.registry.conduct import add_conduct, lift_conduct
from tongxing.registry.confirmation import confirm_organisation, confirm_person, unconfirmed
from tongxing.registry.models import ConductRecord, Coordinator, Person
from tongxing.registry.tests.people_factories import a_coordinator, a_person, an_organisation


def test_conduct_is_recorded_with_source_and_lifted_once(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    person = a_person(jiyuan.kejing)
    facts = {"kind": "violation", "happened_on": date(2024, 3, 1), "summary": "拒不支付劳动报酬"}
    with pytest.raises(Refused) as refused:
        add_conduct(person, by=cast.officer, source="", **facts)
    assert (refused.value.code, refused.value.clause) == ("source_missing", "notice:A1.2")
    with pytest.raises(Refused):
        add_conduct(person, by=cast.other, source="法院", **facts)
    entry = add_conduct(person, by=cast.officer, source="济源市人民法院", document="(2024)豫9001号", **facts)
    lift_conduct(entry, by=cast.officer, on=date(2025, 3, 1), reason="信用修复决定")
    assert ConductRecord.objects.get().lifted_on == date(2025, 3, 1)
    with pytest.raises(Refused) as refused:
        lift_conduct(entry, by=cast.officer, reason="再次")
    assert refused.value.code == "already_lifted"
    assert [e.act for e in Entry.objects.filter(act__contains="conduct")] == ["registry.lift_conduct", "registry.add_conduct"]
    assert list(ConductRecord.objects.visible_to(cast.other)) == []


def test_people_confirm_their_own_record_and_agents_their_peoples(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    mine = a_coordinator(jiyuan.kejing)
    other = a_coordinator(jiyuan.kejing)
    cast.coordinator.person_id = mine.person_id
    cast.coordinator.save()
    Grant.objects.create(
        user=cast.agent, role="agent", organisation_id=other.postings.get().organisation_id, since=date(2020, 1, 1), granted_by="测试"
    )
    assert set(unconfirmed(Coordinator.objects.all())) == {mine, other}
    confirm_person(mine.person, by=cast.coordinator)
    confirm_person(other.person, by=cast.agent, remark="手机号已换")
    for person, by in ((other.person, cast.coordinator), (mine.person, cast.agent), (mine.person, cast.other)):
        with pytest.raises(Refused) as refused:
            confirm_person(person, by=by)
        assert refused.value.code == "not_allowed"
    with pytest.raises(Refused) as refused:
        confirm_person(mine.person, by=cast.officer)
    assert refused.value.code == "already_confirmed"
    assert list(unconfirmed(Coordinator.objects.all())) == []


def test_organisations_are_confirmed_by_their_agent(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    organisation = an_organisation(jiyuan.kejing)
    with pytest.raises(Refused):
        confirm_organisation(organisation, by=cast.agent)
    Grant.objects.create(user=cast.agent, role="agent", organisation_id=organisation.pk, since=date(2020, 1, 1), granted_by="测试")
    del cast.agent.current_grants
    entry = confirm_organisation(organisation, by=cast.agent)
    organisation.refresh_from_db()
    assert (entry.organisation, organisation.confirmed_on is not None) == (organisation, True)


def test_an_agent_no_longer_sees_who_has_left(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    coordinator = a_coordinator(jiyuan.kejing)
    posting = coordinator.postings.get()
    Grant.objects.create(user=cast.agent, role="agent", organisation_id=posting.organisation_id, since=date(2020, 1, 1), granted_by="测试")
    seen = [Person.objects.visible_to(cast.agent).exists(), Coordinator.objects.visible_to(cast.agent).exists()]
    posting.until = date(2024, 6, 1)
    posting.save()
    assert (seen, Person.objects.visible_to(cast.agent).exists(), Coordinator.objects.visible_to(cast.agent).exists()) == (
        [True, True],
        False,
        False,
    )


def test_what_was_typed_into_a_remark_stands_masked_in_the_log(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    mine = a_coordinator(jiyuan.kejing)
    User.objects.filter(pk=cast.coordinator.pk).update(person_id=mine.person_id)
    cast.coordinator.refresh_from_db()
    confirm_person(mine.person, by=cast.coordinator, remark="手机换成13900139000，证件号 419001199003071234")
    remark = "手机换成139****9000，证件号 419001********1234"
    assert Entry.objects.get(act="registry.confirm_person").after["remark"] == remark
    assert [notice.body.endswith(remark) for notice in Notice.objects.all()] == [True, True]
