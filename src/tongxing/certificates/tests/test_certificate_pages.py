"""Pages of certificates, and the pages that change register and certificates together."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tongxing.audit.log import COMMAND_LINE
from tongxing.certificates.links import link_of
from tongxing.certificates.models import BodyFiling, Certificate
from tongxing.certificates.register import register_certificate
from tongxing.certificates.tests.access import paper
from tongxing.registry import assignments
from tongxing.registry.models import Coordinator, Person
from tongxing.registry.tests.people_factories import PHONE, a_coordinator, a_person, an_id, an_organisation
from tongxing.registry.tests.rosters import id_number, write
from tongxing.sheets import command

NUMBER = "S000041000012233000001"
PAPER = {"number": NUMBER, "level": "3", "issued_on": "2023-06-01", "body_name": "某评价公司"}
SOMEONE = {"name": "王五", "id_type": "resident", "sex": "0", "phone": PHONE}
POST = {"on": "2024-01-01", "full_time": "1", "status": "active", "post": "专员"}


@pytest.fixture
def officer(client: Client, cast: SimpleNamespace) -> Client:
    client.force_login(cast.officer)
    return client


def a_certificate(person: Person, number: str = NUMBER) -> Certificate:
    return register_certificate(person, by=COMMAND_LINE, number=number, level=3, issued_on=date(2023, 6, 1))


def test_one_form_enters_person_posting_and_certificate(officer: Client, jiyuan: SimpleNamespace) -> None:
    host = an_organisation(jiyuan.kejing, name="豫光金铅", name_key="豫光金铅")
    typed = SOMEONE | POST | PAPER | {"id_number": an_id(), "organisation": "豫光金铅"}
    answer = officer.post(reverse("certificates:coordinator-new"), typed)
    coordinator = Coordinator.objects.get()
    assert (answer.status_code, answer.url) == (302, reverse("registry:person", args=[coordinator.person.uid]))
    assert (coordinator.full_time, coordinator.postings.get().organisation, coordinator.area) == (True, host, jiyuan.kejing)
    assert Certificate.objects.get().person == coordinator.person


def test_a_refused_certificate_takes_person_and_posting_back(officer: Client, jiyuan: SimpleNamespace) -> None:
    an_organisation(jiyuan.kejing, name="豫光金铅", name_key="豫光金铅")
    typed = SOMEONE | POST | PAPER | {"id_number": an_id(), "organisation": "豫光金铅", "level": "2"}
    answer = officer.post(reverse("certificates:coordinator-new"), typed)
    assert list(answer.context["form"].errors) == ["level"]
    assert (Person.objects.count(), Coordinator.objects.count()) == (0, 0)
    half = officer.post(reverse("certificates:coordinator-new"), typed | {"issued_on": ""})
    assert list(half.context["form"].errors) == ["issued_on"]


def test_somebody_known_is_enrolled_without_typing_again(officer: Client, jiyuan: SimpleNamespace) -> None:
    person = a_person(jiyuan.kejing)
    an_organisation(jiyuan.qinyuan, name="豫光金铅", name_key="豫光金铅")
    url = f"{reverse('certificates:coordinator-new')}?person={person.uid}"
    assert officer.post(url, POST | {"organisation": "豫光金铅"}).status_code == 302
    person.refresh_from_db()
    assert (person.coordinator.status, person.area) == ("active", jiyuan.qinyuan)
    assert officer.get(reverse("certificates:coordinator-new") + "?person=x").status_code == 404


def test_coordinators_are_listed_with_host_level_and_load(officer: Client, jiyuan: SimpleNamespace) -> None:
    holder, plain = a_coordinator(jiyuan.kejing), a_coordinator(jiyuan.qinyuan)
    a_certificate(holder.person)
    url = reverse("certificates:coordinators")

    def names(query: str) -> set[str]:
        return {line.name for line in officer.get(f"{url}?{query}").context["listing"].lines}

    assert names("") == {holder.person.name, plain.person.name}
    assert names("level=any") == names("level=3") == {holder.person.name}
    assert names("level=none") == names("area=419001001000") == {plain.person.name}
    assert names("place=unposted") == names("place=carrying") == names("level=1") == set()
    assert names("confirmed=no") == {holder.person.name, plain.person.name}
    row = {cell.label: cell.text for cell in officer.get(f"{url}?level=3").context["listing"].lines[0].cells}
    assert (row["技能等级"], row["任职单位"], row["包联企业"]) == ("三级", holder.postings.get().organisation.name, "0")


def test_certificates_are_listed_searched_and_seen_in_scope(client: Client, cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    certificate = a_certificate(a_person(jiyuan.kejing))
    url = reverse("certificates:certificates")
    client.force_login(cast.officer)
    assert [line.name for line in client.get(f"{url}?q={NUMBER}").context["listing"].lines] == [NUMBER]
    assert client.get(f"{url}?q=S9999").context["listing"].lines == []
    assert client.get(f"{url}?check=never").context["listing"].counted == 1
    client.force_login(cast.other)
    assert client.get(url).context["listing"].lines == []
    assert client.get(reverse("certificates:certificate", args=[certificate.uid])).status_code == 404


def test_a_certificate_is_checked_corrected_replaced_and_voided(officer: Client, jiyuan: SimpleNamespace) -> None:
    certificate = a_certificate(a_person(jiyuan.kejing))

    def post(name: str, typed: dict[str, str]) -> Any:
        return officer.post(reverse(f"certificates:{name}", args=[certificate.uid]), typed)

    assert post("national-check", {"checked_on": "2025-01-02", "found": "1"}).status_code == 302
    assert list(post("certificate-correct", PAPER | {"reason": "抄错", "version": "1", "level": "2"}).context["form"].errors) == ["level"]
    corrected = PAPER | {"number": NUMBER[:-1] + "9", "reason": "抄错", "version": "1"}
    assert post("certificate-correct", corrected).status_code == 302
    new = {"number": "S000041000012252000001", "level": "2", "issued_on": "2025-03-01", "reason": "升级"}
    assert post("certificate-replace", new).status_code == 302
    certificate.refresh_from_db()
    assert (certificate.number[-1], certificate.status, certificate.replaced_by.level) == ("9", "replaced", 2)
    assert "不能再办理" in str(
        post("certificate-void", {"on": "2025-03-02", "ground": "mistake", "reason": "x"}).context["form"].non_field_errors()
    )
    assert "没有作废可以撤销" in str(post("certificate-reinstate", {"reason": "x"}).context["form"].non_field_errors())
    page = officer.get(reverse("certificates:certificate", args=[certificate.uid]))
    assert [one.act for one in page.context["happenings"]] == ["换发证书", "更正证书", "记录全国查询结果", "登记证书"]


def test_records_are_merged_after_a_second_look(officer: Client, jiyuan: SimpleNamespace) -> None:
    keep, drop = a_person(jiyuan.kejing, name="郑八", phone=PHONE), a_person(jiyuan.kejing, name="郑八", phone=PHONE)
    certificate = a_certificate(drop)
    url = f"{reverse('certificates:merge')}?keep={keep.uid}&drop={drop.uid}"
    assert officer.get(url).status_code == 200
    assert officer.post(url, {"keep": keep.uid, "drop": drop.uid, "reason": "电话核实"}).status_code == 302
    certificate.refresh_from_db()
    assert certificate.person == keep
    assert officer.get(reverse("registry:person", args=[drop.uid])).url == reverse("registry:person", args=[keep.uid])


def test_filing_numbers_are_entered(officer: Client, jiyuan: SimpleNamespace) -> None:
    an_organisation(jiyuan.kejing, kind="assessment", name="某评价公司", name_key="某评价公司")
    url = reverse("certificates:filing-new")
    assert list(officer.post(url, {"organisation": "某评价公司", "number": "12"}).context["form"].errors) == ["__all__"]
    assert officer.post(url, {"organisation": "某评价公司", "number": "s000041000012"}).status_code == 302
    assert BodyFiling.objects.get().number == "S000041000012"


@pytest.mark.parametrize("name", ["coordinators", "certificates", "filings"])
def test_lists_ask_as_much_for_three_rows_as_for_one(
    officer: Client, jiyuan: SimpleNamespace, name: str, django_assert_num_queries: Any
) -> None:
    def row(number: int) -> None:
        a_certificate(a_coordinator(jiyuan.kejing).person, f"{NUMBER[:-1]}{number}")
        BodyFiling.objects.create(organisation=an_organisation(jiyuan.kejing), number=f"S00004100001{number}")

    row(1)
    officer.get(reverse(f"certificates:{name}"))
    with CaptureQueriesContext(connection) as first:
        officer.get(reverse(f"certificates:{name}"))
    row(2)
    row(3)
    with django_assert_num_queries(len(first)):
        officer.get(reverse(f"certificates:{name}"))


def test_the_page_shows_the_code_that_the_public_scans(client: Client, cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    uid = paper(jiyuan)["uid"]
    client.force_login(cast.officer)
    page = client.get(reverse("certificates:certificate", args=[uid])).content.decode()
    assert 'src="data:image/svg+xml' in page
    scanned = Client().get(link_of(Certificate.objects.get(uid=uid)))
    assert scanned.status_code == 200
    assert "有效" in scanned.content.decode()


def test_registered_body_is_named_once_and_a_printed_name_that_differs_is_told(officer: Client, jiyuan: SimpleNamespace) -> None:
    body = an_organisation(jiyuan.kejing, kind="assessment", name="甲评价中心", name_key="甲评价中心")
    paper = {"by": COMMAND_LINE, "level": 3, "issued_on": date(2023, 6, 1), "body": body}
    same = register_certificate(a_person(jiyuan.kejing), number="S000041000012233000051", **paper)
    other = register_certificate(a_person(jiyuan.kejing), number="S000041000012233000052", body_name="甲中心", **paper)
    pages = [officer.get(reverse("certificates:certificate", args=[one.uid])).content.decode() for one in (same, other)]
    shown = [page[page.index("证书内容") : page.index("全国查询记录")] for page in pages]
    assert [one.count("甲评价中心") for one in shown] == [1, 1]
    assert [one.count("证书上印的名称：甲中心") for one in shown] == [0, 1]


def test_merging_shows_what_hangs_on_each(officer: Client, jiyuan: SimpleNamespace) -> None:
    coordinator = a_coordinator(jiyuan.kejing)
    register_certificate(coordinator.person, by=COMMAND_LINE, number="S000041000012233000053", level=3, issued_on=date(2023, 6, 1))
    other = a_person(jiyuan.kejing)
    page = officer.get(f"{reverse('certificates:merge')}?keep={coordinator.person.uid}&drop={other.uid}")
    assert page.context["held"] == [
        ("证书", "S000041000012233000053", "–"),
        ("包联企业", "–", "–"),
        ("责任片区", "–", "–"),
        ("违法失信记录", "–", "–"),
        ("培训报名", "–", "–"),
        ("登录账号", "–", "–"),
    ]
    assert coordinator.postings.get().organisation.name in page.content.decode()


def test_roster_that_brought_a_record_and_changed_it_stands_in_its_history(
    officer: Client, jiyuan: SimpleNamespace, tmp_path: Path
) -> None:
    hosts = [an_organisation(jiyuan.kejing) for _ in range(2)]
    head, number = ["姓名", "身份证号", "工作单位", "学历", "任职时间"], id_number(7)
    lines = (["赵六", number, hosts[0].name, "大专", "2024-01-01"], ["赵六", number, hosts[1].name, "本科", "2025-01-01"])
    for line in lines:
        assert command.load("coordinators", write(tmp_path, [head, line], "名册.csv"), by=COMMAND_LINE)["invalid"] == 0
    person = Person.objects.get()
    url = reverse("registry:person-history", args=[person.uid])
    assert url in officer.get(reverse("registry:person", args=[person.uid])).content.decode()
    told = officer.get(url).context["happenings"]
    assert [one.act for one in told] == ["导入名册", "由名册导入登记"]
    assert sorted(told[0].details) == sorted(["学历：大学专科 → 大学本科", f"工作单位：{hosts[0].name} → {hosts[1].name}"])
    assert told[0].reason.endswith("名册.csv 第 2 行")


def test_navigation_marks_the_list_one_came_from(officer: Client, jiyuan: SimpleNamespace) -> None:
    coordinator = a_coordinator(jiyuan.kejing)
    person = reverse("registry:person", args=[coordinator.person.uid])
    transfer = reverse("registry:coordinator-transfer", args=[coordinator.uid])

    def marked(address: str) -> list[str]:
        frame = officer.get(address).context["frame"]
        return [link.label for group in frame.groups for link in group.entries if link.current]

    assert [marked(person), marked(transfer)] == [["人员"], ["协调员"]]
    for name, label in (("certificates:coordinators", "协调员"), ("registry:duplicates", "重复人员"), ("registry:people", "人员")):
        assert marked(reverse(name)) == [label]
        assert [marked(person), marked(transfer)] == [[label], [label]]
    assert marked(reverse("certificates:certificates")) == ["证书"]
    assert marked(f"{reverse('certificates:merge')}?keep={coordinator.person.uid}&drop={a_person(jiyuan.kejing).uid}") == ["重复人员"]


def test_carriers_are_offered_with_their_load_the_least_first(officer: Client, jiyuan: SimpleNamespace) -> None:
    busy, free = a_coordinator(jiyuan.kejing), a_coordinator(jiyuan.kejing)
    assignments.assign(busy, an_organisation(jiyuan.kejing, size="small"), by=COMMAND_LINE)
    target = an_organisation(jiyuan.kejing, size="micro")
    page = officer.post(reverse("registry:assign-many"), {"ids": [target.pk]})
    offered = [str(label) for value, label in page.context["form"].fields["coordinator"].choices if value]
    wanted = [(free, 0), (busy, 1)]
    assert offered == [f"{one.person.name}（{one.postings.get().organisation.name}，现包联 {load} 家）" for one, load in wanted]
