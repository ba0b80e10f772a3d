"""Acts on organisations."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from tongxing.accounts.organisations import find as find_for_grant
from tongxing.areas.models import TouchedLeaf
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.core.identifiers import credit_check_character
from tongxing.registry import organisations as acts
from tongxing.registry.models import Assignment, Coordinator, Organisation, Person, Posting, StatusPeriod
from tongxing.registry.organisation_contacts import add_contact, remove_contact, reveal_contact_phones
from tongxing.registry.organisation_doubles import likely_doubles
from tongxing.registry.placing import place_as_suggested
from tongxing.registry.search import find

TODAY = timezone.localdate()


def code(number: int = 1) -> str:
    first = f"91419001{number:09d}"
    return first + credit_check_character(first)


def enterprise(world: SimpleNamespace, by: Any, **facts: Any) -> Organisation:
    defaults = {"area": world.kejing, "name": "济源甲水泥有限公司", "kind": "enterprise", "credit_code": code()}
    return acts.register_organisation(by=by, **(defaults | facts))


def coordinator_at(organisation: Organisation, name: str, since: date) -> Coordinator:
    person = Person.objects.create(name=name, area=organisation.area)
    coordinator = Coordinator.objects.create(person=person, area=organisation.area, host_kind=organisation.kind, enrolled_on=since)
    StatusPeriod.objects.create(coordinator=coordinator, status="active", since=since)
    Posting.objects.create(coordinator=coordinator, organisation=organisation, since=since)
    return coordinator


def last(act: str) -> Entry:
    return Entry.objects.filter(act=act).first()


FIGURES = {"industry": "3011", "employees": "1,200", "revenue": "35000", "figures_year": "2025"}


def test_register_judges_sizes_logs_and_indexes(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    made = enterprise(jiyuan, cast.officer, contact_phone="13800001234", **FIGURES)
    made.refresh_from_db()
    assert (made.size, made.size_by_rule, made.size_since, made.employees, made.unplaced) == ("medium", "medium", None, 1200, False)
    assert made.contact_phone == "13800001234"
    entry = last("registry.register_organisation")
    assert entry.after["contact_phone"] == "138****1234"
    assert (entry.actor_id, entry.area_code, entry.after["size"]) == (cast.officer.pk, jiyuan.kejing.code, "medium")
    assert TouchedLeaf.objects.filter(area_code=jiyuan.kejing.code).exists()
    assert [hit.title for hit in find("甲水泥", cast.officer)] == ["济源甲水泥有限公司"]


def test_register_says_every_wrong_value(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    wrong = {"name": "x", "kind": "shop", "credit_code": "123", "industry": "9999", "employees": "-3", "contact_phone": "12"}
    with pytest.raises(ValidationError) as caught:
        acts.register_organisation(by=cast.officer, area=jiyuan.kejing, **wrong)
    assert set(caught.value.message_dict) == set(wrong)


def test_without_credit_code_a_reason_is_asked(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    with pytest.raises(ValidationError) as caught:
        enterprise(jiyuan, cast.officer, credit_code="")
    assert list(caught.value.message_dict) == ["no_code_reason"]
    assert enterprise(jiyuan, cast.officer, credit_code="", no_code_reason="新设立，正在办理").credit_code is None


def test_one_credit_code_once(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    enterprise(jiyuan, cast.officer)
    with pytest.raises(Refused) as caught:
        enterprise(jiyuan, cast.officer, name="另一个名称")
    assert caught.value.code == "organisation_exists"


def test_other_area_is_refused(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    with pytest.raises(Refused):
        enterprise(jiyuan, cast.other)
    made = enterprise(jiyuan, cast.officer)
    for act in (
        lambda: acts.update_organisation(made, by=cast.other, version=1, name="改名改名"),
        lambda: acts.change_status(made, "suspended", by=cast.other),
        lambda: acts.override_size(made, by=cast.other, size="large", reason="试"),
        lambda: acts.place_organisations([made.pk], jiyuan.qinyuan, by=cast.other),
        lambda: acts.place_organisations([made.pk], jiyuan.qinyuan, by=cast.township),
        lambda: acts.update_organisation(made, by=cast.township, version=1, area=jiyuan.qinyuan),
    ):
        with pytest.raises(Refused) as caught:
            act()
        assert caught.value.status == 403


def test_update_changes_size_and_keeps_the_past(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    made = enterprise(jiyuan, cast.officer, **FIGURES)
    changed = acts.update_organisation(made, by=cast.officer, version=1, revenue="40000")
    assert (changed.size, changed.size_since, changed.version) == ("large", TODAY, 2)
    assert [(past.size, past.since, past.until) for past in changed.past_sizes.all()] == [("medium", None, TODAY - timedelta(days=1))]
    entry = last("registry.update_organisation")
    assert (entry.before, entry.after) == ({"revenue": "35000", "size": "medium"}, {"revenue": "40000", "size": "large"})
    back = acts.update_organisation(changed, by=cast.officer, version=2, revenue="35000")
    assert (back.size, back.size_since, back.past_sizes.count()) == ("medium", None, 0)


def test_update_without_change_writes_nothing(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    made = enterprise(jiyuan, cast.officer, **FIGURES)
    assert acts.update_organisation(made, by=cast.officer, version=1, revenue=Decimal("35000.0")).version == 1
    assert Entry.objects.count() == 1


def test_conflict_shows_both_values_and_who(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    made = enterprise(jiyuan, cast.officer, address="旧地址")
    acts.update_organisation(made, by=cast.township, version=1, address="新地址")
    with pytest.raises(Refused) as caught:
        acts.update_organisation(made, by=cast.officer, version=1, address="别的地址")
    assert caught.value.code == "edit_conflict"
    assert "地址：现为“新地址”，您填的是“别的地址”" in caught.value.message
    assert "克井专员（township）" in caught.value.message


def test_moving_area_takes_coordinators_along(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    made = enterprise(jiyuan, cast.officer)
    coordinator = coordinator_at(made, "张三", date(2024, 1, 1))
    TouchedLeaf.objects.all().delete()
    acts.update_organisation(made, by=cast.officer, version=1, area=jiyuan.qinyuan)
    coordinator.refresh_from_db()
    assert (coordinator.area_id, coordinator.person.area_id) == (jiyuan.qinyuan.code, jiyuan.qinyuan.code)
    assert set(TouchedLeaf.objects.values_list("area_code", flat=True)) == {jiyuan.kejing.code, jiyuan.qinyuan.code}


def test_close_ends_postings_and_assignments(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    made = enterprise(jiyuan, cast.officer)
    coordinator = coordinator_at(made, "张三", date(2024, 1, 1))
    assignment = Assignment.objects.create(coordinator=coordinator, organisation=made, since=date(2024, 5, 1))
    on = TODAY - timedelta(days=3)
    closed = acts.close_organisation(made, by=cast.officer, on=on, reason="已注销登记")
    assert (closed.status, closed.ended_on) == ("closed", on)
    assignment.refresh_from_db()
    assert assignment.until == coordinator.postings.get().until == on - timedelta(days=1)
    assert last("registry.change_status").after["postings"] == ["张三"]
    coordinator.refresh_from_db()
    assert coordinator.host_kind == ""
    reopened = acts.change_status(closed, "operating", by=cast.officer)
    assert (reopened.ended_on, coordinator.postings.get().until) == (None, on - timedelta(days=1))


def test_a_close_dated_back_ends_what_began_after_it(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    made = enterprise(jiyuan, cast.officer)
    coordinator = coordinator_at(made, "张三", TODAY - timedelta(days=2))
    acts.close_organisation(made, by=cast.officer, on=TODAY - timedelta(days=5), reason="已注销登记")
    assert coordinator.postings.get().until == TODAY - timedelta(days=2)
    coordinator.refresh_from_db()
    assert coordinator.host_kind == ""


@pytest.mark.parametrize(("status", "on"), [("operating", None), ("closed", TODAY + timedelta(days=1)), ("closed", date(1999, 1, 1))])
def test_status_moves_that_are_refused(status: str, on: date | None, jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    made = enterprise(jiyuan, cast.officer, began_on="2000-01-01")
    with pytest.raises(Refused):
        acts.change_status(made, status, by=cast.officer, on=on)


def test_override_holds_until_cleared(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    made = enterprise(jiyuan, cast.officer, **FIGURES)
    with pytest.raises(Refused):
        acts.override_size(made, by=cast.officer, size="large", reason=" ")
    forced = acts.override_size(made, by=cast.officer, size="large", reason="统计局已认定")
    assert (forced.size, forced.size_by_rule, forced.size_override_by) == ("large", "medium", cast.officer.display_name)
    forced = acts.update_organisation(forced, by=cast.officer, version=2, employees="10")
    assert (forced.size, forced.size_by_rule) == ("large", "micro")
    cleared = acts.clear_override(forced, by=cast.officer)
    assert (cleared.size, cleared.size_override) == ("micro", "")
    with pytest.raises(Refused):
        acts.clear_override(cleared, by=cast.officer)


def test_unplaced_enterprises_are_placed_many_at_once(
    jiyuan: SimpleNamespace, cast: SimpleNamespace, django_assert_max_num_queries: Any
) -> None:
    made = [
        enterprise(jiyuan, cast.officer, area=jiyuan.county, name=f"济源第{n}厂", credit_code=code(n), address="济源市克井镇")
        for n in range(4)
    ]
    assert [o.unplaced for o in made] == [True] * 4
    with django_assert_max_num_queries(20):
        assert acts.place_organisations([o.pk for o in made[:3]], jiyuan.qinyuan, by=cast.officer) == 3
    assert Organisation.objects.filter(unplaced=True).count() == 1
    entry = last("registry.place_organisations")
    assert entry.before == {str(o.pk): jiyuan.county.code for o in made[:3]}
    assert place_as_suggested(Organisation.objects.filter(unplaced=True), by=cast.officer) == 1
    assert Organisation.objects.get(pk=made[3].pk).area_id == jiyuan.kejing.code
    with pytest.raises(Refused):
        acts.place_organisations([made[0].pk], jiyuan.county, by=cast.officer)


def test_merge_moves_everything(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    keep = enterprise(jiyuan, cast.officer, credit_code="", no_code_reason="抄录时缺失")
    drop = enterprise(jiyuan, cast.officer, area=jiyuan.qinyuan, contact_phone="13900001111", **FIGURES)
    both = coordinator_at(keep, "张三", date(2024, 5, 1))
    Posting.objects.create(coordinator=both, organisation=drop, since=date(2024, 1, 1), is_primary=False)
    other = coordinator_at(drop, "李四", date(2023, 1, 1))
    add_contact(drop, by=cast.officer, name="王五", phone="13700001111")
    kept = acts.merge_organisations(keep, drop, by=cast.officer, reason="同一家")
    drop.refresh_from_db()
    assert (drop.merged_into_id, drop.credit_code, kept.credit_code, kept.contact_phone) == (kept.pk, None, code(), "13900001111")
    assert kept.size == "medium"
    assert [(p.coordinator_id, p.since) for p in kept.postings.order_by("since")] == [
        (other.pk, date(2023, 1, 1)),
        (both.pk, date(2024, 1, 1)),
    ]
    assert [contact.name for contact in kept.contacts.all()] == ["王五"]
    assert last("registry.merge_organisations").before["drop"]["credit_code"] == code()
    with pytest.raises(Refused):
        acts.merge_organisations(kept, drop, by=cast.officer)


def test_merge_needs_one_code_and_the_permission(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    one, two = enterprise(jiyuan, cast.officer), enterprise(jiyuan, cast.officer, credit_code=code(2))
    for keep, by in ((one, cast.officer), (two, cast.township)):
        with pytest.raises(Refused):
            acts.merge_organisations(keep, two, by=by)
    with pytest.raises(Refused) as caught:
        acts.merge_organisations(one, two, by=cast.officer)
    assert caught.value.code == "two_codes"


def test_services_of_a_social_organisation(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    made = enterprise(jiyuan, cast.officer, kind="social", name="济源和谐劳动关系促进会", services=["law", "survey"])
    assert (made.size, [s.service for s in made.services.all()]) == ("unclassified", ["survey", "law"])
    acts.update_organisation(made, by=cast.officer, version=1, services=["law", "disputes"])
    assert [s.service for s in made.services.all()] == ["law", "disputes"]


def test_contacts_and_reveal(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    made = enterprise(jiyuan, cast.officer, contact_name="赵一", contact_phone="13800001234")
    contact = add_contact(made, by=cast.officer, name="钱二", job="人事", phone="0391-6636515")
    assert last("registry.add_contact").after == {"contacts": ["钱二 人事 039****6515"]}
    with pytest.raises(Refused):
        reveal_contact_phones(made, by=cast.officer, reason="")
    assert reveal_contact_phones(made, by=cast.auditor, reason="核实电话") == [("赵一", "13800001234"), ("钱二", "03916636515")]
    assert last("registry.reveal").reason == "核实电话"
    remove_contact(contact, by=cast.officer)
    assert made.contacts.count() == 0


def test_likely_doubles(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    made = enterprise(jiyuan, cast.officer, name="济源市万洋冶炼（集团）有限公司")
    far = acts.register_organisation(
        by=cast.other, area=jiyuan.other_street, name="万洋冶炼有限公司", kind="enterprise", credit_code=code(9)
    )

    def reasons(name: str, credit_code: str = "", by: Any = cast.officer) -> list[tuple[int, str]]:
        return [(double.organisation.pk, double.reason) for double in likely_doubles(name, credit_code, by)]

    assert reasons("随便的名称", code()) == [(made.pk, "信用代码相同")]
    assert reasons("济源市万洋冶炼(集团)有限公司") == [(made.pk, "名称相同")]
    assert reasons("河南万洋冶炼有限责任公司") == [(made.pk, "名称相近（100%）")]
    assert reasons("万洋治炼公司") == [(made.pk, "名称相近（75%）")]
    assert reasons("完全不同的厂") == reasons("济源") == []
    assert reasons("万洋冶炼有限公司", by=cast.other)[0] == (far.pk, "名称相同")
    assert likely_doubles("济源市万洋冶炼集团有限公司", code(), cast.officer, but=made.pk) == []


def test_a_grant_finds_the_organisation_that_stands_after_a_merge(jiyuan: SimpleNamespace) -> None:
    keep = Organisation.objects.create(name="甲公司", name_key="甲公司", kind="enterprise", area=jiyuan.kejing)
    Organisation.objects.create(name="甲公司", name_key="甲公司", kind="enterprise", area=jiyuan.kejing, merged_into=keep)
    assert find_for_grant("甲公司") == (keep.pk, jiyuan.kejing.code)
