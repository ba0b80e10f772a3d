from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.models import Grant
from tongxing.audit import history, log, sealing
from tongxing.audit.models import Entry


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA_DIR, settings.KEY_DIR = tmp_path, tmp_path / "keys"


def rename(area, by, before="旧名", after="新名"):
    return log.record(
        "areas.rename", by=by, of=area, area_code=area.code, before={"short_name": before}, after={"short_name": after}, reason="更名"
    )


def test_history_of_an_object_field_by_field(cast, jiyuan):
    rename(jiyuan.kejing, cast.officer)
    rename(jiyuan.qinyuan, cast.officer)
    second = rename(jiyuan.kejing, cast.officer, "新名", "再新名")
    assert history.of(jiyuan.kejing)[0] == second
    changes = history.changes(jiyuan.kejing, {})
    assert [(change.label, change.before, change.after) for change in changes] == [("简称", "新名", "再新名"), ("简称", "旧名", "新名")]
    assert history.changes(jiyuan.kejing, {"short_name": "名称"})[0].label == "名称"


def test_entries_are_seen_in_ones_own_area_only(cast, jiyuan):
    own = rename(jiyuan.kejing, cast.officer)
    rename(jiyuan.other, cast.other)
    without_area = log.record("accounts.login", by=log.SYSTEM, object_type="x", object_id=1)
    assert set(Entry.objects.visible_to(cast.auditor)) == {own, without_area}
    Grant.objects.filter(user=cast.auditor).update(area=jiyuan.kejing)
    cast.auditor.__dict__.pop("current_grants", None)
    assert set(Entry.objects.visible_to(cast.auditor)) == {own}
    for user in (cast.officer, cast.leader, cast.nobody):
        assert set(Entry.objects.visible_to(user)) == set()


def test_pages_show_entries_and_changes(client, cast, jiyuan):
    entry = rename(jiyuan.kejing, cast.officer)
    foreign = rename(jiyuan.other, cast.other)
    client.force_login(cast.auditor)
    page = client.get(reverse("audit:entries")).content.decode()
    assert "王经办" in page
    assert "外地经办" not in page
    page = client.get(reverse("audit:entry", args=[entry.pk])).content.decode()
    assert "<del>旧名</del>" in page
    assert "<ins>新名</ins>" in page
    assert client.get(reverse("audit:entry", args=[foreign.pk])).status_code == 404


def test_filters(client, cast, jiyuan):
    rename(jiyuan.kejing, cast.officer)
    rename(jiyuan.qinyuan, cast.leader)
    client.force_login(cast.auditor)

    def shown(**query):
        page = client.get(reverse("audit:entries"), query).content.decode()
        return "王经办" in page, "领导（leader）" in page

    today = timezone.localdate()
    assert shown(q="王经办") == (True, False)
    assert shown(area=jiyuan.qinyuan.code) == (False, True)
    assert shown(room="areas") == (True, True)
    assert shown(room="registry") == (False, False)
    assert shown(at_from=str(today), at_to=str(today)) == (True, True)
    assert shown(at_to=str(today - timedelta(days=1))) == (False, False)


def test_list_query_count_is_constant(client, cast, jiyuan):
    client.force_login(cast.auditor)
    client.get(reverse("audit:entries"))
    counted = []
    for number in (1, 2):
        for _ in range(number):
            rename(jiyuan.kejing, cast.officer)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("audit:entries"))
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_verify_button_leaves_an_entry(client, cast, jiyuan):
    rename(jiyuan.kejing, cast.officer)
    sealing.seal()
    client.force_login(cast.auditor)
    assert "校验通过" in client.post(reverse("audit:verify")).content.decode()
    assert Entry.objects.filter(act="audit.verify", actor_id=cast.auditor.pk).count() == 1
    client.force_login(cast.officer)
    assert client.post(reverse("audit:verify")).status_code == 403
