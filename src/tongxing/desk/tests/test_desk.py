"""Start page, leaders' page, its pictures, search: who sees what, and at what price."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.models import Grant, User
from tongxing.areas.models import AreaOutline
from tongxing.audit.log import COMMAND_LINE
from tongxing.desk.standing import answer
from tongxing.honours.honouring import enter_honour
from tongxing.notices.inbox import tell
from tongxing.notices.models import Letter
from tongxing.registry.confirmation import confirm_person
from tongxing.registry.enrolment import leave
from tongxing.registry.models import Organisation
from tongxing.registry.search import reindex_all
from tongxing.sheets.models import Batch
from tongxing.targets.base_data import load
from tongxing.targets.figures import by_child, figure
from tongxing.targets.models import Exemption
from tongxing.targets.tests.world import coordinator, enterprise, posting


@pytest.fixture
def world(jiyuan: SimpleNamespace) -> SimpleNamespace:
    load(COMMAND_LINE)
    covered = enterprise(jiyuan.kejing, name="甲矿业")
    posting(coordinator(jiyuan.kejing, "王伟", certified=True), covered)
    vacant = [enterprise(jiyuan.kejing, name="乙化工"), enterprise(jiyuan.kejing, name="丙机械"), enterprise(jiyuan.qinyuan, name="丁食品")]
    enterprise(jiyuan.other_street, name="外地化工")
    reindex_all()
    return SimpleNamespace(covered=covered, vacant=vacant)


@pytest.fixture
def officer(client: Client, cast: SimpleNamespace) -> Client:
    client.force_login(cast.officer)
    return client


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def test_a_new_installation_is_shown_four_steps(officer: Client) -> None:
    assert [step["title"] for step in officer.get("/desk/").context["steps"]] == ["导入四份名册", "看覆盖", "派缺口", "出报告"]


def test_the_start_page_says_what_is_due_red_and_new(officer: Client, cast: SimpleNamespace, world: SimpleNamespace) -> None:
    tell([cast.officer], title="核对三季度名单", kind="todo")
    context = officer.get("/desk/").context
    assert context["steps"] == []
    assert [todo.title for todo in context["todos"]] == ["核对三季度名单"]
    assert context["sentence"] == "还有 3 家大中型企业没有协调员，集中在克井镇（2）和沁园街道（1）。"
    assert [(line.count, line.text) for line in context["changes"]] == [(4, "家新登记单位"), (1, "名新登记协调员"), (1, "本新登记证书")]


def shown_by(client: Client, url: str) -> int:
    """How many rows the page behind a line of the start page shows."""
    context = client.get(url).context
    return context["listing"].counted if "listing" in context else context["page"].paginator.count


def test_each_line_opens_a_list_of_exactly_that_many(
    client: Client, cast: SimpleNamespace, jiyuan: SimpleNamespace, world: SimpleNamespace
) -> None:
    enterprise(jiyuan.county, name="未归属厂", unplaced=True, size="unknown")
    old = enterprise(jiyuan.kejing, name="旧厂")
    Organisation.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=400))
    leave(coordinator(jiyuan.kejing, "李离"), reason="调走", by=cast.officer)
    coordinator(jiyuan.qinyuan, "赵闲")
    Exemption.objects.create(
        target_key="enterprises",
        unit_kind="organisation",
        unit_id=1,
        unit_name="旧厂",
        area_code=jiyuan.kejing.code,
        until=date(2099, 1, 1),
    )
    Batch.objects.create(
        sheet="enterprises", file_name="待确认.xlsx", status="checked", user=cast.officer, by_name="王经办", area_code=jiyuan.county.code
    )
    Letter.objects.create(to="a@example.cn", subject="催办", body="", state="failed", queued_by="系统")
    found = {}
    for name in ("officer", "leader", "auditor", "admin"):
        client.force_login(getattr(cast, name))
        context = client.get("/desk/").context
        # How the backups stand is a state with a page of its own, not a list of so many: that page must say so too.
        every = (*context["chores"], *context["changes"])
        states = [line for line in every if line.url == reverse("backups:backups")]
        assert all("还没有" in client.get(line.url).content.decode() for line in states)
        lines = [line for line in every if line not in states]
        found[name] = {line.text for line in lines}
        assert [(line.text, shown_by(client, line.url)) for line in lines] == [(line.text, line.count) for line in lines]
    assert found["officer"] == {
        "项免设申请等待审批",
        "份名册检查完了，还没有确认入库",
        "家单位还没有归属到镇街",
        "家企业数据不全，划不出规模",
        "名在岗协调员没有登记任职单位",
        "名协调员的信息本年度还没有核实",
        "本有效证书还没有在全国网站查询",
        "个缺口还没有责任人",
        "家新登记单位",
        "名新登记协调员",
        "名协调员离队",
        "本新登记证书",
    }
    assert found["leader"] == {"项免设申请等待审批", "家新登记单位", "名新登记协调员", "名协调员离队", "本新登记证书"}
    assert found["admin"] == {"个启用的账号没有岗位", "个账号开设后还没有登录过", "封邮件没有发出去", "条操作记录"}


def test_a_coordinator_and_an_agent_see_what_waits_for_them(
    client: Client, cast: SimpleNamespace, jiyuan: SimpleNamespace, world: SimpleNamespace
) -> None:
    someone = coordinator(jiyuan.kejing, "张本人")
    User.objects.filter(pk=cast.coordinator.pk).update(person_id=someone.person_id)
    client.force_login(cast.coordinator)
    mine = [(line.count, line.text, line.url) for line in client.get("/desk/").context["chores"]]
    assert mine == [(1, "份本人档案本年度还没有核实", "/registry/own/")]
    confirm_person(someone.person, by=cast.officer)
    assert client.get("/desk/").context["chores"] == []
    Grant.objects.filter(user=cast.agent).update(organisation_id=world.vacant[0].pk)
    client.force_login(cast.agent)
    assert [(line.tone, line.text) for line in client.get("/desk/").context["chores"]] == [
        ("red", "家本单位还没有协调员"),
        ("amber", "家本单位的信息本年度还没有核实"),
    ]


def test_another_county_sees_nothing_of_ours(client: Client, cast: SimpleNamespace, world: SimpleNamespace) -> None:
    client.force_login(cast.other)
    context = client.get("/desk/").context
    assert [(line.count, line.text) for line in context["changes"]] == [(1, "家新登记单位")]
    assert client.get("/desk/dashboard/?area=419001000000").status_code == 404
    assert client.get("/desk/dashboard/by-area/?area=419001000000").status_code == 404
    assert client.get("/desk/search/?q=甲矿").context["groups"] == []


def test_roles_without_an_area_have_a_start_page(client: Client, cast: SimpleNamespace, world: SimpleNamespace) -> None:
    for user in (cast.reviewer, cast.agent, cast.coordinator, cast.admin):
        client.force_login(user)
        assert client.get("/desk/").status_code == 200
    client.force_login(cast.nobody)
    assert client.get("/desk/").status_code == 403


def test_the_leaders_page_drills_down_to_a_township(officer: Client, world: SimpleNamespace) -> None:
    context = officer.get("/desk/dashboard/?target=enterprises").context
    tiles = {tile.name: (tile.figure.covered, tile.figure.vacant, tile.row, tile.column, tile.tone) for tile in context["map"].tiles}
    assert tiles == {"克井镇": (1, 2, 1, 4, "step0"), "沁园街道": (0, 1, 3, 4, "step0")}
    assert [tile.name for tile in context["map"].parks] == ["玉川片区"]
    below = officer.get("/desk/dashboard/?area=419001100000").context
    assert [area.short_name for area in below["here"].path] == ["济源示范区", "克井镇"]


def test_the_township_officer_starts_at_the_own_township(client: Client, cast: SimpleNamespace, world: SimpleNamespace) -> None:
    client.force_login(cast.township)
    assert client.get("/desk/dashboard/").context["here"].area.short_name == "克井镇"


def test_pictures_keep_the_chart_contract(officer: Client, world: SimpleNamespace) -> None:
    bars = officer.get("/desk/dashboard/by-area/?target=enterprises").json()
    assert bars["title"] == "还有 3 家大中型企业没有协调员，集中在克井镇（2）和沁园街道（1）。"
    assert (bars["labels"], [one["values"] for one in bars["series"]]) == (["沁园街道", "克井镇"], [[0, 1], [0, 0], [1, 2]])
    trend = officer.get("/desk/dashboard/over-time/?target=enterprises").json()
    assert [one["name"] for one in trend["series"]] == ["覆盖率（%）", "持证覆盖率（%）"]
    assert trend["series"][0]["values"][-1] == 25.0
    crew = officer.get("/desk/dashboard/make-up/").json()
    assert crew["title"] == "现有 1 名协调员，企业最多（1 名），0 名还没有证书。"
    outlines = officer.get("/desk/dashboard/outlines/").json()
    assert outlines["map"] == {"type": "FeatureCollection", "features": []}


def test_the_map_draws_counties_where_their_prefecture_has_no_outline(
    client: Client, cast: SimpleNamespace, jiyuan: SimpleNamespace, world: SimpleNamespace
) -> None:
    square = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    AreaOutline.objects.create(area=jiyuan.county, geometry=square, source="测试")
    Grant.objects.create(user=cast.nobody, role="officer", area=jiyuan.henan, since=date(2020, 1, 1), granted_by="测试")
    client.force_login(cast.nobody)
    drawn = client.get("/desk/dashboard/outlines/?target=enterprises").json()
    assert (drawn["labels"], drawn["series"][0]["values"]) == (["济源示范区"], [25.0])


def test_the_price_of_a_page_does_not_grow(officer: Client, jiyuan: SimpleNamespace, world: SimpleNamespace) -> None:
    for url in ("/desk/", "/desk/dashboard/", "/desk/search/?q=化工"):
        queries(officer, url)
        before = queries(officer, url)
        enterprise(jiyuan.kejing, name="戊化工")
        enterprise(jiyuan.qinyuan, name="己化工")
        reindex_all()
        officer.get(url)
        assert queries(officer, url) == before, url


@pytest.mark.parametrize(("text", "title"), [("矿业", "甲矿业"), ("王伟", "王伟"), ("jky", "甲矿业"), ("缺口清", None)])
def test_search_finds_pieces_initials_and_pages(officer: Client, world: SimpleNamespace, text: str, title: str | None) -> None:
    groups = officer.get("/desk/search/", {"q": text}).context["groups"]
    titles = [row.title for _, rows in groups for row in rows]
    assert title in titles if title else all("缺口" in found for found in titles)


def test_search_finds_certificates_by_number(officer: Client, world: SimpleNamespace) -> None:
    number = world.covered and officer.get("/desk/search/", {"q": "Y00000"}).context["groups"]
    assert [title for title, _ in number] == ["证书"]


def test_one_character_is_too_short(officer: Client) -> None:
    assert officer.get("/desk/search/?q=王").context["too_short"] is True


def test_the_palette_is_a_fragment(officer: Client, world: SimpleNamespace) -> None:
    text = officer.get("/desk/search/palette/?q=甲矿").content.decode()
    assert "<html" not in text
    assert text.count('role="option"') == 1


def test_large_print_is_kept_with_the_user(officer: Client, cast: SimpleNamespace) -> None:
    answer_ = officer.post("/desk/large-print/", {"next": "/desk/search/"})
    cast.officer.refresh_from_db()
    assert (answer_.url, cast.officer.large_print) == ("/desk/search/", True)
    assert 'class="large-print"' in officer.get("/desk/").content.decode()
    assert officer.post("/desk/large-print/", {"next": "https://elsewhere.example/"}).url == "/desk/"


def test_the_sentence_when_nothing_is_missing(jiyuan: SimpleNamespace, world: SimpleNamespace) -> None:
    for unit in world.vacant:
        posting(coordinator(unit.area), unit)
    now = figure(jiyuan.county.code, "enterprises")
    assert answer(now, by_child(jiyuan.county.code, "enterprises")) == "4 家大中型企业都已有协调员，其中 1 家由持证协调员覆盖。"


def test_navigation_shows_only_what_the_role_may_use(client: Client, cast: SimpleNamespace) -> None:
    client.force_login(cast.admin)
    labels = [group.label for group in client.get("/desk/").context["frame"].groups]
    assert "队伍" not in labels
    assert labels[0] == "今日待办"
    assert labels[-1] == "系统"


@pytest.mark.parametrize(
    ("page", "label"),
    [
        ("/registry/coordinators/{uid}/transfer/", "协调员"),
        ("/registry/coordinators/{uid}/postings/", "协调员"),
        ("/registry/postings/{posting}/end/", "协调员"),
        ("/registry/people/new/", "人员"),
        ("/certificates/", "证书"),
        ("/registry/organisations/unplaced/", "未归属单位"),
    ],
)
def test_the_navigation_marks_where_one_is(officer: Client, jiyuan: SimpleNamespace, page: str, label: str) -> None:
    someone = coordinator(jiyuan.kejing, "王伟")
    held = posting(someone, enterprise(jiyuan.kejing))
    groups = officer.get(page.format(uid=someone.uid, posting=held.pk)).context["frame"].groups
    assert [entry.label for group in groups for entry in group.entries if entry.current] == [label]


def test_models_of_the_year_are_not_called_trained(officer: Client, world: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    today = timezone.localdate()
    facts = {"level": "model", "title": "典型", "awarded_by": "人社局", "year": today.year, "awarded_on": today}
    enter_honour(coordinator(jiyuan.kejing).person, by=COMMAND_LINE, **facts)
    roll = f"{reverse('honours:honours')}?level=model&amp;kind=person&amp;year={today.year}"
    start, leaders = (officer.get(address).content.decode() for address in ("/desk/", "/desk/dashboard/"))
    assert (f'<a href="{roll}">今年已选树 1 名</a>' in start, f'<a href="{roll}">1</a>' in leaders) == (True, True)
    assert [page.count("今年已培训结业") for page in (start, leaders)] == [1, 1]
    assert [line.name for line in officer.get(roll.replace("&amp;", "&")).context["listing"].lines] != []
