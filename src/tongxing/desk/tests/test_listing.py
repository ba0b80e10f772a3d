"""The list page of core, driven through HTTP on real organisations."""

from datetime import date
from io import BytesIO
from types import SimpleNamespace

import openpyxl
import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from tongxing.accounts.models import SavedView
from tongxing.audit.models import Entry
from tongxing.certificates.views.lists import CoordinatorList
from tongxing.core.listing import ListPage, export, paging
from tongxing.core.listing.paging import Ordering
from tongxing.registry.models import Organisation
from tongxing.registry.tests.people_factories import a_coordinator
from tongxing.registry.views.organisation_lists import OrganisationList

pytestmark = pytest.mark.urls("tongxing.desk.tests.listing_urls")
URL = "/test/list/"


def add(name: str, area: object, **facts: object) -> Organisation:
    fields = {"kind": "enterprise", "size": "large", "no_code_reason": "测试", **facts}
    return Organisation.objects.create(name=name, name_key=name, area=area, **fields)


@pytest.fixture
def employers(jiyuan: SimpleNamespace) -> SimpleNamespace:
    return SimpleNamespace(
        mine=add("甲矿业", jiyuan.kejing, employees=1284, began_on=date(2020, 5, 1)),
        second=add("乙商行", jiyuan.qinyuan, employees=None, kind="social", size="micro", unplaced=True),
        third=add("丙物流", jiyuan.kejing, employees=40, began_on=date(2022, 1, 1)),
        foreign=add("外地企业", jiyuan.other_street, employees=900),
    )


@pytest.fixture
def officer(client: Client, cast: SimpleNamespace) -> Client:
    client.force_login(cast.officer)
    return client


def names(client: Client, query: str = "") -> list[str]:
    answer = client.get(URL + query)
    assert answer.status_code == 200
    return [line.cells[0].text for line in answer.context["listing"].lines]


def test_it_shows_what_the_user_may_see_in_the_default_order(officer: Client, employers: SimpleNamespace) -> None:
    assert names(officer) == sorted(["甲矿业", "乙商行", "丙物流"])


def test_another_areas_officer_sees_only_their_own(client: Client, cast: SimpleNamespace, employers: SimpleNamespace) -> None:
    client.force_login(cast.other)
    assert names(client) == ["外地企业"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?kind=social", ["乙商行"]),
        ("?kind=social&kind=enterprise&sort=-employees", ["甲矿业", "丙物流", "乙商行"]),
        ("?kind=nonsense", ["丙物流", "乙商行", "甲矿业"]),
        ("?area=419001100000&sort=employees", ["丙物流", "甲矿业"]),
        ("?area=419001000000&sort=employees", ["丙物流", "甲矿业", "乙商行"]),
        ("?area=410102000000", []),
        ("?unplaced=1", ["乙商行"]),
        ("?unplaced=0&sort=employees", ["丙物流", "甲矿业"]),
        ("?began_from=2021-01-01", ["丙物流"]),
        ("?began_from=2020-05-01&began_to=2020年5月1日", ["甲矿业"]),
        ("?began_from=rubbish&sort=-employees", ["甲矿业", "丙物流", "乙商行"]),
        ("?big=yes", ["甲矿业"]),
        ("?q=%E7%89%A9%E6%B5%81", ["丙物流"]),
        ("?sort=nonsense&page=999&size=7", ["丙物流", "乙商行", "甲矿业"]),
    ],
)
def test_filters_order_and_search_stand_in_the_address(
    officer: Client, employers: SimpleNamespace, query: str, expected: list[str]
) -> None:
    found = names(officer, query)
    assert (found if "sort=" in query and "nonsense" not in query else sorted(found)) == (
        expected if "sort=" in query and "nonsense" not in query else sorted(expected)
    )


def test_each_pill_takes_away_one_condition(officer: Client, employers: SimpleNamespace) -> None:
    listing = officer.get(URL + "?kind=social&kind=enterprise&unplaced=1&page=2").context["listing"]
    assert [(pill.label, pill.text, pill.without) for pill in listing.pills] == [
        ("类别", "其他协调劳动关系社会组织", "kind=enterprise&unplaced=1"),
        ("类别", "企业", "kind=social&unplaced=1"),
        ("未归属", "是", "kind=social&kind=enterprise"),
    ]


