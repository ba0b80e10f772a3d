import pytest
from django.urls import reverse

from tongxing.policy.models import BureauProvision
from tongxing.policy.provisions import shipped, value


@pytest.fixture
def number() -> str:
    """A shipped provision whose value is a whole number."""
    return next(key for key, rows in sorted(shipped().items()) if type(rows[0].value) is int)


def test_unconfirmed_provisions_stand_out(client, cast):
    client.force_login(cast.leader)
    page = client.get(reverse("policy:provisions")).content.decode()
    assert "未核实" in page
    only = client.get(reverse("policy:provisions"), {"unconfirmed": "1", "on": "x"}).content.decode()
    assert "已核实" not in only


def test_a_later_version_is_added_and_withdrawn(client, cast, number):
    client.force_login(cast.officer)
    page = reverse("policy:add", args=[number])
    data = {"value": "77", "valid_from": "2026-01-01", "source": "测试〔2026〕1号"}
    assert client.post(page, data | {"value": "很多"}).status_code == 422
    assert client.post(page, data | {"value": '"77"'}).status_code == 422
    assert client.post(page, data | {"source": ""}).status_code == 422
    assert client.post(page, data).status_code == 302
    assert client.post(page, data).status_code == 422
    assert value(number) == 77
    assert "测试〔2026〕1号" in client.get(reverse("policy:provision", args=[number])).content.decode()
    row = BureauProvision.objects.get()
    assert client.post(reverse("policy:withdraw", args=[row.pk])).status_code == 409
    assert client.post(reverse("policy:withdraw", args=[row.pk]), {"reason": "录错"}).status_code == 302
    assert value(number) != 77


def test_readers_do_not_edit(client, cast, number):
    client.force_login(cast.leader)
    assert "录入新版本" not in client.get(reverse("policy:provision", args=[number])).content.decode()
    assert client.post(reverse("policy:add", args=[number]), {"value": "1"}).status_code == 403
    assert client.get(reverse("policy:provision", args=["no.such"])).status_code == 404
