"""Signing in: locks, second factor, sessions, drafts, demonstration."""

import json
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.sessions.models import Session
from django.core.cache import cache, caches
from django.db import OperationalError, connection
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from tongxing.accounts import lockout, sessions, users
from tongxing.accounts.adapter import SecondFactorAdapter
from tongxing.accounts.models import Draft, User, UserSession
from tongxing.audit.models import Entry

PASSWORD = "clay-river-9-lamp"
LOGIN = "/account/login/"


@pytest.fixture(autouse=True)
def _empty_cache(db):
    cache.clear()


def sign_in(client, username="officer", password=PASSWORD):
    return client.post(LOGIN, {"login": username, "password": password})


def test_sign_in_and_out(client, cast):
    assert "账号" in client.get(LOGIN).content.decode()
    answer = sign_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/desk/")
    assert UserSession.objects.get().user == cast.officer
    client.post("/account/logout/")
    assert client.get(reverse("accounts:me")).status_code == 302
    assert UserSession.objects.count() == 0
    assert [entry.act for entry in Entry.objects.order_by("id")] == ["accounts.sign_in", "accounts.sign_out"]


def test_five_wrong_passwords_lock_the_account_even_for_the_right_one(client, cast, django_assert_max_num_queries):
    for _ in range(5):
        assert "账号或密码不对" in sign_in(client, password="wrong").content.decode()
    for username in ("officer", "OFFICER"):
        page = sign_in(client, username=username, password=PASSWORD).content.decode()
        assert "已锁定。请 5 分钟后再试" in page
    assert "_auth_user_id" not in client.session
    assert lockout.minutes_left("officer") == 5
    assert Entry.objects.filter(act="accounts.sign_in_failed").count() == 5


def test_the_lock_is_seen_by_every_process_and_lifted_by_a_reset(client, cast):
    for _ in range(5):
        sign_in(client, password="wrong")
    # A table, not memory: another process reads the same rows.
    assert caches["default"].__class__.__name__ == "DatabaseCache"
    client.force_login(cast.admin)
    assert "账号锁定中" in client.get(reverse("accounts:user", args=[cast.officer.pk])).content.decode()
    opened = users.reset_password(cast.officer, by=cast.admin)
    client.logout()
    answer = sign_in(client, password=opened.password)
    assert answer.status_code == 302


def test_the_lock_ends_by_itself(client, cast, monkeypatch):
    for _ in range(5):
        sign_in(client, password="wrong")
    later = time.time() + 301
    monkeypatch.setattr(time, "time", lambda: later)
    assert lockout.minutes_left("officer") == 0
    assert sign_in(client).status_code == 302


def test_unknown_accounts_are_told_the_same(client, cast):
    page = sign_in(client, username="no-such-user", password="x").content.decode()
    assert "账号或密码不对" in page
    assert Entry.objects.get().object_label == "不存在的账号"


def test_a_made_up_password_must_be_changed_first(client, cast):
    opened = users.reset_password(cast.officer, by=cast.admin)
    sign_in(client, password=opened.password)
    page = reverse("account_change_password")
    assert client.get(reverse("accounts:me"))["Location"] == page
    assert "临时密码" in client.get(page).content.decode()
    data = {"oldpassword": opened.password, "password1": "new-lamp-and-river-3", "password2": "new-lamp-and-river-3"}
    assert client.post(page, data | {"password1": "123", "password2": "123"}).status_code == 200
    assert client.post(page, data).status_code == 302
    assert client.get(reverse("accounts:me")).status_code == 200
    assert Entry.objects.filter(act="accounts.change_password").count() == 1


def test_a_new_password_ends_the_other_sessions(client, cast):
    other = client.__class__()
    sign_in(client)
    sign_in(other)
    data = {"oldpassword": PASSWORD, "password1": "new-lamp-and-river-3", "password2": "new-lamp-and-river-3"}
    client.post(reverse("account_change_password"), data)
    assert client.get(reverse("accounts:me")).status_code == 200
    assert other.get(reverse("accounts:me")).status_code == 302