def test_every_chosen_value_is_marked_and_sent_again(officer: Client, employers: SimpleNamespace) -> None:
    answer = officer.get(f"{URL}?kind=enterprise&kind=social&unplaced=0&unplaced=1")
    control = {control.key: control for control in answer.context["listing"].controls}["kind"]
    assert control.chosen_text == "企业、其他协调劳动关系社会组织"
    page = answer.content.decode()
    assert [page.count(f'name="kind" value="{kind}" checked') for kind in ("enterprise", "social", "union")] == [1, 1, 0]
    assert page.count(" selected>") == 1, "a filter of one value marks the one it applies"
    assert [(pill.label, pill.text) for pill in answer.context["listing"].pills] == [
        ("类别", "企业"),
        ("类别", "其他协调劳动关系社会组织"),
        ("未归属", "否"),
    ]


def test_a_quiet_filter_is_drawn_only_while_it_is_on(officer: Client, employers: SimpleNamespace) -> None:
    plain, narrowed = (officer.get(f"/registry/organisations/{query}").content.decode() for query in ("", "?created_from=2020-01-01"))
    assert ["created_from" in page for page in (plain, narrowed)] == [False, True]
    assert "登记日期：2020-01-01 至 今天" in "".join(narrowed.split("<span>")).replace("</span>", "")


def test_the_number_of_queries_does_not_grow_with_rows(officer: Client, employers: SimpleNamespace) -> None:
    def queries(query: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert officer.get(URL + query).status_code == 200
        return len(caught)

    queries("")
    assert queries("?q=%E7%89%A9%E6%B5%81") == queries("?began_from=1990-01-01") == queries("")


def test_htmx_gets_the_rows_alone(officer: Client, employers: SimpleNamespace) -> None:
    text = officer.get(URL, headers={"HX-Request": "true", "HX-Target": "listing"}).content.decode()
    assert "<html" not in text
    assert text.count("<tr>") == 4


def test_sorted_head_says_so_and_offers_the_other_way(officer: Client, employers: SimpleNamespace) -> None:
    answer = officer.get(URL + "?sort=employees")
    head = next(head for head in answer.context["listing"].heads if head.direction)
    assert (head.column.key, head.direction, head.query) == ("employees", "ascending", "sort=-employees")
    assert answer.content.decode().count('aria-sort="ascending"') == 1


def test_columns_can_be_chosen(officer: Client, employers: SimpleNamespace) -> None:
    listing = officer.get(URL + "?columns=name&columns=began").context["listing"]
    assert [column.key for column in listing.columns] == ["name", "began"]


def test_counting_stops_at_its_bound(officer: Client, employers: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "COUNT_LIMIT", 2)
    assert officer.get(URL).context["listing"].count_text == "超过 2"


def test_bulk_takes_the_ticked_or_all_that_match_but_never_what_is_unseen(officer: Client, employers: SimpleNamespace) -> None:
    ticked = officer.post("/test/bulk/", {"ids": [employers.mine.pk, employers.foreign.pk]})
    assert ticked.content.decode() == "甲矿业"
    everything = officer.post("/test/bulk/?area=419001100000", {"ids": [employers.second.pk], "all": "1"})
    assert everything.content.decode() == "丙物流,甲矿业"


def test_export_holds_all_matching_rows_and_is_audited(officer: Client, employers: SimpleNamespace) -> None:
    answer = officer.post(URL + "?kind=enterprise&sort=-employees")
    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][0] == "用人单位"
    assert rows[1][0].startswith("共 2 条　条件：类别：企业　截至 ")
    assert rows[2] == ("单位名称", "所属镇街", "从业人员", "规模")
    assert rows[3:] == [("甲矿业", "克井镇", 1284, "大型"), ("丙物流", "克井镇", 40, "大型")]
    entry = Entry.objects.get(act="core.export")
    assert (entry.object_label, entry.after) == ("用人单位", {"rows": 2, "filters": "类别：企业"})


