"""Acts on accounts, grants and leave cover; security first."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts import delegation as covers
from tongxing.accounts import users
from tongxing.accounts.grants import grant_role, revoke_grant
from tongxing.accounts.models import Delegation, Grant, User
from tongxing.accounts.roles import ROLES
from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def refused(act, *arguments, **facts) -> str:
    with pytest.raises(Refused) as caught:
        act(*arguments, **facts)
    return caught.value.code


def today(days: int = 0):
    return timezone.localdate() + timedelta(days=days)


def test_create_user_makes_up_a_password_that_must_be_changed(cast):
    opened = users.create_user(" Zhang.San ", name="张 三", by=cast.admin, job="科员")
    assert (opened.user.username, opened.user.name, opened.user.must_change_password) == ("zhang.san", "张三", True)
    assert opened.user.check_password(opened.password)
    entry = Entry.objects.get(act="accounts.create")
    assert opened.password not in str(entry.after)


@pytest.mark.parametrize(
    ("username", "facts", "code"),
    [
        ("officer", {}, "exists"),
        ("a", {}, "username_form"),
        ("张三", {}, "username_form"),
        ("newone", {"name": " "}, "name_missing"),
        ("newone", {"email": "x"}, "email_form"),
        ("newone", {"password": "short"}, "weak_password"),
    ],
)
def test_create_user_refuses(cast, username, facts, code):
    assert refused(users.create_user, username, by=cast.admin, **({"name": "某人"} | facts)) == code


def test_only_administrators_change_accounts_and_only_in_their_area(cast):
    for by in (cast.officer, cast.auditor, cast.nobody, cast.leader):
        assert refused(users.disable_user, cast.township, by=by, reason="x") == "not_yours"
        assert refused(users.reset_password, cast.township, by=by) == "not_yours"
        assert refused(users.create_user, "newone", name="某人", by=by) == "not_yours"
    assert refused(users.disable_user, cast.other, by=cast.admin, reason="x") == "not_yours"
    Grant.objects.filter(user=cast.admin).update(until=today(-1))
    assert refused(users.disable_user, cast.township, by=fresh(cast.admin), reason="x") == "not_yours"


def test_disable_ends_sessions_at_once(client, cast):
    client.post(reverse("account_login"), {"login": "officer", "password": "clay-river-9-lamp"})
    assert client.get(reverse("accounts:me")).status_code == 200
    users.disable_user(cast.officer, by=cast.admin, reason="调离")
    assert cast.officer.sessions.count() == 0
    assert client.get(reverse("accounts:me")).status_code == 302
    answer = client.post(reverse("account_login"), {"login": "officer", "password": "clay-river-9-lamp"})
    assert "_auth_user_id" not in client.session
    assert answer.status_code in {200, 302}
    users.enable_user(fresh(cast.officer), by=cast.admin)
    client.post(reverse("account_login"), {"login": "officer", "password": "clay-river-9-lamp"})
    assert client.get(reverse("accounts:me")).status_code == 200


def test_disable_refuses_oneself_and_the_last_administrator(cast, jiyuan):
    assert refused(users.disable_user, cast.admin, by=cast.admin, reason="x") == "own_account"
    assert refused(users.disable_user, cast.admin, by=COMMAND_LINE, reason="x") == "last_admin"
    own = Grant.objects.get(user=cast.admin)
    assert refused(revoke_grant, own, by=COMMAND_LINE, reason="x") == "last_admin"
    grant_role(cast.leader, "admin", by=cast.admin, area=jiyuan.county)
    users.disable_user(cast.admin, by=COMMAND_LINE, reason="退休")
    assert refused(users.disable_user, cast.leader, by=COMMAND_LINE, reason="x") == "last_admin"


def test_grant_gives_and_revoke_takes_at_once(cast, jiyuan):
    grant = grant_role(cast.nobody, "township", by=cast.admin, area=jiyuan.kejing, reason="新任")
    user = fresh(cast.nobody)
    assert user.may_at("registry.edit", jiyuan.kejing.code)
    assert not user.may_at("registry.edit", jiyuan.qinyuan.code)
    revoke_grant(grant, by=cast.admin, reason="调离")
    assert not fresh(user).may("registry.edit")
    assert [entry.act for entry in Entry.objects.order_by("id")] == ["accounts.grant", "accounts.revoke"]


def test_grant_refuses(cast, jiyuan):
    def code(user, role, by=cast.admin, **facts):
        return refused(grant_role, user, role, by=by, **facts)

    assert code(cast.nobody, "officer", area=jiyuan.other) == "beyond_scope"
    assert code(cast.nobody, "officer", area=jiyuan.henan) == "beyond_scope"
    assert code(cast.admin, "officer", area=jiyuan.county) == "own_account"
    assert code(cast.nobody, "officer", by=cast.officer, area=jiyuan.county) == "beyond_scope"
    assert code(cast.officer, "officer", area=jiyuan.county) == "granted"
    assert code(cast.nobody, "officer") == "place_missing"
    assert code(cast.nobody, "agent", area=jiyuan.county) == "place_wrong"
    assert code(cast.nobody, "officer", organisation_id=1, organisation_area=jiyuan.kejing.code) == "place_wrong"
    assert code(cast.nobody, "agent", organisation_id=1, organisation_area=jiyuan.other.code) == "beyond_scope"
    assert code(cast.nobody, "agent", organisation_id=1) == "beyond_scope"
    assert code(cast.nobody, "king", area=jiyuan.county) == "unknown_role"
    assert code(cast.nobody, "officer", area=jiyuan.county, since=today(), until=today(-1)) == "dates"
    assert code(cast.auditor, "admin", area=jiyuan.county) == "roles_apart"


def test_steps_of_a_subsidy_stay_with_different_people(cast, jiyuan):
    grant_role(cast.nobody, "subsidy_handler", by=cast.admin, area=jiyuan.county)
    assert refused(grant_role, cast.nobody, "cashier", by=cast.admin, area=jiyuan.county) == "roles_apart"
    assert refused(grant_role, cast.nobody, "subsidy_approver", by=cast.admin, area=jiyuan.kejing) == "roles_apart"


def test_grants_count_from_and_until_their_days(cast, jiyuan):
    grant = Grant.objects.create(user=cast.nobody, role="leader", area=jiyuan.county, since=today(1), granted_by="测试")
    assert not fresh(cast.nobody).may("registry.view")
    Grant.objects.filter(pk=grant.pk).update(since=today(-5), until=today())
    assert fresh(cast.nobody).may("registry.view")
    Grant.objects.filter(pk=grant.pk).update(until=today(-1))
    assert not fresh(cast.nobody).may("registry.view")


@pytest.fixture
def cover(cast, jiyuan) -> Delegation:
    """The officer's leave: the leader stands in."""
    return covers.delegate(cast.officer, cast.leader, since=today(), until=today(3), reason="年休假")


