"""Pages of long lists: numbered while rows can be counted, one after another beyond, and never by skipping rows in the database."""

from datetime import date, datetime, time, timedelta
from io import BytesIO
from types import SimpleNamespace

import openpyxl
import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tongxing.audit.log import COMMAND_LINE
from tongxing.competitions.tests.world import a_competition
from tongxing.core.listing import ListPage, paging
from tongxing.evaluation.tests.world import a_batch, a_filing
from tongxing.honours.tests.world import a_selection
from tongxing.learning.tests.world import an_exam
from tongxing.registry.models import Organisation
from tongxing.targets.base_data import load

pytestmark = pytest.mark.urls("tongxing.desk.tests.listing_urls")
URL = "/test/list/"


@pytest.fixture
def officer(client: Client, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Client:
    client.force_login(cast.officer)
    monkeypatch.setattr(paging, "COUNT_LIMIT", 60)
    monkeypatch.setattr(paging, "JUMP_LIMIT", 50)
    return client


@pytest.fixture
def crowd(jiyuan: SimpleNamespace) -> list[Organisation]:
    """180 employers: names stand three times each, every third one has no head count."""
    rows = [
        Organisation(
            name=f"第{number // 3:03}家",
            name_key=str(number),
            area=jiyuan.kejing,
            kind="enterprise",
            size="large" if number % 2 else "small",
            employees=None if number % 3 == 0 else number // 5,
            began_on=date(2020, 1, 1),
        )
        for number in range(180)
    ]
    return Organisation.objects.bulk_create(rows)


def walked(client: Client, query: str, *, back: bool = False) -> list[list[int]]:
    """The ids on every page, from the first to the last by 下一页; with `back`, then to the first again by 上一页."""
    pages, address = [], query
    while True:
        listing = client.get(URL + address).context["listing"]
        pages.append([line.id for line in listing.lines])
        if not listing.has_next:
            break
        address = f"?{listing.next_query}"
    if back:
        pages = [pages[-1]]
        while listing.number > 1:
            listing = client.get(f"{URL}?{listing.previous_query}").context["listing"]
            pages.insert(0, [line.id for line in listing.lines])
    return pages


def in_order(field: str, *, down: bool) -> list[int]:
    """Rows without a value last, equal values by id: what a list without pages would show."""
    facts = list(Organisation.objects.values_list("id", field))
    valued = sorted(((value, pk) for pk, value in facts if value is not None), reverse=down)
    return [pk for _, pk in valued] + sorted((pk for pk, value in facts if value is None), reverse=down)


@pytest.mark.parametrize("sort", ["name", "-name", "area", "-area"])
@pytest.mark.parametrize("back", [False, True])
def test_following_pages_meet_every_row_once_and_in_order(officer: Client, crowd: list[Organisation], sort: str, back: bool) -> None:
    pages = walked(officer, f"?sort={sort}", back=back)
    assert [len(page) for page in pages] == [25] * 7 + [5]
    assert [pk for page in pages for pk in page] == in_order({"name": "name", "area": "area_id"}[sort.strip("-")], down=sort[0] == "-")


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("back", [False, True])
def test_rows_without_a_value_come_last_in_both_directions(
    officer: Client, crowd: list[Organisation], monkeypatch: pytest.MonkeyPatch, down: bool, back: bool
) -> None:
    monkeypatch.setattr(paging, "indexed", lambda model, path: True)
    pages = walked(officer, f"?sort={'-' if down else ''}employees", back=back)
    assert [pk for page in pages for pk in page] == in_order("employees", down=down)


@pytest.mark.parametrize("down", [False, True])
def test_few_rows_are_numbered_and_sorted_by_any_column(officer: Client, crowd: list[Organisation], down: bool) -> None:
    Organisation.objects.filter(pk__gt=crowd[59].pk).delete()
    sort = f"{'-' if down else ''}employees"
    pages = walked(officer, f"?sort={sort}")
    assert [pk for page in pages for pk in page] == in_order("employees", down=down)
    listing = officer.get(f"{URL}?sort={sort}&page=3").context["listing"]
    assert (listing.count_text, listing.page_links[-1][0], [line.id for line in listing.lines]) == ("60", 3, pages[2])


def test_no_page_skips_rows_in_the_database(officer: Client, crowd: list[Organisation]) -> None:
    """OFFSET reads and throws away what it skips: page 40,000 would read a million rows."""
    listing, asked = officer.get(URL).context["listing"], []
    while listing.has_next:
        with CaptureQueriesContext(connection) as caught:
            listing = officer.get(f"{URL}?{listing.next_query}").context["listing"]
        asked.append([query["sql"] for query in caught if "OFFSET" in query["sql"]])
    with CaptureQueriesContext(connection) as caught:
        officer.get(f"{URL}?page=2")
    asked.append([query["sql"] for query in caught if "OFFSET" in query["sql"]])
    assert asked == [[]] * 8


def test_every_page_takes_the_same_number_of_queries(officer: Client, crowd: list[Organisation]) -> None:
    numbers, listing = set(), officer.get(URL).context["listing"]
    while listing.has_next:
        with CaptureQueriesContext(connection) as caught:
            listing = officer.get(f"{URL}?{listing.next_query}").context["listing"]
        numbers.add(len(caught))
    assert len(numbers) == 1


def test_beyond_the_bound_it_says_so_and_has_no_last_page(officer: Client, crowd: list[Organisation]) -> None:
    answer = officer.get(URL)
    listing = answer.context["listing"]
    assert (listing.count_text, [number for number, _ in listing.page_links]) == ("超过 60", [1, 2])
    assert "逐页翻看，没有末页" in answer.content.decode()
    far = officer.get(f"{URL}?page=999").context["listing"]
    assert (far.number, far.has_next) == (2, True)


def test_too_many_rows_are_not_sorted_by_what_no_index_orders(officer: Client, crowd: list[Organisation]) -> None:
    answer = officer.get(f"{URL}?sort=-employees")
    listing = answer.context["listing"]
    assert [line.id for line in listing.lines] == in_order("name", down=False)[:25]
    assert "没有按“从业人员”排序，请先筛选到 60 条以内" in answer.content.decode()
    assert {head.column.key: bool(head.query) for head in listing.heads} == {"name": True, "area": True, "employees": False, "size": False}


def test_the_place_in_the_list_is_left_with_any_other_question(officer: Client, crowd: list[Organisation]) -> None:
    listing = officer.get(f"{URL}?{officer.get(f'{URL}?kind=enterprise').context['listing'].next_query}").context["listing"]
    assert "after=" in listing.next_query
    addresses = [listing.query, listing.heads[1].query, listing.pills[0].without, listing.page_links[0][1]]
    assert [address for address in addresses if "after=" in address or "before=" in address] == []


@pytest.mark.parametrize("place", ["after=0", "after=²", "before=0", "before=99999999999999999999", "after=1&before=2"])
def test_a_place_that_is_no_row_leads_to_a_page_all_the_same(officer: Client, crowd: list[Organisation], place: str) -> None:
    assert len(officer.get(f"{URL}?page=2&{place}").context["listing"].lines) == 25


def test_a_page_follows_the_row_before_it_wherever_that_stands_now(officer: Client, crowd: list[Organisation]) -> None:
    first = officer.get(URL).context["listing"]
    Organisation.objects.filter(pk=first.lines[-1].id).update(name="第999家")
    assert officer.get(f"{URL}?{first.next_query}").context["listing"].lines == []
    Organisation.objects.filter(pk=first.lines[-1].id).delete()
    assert officer.get(f"{URL}?{first.next_query}").context["listing"].number == 2


def test_a_workbook_and_a_bulk_act_hold_what_no_page_counts(officer: Client, crowd: list[Organisation]) -> None:
    answer = officer.post(f"{URL}?sort=-name")
    rows = list(openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active.iter_rows(values_only=True))  # type: ignore[attr-defined]
    assert [row[0] for row in rows[3:]] == [f"第{number // 3:03}家" for number in range(179, -1, -1)]
    assert len(officer.post("/test/bulk/?sort=-name", {"all": "1"}).content.decode().split(",")) == 180


def test_days_of_a_moment_are_asked_as_a_range_of_moments(officer: Client, crowd: list[Organisation]) -> None:
    """A day here begins at 16:00 of the day before in UTC, and `created_at::date` uses no index."""
    midnight = timezone.make_aware(datetime.combine(date(2026, 5, 1), time.min))
    for row, seconds in zip(crowd, (0, 24 * 3600 - 0.001, 24 * 3600), strict=False):
        Organisation.objects.filter(pk=row.pk).update(created_at=midnight + timedelta(seconds=seconds))
    with CaptureQueriesContext(connection) as caught:
        listing = officer.get("/registry/organisations/?created_from=2026-05-01&created_to=2026-05-01").context["listing"]
    assert sorted(line.id for line in listing.lines) == [row.pk for row in crowd[:2]]
    asked = [query["sql"] for query in caught if '"created_at" >=' in query["sql"]]
    assert asked
    assert [sql for sql in asked if "django_datetime_cast_date" in sql or "::date" in sql] == []
    assert officer.get("/registry/organisations/?created_to=9999-12-31").status_code == 200


def declared() -> list[type[ListPage]]:
    """Every list page of the house."""
    found, waiting = [], list(ListPage.__subclasses__())
    while waiting:
        page = waiting.pop()
        waiting += page.__subclasses__()
        found += [page] if page.key and page.__module__.startswith("tongxing.") and ".tests." not in page.__module__ else []
    return found


ADDRESSED = {"targets.units": {"key": "enterprises"}}
"""What the addresses of list pages say that are many."""


def test_an_index_gives_every_list_its_usual_order(rf: RequestFactory, cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    """Else a list of more rows than are counted would stand in the order of their ids."""
    load(COMMAND_LINE)
    selection = {"uid": a_selection(jiyuan.county).uid}
    competition = {"uid": a_competition(jiyuan.county).uid}
    addressed = {
        **ADDRESSED,
        "competitions.entries": competition,
        "competitions.results": competition,
        "honours.people": selection,
        "honours.organisations": selection,
        "evaluation.applications": {"uid": a_batch(a_filing(jiyuan.kejing)).uid},
        "learning.attempts": {"uid": an_exam(jiyuan.county, open_it=False).uid},
    }
    without = []
    for declaration in declared():
        request = rf.get("/")
        request.user = cast.officer
        page = declaration()
        page.prepare(request, **addressed.get(page.key, {}))
        _, usual = page.orderings(request)
        without += [] if usual.columns and usual.walks(page.rows(request).model) else [page.key]
    assert without == []
