"""Spread, trend, forecast, seats and frozen reports."""

from datetime import date, timedelta
from io import BytesIO
from itertools import combinations
from types import SimpleNamespace

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from tongxing.areas.ledger import touch
from tongxing.core.errors import Refused
from tongxing.papers.document import Heading, Paragraph, Table
from tongxing.registry.models import DutyArea
from tongxing.targets import definitions, exempting, freezing, papering
from tongxing.targets.daily import run
from tongxing.targets.forecast import forecast
from tongxing.targets.models import FrozenReport, Snapshot, Target
from tongxing.targets.seats import best_choice, seat_plan
from tongxing.targets.snapshots import month_ends, series, take_snapshot
from tongxing.targets.spread import cross, make_up, names
from tongxing.targets.units import unit
from tongxing.targets.workbooks import frozen
from tongxing.training.models import Enrolment
from tongxing.training.tests.world import a_class, trainees

from .world import certificate, coordinator, enterprise, posting

pytestmark = pytest.mark.usefixtures("shipped")
COUNTY = 419001000000


def labelled(dimension: str, on: date | None = None) -> list[tuple[str, int]]:
    return [(cell.label, cell.number) for cell in make_up(COUNTY, on, dimension)]


@pytest.fixture
def people(jiyuan: SimpleNamespace) -> None:
    first = coordinator(jiyuan.kejing, "甲", sex=1, born_on=date(1990, 6, 1), education="20", full_time=True, host_kind="enterprise")
    certificate(first, level=3, issued_on=date(2023, 1, 1))
    certificate(first, level=4)
    posting(first, enterprise(jiyuan.kejing, "large"))
    coordinator(jiyuan.qinyuan, "乙", since=date(2024, 1, 1), sex=2, born_on=date(2001, 1, 1), host_kind="union")
    coordinator(jiyuan.other_street, "丙")
    coordinator(jiyuan.qinyuan, "丁", since=date(2020, 1, 1), until=date(2021, 1, 1))


@pytest.mark.parametrize(
    ("dimension", "expected"),
    [
        ("host", [("企业", 1), ("地方行业工会", 1)]),
        ("level", [("三级/劳动关系协调员", 1), ("未持证", 1)]),
        ("area", [("沁园街道", 1), ("克井镇", 1)]),
        ("sex", [("男", 1), ("女", 1)]),
        ("age", [("25–34 岁", 1), ("35–44 岁", 1)]),
        ("education", [("大学本科", 1), ("未填写", 1)]),
        ("full_time", [("专职", 1), ("兼职", 1)]),
    ],
)
@pytest.mark.usefixtures("people")
def test_make_up_today(dimension: str, expected: list[tuple[str, int]]) -> None:
    with time_machine.travel("2026-11-22 12:00 +0800"):
        assert labelled(dimension) == expected


@pytest.mark.usefixtures("people")
def test_make_up_on_a_past_day() -> None:
    assert labelled("level", date(2022, 6, 1)) == [("四级/劳动关系协调员", 1)]
    assert labelled("age", date(2020, 6, 1)) == [("25–34 岁", 1), ("未填写", 1)]
    assert labelled("sex", date(2020, 6, 1)) == [("未知", 1), ("男", 1)]


@pytest.mark.usefixtures("people")
def test_cross_table_and_the_names_behind_a_cell() -> None:
    table = cross(COUNTY, None, "area", "sex")
    assert [column.label for column in table.columns] == ["男", "女"]
    assert [(row.label, numbers) for row, numbers in table.rows] == [("沁园街道", [0, 1]), ("克井镇", [1, 0])]
    assert [row.person.name for row in names(COUNTY, None, {"sex": "2"})] == ["乙"]
    assert [row.person.name for row in names(COUNTY, None, {"level": "3", "host": "enterprise"})] == ["甲"]
    assert [row.person.name for row in names(COUNTY, None, {"area": "419001001000"})] == ["乙"]