def test_roles_that_need_it_set_up_the_second_factor_first(client, cast, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    sign_in(client, "admin")
    page = reverse("mfa_activate_totp")
    assert client.get(reverse("accounts:users"))["Location"] == page
    # The password once more, since this opens the account to a new device.
    again = client.get(page)["Location"]
    assert "请确认是您本人" in client.get(again).content.decode()
    assert client.post(again, {"password": "wrong"}).status_code == 200
    assert client.post(again, {"password": PASSWORD})["Location"] == page
    shown = client.get(page)
    assert "设置二次验证" in shown.content.decode()
    secret = client.session["mfa.totp.secret"]
    code = totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))
    assert client.post(page, {"code": "000"}).status_code == 200
    assert client.post(page, {"code": code})["Location"] == reverse("mfa_view_recovery_codes")
    assert "恢复码" in client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert client.get(reverse("accounts:users")).status_code == 200
    assert client.get(reverse("mfa_deactivate_totp")).status_code == 403
    assert Entry.objects.filter(act="accounts.second_factor").count() == 1
    client.post("/account/logout/")
    assert sign_in(client, "admin")["Location"] == reverse("mfa_authenticate")
    assert "验证码" in client.get(reverse("mfa_authenticate")).content.decode()
    assert client.get(reverse("accounts:users")).status_code == 302
    recovery = Authenticator.objects.get(user=cast.admin, type="recovery_codes").wrap().get_unused_codes()[0]
    assert client.post(reverse("mfa_authenticate"), {"code": recovery}).status_code == 302
    assert client.get(reverse("accounts:users")).status_code == 200


