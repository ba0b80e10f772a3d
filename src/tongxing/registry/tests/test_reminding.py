"""Organisations not yet confirmed this year: the list, the reminder to those who act for them, confirming, and the sealed remark."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.models import Grant
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.notices.models import Notice
from tongxing.registry.confirmation import confirm_organisation, confirm_page, reveal_remark
from tongxing.registry.models import ConfirmationReminder, Organisation, RecordConfirmation
from tongxing.registry.reminding import due_day, remind_to_confirm, unconfirmed_organisations
from tongxing.registry.tests.people_factories import a_coordinator, an_organisation

TODAY = timezone.localdate()
DUE = TODAY + timedelta(days=30)
REMARK = "联系电话换成13900139000，从业人员现为 120 人"


def acts_for(user: Any, organisation: Organisation) -> None:
    Grant.objects.create(user=user, role="agent", organisation_id=organisation.pk, since=date(2020, 1, 1), granted_by="测试")
    vars(user).pop("current_grants", None)


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_confirmed_ended_and_merged_ones_are_not_waited_for(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    waiting, done = an_organisation(jiyuan.kejing), an_organisation(jiyuan.kejing)
    an_organisation(jiyuan.kejing, status="closed", ended_on=TODAY)
    an_organisation(jiyuan.kejing, merged_into=waiting)
    confirm_organisation(done, by=cast.officer)
    late = an_organisation(jiyuan.kejing)
    confirm_organisation(late, by=cast.officer, year=TODAY.year - 1)
    assert set(unconfirmed_organisations(Organisation.objects.all())) == {waiting, late}


def test_agents_get_a_to_do_that_confirming_ticks_off(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    own, alone = an_organisation(jiyuan.kejing), an_organisation(jiyuan.kejing)
    acts_for(cast.agent, own)
    result = remind_to_confirm(Organisation.objects.all(), by=cast.officer, due_on=DUE, note="请于年内办理。")
    assert result == (1, 1, 1, 0)
    notice = Notice.objects.get()
    assert (notice.user, notice.url, notice.due_on, notice.is_todo) == (cast.agent, confirm_page(own), DUE, True)
    assert remind_to_confirm(Organisation.objects.all(), by=cast.officer, due_on=DUE) == (0, 0, 1, 1)
    entry = Entry.objects.get(act="registry.remind_to_confirm")
    assert (entry.after["organisations"], entry.after["accounts"], entry.area_code) == ([own.pk], 1, jiyuan.kejing.code)
    client = client_of(cast.agent)
    page = client.get(notice.url).content.decode()
    assert own.name in page
    assert client.post(notice.url, {"remark": ""}).headers["Location"] == reverse("registry:own-organisation")
    notice.refresh_from_db()
    assert notice.done_at is not None
    assert list(unconfirmed_organisations(Organisation.objects.all())) == [alone]


def test_a_reminder_stays_inside_the_own_area_and_needs_a_day_to_come(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    acts_for(cast.agent, an_organisation(jiyuan.qinyuan))
    for by, due, code in ((cast.township, DUE, "not_allowed"), (cast.officer, TODAY - timedelta(days=1), "past_day")):
        with pytest.raises(Refused) as refused:
            remind_to_confirm(Organisation.objects.all(), by=by, due_on=due)
        assert refused.value.code == code
    assert not Notice.objects.exists()


def test_due_by_the_end_of_the_month_of_the_provision(db: None) -> None:
    assert due_day(date(2026, 3, 5)) == date(2026, 12, 31)


def test_the_list_filters_and_reminds_the_selection(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    host = a_coordinator(jiyuan.kejing).postings.get().organisation
    bare, elsewhere = an_organisation(jiyuan.qinyuan), an_organisation(jiyuan.other_street)
    acts_for(cast.agent, host)
    address = reverse("registry:confirmations")

    def names(user: Any, query: str = "") -> set[str]:
        page = client_of(user).get(address + query).content.decode()
        return {row.name for row in (host, bare, elsewhere) if row.name in page}

    assert [names(user) for user in (cast.officer, cast.township, cast.other)] == [
        {host.name, bare.name},
        {host.name},
        {elsewhere.name},
    ]
    for query, expected in (
        ("?coordinator=yes", {host.name}),
        ("?coordinator=no", {bare.name}),
        ("?agent=yes", {host.name}),
        (f"?area={jiyuan.qinyuan.code}", {bare.name}),
        ("?reminded=yes", set()),
    ):
        assert names(cast.officer, query) == expected, query
    client, remind = client_of(cast.officer), reverse("registry:remind-confirmation")
    asked = client.post(remind, {"all": "1"}).content.decode()
    assert "已选 2 家待核实单位，其中 1 家有经办账号" in asked
    answer = client.post(remind, {"all": "1", "due_on": DUE.isoformat(), "note": ""}, follow=True).content.decode()
    assert "已提醒 1 家单位" in answer
    assert "1 家没有经办账号" in answer
    assert ConfirmationReminder.objects.get().organisation == host
    assert names(cast.officer, "?reminded=yes") == {host.name}
    assert "完成期限已经过去" in client.post(remind, {"all": "1", "due_on": "2020-01-01"}).content.decode()


def test_the_list_asks_the_same_queries_for_one_and_for_many(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    counts = []
    for _ in range(2):
        a_coordinator(jiyuan.kejing)
        a_coordinator(jiyuan.kejing)
        with CaptureQueriesContext(connection) as queries:
            client_of(cast.officer).get(reverse("registry:confirmations"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_remark_lies_sealed_is_shown_masked_and_opened_with_an_entry(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    own = an_organisation(jiyuan.kejing)
    acts_for(cast.agent, own)
    entry = confirm_organisation(own, by=cast.agent, remark=REMARK)
    with connection.cursor() as cursor:
        cursor.execute("SELECT remark_sealed FROM registry_recordconfirmation")
        stored = cursor.fetchone()[0]
    assert "13900139000" not in stored
    assert RecordConfirmation.objects.get().remark == REMARK
    page = client_of(cast.officer).get(reverse("registry:organisation", args=[own.uid])).content.decode()
    assert "139****9000" in page
    assert "13900139000" not in page
    address = reverse("registry:confirmation-remark", args=[entry.uid])
    client = client_of(cast.officer)
    assert "13900139000" not in client.get(address).content.decode()
    shown = client.post(address, {"reason": "按本人填写更正电话"})
    assert REMARK in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    read = Entry.objects.get(act="registry.reveal")
    assert (read.object_id, read.reason, "139" in str(read.after)) == (str(own.pk), "按本人填写更正电话", False)
    with pytest.raises(Refused):
        reveal_remark(entry, by=cast.leader, reason="看看")
    assert [client_of(user).get(address).status_code for user in (cast.leader, cast.other)] == [403, 404]