def test_the_trend_is_reckoned_from_history_and_taken_day_by_day(jiyuan: SimpleNamespace) -> None:
    for month in range(1, 5):
        posting(coordinator(jiyuan.kejing), enterprise(jiyuan.kejing, "large"), since=date(2026, month, 10))
    with time_machine.travel("2026-05-31 12:00 +0800"):
        assert month_ends(date(2026, 5, 31), 3) == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
        points = series(COUNTY, "enterprises", 3)
        assert [(str(point.day), point.tally.covered, point.computed) for point in points] == [
            ("2026-02-28", 2, True), ("2026-03-31", 3, True), ("2026-04-30", 4, True), ("2026-05-31", 4, False),
        ]  # fmt: skip
        assert take_snapshot() == take_snapshot() > 0
        assert Snapshot.objects.filter(area_code=jiyuan.kejing.code, target_key="enterprises", day=date(2026, 5, 31)).count() == 1
    with time_machine.travel("2026-06-15 12:00 +0800"):
        assert [point.computed for point in series(COUNTY, "enterprises", 2)] == [True, False, False]


def test_forecast_tells_the_day_or_that_it_cannot_be_done(jiyuan: SimpleNamespace) -> None:
    for month in range(1, 7):
        posting(coordinator(jiyuan.kejing), enterprise(jiyuan.kejing, "large"), since=date(2026, month, 1))
    for _ in range(3):
        enterprise(jiyuan.kejing, "large")
    with time_machine.travel("2026-06-30 12:00 +0800"):
        found = forecast(COUNTY, "enterprises")
        assert (found.needed, found.covered, found.met) == (9, 6, False)
        assert found.reached_on is not None
        assert date(2026, 9, 1) < found.reached_on < date(2026, 10, 31)
        assert "比期限 2023-12-31 晚" in found.sentence
        still = forecast(COUNTY, "areas")
        assert still.reached_on is None
        assert "按现在的进度无法完成" in still.sentence


def test_seats_go_first_where_most_gaps_close(jiyuan: SimpleNamespace) -> None:
    for _ in range(3):
        enterprise(jiyuan.kejing, "small")
    enterprise(jiyuan.qinyuan, "medium", "中厂")
    enterprise(jiyuan.qinyuan, "large", "大厂一")
    enterprise(jiyuan.qinyuan, "large", "大厂二")
    enterprise(jiyuan.kejing, "large", "大厂三")
    posting(coordinator(jiyuan.park, "未持证人"), enterprise(jiyuan.park, "large", "有人厂"))
    plan = seat_plan(COUNTY, 60)
    order = [line.unit.name for line in plan]
    assert order[0] == "克井镇"
    assert plan[0].closes == 4
    assert order[1:3] == ["沁园街道", "玉川片区"]
    assert [name for name in order if "大厂" in name] == ["大厂一", "大厂三", "大厂二"]
    assert order.index("大厂二") < order.index("济源示范区工会") < order.index("中厂") < order.index("有人厂")
    assert (plan[-1].unit.name, plan[-1].person) == ("有人厂", "未持证人")
    assert [line.number for line in seat_plan(COUNTY, 3)] == [1, 2, 3]


# A busy machine may take seconds to start making inputs; what is checked does not hang on the clock.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    items=st.lists(st.tuples(st.integers(1, 4), st.integers(1, 9)), max_size=9),
    room=st.integers(0, 12),
)
def test_no_other_choice_of_seats_closes_more(items: list[tuple[int, int]], room: int) -> None:
    chosen = best_choice(items, room)
    assert len(set(chosen)) == len(chosen)
    assert sum(items[place][0] for place in chosen) <= room
    every = (some for size in range(len(items) + 1) for some in combinations(items, size) if sum(seats for seats, _ in some) <= room)
    assert sum(items[place][1] for place in chosen) == max(sum(worth for _, worth in some) for some in every)