def test_a_stand_in_acts_on_behalf(client, cast, jiyuan, cover):
    leader = fresh(cast.leader)
    assert leader.may_at("registry.edit", jiyuan.kejing.code)
    assert leader.acting_for == "王经办"
    client.force_login(leader)
    assert "代 王经办" in client.get(reverse("accounts:me")).content.decode()
    client.post(reverse("accounts:end-sessions"))
    assert Entry.objects.get(act="accounts.end_sessions").on_behalf_of == "王经办"


def test_cover_ends_with_its_days_and_with_the_own_grant(cast, jiyuan, cover):
    def covered() -> bool:
        return fresh(cast.leader).may("registry.edit")

    assert covered()
    Grant.objects.filter(delegation=cover).update(since=today(-3), until=today(-1))
    assert not covered()
    Grant.objects.filter(delegation=cover).update(until=today(1))
    assert covered()
    own = Grant.objects.get(user=cast.officer, on_behalf_of=None)
    Grant.objects.filter(pk=own.pk).update(until=today(-1))
    assert not covered()
    Grant.objects.filter(pk=own.pk).update(until=None)
    assert covered()
    User.objects.filter(pk=cast.officer.pk).update(is_active=False)
    assert not covered()


def test_cover_ends_when_either_side_says_so(cast, cover):
    assert refused(covers.end_delegation, cover, by=cast.admin) == "not_yours"
    covers.end_delegation(cover, by=cast.officer)
    assert not fresh(cast.leader).may("registry.edit")
    assert refused(covers.end_delegation, cover, by=cast.leader) == "ended"


def test_delegate_refuses(cast, jiyuan):
    def code(giver, taker, since=0, until=3, reason="休假"):
        return refused(covers.delegate, giver, taker, since=today(since), until=today(until), reason=reason)

    assert code(cast.officer, cast.other) == "taker"
    assert code(cast.officer, cast.nobody) == "taker"
    assert code(cast.officer, cast.officer) == "taker"
    assert code(cast.officer, cast.leader, since=-1) == "dates"
    assert code(cast.officer, cast.leader, since=2, until=1) == "dates"
    assert code(cast.officer, cast.leader, until=200) == "dates"
    assert code(cast.officer, cast.leader, reason=" ") == "reason_missing"
    assert code(cast.reviewer, cast.leader) == "nothing_to_hand_on"
    assert code(cast.admin, cast.auditor) == "roles_apart"
    covers.delegate(cast.officer, cast.leader, since=today(), until=today(3), reason="休假")
    assert code(cast.officer, cast.township) == "overlap"
    # What is held for another is not handed on: the leader's own role only.
    made = covers.delegate(fresh(cast.leader), cast.township, since=today(), until=today(1), reason="出差")
    assert [grant.role for grant in made.grants.all()] == ["leader"]


