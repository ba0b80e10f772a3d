import json
from datetime import date

import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tongxing.workdays.calendar import is_working_day
from tongxing.workdays.models import SpecialDay


def test_the_page_warns_of_a_missing_year(client, cast):
    SpecialDay.objects.all().delete()
    client.force_login(cast.leader)
    page = client.get(reverse("workdays:calendar"), {"year": "2031"}).content.decode()
    assert "缺少" in page
    assert "2031 年的节假日安排还没有载入" in page
    assert "改一天" not in page
    assert client.get(reverse("workdays:calendar"), {"year": "99999"}).status_code == 200


def test_a_day_is_set_and_cleared(client, cast):
    client.force_login(cast.officer)
    assert client.post(reverse("workdays:set-day"), {"day": "x", "kind": "off", "name": "测试"}).status_code == 422
    assert client.post(reverse("workdays:set-day"), {"day": "2031年2月3日", "kind": "off", "name": "测试"}).status_code == 302
    assert not is_working_day(date(2031, 2, 3))
    assert "测试" in client.get(reverse("workdays:calendar"), {"year": "2031"}).content.decode()
    assert client.post(reverse("workdays:clear-day"), {"day": "2031-02-03"}).status_code == 302
    assert is_working_day(date(2031, 2, 3))
    client.force_login(cast.leader)
    assert client.post(reverse("workdays:set-day"), {"day": "2031-02-03", "kind": "off", "name": "测试"}).status_code == 403


def test_a_year_is_loaded_from_a_file(client, cast):
    client.force_login(cast.officer)
    content = {"year": 2031, "papers": ["公告"], "days": [{"name": "元旦", "date": "2031-01-01", "isOffDay": True}]}

    def post(body: bytes) -> int:
        return client.post(reverse("workdays:load-year"), {"file": SimpleUploadedFile("2031.json", body)}).status_code

    assert post(json.dumps(content).encode()) == 302
    assert not is_working_day(date(2031, 1, 1))
    assert post(b"\xff\xfe\x00") == 422
    assert post(b"x" * 300_000) == 422
    assert post(b"{}") == 422


def test_the_calendar_is_kept_by_who_holds_the_whole_programme(client, cast):
    client.force_login(cast.other)
    assert client.post(reverse("workdays:set-day"), {"day": "2031-02-03", "kind": "off", "name": "测试"}).status_code == 403
    assert "改一天" not in client.get(reverse("workdays:calendar"), {"year": "2031"}).content.decode()
    assert not SpecialDay.objects.filter(date=date(2031, 2, 3)).exists()


@time_machine.travel("2031-05-20 12:00 +0800")
def test_days_of_one_holiday_are_one_line_and_past_months_are_folded(client, cast):
    for day in (1, 2, 3, 5):
        SpecialDay.objects.create(date=date(2031, 10, day), kind="off", name="国庆节", source="公告")
    client.force_login(cast.officer)
    page = client.get(reverse("workdays:calendar"), {"year": "2031"}).content.decode()
    assert "10月1日至10月3日，3 天" in page
    assert page.count("恢复平常<") == 2
    assert page.index("已经过去的月份（1–4 月）") > page.index('aria-label="5 月"')
    assert page.index("已经过去的月份（1–4 月）") < page.index('aria-label="4 月"')
