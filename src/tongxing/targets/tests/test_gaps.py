"""Gaps open and close by themselves; acts on them; exemptions; escalation by working days."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.areas.ledger import touch
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.notices.models import Letter, Notice
from tongxing.registry.enrolment import enrol, leave
from tongxing.registry.models import Organisation, Person
from tongxing.targets import chasing, exempting, gaps
from tongxing.targets.escalation import escalate
from tongxing.targets.figures import figure
from tongxing.targets.gaps import sync_gaps
from tongxing.targets.models import Gap, Target
from tongxing.targets.recounting import recount_all
from tongxing.targets.units import unit

from .world import coordinator, enterprise, posting

pytestmark = pytest.mark.usefixtures("shipped")
COUNTY = 419001000000


def opened(key: str = "enterprises") -> list[str]:
    sync_gaps()
    return sorted(gap.unit_name for gap in Gap.objects.standing().filter(target_key=key, area_code__range=(COUNTY, COUNTY + 999_999)))


def test_gaps_follow_the_units(jiyuan: SimpleNamespace) -> None:
    plant = enterprise(jiyuan.kejing, "large", "甲厂")
    enterprise(jiyuan.kejing, "medium", "乙厂")
    assert opened() == ["乙厂", "甲厂"]
    assert opened("areas") == ["克井镇", "沁园街道", "玉川片区"]
    assert opened("tripartite") == ["济源示范区人社部门", "济源示范区工会", "济源示范区工商联"]
    posting(coordinator(jiyuan.kejing), plant)
    assert opened() == ["乙厂"]
    closed = Gap.objects.get(unit_name="甲厂")
    assert (closed.closed_on, closed.closed_reason, closed.state) == (timezone.localdate(), "已配备协调员", "closed")
    assert sync_gaps() == (0, 0)


def test_a_run_that_is_broken_off_is_made_up_for_by_the_next(jiyuan: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        enterprise(jiyuan.kejing, "large", f"第{number}厂")
    monkeypatch.setattr(gaps, "BATCH", 2)
    steps = iter([True, True])

    def dies(target: Target, chunk: list[tuple[str, int]]) -> dict[tuple[str, int], Gap]:
        if target.key == "enterprises" and not next(steps, False):
            raise KeyboardInterrupt
        return former(target, chunk)

    former = gaps._former
    monkeypatch.setattr(gaps, "_former", dies)
    with pytest.raises(KeyboardInterrupt):
        sync_gaps()
    assert Gap.objects.filter(target_key="enterprises").count() == 4
    monkeypatch.setattr(gaps, "_former", former)
    assert opened() == [f"第{number}厂" for number in range(5)]
    assert sync_gaps() == (0, 0)


def test_a_gap_that_another_run_has_opened_meanwhile_stays_one(jiyuan: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    plant = enterprise(jiyuan.kejing, "large", "甲厂")
    former = gaps._former

    def overtaken(target: Target, chunk: list[tuple[str, int]]) -> dict[tuple[str, int], Gap]:
        if target.key == "enterprises":
            day = timezone.localdate()
            facts = {"unit_name": "甲厂", "area_code": plant.area_id, "vacant_since": day, "opened_on": day, "due_on": day}
            Gap.objects.create(target_key="enterprises", unit_kind="organisation", unit_id=plant.pk, **facts)
        return former(target, chunk)

    monkeypatch.setattr(gaps, "_former", overtaken)
    sync_gaps()
    assert Gap.objects.filter(target_key="enterprises").count() == 1


def test_a_gap_opens_again_by_itself_when_the_coordinator_leaves(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    plant = enterprise(jiyuan.kejing, "large", "甲厂")
    assert opened() == ["甲厂"]
    chasing.assign_owner([Gap.objects.get(unit_name="甲厂").pk], cast.township, by=cast.officer)
    person = Person.objects.create(name="张三", area=jiyuan.kejing)
    holder = enrol(person, plant, by=cast.officer, on=date(2024, 1, 1))
    assert opened() == []
    leave(holder, by=cast.officer, on=timezone.localdate(), reason="离职")
    assert opened() == ["甲厂"]
    again = Gap.objects.standing().get(unit_name="甲厂")
    assert (again.round, again.owner, again.state, again.vacant_since) == (2, cast.township, "chased", timezone.localdate())


def test_a_unit_that_no_longer_counts_closes_its_gap(jiyuan: SimpleNamespace) -> None:
    plant = enterprise(jiyuan.kejing, "large", "甲厂")
    assert opened() == ["甲厂"]
    Organisation.objects.filter(pk=plant.pk).update(size="small")
    touch([jiyuan.kejing.code])
    assert opened() == []
    assert Gap.objects.get(unit_name="甲厂", target_key="enterprises").closed_reason == "不再计入"


def test_a_unit_that_moves_keeps_its_gap(jiyuan: SimpleNamespace) -> None:
    plant = enterprise(jiyuan.kejing, "large", "甲厂")
    assert opened() == ["甲厂"]
    Organisation.objects.filter(pk=plant.pk).update(area=jiyuan.qinyuan)
    touch([jiyuan.kejing.code, jiyuan.qinyuan.code])
    assert opened() == ["甲厂"]
    assert Gap.objects.get(unit_name="甲厂").area_code == jiyuan.qinyuan.code


def test_a_unit_that_moves_far_keeps_its_gap_when_the_whole_country_is_looked_at(jiyuan: SimpleNamespace) -> None:
    """A prefecture at a time, in both directions: the one it left comes before the one it went to, or after."""
    plant = enterprise(jiyuan.kejing, "large", "甲厂")
    assert opened() == ["甲厂"]
    gap = Gap.objects.get(unit_name="甲厂")
    for place in (jiyuan.other_street, jiyuan.qinyuan):
        Organisation.objects.filter(pk=plant.pk).update(area=place)
        recount_all()
        assert sync_gaps() == (0, 0)
        gap.refresh_from_db()
        assert (gap.area_code, gap.closed_on) == (place.code, None)


def test_assigning_tells_the_owner_once_and_leaves_one_entry(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    for name in ("甲厂", "乙厂"):
        enterprise(jiyuan.kejing, "large", name)
    opened()
    ids = list(Gap.objects.filter(target_key="enterprises").values_list("pk", flat=True))
    due = timezone.localdate() + timedelta(days=10)
    assert chasing.assign_owner(ids, cast.township, due_on=due, by=cast.officer) == 2
    assert list(Gap.objects.filter(pk__in=ids).values_list("owner__username", "due_on", "state")) == [("township", due, "chased")] * 2
    assert [(notice.user.username, notice.title) for notice in Notice.objects.all()] == [("township", "分派给您 2 个缺口")]
    assert [entry.act for entry in Entry.objects.filter(act__startswith="targets.assign")] == ["targets.assign_owner"]


def test_acts_stay_within_scope(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    enterprise(jiyuan.qinyuan, "large", "甲厂")
    opened()
    pk = Gap.objects.get(unit_name="甲厂").pk
    for by, owner, code in ((cast.township, cast.officer, "not_allowed"), (cast.officer, cast.township, "owner_out_of_scope")):
        with pytest.raises(Refused) as refusal:
            chasing.assign_owner([pk], owner, by=by)
        assert refusal.value.code == code
    with pytest.raises(Refused) as refusal:
        chasing.assign_owner([999_999], cast.officer, by=cast.officer)
    assert refusal.value.code == "nothing_selected"


def test_contact_next_step_and_edit_conflict(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    enterprise(jiyuan.kejing, "large", "甲厂")
    opened()
    gap = Gap.objects.get(unit_name="甲厂")
    chasing.record_contact(gap, means="phone", result="下周推荐人选", with_whom="李主任", next_step="收推荐表", by=cast.township)
    gap.refresh_from_db()
    assert (gap.last_contact_on, gap.next_step, gap.state) == (timezone.localdate(), "收推荐表", "chased")
    with pytest.raises(Refused) as refusal:
        chasing.plan_next_step(gap, next_step="上门", next_step_on=None, note="", version=1, by=cast.officer)
    assert refusal.value.code == "moved_on"
    chasing.plan_next_step(gap, next_step="上门", next_step_on=None, note="难", version=gap.version, by=cast.officer)
    with pytest.raises(Refused):
        chasing.record_contact(gap, means="phone", result="x", happened_on=timezone.localdate() + timedelta(days=1), by=cast.officer)


def test_remind_sends_each_owner_one_notice_and_one_letter(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    for name in ("甲厂", "乙厂", "丙厂"):
        enterprise(jiyuan.kejing, "large", name)
    opened()
    User.objects.filter(pk=cast.township.pk).update(email="a@example.com")
    ids = list(Gap.objects.filter(target_key="enterprises").order_by("id").values_list("pk", flat=True))
    chasing.assign_owner(ids[:2], cast.township, by=cast.officer)
    Notice.objects.all().delete()
    assert chasing.remind(ids, by=cast.officer) == (2, 1, 1)
    assert [notice.title for notice in Notice.objects.all()] == ["催办：2 个缺口等您处理"]
    assert Letter.objects.count() == 1


def test_an_exemption_takes_two_people_closes_the_gap_and_ends_by_itself(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    enterprise(jiyuan.kejing, "large", "甲厂")
    opened()
    gap = Gap.objects.get(unit_name="甲厂")
    target, until = Target.objects.get(key="enterprises"), timezone.localdate() + timedelta(days=5)
    found = unit(target, gap.unit_kind, gap.unit_id)
    asked = exempting.request_exemption(target, found, reason="停产整顿", until=until, by=cast.officer)
    with pytest.raises(Refused) as refusal:
        exempting.approve_exemption(asked, by=cast.officer)
    assert refusal.value.code == "not_allowed"
    with pytest.raises(Refused):
        exempting.request_exemption(target, found, reason="再来", until=until, by=cast.officer)
    second = User.objects.create_user("second", "x", name="第二经办")
    second.grants.create(role="officer", area=jiyuan.county, granted_by="测试", since=date(2020, 1, 1))
    exempting.approve_exemption(asked, by=second)
    assert (figure(COUNTY, "enterprises").exempt, opened()) == (1, [])
    assert Gap.objects.get(unit_name="甲厂").closed_reason == "已批准免设"
    with time_machine.travel(timezone.now() + timedelta(days=6)):
        assert (figure(COUNTY, "enterprises").exempt, opened()) == (0, ["甲厂"])


def test_a_revoked_exemption_opens_the_gap_again(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    enterprise(jiyuan.kejing, "large", "甲厂")
    opened()
    gap = Gap.objects.get(unit_name="甲厂")
    target = Target.objects.get(key="enterprises")
    found = unit(target, gap.unit_kind, gap.unit_id)
    asked = exempting.request_exemption(target, found, reason="停产", until=timezone.localdate() + timedelta(days=50), by=cast.township)
    exempting.approve_exemption(asked, by=cast.officer)
    assert opened() == []
    asked.refresh_from_db()
    exempting.revoke_exemption(asked, reason="复产", by=cast.officer)
    assert opened() == ["甲厂"]


def test_overdue_gaps_climb_by_working_days(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    """Friday 2026-11-06 is due; five working days later is Friday the 13th, fifteen later Friday the 27th."""
    with time_machine.travel("2026-11-02 09:00 +0800"):
        enterprise(jiyuan.kejing, "large", "甲厂")
        opened()
        pk = Gap.objects.get(unit_name="甲厂").pk
        Gap.objects.exclude(pk=pk).delete()
        chasing.assign_owner([pk], cast.township, due_on=date(2026, 11, 6), by=cast.officer)
        Notice.objects.all().delete()
        assert escalate() == (1, 0, 0)
        assert escalate() == (0, 0, 0)
    told = []
    for day, expected in ((12, (0, 0, 0)), (13, (0, 1, 0)), (14, (0, 0, 0)), (26, (0, 0, 0)), (27, (0, 0, 1)), (28, (0, 0, 0))):
        with time_machine.travel(f"2026-11-{day} 09:00 +0800"):
            Notice.objects.all().delete()
            assert escalate() == expected
            told.append(sorted(notice.user.username for notice in Notice.objects.all()))
    assert told == [[], ["officer"], [], [], ["leader"], []]


def test_an_exemption_goes_with_a_unit_that_moves(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    plant = enterprise(jiyuan.kejing, "large", "甲厂")
    opened()
    target, until = Target.objects.get(key="enterprises"), timezone.localdate() + timedelta(days=5)
    asked = exempting.request_exemption(target, unit(target, "organisation", plant.pk), reason="停产", until=until, by=cast.township)
    exempting.approve_exemption(asked, by=cast.officer)
    assert (figure(COUNTY, "enterprises").exempt, opened()) == (1, [])
    Organisation.objects.filter(pk=plant.pk).update(area=jiyuan.qinyuan)
    touch([jiyuan.kejing.code, jiyuan.qinyuan.code])
    assert [figure(code, "enterprises").exempt for code in (COUNTY, jiyuan.kejing.code, jiyuan.qinyuan.code)] == [1, 0, 1]
    exempting.revoke_exemption(asked, reason="复产", by=cast.officer)
    assert [figure(code, "enterprises").exempt for code in (COUNTY, jiyuan.qinyuan.code)] == [0, 0]
    assert opened() == ["甲厂"]
