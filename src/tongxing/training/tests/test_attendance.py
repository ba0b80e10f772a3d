"""Five ways of taking attendance, corrections with their history, and what deserves a look."""

import json
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.errors import Refused
from tongxing.core.offline import HEADER
from tongxing.registry.models import Person
from tongxing.registry.models.fields import VaultColumn
from tongxing.training import signing_in
from tongxing.training.attendance import Mark, correct_attendance, take_attendance
from tongxing.training.flags import flags_of
from tongxing.training.models import Attendance, AttendanceChange, Session, TrainingClass
from tongxing.training.sign_in_sheet import code_of, read_typed, sheet_of

from .world import TODAY, an_account, running_class

pytestmark = pytest.mark.django_db


def around_now(session: Session, minutes_ago: int = 0) -> Session:
    """The session began so many minutes ago and lasts three hours; midnight is kept out of the way."""
    now = timezone.localtime()
    begins = max(now - timedelta(minutes=minutes_ago), now.replace(hour=0, minute=0, second=0, microsecond=0))
    ends = min(begins + timedelta(hours=3), now.replace(hour=23, minute=59, second=59))
    Session.objects.filter(pk=session.pk).update(on=now.date(), begins=begins.time(), ends=ends.time())
    session.refresh_from_db()
    return session


def mark(state: str, at: datetime | None = None) -> Mark:
    return Mark(state, at or timezone.now())


@pytest.fixture
def world(jiyuan: SimpleNamespace) -> SimpleNamespace:
    found = running_class(jiyuan.county, people=3, sessions_planned=2)
    found.session = around_now(found.sessions[1])
    found.agent = an_account("school", "training_provider", organisation=found.made.provider.organisation_id)
    found.client = Client()
    found.client.force_login(found.agent)
    return found


def with_document(person: Person, number: str) -> None:
    person.id_number_sealed = VaultColumn.sealed_for(Person, "id_number_sealed", person.uid, number)
    person.save(update_fields=["id_number_sealed"])


def states(session: Session) -> list[str]:
    return list(session.attendance.order_by("enrolment__serial").values_list("state", flat=True))


def test_marks_are_taken_and_changed_on_the_day_with_their_history(world: SimpleNamespace) -> None:
    first, second, _ = world.rows
    done = take_attendance(world.session, {first.pk: mark("present"), second.pk: mark("absent")}, by=world.agent, source="tap")
    assert (done.new, done.changed, done.same) == (2, 0, 0)
    done = take_attendance(world.session, {first.pk: mark("present"), second.pk: mark("late")}, by=world.agent, source="tap")
    assert (done.new, done.changed, done.same) == (0, 1, 1)
    changed = Attendance.objects.get(enrolment=second)
    assert [(change.before, change.after) for change in changed.changes.all()] == [("absent", "late")]


def test_afterwards_only_a_correction_with_a_reason_changes_a_mark(world: SimpleNamespace) -> None:
    session, row = world.sessions[0], world.rows[0]
    take_attendance(session, {row.pk: mark("absent")}, by=world.agent, source="paper")
    done = take_attendance(session, {row.pk: mark("present")}, by=world.agent, source="tap")
    assert (done.changed, list(done.conflicts)) == (0, [row.pk])
    with pytest.raises(Refused, match="写明原因"):
        correct_attendance(session, row, "present", by=world.agent, reason=" ")
    corrected = correct_attendance(session, row, "present", by=world.agent, reason="签到表漏看一行")
    assert [(change.before, change.after, change.claimed, change.reason) for change in corrected.changes.all()] == [
        ("absent", "absent", "present", "点名为“到课”，与已有记录不一致"),
        ("absent", "present", "", "签到表漏看一行"),
    ]