def test_one_unit_of_two_targets_takes_one_line_and_as_many_seats_as_it_lacks(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    plant = enterprise(jiyuan.qinyuan, "large", "大厂")
    DutyArea.objects.bulk_create(
        DutyArea(coordinator=coordinator(area, certified=True), area=area, since=date(2020, 1, 1))
        for area in (jiyuan.kejing, jiyuan.qinyuan, jiyuan.park)
    )
    fields = {"shape": "organisations", "kinds": "enterprise", "sizes": "large", "ways": "posting", "clause": "notice:2.1", "source": "试"}
    definitions.add_target(Target(key="two", title="大型企业两名", noun="家", minimum=2, **fields), by=cast.officer)
    line = next(line for line in seat_plan(COUNTY, 60) if line.unit.name == "大厂")
    assert (line.seats, line.closes, line.target_title) == (2, 2, "大中型企业、大型企业两名")
    posting(coordinator(jiyuan.qinyuan, "甲", certified=True), plant)
    line = next(line for line in seat_plan(COUNTY, 60) if line.unit.name == "大厂")
    assert (line.seats, line.closes, line.target_title) == (1, 1, "大型企业两名")


def test_a_town_without_a_duty_area_comes_first_at_every_level_of_area(jiyuan: SimpleNamespace) -> None:
    for _ in range(3):
        enterprise(jiyuan.kejing, "small")
    office = enterprise(jiyuan.kejing, "", "镇人社所", kind="grassroots")
    posting(coordinator(jiyuan.kejing, certified=True), office)
    for code in (COUNTY, 410000000000, jiyuan.kejing.code):
        first = seat_plan(code, 1)[0]
        assert (first.unit.name, first.closes, first.seats) == ("克井镇", 3, 1)


def test_a_frozen_report_never_changes(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    plant = enterprise(jiyuan.kejing, "large", "甲厂")
    report = freezing.freeze(jiyuan.county, timezone.localdate(), title="年终", by=cast.officer)
    assert (report.number, report.sha256) == (f"覆盖-{timezone.localdate().year}-0001", freezing.digest(report.content))
    assert [line["name"] for line in freezing.read(report)["lists"]["enterprises"]] == ["甲厂"]
    report.title = "改"
    for change in (report.save, report.delete, lambda: FrozenReport.objects.update(title="改"), FrozenReport.objects.all().delete):
        with pytest.raises(Refused):
            change()
    replaced = "INSERT OR REPLACE INTO targets_frozenreport SELECT * FROM targets_frozenreport"
    behind = ("UPDATE targets_frozenreport SET title = 'x'", "DELETE FROM targets_frozenreport")
    for statement in (*behind, replaced if connection.vendor == "sqlite" else "TRUNCATE targets_frozenreport"):
        with pytest.raises(DatabaseError, match="frozen reports never change"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    twin = FrozenReport(pk=report.pk, uid=report.uid, number=report.number, area_code=COUNTY, day=report.day, content="{}", sha256="")
    with pytest.raises(DatabaseError), transaction.atomic():
        FrozenReport.objects.bulk_create([twin], update_conflicts=True, unique_fields=["number"], update_fields=["content"])
    with pytest.raises(Refused), transaction.atomic():
        FrozenReport.objects.bulk_update([twin], ["content"])
    posting(coordinator(jiyuan.kejing), plant)
    enterprise(jiyuan.kejing, "large", "乙厂")
    changed = freezing.later(report, "enterprises")
    assert (changed.added, changed.gone, changed.newly_covered, changed.newly_vacant) == (["乙厂"], [], ["甲厂"], [])
    assert freezing.read(FrozenReport.objects.get())["figures"][0]["total"] == 1


def test_the_paper_keeps_the_order_of_the_notice_and_says_why_somebody_is_spared(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    enterprise(jiyuan.kejing, "large", "空缺厂")
    spared = enterprise(jiyuan.kejing, "large", "停产厂")
    target = Target.objects.get(key="enterprises")
    found = unit(target, "organisation", spared.pk)
    assert found is not None
    asked = exempting.request_exemption(
        target,
        found,
        reason="停产整顿",
        until=timezone.localdate() + timedelta(days=90),
        by=cast.township,
    )
    exempting.approve_exemption(asked, by=cast.officer)
    report = freezing.freeze(jiyuan.county, timezone.localdate(), title="", by=cast.officer)
    document = papering.report_document(report)
    headings = [block.text for block in document.blocks if isinstance(block, Heading)]
    assert headings == [
        "一、总体情况",
        "二、分区情况", "（一）大中型企业", "（二）人社、工会、工商联", "（三）街道（乡镇）和园区",
        "三、空缺名单", "（一）大中型企业（1）", "（二）人社、工会、工商联（3）", "（三）街道（乡镇）和园区（3）",
        "四、免设名单", "（一）大中型企业（1）",
        "五、协调员构成",
    ]  # fmt: skip
    tables = [block for block in document.blocks if isinstance(block, Table)]
    until = str(timezone.localdate() + timedelta(days=90))
    assert [row[1:] for row in tables[-1].rows] == [["停产厂", "克井镇", "停产整顿", "王经办（officer）", until]]
    assert [row[0] for row in tables[2].rows] == ["济源示范区"]
    assert document.subtitle == ""
    assert [papering.numeral(number) for number in (1, 10, 11, 20, 34)] == ["一", "十", "十一", "二十", "三十四"]


def test_the_people_trained_in_the_year_are_frozen_too(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    today = timezone.localdate()
    for row in trainees(a_class(jiyuan.county), 3)[:2]:
        Enrolment.objects.filter(pk=row.pk).update(state="completed", completed_on=today)
    report = freezing.freeze(jiyuan.county, today, title="年终", by=cast.officer)
    figure = next(row for row in freezing.read(report)["figures"] if row["key"] == "trained")
    assert (figure["done"], figure["noun"], figure["minimum"]) == (2, "人", 60)
    said = f"{today.year} 年已培训结业 2 人，离全年至少 60 人还差 58 人。"
    client = Client()
    client.force_login(cast.officer)
    page = client.get(reverse("targets:report", args=[report.uid])).content.decode()
    assert (said in page, page.count("暂无数据")) == (True, 0)
    texts = [block.text for block in papering.report_document(report).blocks if isinstance(block, Paragraph)]
    assert f"每年培训：{said}" in texts
    assert _totals_of(report)["每年培训"][3:] == (*[""] * 5, "未达标", 60, 2)


def test_a_report_from_before_the_count_still_opens(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    new = freezing.freeze(jiyuan.county, timezone.localdate(), title="", by=cast.officer)
    content = freezing.read(new)
    for row in content["figures"]:
        del row["done"], row["noun"]
    text = freezing.canonical(content)
    fields = {
        "area_code": COUNTY,
        "area_name": "济源",
        "day": new.day,
        "made_by": "王经办",
        "content": text,
        "sha256": freezing.digest(text),
    }
    old = FrozenReport.objects.create(number="覆盖-2020-0001", title="旧", **fields)
    client = Client()
    client.force_login(cast.officer)
    assert client.get(reverse("targets:report", args=[old.uid])).content.decode().count("暂无数据") == 3
    texts = [block.text for block in papering.report_document(old).blocks if isinstance(block, Paragraph)]
    assert "每年培训：暂无数据。" in texts
    assert _totals_of(old)["每年培训"][3] == "暂无数据"


def _totals_of(report: FrozenReport) -> dict[str, tuple[object, ...]]:
    """The first table of a report's workbook: title of the target → its line."""
    rows = load_workbook(BytesIO(frozen(report))).worksheets[0].iter_rows(min_row=3, values_only=True)
    return {str(row[0]): row for row in rows}


def test_only_those_who_may_freeze_there_do(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    for by, day, code in (
        (cast.other, timezone.localdate(), "not_allowed"),
        (cast.officer, timezone.localdate() + timedelta(days=1), "future_day"),
    ):
        with pytest.raises(Refused) as refusal:
            freezing.freeze(jiyuan.county, day, title="", by=by)
        assert refusal.value.code == code


def test_the_daily_run_may_be_repeated(jiyuan: SimpleNamespace) -> None:
    enterprise(jiyuan.kejing, "large")
    DutyArea.objects.create(coordinator=coordinator(jiyuan.kejing), area=jiyuan.kejing, since=date(2020, 1, 1))
    touch([jiyuan.kejing.code])
    first, second = run(), run()
    assert first.opened > 0
    assert (second.opened, second.closed, second.snapshots) == (0, 0, first.snapshots)


def test_numbers_go_on_past_four_digits_and_a_clash_is_refused(
    cast: SimpleNamespace, jiyuan: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = timezone.localdate()
    fields = {"title": "旧", "area_code": COUNTY, "area_name": "济源", "day": today, "content": "{}", "sha256": "", "made_by": "王经办"}
    for number in (9999, 10000):
        FrozenReport.objects.create(number=f"覆盖-{today.year}-{number}", **fields)
    assert freezing.freeze(jiyuan.county, today, title="", by=cast.officer).number == f"覆盖-{today.year}-10001"
    FrozenReport.objects.create(number=f"覆盖-{today.year}-0007", **fields)
    FrozenReport.objects.create(number=f"覆盖-{today.year}-0006", **fields)
    with pytest.raises(Refused) as refusal:
        freezing.freeze(jiyuan.county, today, title="", by=cast.officer)
    assert refusal.value.code == "number_taken"
