"""Pages of the organisations' side: happy path, another area's officer, query counts, conflicts, wrong input."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tongxing.audit.models import Entry
from tongxing.registry import organisations as acts
from tongxing.registry.models import Organisation
from tongxing.registry.organisation_history import history_of
from tongxing.registry.search import reindex_all

from .test_organisations import FIGURES, code, coordinator_at, enterprise


@pytest.fixture
def world(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> SimpleNamespace:
    made = enterprise(jiyuan, cast.officer, contact_name="赵一", contact_phone="13800001234", address="济源市克井镇", **FIGURES)
    return SimpleNamespace(jiyuan=jiyuan, cast=cast, made=made)


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(name: str, *args: Any) -> str:
    return reverse(f"registry:{name}", args=args)


def form_of(world: SimpleNamespace, **changes: Any) -> dict[str, Any]:
    return {
        "name": "济源乙铸造有限公司",
        "credit_code": code(2),
        "kind": "enterprise",
        "area": world.jiyuan.kejing.code,
        "industry": "C3391 黑色金属铸造",
        "employees": "300",
        "revenue": "2,000",
    } | changes


def test_register_through_the_form(world: SimpleNamespace) -> None:
    client = client_of(world.cast.township)
    assert client.get(url("organisation-new")).status_code == 200
    response = client.post(url("organisation-new"), form_of(world))
    made = Organisation.objects.get(credit_code=code(2))
    assert response.headers["Location"] == url("organisation", made.uid)
    assert (made.size, made.industry, made.area_id) == ("medium", "3391", world.jiyuan.kejing.code)
    page = client.get(url("organisation", made.uid)).content.decode()
    assert "全部达到中型下限，划为中型" in page


def test_form_says_every_error_and_keeps_what_was_typed(world: SimpleNamespace) -> None:
    wrong = form_of(world, name="", credit_code="123", industry="造东西", employees="-1", area=world.jiyuan.other_street.code)
    response = client_of(world.cast.officer).post(url("organisation-new"), wrong)
    assert set(response.context["form"].errors) == {"name", "credit_code", "industry", "employees", "area"}
    assert 'value="造东西"' in response.content.decode()


def test_double_credit_code_is_refused_in_the_form(world: SimpleNamespace) -> None:
    response = client_of(world.cast.officer).post(url("organisation-new"), form_of(world, credit_code=code()))
    assert "一个单位只登记一次" in response.context["form"].non_field_errors()[0]


def test_the_phone_in_force_never_stands_in_the_form_and_is_kept_when_the_field_stays_empty(world: SimpleNamespace) -> None:
    client, address = client_of(world.cast.officer), url("organisation-edit", world.made.uid)
    page = client.get(address).content.decode()
    assert [text in page for text in ("13800001234", "现为 138****1234")] == [False, True]
    posted = form_of(world, name=world.made.name, credit_code=code(), address="济源市克井镇二号")

    def phone(**changes: str) -> str:
        version = Organisation.objects.get(pk=world.made.pk).version
        assert client.post(address, posted | {"version": str(version)} | changes).status_code == 302
        return Organisation.objects.get(pk=world.made.pk).contact_phone

    assert phone() == "13800001234"
    assert phone(contact_phone="139 0000 1234") == "13900001234"
    assert phone(forget_phone="on") == ""


def test_edit_and_conflict(world: SimpleNamespace) -> None:
    client, address = client_of(world.cast.officer), url("organisation-edit", world.made.uid)
    page = client.get(address)
    assert 'name="seen"' in page.content.decode()
    posted = form_of(world, name=world.made.name, credit_code=code(), version="1", address="济源市克井镇二号", contact_phone="13800001234")
    assert client.post(address, posted).status_code == 302
    again = client.post(address, posted | {"address": "济源市克井镇三号"})
    assert "现为“济源市克井镇二号”，您填的是“济源市克井镇三号”" in again.context["form"].non_field_errors()[0]
    assert Organisation.objects.get(pk=world.made.pk).address == "济源市克井镇二号"


def test_page_shows_people_history_and_masked_phone(world: SimpleNamespace) -> None:
    coordinator_at(world.made, "张三", date(2024, 1, 1))
    acts.update_organisation(world.made, by=world.cast.officer, version=1, employees="1300", area=world.jiyuan.qinyuan)
    page = client_of(world.cast.officer).get(url("organisation", world.made.uid)).content.decode()
    for text in ("张三", "138****1234", "从业人员数：1200 → 1300", "所属镇街：克井镇 → 沁园街道", "济源甲水泥有限公司"):
        assert text in page
    assert "13800001234" not in page


def test_history_knows_many_at_once(world: SimpleNamespace) -> None:
    acts.place_organisations([world.made.pk], world.jiyuan.qinyuan, by=world.cast.officer)
    (step, first) = history_of(world.made)
    assert (step.act, step.changes[0].before, step.changes[0].after) == ("批量归属", "克井镇", "沁园街道")
    assert first.act == "登记单位"


def test_phones_need_a_reason_and_leave_an_entry(world: SimpleNamespace) -> None:
    client, address = client_of(world.cast.officer), url("organisation-phones", world.made.uid)
    assert client.post(address, {"reason": ""}).status_code == 409
    assert "13800001234" in client.post(address, {"reason": "通知培训"}).content.decode()
    assert Entry.objects.filter(act="registry.reveal", reason="通知培训").count() == 1


def test_status_size_and_contact_pages(world: SimpleNamespace) -> None:
    client, uid = client_of(world.cast.officer), world.made.uid
    assert client.post(url("organisation-size", uid), {"size": "large", "reason": "统计局认定"}).status_code == 302
    assert client.post(url("organisation-size-clear", uid)).status_code == 302
    assert client.post(url("organisation-contact-new", uid), {"name": "钱二", "phone": "12"}).context["form"].errors.keys() == {"phone"}
    assert client.post(url("organisation-contact-new", uid), {"name": "钱二", "phone": "0391-6636515"}).status_code == 302
    assert (
        client.post(url("organisation-status", uid, "closed"), {"on": "2199-01-01"})
        .context["form"]
        .non_field_errors()[0]
        .startswith("日期")
    )
    assert client.post(url("organisation-status", uid, "closed"), {"on": "2026-01-05", "reason": "注销"}).status_code == 302
    world.made.refresh_from_db()
    assert (world.made.status, world.made.ended_on, world.made.size) == ("closed", date(2026, 1, 5), "medium")
    assert client.get(url("organisation-status", uid, "closed")).status_code == 302


def test_merge_page_and_redirect_of_the_old_address(world: SimpleNamespace) -> None:
    drop = enterprise(world.jiyuan, world.cast.officer, credit_code="", no_code_reason="抄漏了", name="济源甲水泥公司")
    client = client_of(world.cast.officer)
    assert drop.name in client.get(url("organisation-merge", world.made.uid)).content.decode()
    compared = client.get(url("organisation-merge", world.made.uid), {"drop": str(drop.uid)}).content.decode()
    assert [word in compared for word in (drop.name, "138****1234", "13800001234", "确认合并")] == [True, True, False, True]
    assert client.post(url("organisation-merge", world.made.uid), {"drop": "x"}).status_code == 409
    assert client.post(url("organisation-merge", world.made.uid), {"drop": str(drop.uid)}).status_code == 302
    assert client.get(url("organisation", drop.uid)).headers["Location"] == url("organisation", world.made.uid)


def test_live_fragments(world: SimpleNamespace) -> None:
    client = client_of(world.cast.officer)
    asked = {"kind": "enterprise", "industry": "3011 水泥制造", "employees": "1200", "revenue": "35000"}
    assert "降一档为中型" in client.get(url("organisation-size-preview"), asked).content.decode()
    assert "缺少行业代码" in client.get(url("organisation-size-preview"), {"employees": "x"}).content.decode()
    picked = client.get(url("industry-picker"), asked | {"industry": "水泥"}).content.decode()
    assert '<option value="3011 水泥制造">' in picked
    assert "名称相近" in client.get(url("organisation-doubles"), {"name": "济源市甲水泥厂", "credit_code": "12"}).content.decode()
    same = {"name": world.made.name, "credit_code": code(), "but": str(world.made.pk)}
    assert client.get(url("organisation-doubles"), same).content.decode().strip() == ""


def test_list_filters_and_searches(world: SimpleNamespace) -> None:
    enterprise(world.jiyuan, world.cast.officer, name="济源丙商店", credit_code=code(3), industry="5211", employees="3")
    client = client_of(world.cast.officer)

    def names(query: str) -> list[str]:
        return [line.name for line in client.get(url("organisations") + "?" + query).context["listing"].lines]

    assert names("") == ["济源丙商店", "济源甲水泥有限公司"]
    assert names("size=medium") == names("section=C") == names("q=jyjsn") == names(f"q={code()}") == ["济源甲水泥有限公司"]
    assert names("section=F") == names("q=丙商店") == ["济源丙商店"]
    assert names("q=没有这个") == names("unplaced=1") == []


def test_queue_and_placing(world: SimpleNamespace) -> None:
    for number in (5, 6, 7):
        enterprise(
            world.jiyuan, world.cast.officer, area=world.jiyuan.county, name=f"济源{number}厂", credit_code=code(number),
            address="克井镇" if number == 5 else "文昌路",
        )  # fmt: skip
    client = client_of(world.cast.officer)
    page = client.get(url("unplaced"))
    towns = [line.cells[3] for line in page.context["listing"].lines]
    assert [(cell.text[:4], cell.tone) for cell in towns] == [("克井镇", "teal"), ("地址中没", ""), ("地址中没", "")]
    first, second, third = Organisation.objects.filter(unplaced=True).order_by("id")
    assert client.post(url("place-suggested"), {"ids": [first.pk, second.pk]}).status_code == 302
    assert client.post(url("place"), {"ids": [second.pk]}).context["count"] == 1
    assert client.post(url("place-unplaced"), {"ids": [second.pk]}).context["back"] == url("unplaced")
    done = client.post(url("place-unplaced"), {"ids": [second.pk], "area": world.jiyuan.park.code})
    assert done.headers["Location"] == url("unplaced")
    assert list(Organisation.objects.filter(unplaced=True)) == [third]
    assert Organisation.objects.get(pk=second.pk).area_id == world.jiyuan.park.code


def test_other_areas_officer_sees_nothing(world: SimpleNamespace) -> None:
    client = client_of(world.cast.other)
    assert client.get(url("organisations")).context["listing"].lines == []
    assert client.get(url("organisation", world.made.uid)).status_code == 404
    assert client.post(url("organisation-merge", world.made.uid), {"drop": str(world.made.uid)}).status_code == 404
    client.post(url("place"), {"ids": [world.made.pk], "area": world.jiyuan.other_street.code})
    world.made.refresh_from_db()
    assert world.made.area_id == world.jiyuan.kejing.code


@pytest.mark.parametrize("name", ["organisations", "unplaced"])
def test_lists_ask_the_same_number_of_queries(name: str, world: SimpleNamespace, django_assert_num_queries: Any) -> None:
    client = client_of(world.cast.officer)
    Organisation.objects.update(unplaced=True)
    client.get(url(name))
    with CountQueries() as one:
        client.get(url(name))
    Organisation.objects.bulk_create(
        Organisation(name=f"厂{n}", name_key=f"厂{n}", kind="enterprise", area=world.jiyuan.kejing, unplaced=True) for n in range(2)
    )
    reindex_all()
    with django_assert_num_queries(one.count):
        client.get(url(name))


class CountQueries:
    """How many queries ran inside the block."""

    def __enter__(self) -> "CountQueries":
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        self.capture = CaptureQueriesContext(connection)
        self.capture.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.capture.__exit__(*error)
        self.count = len(self.capture)