def test_users_seen_are_those_of_the_own_area(client, cast, jiyuan):
    seen = set(User.objects.visible_to(cast.admin).values_list("username", flat=True))
    assert seen == {"officer", "township", "reviewer", "agent", "coordinator", "leader", "auditor", "admin", "nobody"}
    for user in (cast.officer, cast.leader, cast.nobody):
        assert set(User.objects.visible_to(user)) == set()
    client.force_login(cast.admin)
    page = client.get(reverse("accounts:users")).content.decode()
    assert "王经办" in page
    assert "外地经办" not in page
    assert client.get(reverse("accounts:user", args=[cast.other.pk])).status_code == 404


def test_list_query_count_is_constant(client, cast, jiyuan):
    client.force_login(cast.admin)
    client.get(reverse("accounts:users"))

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("accounts:users"))
        return len(queries)

    before = count()
    for number in range(3):
        user = users.create_user(f"more{number}", name="某人", by=cast.admin).user
        grant_role(user, "union", by=cast.admin, area=jiyuan.county)
    assert count() == before


def test_pages_open_grant_revoke_and_disable(client, cast, jiyuan):
    client.force_login(cast.admin)
    answer = client.post(reverse("accounts:user-new"), {"username": "zhao", "name": "赵六"})
    user = User.objects.get(username="zhao")
    assert "临时密码" in answer.content.decode()
    page = reverse("accounts:grant", args=[user.pk])
    assert client.post(page, {"role": "township"}).status_code == 422
    assert client.post(page, {"role": "agent", "organisation": "没有这家"}).status_code == 422
    assert client.post(page, {"role": "township", "area": jiyuan.kejing.code}).status_code == 302
    assert "镇街、园区专员" in client.get(reverse("accounts:user", args=[user.pk])).content.decode()
    grant = Grant.objects.get(user=user)
    assert client.post(reverse("accounts:revoke", args=[grant.pk]), {"reason": ""}).status_code == 409
    assert client.post(reverse("accounts:revoke", args=[grant.pk]), {"reason": "调离"}).status_code == 302
    assert client.post(reverse("accounts:user-edit", args=[user.pk]), {"name": "赵七", "job": "科员", "email": ""}).status_code == 302
    assert fresh(user).name == "赵七"


def test_delegation_page(client, cast, jiyuan):
    client.force_login(cast.officer)
    data = {"taker": cast.leader.pk, "since": str(today()), "until": str(today(2)), "reason": "休假"}
    assert client.post(reverse("accounts:delegate"), data | {"taker": cast.other.pk}).status_code == 422
    assert client.post(reverse("accounts:delegate"), data).status_code == 302
    row = Delegation.objects.get()
    assert "领导 代我办理" in client.get(reverse("accounts:me")).content.decode()
    client.force_login(cast.other)
    assert client.post(reverse("accounts:end-delegation", args=[row.pk])).status_code == 404


def test_every_role_may_see_the_own_account(cast):
    assert all("accounts.self" in role.permissions for role in ROLES.values())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["disable", "revoke"])
def test_two_administrators_cannot_put_each_other_out_at_once(cast, jiyuan, act):
    if connection.vendor == "sqlite":
        pytest.skip("in-memory SQLite knows no second connection; tests/test_two_processes.py does this with a file")
    second = User.objects.create_user("admin2", name="管理员乙")
    Grant.objects.create(user=second, role="admin", area=jiyuan.county, since=date(2020, 1, 1), granted_by="测试")
    start = threading.Barrier(2)

    def put_out(by, other):
        start.wait()
        try:
            if act == "disable":
                users.disable_user(other, by=by, reason="调离")
            else:
                revoke_grant(other.grants.get(), by=by, reason="调离")
        except Refused:
            pass
        finally:
            connection.close()

    pairs = [(cast.admin, second), (second, cast.admin)]
    threads = [threading.Thread(target=put_out, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Grant.objects.current().filter(role="admin", user__is_active=True).count() == 1


def test_an_administrator_put_out_a_moment_ago_acts_no_more(cast, jiyuan):
    second = User.objects.create_user("admin2", name="管理员乙")
    Grant.objects.create(user=second, role="admin", area=jiyuan.county, since=date(2020, 1, 1), granted_by="测试")
    assert second.may("accounts.manage")
    users.disable_user(User.objects.get(pk=second.pk), by=cast.admin, reason="调离")
    with pytest.raises(Refused, match="不是系统管理员"):
        users.disable_user(cast.officer, by=second, reason="调离")