def test_export_of_the_ticked_rows(officer: Client, employers: SimpleNamespace) -> None:
    answer = officer.post(URL, {"ids": [employers.third.pk]})
    rows = list(openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active.iter_rows(values_only=True))
    assert [row[0] for row in rows[3:]] == ["丙物流"]


def test_export_needs_its_permission(client: Client, cast: SimpleNamespace, employers: SimpleNamespace) -> None:
    client.force_login(cast.leader)
    assert client.post(URL).status_code == 403
    assert not Entry.objects.filter(act="core.export").exists()


def test_an_empty_list_says_what_to_do(officer: Client) -> None:
    text = officer.get(URL).content.decode()
    assert "还没有单位" in text
    assert "回到今日待办" in text
    assert "没有符合条件的记录" in officer.get(URL + "?kind=social").content.decode()


def test_saved_views_belong_to_the_user_and_may_be_shared(
    officer: Client, client: Client, cast: SimpleNamespace, employers: SimpleNamespace
) -> None:
    officer.post("/desk/views/save/", {"page": "test.employers", "name": "大户", "query": "big=yes", "shared": "1", "next": URL})
    officer.post("/desk/views/save/", {"page": "test.employers", "name": "私用", "query": "kind=social", "next": URL})
    client.force_login(cast.township)
    assert [view.name for view in client.get(URL).context["listing"].saved_views] == ["大户"]
    view = SavedView.objects.get(name="大户")
    assert client.post(f"/desk/views/{view.pk}/remove/").status_code == 404
    assert SavedView.objects.filter(name="大户").exists()


def test_pages_are_cut_and_linked(officer: Client, jiyuan: SimpleNamespace) -> None:
    Organisation.objects.bulk_create(
        Organisation(name=f"第{number:03}家", name_key=str(number), area=jiyuan.kejing, kind="enterprise") for number in range(60)
    )
    listing = officer.get(URL + "?page=2").context["listing"]
    assert (listing.first_shown, listing.last_shown, listing.has_next, listing.count_text) == (26, 50, True, "60")
    assert [number for number, _ in listing.page_links] == [1, 2, 3]
    assert officer.get(URL + "?page=3").context["listing"].has_next is False


def test_an_export_notes_no_number_of_a_person_that_was_searched_for(officer: Client) -> None:
    answer = officer.post("/registry/people/?q=419001199003071234")
    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    assert "搜索：419***********1234　" in sheet["A2"].value
    assert Entry.objects.get(act="core.export").after == {"rows": 0, "filters": "搜索：419***********1234"}


def test_odd_digits_in_an_address_are_no_error(officer: Client, employers: SimpleNamespace) -> None:
    assert officer.get(URL + "?page=²&size=²&area=²").status_code == 200
    assert officer.get(URL + f"?size={'1' * 5000}").status_code == 200
    assert officer.post("/test/bulk/", {"ids": ["²"]}).content.decode() == ""


@pytest.mark.parametrize("declaration", [OrganisationList, CoordinatorList])
def test_a_workbook_says_of_a_single_value_what_it_says_of_the_record(
    cast: SimpleNamespace, employers: SimpleNamespace, declaration: type[ListPage], rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_coordinator(employers.mine.area, organisation=employers.mine)
    request = rf.get("/")
    request.user = cast.officer
    rows = declaration().rows(request)
    plain = [column for column in declaration.columns if column.reads]
    by_name = Ordering(plain[0].ordering(down=True))
    ordered = rows.order_by(*by_name.expressions(rows.model))
    whole = [{column.label: column.exported(row) for column in plain} for row in ordered]
    assert len(whole) == (3 if declaration is OrganisationList else 1)
    assert list(export._plain_records(plain, rows, (by_name, by_name))) == whole
    monkeypatch.setattr(paging, "SORTED_AT_ONCE", 0)
    monkeypatch.setattr(paging, "COUNT_LIMIT", 0)
    walked = list(export._plain_records(plain, rows, (by_name, by_name)))
    assert sorted(walked, key=str) == sorted(whole, key=str)
