"""Pages of which a device keeps a copy: the server names them one by one, for one user, and only while the setting allows it."""

import json
import re
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from tongxing.core.offline import HEADER, copy_for_all, own_copy


def told(client: Client) -> dict[str, Any]:
    """What the worker is told before its own text."""
    text = client.get(reverse("core:offline-worker")).content.decode()
    first = text.partition("\n")[0]
    return dict(json.loads(first.removeprefix("const SET = ").removesuffix(";")))


@pytest.mark.django_db
def test_the_worker_is_served_from_the_root_without_a_cookie(client: Client) -> None:
    answer = client.get("/offline-worker.js")
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Service-Worker-Allowed"] == "/"
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "max-age=300, public"
    assert not answer.cookies


@pytest.mark.django_db
def test_the_patterns_are_those_of_three_pages_and_of_nothing_below_them(client: Client) -> None:
    patterns, uid = [re.compile(pattern) for pattern in told(client)["pages"]], uuid4()
    meant = [reverse("training:attendance", args=[uid]), reverse("supervision:visit", args=[uid]), reverse("portal:offline")]
    others = [
        reverse("training:attendance-sync", args=[uid]),
        reverse("supervision:visit-sign", args=[uid]),
        reverse("supervision:mine"),
        reverse("training:class", args=[uid]),
        reverse("portal:verify"),
        reverse("desk:home"),
    ]
    assert [[bool(pattern.match(address)) for pattern in patterns].count(True) for address in meant] == [1, 1, 1]
    assert [address for address in others if any(pattern.match(address) for pattern in patterns)] == []


@pytest.mark.django_db
def test_other_hours_are_another_version_and_none_keep_nothing(client: Client, settings: Any) -> None:
    before = told(client)
    assert before == told(client)
    assert before["hours"] == 24
    settings.OFFLINE_COPY_HOURS = 0
    after = told(client)
    assert (after["hours"], after["version"] != before["version"]) == (0, True)
    assert HEADER not in copy_for_all(HttpResponse())
    answer = client.get(reverse("portal:offline"))
    assert HEADER not in answer
    assert "data-offline-copy" not in answer.content.decode()


def test_a_copy_bears_its_user_and_a_refusal_is_no_copy(cast: SimpleNamespace, rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = cast.officer
    assert own_copy(request, HttpResponse())[HEADER] == str(cast.officer.pk)
    assert HEADER not in own_copy(request, HttpResponse(status=403))
    assert copy_for_all(HttpResponse())[HEADER] == "all"


@pytest.mark.django_db
def test_the_verifier_is_everybodys_and_stays_the_same_text(client: Client) -> None:
    one, two = (client.get(reverse("portal:offline")) for _ in range(2))
    assert one[HEADER] == "all"
    assert one["ETag"] == two["ETag"]
    assert 'data-made=""' in one.content.decode()