def test_nobody_else_and_nothing_before_its_time(world: SimpleNamespace, jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    stranger = running_class(jiyuan.county, people=1).rows[0]
    with pytest.raises(Refused, match="不是本班学员"):
        take_attendance(world.session, {stranger.pk: mark("present")}, by=world.agent, source="tap")
    with pytest.raises(Refused) as refused:
        take_attendance(world.session, {world.rows[0].pk: mark("present")}, by=cast.other, source="tap")
    assert refused.value.status == 403
    Session.objects.filter(pk=world.session.pk).update(on=TODAY + timedelta(days=1))
    with pytest.raises(Refused, match="还没有上"):
        take_attendance(Session.objects.get(pk=world.session.pk), {world.rows[0].pk: mark("present")}, by=world.agent, source="tap")
    TrainingClass.objects.update(state="finished")
    with pytest.raises(Refused, match="不能记考勤"):
        take_attendance(world.sessions[0], {world.rows[0].pk: mark("present")}, by=world.agent, source="tap")


# --- the tap list
def test_the_tap_list_saves_without_a_script_and_marks_the_rest_absent(world: SimpleNamespace) -> None:
    page = world.client.get(reverse("training:attendance", args=[world.session.uid]))
    assert f'name="mark-{world.rows[0].uid}"' in page.content.decode()
    facts = {f"mark-{world.rows[0].uid}": "present", "rest": "absent"}
    assert world.client.post(reverse("training:attendance-take", args=[world.session.uid]), facts).status_code == 302
    assert states(world.session) == ["present", "absent", "absent"]


def sync(world: SimpleNamespace, *taps: dict[str, str]) -> list[dict[str, object]]:
    address = reverse("training:attendance-sync", args=[world.session.uid])
    answer = world.client.post(address, json.dumps({"taps": list(taps)}), content_type="application/json")
    assert answer.status_code == 200, answer.content.decode()
    return list(answer.json()["results"])


def tap(row: object, state: str, at: datetime) -> dict[str, str]:
    return {"enrolment": str(row.uid), "state": state, "at": at.isoformat()}  # type: ignore[attr-defined]


def test_taps_without_a_line_are_sent_later_and_answered_one_by_one(world: SimpleNamespace) -> None:
    now = timezone.now()
    if timezone.localtime(now).hour == 0:
        pytest.skip("a tap of some minutes ago was made yesterday")
    first, second, third = world.rows
    take_attendance(world.session, {second.pk: mark("late")}, by=COMMAND_LINE, source="tap")
    earlier = now - timedelta(minutes=30)
    results = sync(
        world,
        tap(first, "present", earlier),
        tap(second, "absent", earlier),
        tap(third, "present", now - timedelta(days=1)),
        {"enrolment": "00000000-0000-0000-0000-000000000000", "state": "present", "at": now.isoformat()},
    )
    by_uid = {result["enrolment"]: result for result in results}
    assert (by_uid[str(first.uid)]["saved"], by_uid[str(first.uid)]["state"]) == (True, "present")
    assert (by_uid[str(second.uid)]["saved"], by_uid[str(second.uid)]["state"]) == (False, "late")
    assert "比这次点名晚" in str(by_uid[str(second.uid)]["message"])
    assert "不是上课当天" in str(by_uid[str(third.uid)]["message"])
    assert "不在本班名册上" in str(by_uid["00000000-0000-0000-0000-000000000000"]["message"])
    assert Attendance.objects.get(enrolment=first).source == "offline"
    again = sync(world, tap(first, "present", earlier))
    assert (again[0]["saved"], Attendance.objects.filter(enrolment=first).count()) == (True, 1)


def test_the_device_keeps_the_list_of_today_for_who_takes_it_and_no_other(world: SimpleNamespace, cast: SimpleNamespace) -> None:
    def page(client: Client, session: Session) -> Any:
        return client.get(reverse("training:attendance", args=[session.uid]))

    today, earlier = page(world.client, world.session), page(world.client, world.sessions[0])
    assert (today.headers.get(HEADER), "data-offline-copy" in today.content.decode()) == (world.client.session["_auth_user_id"], True)
    assert (earlier.headers.get(HEADER), "data-offline-copy" in earlier.content.decode()) == (None, False)
    assert "data-late" in earlier.content.decode(), "what was left unsent that day is still sent"
    reader = Client()
    reader.force_login(cast.auditor)
    seen = page(reader, world.session)
    assert (seen.status_code, seen.headers.get(HEADER), "data-late" in seen.content.decode()) == (200, None, False)


def test_a_clock_that_runs_ahead_does_not_win_over_later_taps(world: SimpleNamespace) -> None:
    row = world.rows[0]
    sync(world, tap(row, "absent", timezone.now() + timedelta(hours=5)))
    assert Attendance.objects.get(enrolment=row).at <= timezone.now()
    assert sync(world, tap(row, "present", timezone.now()))[0]["saved"] is True


def test_what_is_no_list_of_taps_is_refused(world: SimpleNamespace) -> None:
    address = reverse("training:attendance-sync", args=[world.session.uid])
    for body in ("", "[]", '{"taps": [{"enrolment": "x", "state": "present", "at": "2026-01-01"}]}'):
        assert world.client.post(address, body, content_type="application/json").status_code == 400


# --- the rotating code
def test_a_code_holds_for_its_step_and_its_neighbours_only(world: SimpleNamespace) -> None:
    moment = 1_700_000_000.0
    token = signing_in.token_of(world.session, moment)
    uid = world.session.uid
    assert [signing_in.holds(uid, token, moment + shift) for shift in (-20, 0, 20)] == [True, True, True]
    assert [signing_in.holds(uid, token, moment + shift) for shift in (-45, 45, 3600)] == [False, False, False]
    assert not signing_in.holds(world.sessions[0].uid, token, moment)
    assert not signing_in.holds(uid, "x", moment)
    assert not signing_in.holds(uid, token[:-1] + ("0" if token[-1] != "0" else "1"), moment)


def scan(client: Client, session: Session) -> str:
    """Open what the wall shows; returns the pass."""
    page = client.get(reverse("training:sign-in", args=[session.uid, signing_in.token_of(session)]))
    assert page.status_code == 200
    return str(page.context["pass"])


def test_a_telephone_signs_in_by_name_and_last_four(world: SimpleNamespace) -> None:
    row = world.rows[0]
    with_document(row.person, "41900119900307001X")
    phone = Client()
    given = scan(phone, world.session)
    address = reverse("training:sign-in", args=[world.session.uid, signing_in.token_of(world.session)])
    facts = {"pass": given, "name": row.person.name, "last_four": "001x", "code": world.made.code}
    wrong = phone.post(address, facts | {"last_four": "9999"})
    assert (wrong.status_code, "对不上本班名册" in wrong.content.decode()) == (422, True)
    done = phone.post(address, facts)
    assert (done.status_code, "签到成功" in done.content.decode()) == (200, True)
    held = Attendance.objects.get(enrolment=row)
    assert (held.state, held.source, len(held.device)) == ("present", "qr", 32)
    assert "已经签到过" in phone.post(address, facts).content.decode()


def test_after_some_wrong_tries_the_door_stays_shut(world: SimpleNamespace) -> None:
    phone = Client()
    given = scan(phone, world.session)
    address = reverse("training:sign-in", args=[world.session.uid, signing_in.token_of(world.session)])
    facts = {"pass": given, "name": world.rows[0].person.name, "last_four": "0000", "code": world.made.code}
    answers = [phone.post(address, facts).status_code for _ in range(7)]
    assert answers == [422] * 5 + [429] * 2


def test_an_old_code_and_a_forged_pass_open_nothing(world: SimpleNamespace) -> None:
    old = signing_in.token_of(world.session, 1_700_000_000)
    assert Client().get(reverse("training:sign-in", args=[world.session.uid, old])).status_code == 410
    address = reverse("training:sign-in", args=[world.session.uid, signing_in.token_of(world.session)])
    assert Client().post(address, {"pass": "forged", "name": "x"}).status_code == 410
    other = signing_in.pass_for(world.sessions[0])
    assert Client().post(address, {"pass": other, "name": "x"}).status_code == 410


def test_who_is_signed_in_needs_no_name_and_who_comes_late_is_late(world: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    session = around_now(world.session, minutes_ago=20)
    row = world.rows[1]
    phone = Client()
    phone.force_login(an_account("trainee", "trainee", area=jiyuan.county, person=row.person))
    address = reverse("training:sign-in", args=[session.uid, signing_in.token_of(session)])
    done = phone.post(address, {"pass": scan(phone, session)})
    late = timezone.localtime() - session.begins_at > timedelta(minutes=15)
    assert done.status_code == 200
    assert Attendance.objects.get(enrolment=row).state == ("late" if late else "present")


def test_signing_in_waits_for_the_doors_and_ends_with_the_session(world: SimpleNamespace) -> None:
    session, row = world.sessions[0], world.rows[0]
    before, after = session.begins_at - timedelta(minutes=31), session.ends_at + timedelta(minutes=1)
    for moment, words in ((before, "起可以签到"), (after, "已经结束")):
        with pytest.raises(Refused, match=words):
            signing_in.sign_in(session, row, device="", moment=moment)
    assert signing_in.state_at(session, session.begins_at + timedelta(minutes=15)) == "present"
    assert signing_in.state_at(session, session.begins_at + timedelta(minutes=16)) == "late"


def test_the_wall_shows_a_code_and_who_may_not_run_the_class_sees_none(world: SimpleNamespace, cast: SimpleNamespace) -> None:
    address = reverse("training:code", args=[world.session.uid])
    page = world.client.get(address)
    assert "data:image/svg+xml;base64," in page.content.decode()
    part = world.client.get(address, headers={"HX-Request": "true"})
    assert "<h1>" not in part.content.decode()
    foreign = Client()
    foreign.force_login(cast.other)
    assert foreign.get(address).status_code == 404


# --- flags
def test_one_telephone_for_many_and_absent_although_signed_are_said(world: SimpleNamespace) -> None:
    first, second, third = world.rows
    moment = world.session.begins_at + timedelta(minutes=1)
    take_attendance(world.session, {third.pk: Mark("absent", world.session.begins_at)}, by=world.agent, source="tap")
    for row in (first, second):
        signing_in.sign_in(world.session, row, device="ein-telefon", moment=moment)
    signing_in.sign_in(world.session, third, device="anderes", moment=moment)
    correct_attendance(world.session, second, "absent", by=world.agent, reason="人不在教室")
    assert {flag.text for flag in flags_of(world.made)} == {
        f"{world.session} {second.person.name}签到后被改为缺课（{world.agent.display_name}，人不在教室）。",
        f"{world.session} {third.person.name}记为缺课，但本人扫了码。",
        f"{world.session} 同一台手机为 2 人扫码：{first.person.name}、{second.person.name}。",
    }


def test_what_contradicts_a_record_is_kept_in_whatever_way_it_came(world: SimpleNamespace) -> None:
    session, (first, second, third) = world.session, world.rows
    begins = session.begins_at
    take_attendance(session, {first.pk: Mark("absent", begins), second.pk: Mark("present", begins)}, by=world.agent, source="tap")
    take_attendance(session, {third.pk: Mark("late", begins)}, by=world.agent, source="tap")
    for _ in range(2):
        take_attendance(session, {first.pk: mark("present"), third.pk: mark("present")}, by=world.agent, source="paper")
    earlier = Mark("absent", begins - timedelta(minutes=1))
    take_attendance(session, {second.pk: earlier}, by=world.agent, source="offline")
    kept = [(row.source, row.before, row.after, row.claimed) for row in AttendanceChange.objects.order_by("pk")]
    assert kept[:2] == [("paper", "absent", "absent", "present"), ("paper", "late", "late", "present")]
    assert kept[2:] == ([("offline", "present", "present", "absent")] if earlier.at.date() == begins.date() else kept[2:])
    texts = {flag.text for flag in flags_of(world.made)}
    assert f"{session} {first.person.name}记为缺课，但签到表是到课（{world.agent.display_name}）。" in texts
    assert not any(third.person.name in text for text in texts), "late or present: the hours are the same"
    correct_attendance(session, first, "present", by=world.agent, reason="签到表有签名")
    assert not any(first.person.name in flag.text for flag in flags_of(world.made)), "put right, it needs no look"


def test_attendance_in_two_classes_at_one_time_is_said(world: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    other = running_class(jiyuan.county, people=1)
    twin = other.rows[0]
    type(twin).objects.filter(pk=twin.pk).update(person=world.rows[0].person)
    for held, row in ((world, world.rows[0]), (other, twin)):
        take_attendance(held.sessions[0], {row.pk: mark("present")}, by=COMMAND_LINE, source="paper")
    [flag] = flags_of(world.made)
    assert flag.kind == "overlap"
    assert flag.text.startswith(f"{world.rows[0].person.name}同一时间在两处到课：")


# --- the printed sheet
def test_a_signed_sheet_is_typed_back_by_its_codes(world: SimpleNamespace) -> None:
    session = world.session
    codes = [code_of(session, number) for number in (1, 2, 3)]
    document = sheet_of(session)
    assert [row[3] for row in document.tables[0].rows] == codes
    assert world.client.get(reverse("training:sheet-print", args=[session.uid])).content.startswith(b"%PDF")
    facts = {"codes": f"{codes[0]}，{codes[1]}迟", "rest_absent": "on"}
    assert world.client.post(reverse("training:sheet-type", args=[session.uid]), facts).status_code == 302
    assert states(session) == ["present", "late", "absent"]


def test_codes_of_another_sheet_and_misread_ones_are_noticed(world: SimpleNamespace) -> None:
    other = world.sessions[0]
    foreign = code_of(other, 1)
    typed = read_typed(world.session, f"{foreign} 99999 {code_of(world.session, 2)}？")
    assert typed.states == {}
    assert f"是 {other} 那次课的签到表" in typed.problems[0]
    assert "不是这张签到表上的代码" in typed.problems[1]
    assert "看不懂" in typed.problems[2]


# --- rights
def test_whoever_may_not_run_the_class_reads_but_does_not_write(world: SimpleNamespace, cast: SimpleNamespace) -> None:
    reader = Client()
    reader.force_login(cast.leader)
    assert reader.get(reverse("training:attendance", args=[world.session.uid])).status_code == 200
    assert reader.post(reverse("training:attendance-take", args=[world.session.uid]), {}).status_code == 403
