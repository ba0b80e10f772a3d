"""Statements, addresses and pieces of pages that are made once in a process: what changes must still show at once."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.models import Grant, SavedView, User
from tongxing.core.addresses import address_of
from tongxing.core.prepared import Prepared, Slot
from tongxing.core.templatetags.tongxing import FixedNode

USERS = Prepared(User, lambda: User.objects.filter(username=Slot("username"), is_active=True))
NUMBER = Prepared(User, lambda: User.objects.filter(pk__gte=Slot("least")).order_by("pk").values_list("pk", "name"))


def test_a_prepared_query_asks_anew_with_other_values(cast: SimpleNamespace) -> None:
    assert USERS(username="officer") == [cast.officer]
    assert USERS(username="leader") == [cast.leader]
    User.objects.filter(pk=cast.leader.pk).update(name="新名字")
    assert [user.name for user in USERS(username="leader")] == ["新名字"]
    User.objects.filter(pk=cast.leader.pk).update(is_active=False)
    assert USERS(username="leader") == []


def test_a_prepared_query_gives_plain_rows_and_a_number(cast: SimpleNamespace) -> None:
    expected = list(User.objects.order_by("pk").values_list("pk", "name"))
    assert NUMBER.plain(least=0) == expected
    assert NUMBER.number(least=0) == expected[0][0]
    assert NUMBER.number(least=expected[-1][0] + 1) == 0


def test_a_value_cannot_leave_its_slot(cast: SimpleNamespace) -> None:
    assert USERS(username="' OR 1=1 --") == []


def test_a_revoked_grant_is_gone_at_the_next_request_from_pages_and_navigation(client: Client, cast: SimpleNamespace) -> None:
    client.force_login(cast.officer)
    page = reverse("registry:organisations")
    assert f'href="{page}"' in client.get(page).content.decode()
    Grant.objects.filter(user=cast.officer).update(revoked_at=timezone.now())
    assert client.get(page).status_code == 403
    assert f'href="{page}"' not in client.get(reverse("accounts:me")).content.decode()


def test_views_of_colleagues_are_named_after_them(cast: SimpleNamespace) -> None:
    for user, name, shared in ((cast.officer, "甲", False), (cast.leader, "乙", True), (cast.leader, "丙", False)):
        SavedView.objects.create(user=user, page="list", name=name, shared=shared)
    SavedView.objects.create(user=cast.officer, page="other", name="丁")
    assert {(view.name, view.owner_name) for view in cast.officer.views_of("list")} == {("甲", cast.officer.name), ("乙", cast.leader.name)}


def test_an_address_is_the_one_that_reverse_gives() -> None:
    uid = uuid4()
    assert address_of("registry:organisation", uid) == reverse("registry:organisation", args=[uid])


def test_a_fixed_piece_is_drawn_once_for_each_key(monkeypatch: pytest.MonkeyPatch) -> None:
    piece = Template("{% fixed per key %}{{ value }}{% endfixed %}")

    def drawn(key: str, value: str) -> str:
        return piece.render(Context({"key": key, "value": value}))

    assert [drawn("a", "1"), drawn("b", "2"), drawn("a", "3"), drawn("b", "4")] == ["1", "2", "1", "2"]
    monkeypatch.setattr(FixedNode, "MOST", 2)
    assert [drawn("c", "5"), drawn("a", "6")] == ["5", "6"]


def test_a_fixed_piece_of_another_form_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError):
        Template("{% fixed by key %}{% endfixed %}")