def test_the_second_factor_is_not_asked_of_others_or_in_a_demonstration(client, cast, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    sign_in(client, "officer")
    assert client.get(reverse("accounts:me")).status_code == 200
    del settings.SECOND_FACTOR_REQUIRED
    settings.DEMO = True
    client.force_login(cast.admin)
    assert client.get(reverse("accounts:users")).status_code == 200


def test_reset_of_a_lost_second_factor(cast):
    Authenticator.objects.create(user=cast.officer, type="totp", data={"secret": "x"})
    users.reset_second_factor(cast.officer, by=cast.admin, reason="换手机")
    assert Authenticator.objects.count() == 0


@pytest.mark.parametrize(("key", "seconds"), [("seen_at", 3601), ("started_at", 12 * 3600 + 1)])
def test_sessions_end_when_idle_and_after_twelve_hours(client, cast, settings, key, seconds):
    settings.SESSION_IDLE_MINUTES, settings.SESSION_HOURS = 60, 12
    sign_in(client)
    store = client.session
    store[key] = timezone.now().timestamp() - seconds
    store.save()
    assert client.get(reverse("accounts:me")).status_code == 302
    assert "登录已过期" in client.get(LOGIN).content.decode()
    assert UserSession.objects.count() == 0


def test_background_requests_do_not_keep_a_session_alive(client, cast):
    sign_in(client)
    then = timezone.now().timestamp() - 600
    store = client.session
    store["seen_at"] = then
    store.save()
    client.get(reverse("notices:counter"), headers={"X-Background": "1"})
    assert client.session["seen_at"] == then
    left = client.post(reverse("accounts:keep-alive"), headers={"X-Background": "1"}).json()["seconds"]
    assert 2990 <= left <= 3000
    assert client.post(reverse("accounts:keep-alive")).json()["seconds"] >= 3598


def test_a_page_does_not_wait_for_writers_to_note_that_it_was_opened(client, cast, monkeypatch):
    sign_in(client)
    then = timezone.now().timestamp() - 600
    store = client.session
    store["seen_at"] = then
    store.save()

    def locked(milliseconds):
        raise OperationalError("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(sessions, "patience", locked)
        if connection.vendor == "sqlite":
            assert client.get(reverse("accounts:me")).status_code == 200
        else:
            # PostgreSQL locks rows, and nobody else writes this one: an error is an outage there, and goes on.
            with pytest.raises(OperationalError):
                client.get(reverse("accounts:me"))
    assert client.session["seen_at"] == then
    assert client.get(reverse("accounts:me")).status_code == 200
    assert client.session["seen_at"] > then + 500


def test_end_other_sessions(client, cast):
    other = client.__class__()
    sign_in(client)
    sign_in(other)
    client.post(reverse("accounts:end-sessions"))
    assert client.get(reverse("accounts:me")).status_code == 200
    assert other.get(reverse("accounts:me")).status_code == 302


def test_sweep_drops_old_sessions(client, cast):
    sign_in(client)
    assert sessions.sweep() == 0
    UserSession.objects.update(started_at=timezone.now() - timezone.timedelta(hours=13))
    Session.objects.update(expire_date=timezone.now())
    assert sessions.sweep() == 1
    assert Session.objects.count() == 0


@pytest.mark.parametrize("name", ["account_signup", "account_reset_password", "account_email", "account_set_password"])
def test_pages_of_allauth_that_this_house_does_not_want_are_gone(client, name):
    with pytest.raises(NoReverseMatch):
        reverse(name)
    assert client.get("/account/signup/").status_code == 404


def test_demo_sign_in_exists_in_demonstration_mode_only(client, db, settings):
    user = User.objects.create_user("demo-officer", None, name="王经办", job="劳动关系科经办")
    User.objects.create_user("real", None, name="真人")
    page = reverse("accounts:demo-sign-in")
    assert client.post(page, {"username": "demo-officer"}).status_code == 404
    assert "演示账号" not in client.get(LOGIN).content.decode()
    settings.DEMO = True
    assert "王经办" in client.get(LOGIN).content.decode()
    assert client.post(page, {"username": "real"}).status_code == 404
    assert client.get(page).status_code == 405
    assert client.post(page, {"username": "demo-officer"}).status_code == 302
    assert int(client.session["_auth_user_id"]) == user.pk
    settings.PRODUCTION = True
    assert client.post(page, {"username": "demo-officer"}).status_code == 404


def test_drafts_are_kept_given_back_and_thrown_away(client, cast):
    client.force_login(cast.officer)
    page = reverse("accounts:draft")
    assert client.post(page, {"form": "person-new", "content": json.dumps({"name": ["张三"]})}).status_code == 204
    assert client.get(page, {"form": "person-new"}).json()["content"] == {"name": ["张三"]}
    client.force_login(cast.other)
    assert client.get(page, {"form": "person-new"}).json()["content"] == {}
    client.force_login(cast.officer)
    assert client.post(page, {"form": "person-new", "content": ""}).status_code == 204
    assert Draft.objects.count() == 0


def test_drafts_keep_no_personal_data(client, cast):
    client.force_login(cast.officer)
    content = {"name": ["张三"], "id_number": ["419001199003071234"], "phone": ["13800138000"], "contact_phone": ["13800138000"]}
    client.post(reverse("accounts:draft"), {"form": "person-new", "content": json.dumps(content)})
    assert Draft.objects.get().content == {"name": ["张三"]}


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"content": "{}"}, 400),
        ({"form": "x" * 121, "content": "{}"}, 400),
        ({"form": "x", "content": "[]"}, 400),
        ({"form": "x", "content": "{"}, 400),
        ({"form": "x", "content": json.dumps({"a": "字" * 30_000})}, 413),
    ],
)
def test_drafts_refuse(client, cast, data, status):
    client.force_login(cast.officer)
    assert client.post(reverse("accounts:draft"), data).status_code == status
    assert Draft.objects.count() == 0


def test_secrets_of_the_second_factor_lie_sealed():
    adapter = SecondFactorAdapter()
    sealed = adapter.encrypt("JBSWY3DPEHPK3PXP")
    assert "JBSWY3DPEHPK3PXP" not in sealed
    assert adapter.decrypt(sealed) == "JBSWY3DPEHPK3PXP"
