"""Pages: the happy path, another area's officer sees nothing, the same number of queries for one row and for three."""

import html
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tongxing.audit.models import Entry
from tongxing.certificates.models import Certificate
from tongxing.papers.models import Paper
from tongxing.targets import freezing, gaps
from tongxing.targets.figures import figures
from tongxing.targets.gaps import sync_gaps
from tongxing.targets.models import Exemption, Gap, Target

from .world import coordinator, enterprise, posting

pytestmark = pytest.mark.usefixtures("shipped")


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, name: str, *args: Any, **query: Any) -> str:
    answer = client.get(reverse(f"targets:{name}", args=args), query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def queries(client: Client, name: str, *args: Any, **query: Any) -> int:
    page(client, name, *args, **query)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        page(client, name, *args, **query)
    return len(captured)


@pytest.fixture
def scene(jiyuan: SimpleNamespace) -> SimpleNamespace:
    certified = coordinator(
        jiyuan.kejing, "张持证", certified=True, sex=1, born_on=date(1990, 5, 1), education="20", host_kind="enterprise"
    )
    plant = enterprise(jiyuan.kejing, "large", "有人厂")
    posting(certified, plant)
    vacant = enterprise(jiyuan.qinyuan, "large", "空缺厂")
    enterprise(jiyuan.other_street, "large", "外地厂")
    sync_gaps()
    return SimpleNamespace(plant=plant, vacant=vacant, holder=certified, gap=Gap.objects.get(unit_name="空缺厂"))


def exported(client: Client, name: str, *args: Any, query: str = "", ids: Sequence[Any] = ()) -> list[Any]:
    """The first column of the workbook that a list page hands out."""
    answer = client.post(f"{reverse(f'targets:{name}', args=args)}?{query}", {"ids": ids} if ids else {})
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    return [row[0].value for row in book.active.iter_rows(min_row=4)]


def test_the_overview_says_in_a_sentence_what_is_missing_and_where(cast: SimpleNamespace, scene: SimpleNamespace) -> None:
    text = page(signed_in(cast.officer), "coverage")
    assert "还有 1 家大中型企业没有协调员，在沁园街道" in text
    assert "年已培训结业 0 人，离全年至少 60 人还差 60 人。" in text
    assert "1 / 2" in text


def test_a_page_leaves_a_long_work_list_to_the_worker_and_says_so(
    cast: SimpleNamespace, scene: SimpleNamespace, jiyuan: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(cast.officer)
    enterprise(jiyuan.kejing, "large", "新来厂")
    monkeypatch.setattr(gaps, "FEW_UNITS", 2)
    text = page(client, "gaps")
    assert ("新来厂" in text, "缺口清单正在后台更新" in text) == (False, True)
    sync_gaps()  # the worker, a minute later
    text = page(client, "gaps")
    assert ("新来厂" in text, "缺口清单正在后台更新" in text) == (True, False)


def test_units_open_the_names_behind_the_figure(cast: SimpleNamespace, scene: SimpleNamespace) -> None:
    client = signed_in(cast.officer)
    text = page(client, "units", "enterprises", state="certified")
    assert "有人厂" in text
    assert "张持证" in text
    assert "空缺厂" not in text
    assert "外地厂" not in page(client, "units", "enterprises")
    assert "空缺厂" in page(client, "units", "enterprises", state="vacant", q="空缺")


def test_every_number_of_the_overview_opens_its_own_list(cast: SimpleNamespace, scene: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    enterprise(jiyuan.county, "large", "未归属厂")
    posting(coordinator(jiyuan.kejing, "李未证"), enterprise(jiyuan.kejing, "large", "有人未证厂"))
    client = signed_in(cast.officer)
    text = page(client, "coverage")
    for address in re.findall(r'href="(/targets/units/enterprises/[^"]*)">([0-9]+(?: / [0-9]+)?)</a>', text):
        where, number = html.unescape(address[0]), address[1].split(" / ")[-1]
        listing = client.get(where).context["listing"]
        assert (where, len(listing.lines), listing.counted) == (where, int(number), int(number))
    assert "own=1" in text
    own = page(client, "units", "enterprises", own="1")
    assert "未归属厂" in own
    assert "有人厂" not in own
    covered = client.get(reverse("targets:units", args=["enterprises"]), {"state": "filled"}).context["listing"].lines
    assert {line.name for line in covered} == {"有人厂", "有人未证厂"}
    assert exported(client, "units", "enterprises", query="own=1") == ["未归属厂"]


def test_every_target_that_is_counted_says_how(cast: SimpleNamespace, scene: SimpleNamespace) -> None:
    text = page(signed_in(cast.officer), "coverage")
    counted = [row.decision for row in figures(419001000000) if row.decision is not None]
    assert len(counted) == text.count("怎么算的") > 2
    assert not any(counted)
    for reason in (reason for decision in counted for reason in decision.reasons):
        assert reason in text


def test_the_proof_behind_a_tick_names_person_date_and_certificate(cast: SimpleNamespace, scene: SimpleNamespace) -> None:
    text = page(signed_in(cast.officer), "unit", "enterprises", "organisation", scene.plant.pk)
    for piece in ("张持证", "2020-01-01", Certificate.objects.get(person=scene.holder.person).number, "四级/劳动关系协调员"):
        assert piece in text
    assert "从未配备" in page(signed_in(cast.officer), "unit", "enterprises", "organisation", scene.vacant.pk)


def test_other_areas_stay_unseen(cast: SimpleNamespace, scene: SimpleNamespace) -> None:
    client = signed_in(cast.other)
    assert "空缺厂" not in page(client, "gaps") + page(client, "units", "enterprises") + page(client, "seats")
    assert client.get(reverse("targets:coverage"), {"area": "419001000000"}).status_code == 404
    assert client.get(reverse("targets:gap", args=[scene.gap.pk])).status_code == 404
    assert client.get(reverse("targets:unit", args=["enterprises", "organisation", scene.vacant.pk])).status_code == 404
    township = signed_in(cast.township)
    assert "空缺厂" not in page(township, "gaps") + page(township, "units", "enterprises")
    assert township.get(reverse("targets:coverage"), {"area": "419001000000"}).status_code == 404


@pytest.mark.parametrize(
    ("name", "args", "query"),
    [
        ("coverage", (), {}),
        ("coverage", (), {"on": "2024-06-30"}),
        ("units", ("enterprises",), {"state": "vacant"}),
        ("units", ("enterprises",), {"state": "certified"}),
        ("units", ("small",), {}),
        ("gaps", (), {}),
        ("exemptions", (), {}),
        ("spread", (), {}),
        ("spread-names", (), {}),
        ("seats", (), {}),
        ("reports", (), {}),
    ],
)
def test_more_rows_cost_no_more_queries(
    cast: SimpleNamespace, jiyuan: SimpleNamespace, name: str, args: tuple[str, ...], query: dict[str, str]
) -> None:
    def add() -> None:
        enterprise(jiyuan.kejing, "large")
        enterprise(jiyuan.kejing, "small")
        spared = enterprise(jiyuan.kejing, "medium")
        posting(coordinator(jiyuan.kejing, certified=True), enterprise(jiyuan.kejing, "large"))
        Exemption.objects.create(
            target_key="enterprises", unit_kind="organisation", unit_id=spared.pk, unit_name="x", area_code=jiyuan.kejing.code,
            reason="x", state="approved", until=date(2099, 1, 1), requested_by="x",
        )  # fmt: skip
        freezing.freeze(jiyuan.kejing, timezone.localdate(), title="", by=cast.officer)

    client = signed_in(cast.officer)
    add()
    one = queries(client, name, *args, **query)
    add()
    add()
    assert queries(client, name, *args, **query) == one


def test_gaps_are_assigned_and_reminded_in_bulk(cast: SimpleNamespace, scene: SimpleNamespace) -> None:
    client = signed_in(cast.officer)
    asked = client.post(reverse("targets:gaps-assign") + "?target=enterprises", {"all": "1"})
    assert (asked.status_code, "空缺厂" in asked.content.decode()) == (200, True)
    data = {"picked": str(scene.gap.pk), "owner": str(cast.officer.pk), "due_on": str(timezone.localdate() + timedelta(days=3))}
    assert client.post(reverse("targets:gaps-assign"), data).status_code == 302
    scene.gap.refresh_from_db()
    assert (scene.gap.owner, scene.gap.state) == (cast.officer, "chased")
    assert "空缺厂" in page(client, "gaps", mine="1")
    assert client.post(reverse("targets:gaps-remind"), {"ids": [scene.gap.pk]}).status_code == 302
    scene.gap.refresh_from_db()
    assert scene.gap.reminded_at is not None
    late = {"picked": str(scene.gap.pk), "due_on": "看不懂"}
    assert client.post(reverse("targets:gaps-due"), late).status_code == 422


def test_the_workbook_has_a_sheet_a_township_to_be_filled_in(cast: SimpleNamespace, scene: SimpleNamespace) -> None:
    answer = signed_in(cast.officer).post(reverse("targets:gaps-workbook"), {"all": "1"})
    book = openpyxl.load_workbook(BytesIO(answer.content))
    assert book.sheetnames == ["济源示范区", "沁园街道", "克井镇", "玉川片区"]
    lines = list(book["沁园街道"].values)
    assert lines[1][-6:] == ("拟任协调员姓名", "联系电话", "是否持证", "证书编号", "预计到岗日期", "说明")
    assert sorted(line[2] for line in lines[2:]) == ["沁园街道", "空缺厂"]


def test_contact_and_plan_are_kept_from_the_gap_page(cast: SimpleNamespace, scene: SimpleNamespace) -> None:
    client = signed_in(cast.officer)
    url = reverse("targets:gap-contact", args=[scene.gap.pk])
    assert client.post(url, {"means": "phone", "result": "推荐王某", "next_step": "收表"}).status_code == 302
    text = page(client, "gap", scene.gap.pk)
    assert "推荐王某" in text
    assert "记录联系" in text
    assert "targets.record_contact" not in text
    assert "收表" in text
    assert client.post(reverse("targets:gap-plan", args=[scene.gap.pk]), {"next_step": "上门", "version": "1"}).status_code == 409


def test_an_exemption_from_the_page(cast: SimpleNamespace, scene: SimpleNamespace) -> None:
    client = signed_in(cast.officer)
    until = timezone.localdate() + timedelta(days=30)
    url = reverse("targets:exemption-new", args=["enterprises", "organisation", scene.vacant.pk])
    assert client.post(url, {"reason": "停产", "until": str(until)}).status_code == 302
    asked = Exemption.objects.get()
    assert client.post(reverse("targets:exemption-approve", args=[asked.pk])).status_code == 403
    assert "等待审批" in page(client, "exemption", asked.pk)


def test_frozen_reports_are_made_read_and_exported(cast: SimpleNamespace, scene: SimpleNamespace) -> None:
    client = signed_in(cast.officer)
    made = client.post(reverse("targets:report-new"), {"on": str(timezone.localdate())})
    assert made.status_code == 302
    text = client.get(made["Location"]).content.decode()
    assert "内容与校验值一致" in text
    book = openpyxl.load_workbook(BytesIO(client.get(made["Location"] + "workbook/").content))
    assert book.sheetnames[0] == "总表"
    assert "空缺厂" in client.get(made["Location"] + "lists/enterprises/").content.decode()


def test_reports_and_gap_lists_become_official_papers(cast: SimpleNamespace, jiyuan: SimpleNamespace, scene: SimpleNamespace) -> None:
    client = signed_in(cast.officer)
    report = freezing.freeze(jiyuan.county, timezone.localdate(), title="", by=cast.officer)
    for url, data in ((reverse("targets:report-issue", args=[report.uid]), {}), (reverse("targets:gaps-issue"), {"all": "1"})):
        made = client.post(url, data)
        assert made.status_code == 302
        for form, start in (("pdf", b"%PDF"), ("docx", b"PK"), ("xlsx", b"PK")):
            assert client.get(f"{made['Location']}{form}/").content[: len(start)] == start
    assert [paper.kind for paper in Paper.objects.order_by("id")] == ["覆盖情况报告", "缺口清单"]
    assert "空缺厂" in str(Paper.objects.latest("id").content)


def test_a_bureau_adds_and_changes_a_target_without_code(cast: SimpleNamespace, scene: SimpleNamespace) -> None:
    client = signed_in(cast.officer)
    data = {
        "key": "agencies", "title": "人力资源服务机构", "noun": "家机构", "shape": "organisations", "kinds": ["hr_agency"], "ways": ["posting"],
        "minimum": "1", "share": "1", "deadline": "2027-12-31", "clause": "notice:1.2", "source": "济人社〔2026〕1号", "chased": "on", "order": "45",
    }  # fmt: skip
    assert client.post(reverse("targets:definition-new"), {**data, "ways": []}).status_code == 200
    assert client.post(reverse("targets:definition-new"), data).status_code == 302
    assert "人力资源服务机构" in page(client, "coverage")
    added = Target.objects.get(key="agencies")
    assert (added.kinds, added.deadline, added.shipped) == ("hr_agency", date(2027, 12, 31), False)
    edit = reverse("targets:definition-edit", args=["agencies"])
    assert client.post(edit, {**data, "minimum": "2", "version": "1"}).status_code == 302
    assert client.post(edit, {**data, "minimum": "3", "version": "1"}).status_code == 409
    assert Target.objects.get(key="agencies").minimum == 2


SHAPED: list[tuple[str, dict[str, Any]]] = [
    ("organisations", {"kinds": ["hr_agency"], "ways": ["posting"], "minimum": "2"}),
    ("small_share", {"kinds": ["enterprise"], "sizes": ["large", "medium"], "ways": ["posting", "assignment"], "share": "0.5"}),
    ("tripartite", {"parties": ["enterprises"]}),
    ("areas", {"area_kinds": ["park"], "ways": ["duty_area"]}),
    ("yearly", {"minimum": "200"}),
]


@pytest.mark.parametrize(("shape", "fields"), SHAPED)
def test_a_target_of_any_shape_needs_no_day(cast: SimpleNamespace, scene: SimpleNamespace, shape: str, fields: dict[str, Any]) -> None:
    client = signed_in(cast.officer)
    data = {
        "key": "later", "title": "以后的目标", "noun": "个对象", "shape": shape, "minimum": "1", "share": "1", "deadline": "",
        "clause": "济人社〔2026〕1号 一", "source": "济人社〔2026〕1号", "chased": "on", "order": "45", "active_from": "", "active_until": "",
    } | fields  # fmt: skip
    assert client.post(reverse("targets:definition-new"), data).status_code == 302
    added = Target.objects.get(key="later")
    assert (added.shape, added.deadline, added.active_from, added.active_until) == (shape, None, None, None)
    assert "以后的目标" in page(client, "coverage")


def test_a_next_step_needs_no_day(cast: SimpleNamespace, scene: SimpleNamespace) -> None:
    client = signed_in(cast.officer)
    contact = {"means": "phone", "happened_on": "", "with_whom": "", "result": "答应报人", "next_step": "等名单", "next_step_on": ""}
    assert client.post(reverse("targets:gap-contact", args=[scene.gap.pk]), contact).status_code == 302
    plan = {"next_step": "再打一次", "next_step_on": "", "note": "", "version": Gap.objects.get(pk=scene.gap.pk).version}
    assert client.post(reverse("targets:gap-plan", args=[scene.gap.pk]), plan).status_code == 302
    chased = Gap.objects.get(pk=scene.gap.pk)
    assert (chased.next_step, chased.next_step_on, chased.last_contact_on) == ("再打一次", None, timezone.localdate())


JSON_PAGES: list[tuple[str, tuple[str, ...], Callable[[dict[str, Any]], Any], Any]] = [
    ("coverage-data", ("enterprises",), lambda data: data["series"][0], {"name": "已配备且持证", "values": [0, 1, 0]}),
    ("spread-data", ("level",), lambda data: data["labels"], ["四级/劳动关系协调员"]),
    ("trend-data", ("enterprises",), lambda data: data["series"][1]["values"][-1], 1),
]


@pytest.mark.parametrize(("name", "args", "read", "expected"), JSON_PAGES)
def test_pictures_get_labels_and_series(
    cast: SimpleNamespace, scene: SimpleNamespace, name: str, args: tuple[str, ...], read: Callable[[Any], Any], expected: Any
) -> None:
    data = signed_in(cast.officer).get(reverse(f"targets:{name}", args=args)).json()
    assert {"title", "labels", "series"} <= data.keys()
    assert read(data) == expected


def test_who_takes_a_workbook_away_stands_in_the_log(client: Client, cast: SimpleNamespace, scene: SimpleNamespace) -> None:
    client.force_login(cast.officer)
    assert exported(client, "units", "enterprises") == ["空缺厂", "有人厂"]
    assert client.post(reverse("targets:gaps-workbook"), {"ids": [scene.gap.pk]}).status_code == 200
    taken = Entry.objects.filter(act__in=("core.export", "targets.export")).order_by("id")
    assert [(entry.act, entry.actor_name, entry.object_id) for entry in taken] == [
        ("core.export", "王经办（officer）", "targets.units"),
        ("targets.export", "王经办（officer）", ""),
    ]


def test_the_list_behind_a_figure_is_sorted_by_its_heads(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    for name, area in (("乙厂", jiyuan.kejing), ("甲厂", jiyuan.kejing), ("丙厂", jiyuan.qinyuan)):
        enterprise(area, name=name)
    client, url = signed_in(cast.officer), reverse("targets:units", args=["enterprises"])
    names = {
        wish: [line.name for line in client.get(url, {"sort": wish}).context["listing"].lines]
        for wish in ("name", "-name", "area", "nothing")
    }
    assert names["name"] == sorted(["甲厂", "乙厂", "丙厂"])
    assert names["-name"] == names["name"][::-1]
    assert names["area"] == names["nothing"] == ["丙厂", "乙厂", "甲厂"]
    parks = client.get(reverse("targets:units", args=["areas"]), {"sort": "-name"})
    listed = [line.name for line in parks.context["listing"].lines]
    assert listed == sorted(listed, reverse=True)
    assert 'aria-sort="descending"' in parks.content.decode()


def test_units_of_more_than_one_table_are_paged_chosen_and_exported_like_any_list(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    client, url = signed_in(cast.officer), reverse("targets:units", args=["areas"])
    whole = client.get(url).context["listing"]
    assert [head.column.key for head in whole.heads] == ["name", "detail", "area", "state", "names", "remark"]
    assert {tab.label: tab.current for tab in whole.tabs}[f"全部 {whole.counted}"]
    few = client.get(url, {"state": "vacant", "q": "镇", "columns": "name,area", "sort": "-name", "size": "25"}).context["listing"]
    assert [head.column.key for head in few.heads] == ["name", "area"]
    assert few.unfiltered == url
    names = [line.name for line in few.lines]
    assert names == sorted((line.name for line in whole.lines if "镇" in line.name), reverse=True) != []
    assert exported(client, "units", "areas", query="state=vacant&q=镇&sort=-name") == names
    assert exported(client, "units", "areas", ids=[few.lines[0].id]) == names[:1]


def test_a_list_behind_a_figure_keeps_its_area_and_day_and_offers_saved_views(cast: SimpleNamespace, scene: SimpleNamespace) -> None:
    client, asked = signed_in(cast.officer), {"area": "419001000000", "on": "2024-06-30", "state": "vacant", "q": "厂"}
    answer = client.get(reverse("targets:units", args=["enterprises"]), asked)
    listing = answer.context["listing"]
    assert dict(listing.kept) == {"area": "419001000000", "on": "2024-06-30", "state": "vacant"}
    assert listing.unfiltered.endswith("?area=419001000000&on=2024-06-30")
    client.post(reverse("desk:view-save"), {"page": "targets.units", "name": "六月空缺", "query": listing.query})
    assert "六月空缺" in client.get(reverse("targets:units", args=["small"])).content.decode()


def test_names_behind_a_cell_can_be_searched_sorted_and_taken_away(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    for name in ("甲一", "乙二", "乙三"):
        posting(coordinator(jiyuan.kejing, name), enterprise(jiyuan.kejing))
    client, url = signed_in(cast.officer), reverse("targets:spread-names")
    listing = client.get(url, {"host": "enterprise", "q": "乙", "sort": "-name", "columns": "name,education"}).context["listing"]
    assert [line.cells[0].text for line in listing.lines] == sorted(["乙二", "乙三"], reverse=True)
    assert [head.column.label for head in listing.heads] == ["姓名", "学历"]
    assert exported(client, "spread-names", query="host=enterprise&q=乙&sort=name") == sorted(["乙二", "乙三"])
    assert signed_in(cast.leader).post(url).status_code == 403
