"""Pages of the competitions: a year in the browser, blind marking, what is typed wrongly, who sees what, query counts."""

from datetime import timedelta
from decimal import Decimal
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
from django.utils.html import strip_tags

from tongxing.accounts.models import Grant
from tongxing.audit.log import COMMAND_LINE
from tongxing.competitions import appealing, drawing, entering, marking, merging, planning
from tongxing.competitions.board import board_of
from tongxing.competitions.models import (
    Competition,
    Conflict,
    Entrant,
    HandedIn,
    Judge,
    Mark,
    Quota,
    Result,
    Team,
)
from tongxing.registry.tests.people_factories import a_coordinator, an_organisation

from .world import (
    a_user,
    an_entry,
    coded,
    flat,
    later,
    marked,
    opened,
    published,
    ranked,
    scene,
    schemed,
    sheet,
    staffed,
)

pytestmark = pytest.mark.django_db


def page(client: Client, name: str, *args: object, status: int = 200, **query: str) -> str:
    answer = client.get(reverse(f"competitions:{name}", args=args), query)
    assert answer.status_code == status, answer.content.decode()[:500]
    return " ".join(strip_tags(answer.content.decode()).split())


def send(client: Client, view: str, /, *args: object, **data: Any) -> Any:
    return client.post(reverse(f"competitions:{view}", args=args), data)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_competition_goes_from_plan_to_entries_on_the_pages(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    officer, today = signed_in(cast.officer), timezone.localdate()
    assert "建技能竞赛" in page(officer, "competitions")
    days = {"opens_on": today, "closes_on": today, "held_on": today + timedelta(days=3)}
    facts = {"title": "职工技能大赛", "area": jiyuan.county.pk, "year": today.year, "rank": "county", "awarded_by": "人社局", "note": ""}
    made = send(officer, "competition-new", **facts, **days)
    row = Competition.objects.get()
    assert made.url == reverse("competitions:competition", args=[row.uid])
    assert "还没有竞赛环节" in page(officer, "competition", row.uid)
    assert "还不能开始报名" in send(officer, "competition-open", row.uid).content.decode()
    send(officer, "round-new", row.uid, title="实操", kind="practice", weight="100", exam="")
    one = row.rounds.get()
    send(officer, "aspect-new", one.uid, title="谈话", kind="judged", full="20", tie_place="1")
    send(officer, "round-edit", one.uid, title="实操案例", weight="100", exam="")
    assert "满分填" not in page(officer, "scheme", row.uid)
    send(officer, "quota-new", row.uid, area=jiyuan.kejing.pk, organisation="", number="1")
    send(officer, "prizes", row.uid, prize_1="1", prize_2="0", prize_3="2")
    assert send(officer, "competition-open", row.uid).status_code == 302
    member, other = a_coordinator(jiyuan.kejing), a_coordinator(jiyuan.kejing)
    assert "没有叫“无此人”的" in send(officer, "entry-new", row.uid, name="无此人", organisation="", remark="").content.decode()
    assert send(officer, "entry-new", row.uid, name=member.person.name, organisation="", remark="").status_code == 302
    assert "名额已经用完" in send(officer, "entry-new", row.uid, name=other.person.name, organisation="", remark="").content.decode()
    assert member.person.name in page(officer, "entries", row.uid, q=member.person.name)
    assert send(officer, "entries-confirm", row.uid).status_code == 302
    assert send(officer, "entry-withdraw", Entrant.objects.get().uid, reason="出差").status_code == 302
    assert "已退出（出差）" in page(officer, "entry", Entrant.objects.get().uid)


def test_one_name_of_two_people_is_parted_by_the_employer(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row, officer = opened(jiyuan.county), signed_in(cast.officer)
    first, second = (
        an_organisation(jiyuan.kejing, name="甲厂", name_key="甲厂"),
        an_organisation(jiyuan.kejing, name="乙厂", name_key="乙厂"),
    )
    for body in (first, second):
        person = a_coordinator(jiyuan.kejing, organisation=body).person
        type(person).objects.filter(pk=person.pk).update(name="李伟")
    assert "请填所在单位" in send(officer, "entry-new", row.uid, name="李伟", organisation="", remark="").content.decode()
    assert send(officer, "entry-new", row.uid, name="李伟", organisation="乙厂", remark="").status_code == 302
    assert Entrant.objects.get().organisation == second


def test_judges_are_appointed_with_interests_on_the_pages(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row, officer, user = schemed(jiyuan.county), signed_in(cast.officer), a_user(jiyuan.county)
    an_organisation(jiyuan.kejing, name="丙厂", name_key="丙厂")
    practice = row.rounds.get(kind="practice")
    facts = {"duty": "judge", "user": user.pk, "name": "", "organisation": "", "party": "union", "rounds": [practice.pk]}
    assert send(officer, "judge-new", row.uid, **facts).status_code == 302
    judge = Judge.objects.get()
    assert send(officer, "judge-conflict", judge.uid, organisation="丙厂", reason="近亲属任职").status_code == 302
    assert "丙厂（近亲属任职）" in page(officer, "judges", row.uid)
    assert send(officer, "judge-release", judge.uid, reason="出差").status_code == 302
    assert "退出：出差" in page(officer, "judges", row.uid)


def test_nobody_who_marks_learns_a_name(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    """Judges, keyers, the chief and a judge who sees the register besides: codes alone, on every page, in exports and messages."""
    world = scene(jiyuan.county)
    entries = list(world.row.entries.select_related("person", "organisation"))
    secret = {one.person.name for one in entries} | {one.organisation.name for one in entries} | {str(one.uid) for one in entries}
    staff = world.staff
    aspect = world.theory.aspects.get()
    for keyer, value in zip(staff.keyers, (10, 11), strict=True):
        marking.key(world.theory, None, {("001", aspect.pk): Decimal(value)}, by=keyer.user)
    pages = {
        staff.judges[0]: [("mine",), ("sheet", world.practice.uid), ("hand-in", world.practice.uid)],
        staff.keyers[0]: [
            ("mine",),
            ("keying", world.theory.uid, "measured"),
            ("keying", world.practice.uid, "measured"),
            ("keying", world.practice.uid, str(staff.paper.uid)),
        ],
        staff.chief: [
            ("mine",),
            ("differences", world.row.uid),
            ("settle", world.row.uid, "001", aspect.uid, "measured"),
            ("confirm", world.row.uid, "001", aspect.uid),
            ("again", world.row.uid),
        ],
    }
    for judge, addresses in pages.items():
        client = signed_in(judge.user)
        for name, *args in addresses:
            answer = client.get(reverse(f"competitions:{name}", args=args))
            assert answer.status_code == 200, (name, answer.status_code)
            told = answer.content.decode()
            assert [word for word in secret if word in told] == [], name
        for name in ("competition", "entries", "results", "judges", "appeals", "team"):
            page(client, name, world.row.uid, status=403)
        for entry in entries:
            page(client, "entry", entry.uid, status=403)


def test_while_marks_are_given_no_page_shows_a_code_beside_a_name(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    """Not to officers either, nor to a union's officer who judges: in lists, exports, the entry's page, results and the history."""
    world = scene(jiyuan.county)
    for number, entry in enumerate(world.row.entries.all()):
        entry.code = f"密{number}号"
        entry.save()
    union = a_user(jiyuan.county, "union")
    Grant.objects.create(user=union, role="judge", area=jiyuan.county, since=timezone.localdate(), granted_by="测试")
    Judge.objects.filter(pk=world.staff.judges[0].pk).update(user=union)
    one = world.row.entries.all()[0]
    for user in (cast.officer, union):
        client = signed_in(user)
        for name, uid in (("competition", world.row.uid), ("entries", world.row.uid), ("results", world.row.uid), ("entry", one.uid)):
            assert "密0号" not in page(client, name, uid), name
        assert one.person.name in page(client, "entries", world.row.uid)
        assert "共 0 条" in page(client, "entries", world.row.uid, q="密0号")
        assert "密0号" not in page(client, "entries", world.row.uid, sort="code", columns="code")
        book = client.post(reverse("competitions:entries", args=[world.row.uid]))
        cells = openpyxl.load_workbook(BytesIO(b"".join(book.streaming_content))).active.iter_rows(values_only=True)
        assert "密0号" not in str(list(cells))
        assert world.row.secret not in client.get(reverse("competitions:competition", args=[world.row.uid])).content.decode()


def test_labels_are_for_the_officer_between_draw_and_marking_and_names_come_back_with_the_ranking(
    jiyuan: SimpleNamespace, cast: SimpleNamespace
) -> None:
    row = opened(jiyuan.county)
    entering.confirm([an_entry(row, jiyuan.kejing) for _ in range(2)], by=COMMAND_LINE)
    later(row)
    drawing.draw_codes(row, by=COMMAND_LINE)
    assert "002" in page(signed_in(cast.officer), "entries", row.uid, columns="code")
    assert "密号" not in page(signed_in(cast.leader), "entries", row.uid).replace("抽密号", "").replace("已抽密号", "")
    world = ranked(jiyuan.county)
    shown = page(signed_in(cast.leader), "results", world.row.uid)
    assert all(entry.person.name in shown for entry in world.row.entries.select_related("person"))
    assert ("一等奖" in shown, "密号复算一致" in shown, world.row.secret in shown) == (True, True, True)
    assert "调解谈话" in page(signed_in(cast.leader), "entry", coded(world, "001").uid)


def test_a_judge_marks_saves_in_part_and_hands_in(jiyuan: SimpleNamespace) -> None:
    world = scene(jiyuan.county)
    judge = world.staff.judges[0]
    client = signed_in(judge.user)
    values = {f"m_{code}_{aspect}": str(value) for (code, aspect), value in sheet(world, world.practice, judge).items()}
    first = min(values)
    bad = send(client, "sheet", world.practice.uid, **(values | {first: "20.5"}))
    assert (bad.status_code, Mark.objects.count()) == (422, 0)
    assert "不在 0 至 20 之间" in bad.content.decode()
    assert 'value="20.5"' in bad.content.decode(), "nothing typed is lost"
    assert send(client, "sheet", world.practice.uid, **(values | {first: ""})).status_code == 302
    assert "还有 1 个分数没有评" in send(client, "hand-in", world.practice.uid).content.decode()
    assert send(client, "sheet", world.practice.uid, **values).status_code == 302
    assert send(client, "hand-in", world.practice.uid).status_code == 302
    assert HandedIn.objects.count() == 1
    shown = page(client, "sheet", world.practice.uid)
    assert ("已经交了" in shown, "保存分数" in shown) == (True, False)
    assert "8 / 8，已交表" in page(client, "mine")


def test_a_keyer_sees_the_own_entry_and_never_the_other(jiyuan: SimpleNamespace) -> None:
    world = scene(jiyuan.county)
    first, second = (signed_in(keyer.user) for keyer in world.staff.keyers)
    name = f"m_001_{world.theory.aspects.get().pk}"
    assert send(first, "keying", world.theory.uid, "measured", **{name: "87.25"}).status_code == 302
    address = reverse("competitions:keying", args=[world.theory.uid, "measured"])
    assert 'value="87.25"' in first.get(address).content.decode()
    assert "87.25" not in second.get(address).content.decode()
    assert send(second, "keying", world.theory.uid, "measured", **{name: "78.25"}).status_code == 302
    assert "两遍已录" in second.get(address).content.decode()
    chief = signed_in(world.staff.chief.user)
    assert "87.25（录一）" in page(chief, "differences", world.row.uid)
    where = (world.row.uid, "001", world.theory.aspects.get().uid, "measured")
    assert "不在 0 至 100 之间" in send(chief, "settle", *where, value="101", reason="试卷").content.decode()
    assert send(chief, "settle", *where, value="87.25", reason="对照试卷").status_code == 302
    assert "没有不一致" in page(chief, "differences", world.row.uid)
    page(first, "differences", world.row.uid, status=403)
    page(first, "keying", world.theory.uid, "nothing", status=404)


def test_the_chief_confirms_a_spread_or_sends_it_back_on_the_page(jiyuan: SimpleNamespace) -> None:
    world = marked(scene(jiyuan.county), lambda code, aspect, judge: Decimal(10) if judge != "甲裁判" else Decimal(15))
    chief, (talk, plan) = signed_in(world.staff.chief.user), world.practice.aspects.filter(kind="judged")
    assert "分差过大 8 处" in page(chief, "mine")
    assert send(chief, "confirm", world.row.uid, "001", talk.uid, reason="合议").status_code == 302
    assert "没有这个密号" in send(chief, "again", world.row.uid, code="999", aspect=plan.pk, reason="重评").content.decode()
    assert send(chief, "again", world.row.uid, code="001", aspect=plan.pk, reason="重评").status_code == 302
    assert "“案例处理”还差 4 个分数" in page(chief, "differences", world.row.uid)
    assert Mark.objects.filter(aspect=plan, entry__code="001").count() == 0


def test_appeals_and_the_team_on_the_pages(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    world, officer = ranked(jiyuan.county), signed_in(cast.officer)
    last = Result.objects.get(entry=coded(world, "001"))
    facts = {"entry": last.pk, "raised_on": timezone.localdate(), "text": "理论漏加分"}
    assert send(officer, "appeal-new", world.row.uid, **facts).status_code == 302
    appeal = last.entry.appeals.get()
    assert "理论漏加分" in page(officer, "appeals", world.row.uid)
    settled = {"upheld": "yes", "finding": "复核试卷", "aspect": world.theory.aspects.get().pk, "value": "99.5"}
    assert send(officer, "appeal-settle", appeal.uid, **settled).status_code == 302
    assert "试卷得分更正为 99.50" in page(officer, "appeals", world.row.uid)
    assert "申诉更正：复核试卷" in page(officer, "entry", last.entry.uid)
    later(world.row)
    assert send(officer, "competition-publish", world.row.uid).status_code == 302
    by_rank = list(Result.objects.order_by("rank"))
    chosen = {f"entry_{by_rank[1].entry_id}": "main", f"entry_{by_rank[2].entry_id}": "spare"}
    assert "请写明理由" in send(officer, "team-choose", world.row.uid, reason="", **chosen).content.decode()
    assert send(officer, "team-choose", world.row.uid, reason="第一名调离", **chosen).status_code == 302
    assert "不按名次的理由：第一名调离" in page(signed_in(cast.leader), "team", world.row.uid)
    assert Team.objects.get().members.count() == 2


def test_a_township_sees_the_countys_competition_and_its_own_entrants(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row, township = opened(jiyuan.county), signed_in(cast.township)
    own, neighbour = an_entry(row, jiyuan.kejing), an_entry(row, jiyuan.qinyuan)
    shown = page(township, "entries", row.uid)
    assert (own.person.name in shown, neighbour.person.name in shown) == (True, False)
    page(township, "entry", neighbour.uid, status=404)
    assert send(township, "competition-draw", row.uid).status_code == 403
    page(signed_in(cast.other), "competition", row.uid, status=404)
    world = published(jiyuan.county)
    assert coded(world, "001").person.name in page(township, "results", world.row.uid), "published results are open to the townships"
    assert "有待处理的申诉" in page(township, "competitions", appeal="1")


def test_the_start_page_says_what_waits_for_officers_and_judges(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    appealed, running = ranked(jiyuan.county), scene(jiyuan.county)
    appealing.raise_appeal(coded(appealed, "001"), by=COMMAND_LINE, text="漏加分")

    def start(user: Any) -> str:
        return " ".join(strip_tags(signed_in(user).get(reverse("desk:home")).content.decode()).split())

    assert "次技能竞赛有申诉等待处理" in start(cast.officer)
    assert "次技能竞赛正在评分" in start(running.staff.judges[0].user)
    assert "次技能竞赛正在评分" not in start(appealed.staff.judges[0].user)
    assert appealed.row.title in page(signed_in(cast.officer), "competitions", appeal="1")


@pytest.mark.parametrize("name", ["competition", "entries", "results", "appeals", "sheet", "mine", "differences"])
def test_pages_ask_as_many_queries_for_many_rows_as_for_few(jiyuan: SimpleNamespace, cast: SimpleNamespace, name: str) -> None:
    counts = []
    for entries in (2, 2, 6):
        Competition.objects.update(state="cancelled")
        make = ranked if name in {"results", "appeals"} else scene
        world = make(jiyuan.county, entries=entries)
        if name == "appeals":
            for entry in world.row.entries.all():
                appealing.raise_appeal(entry, by=COMMAND_LINE, text="漏加分")
        user = {"sheet": world.staff.judges[0].user, "mine": world.staff.chief.user, "differences": world.staff.chief.user}
        client = signed_in(user.get(name, cast.officer))
        args = [] if name == "mine" else [world.practice.uid if name == "sheet" else world.row.uid]
        page(client, name, *args)
        with CaptureQueriesContext(connection) as queries:
            page(client, name, *args)
        counts.append(len(queries))
    assert counts[1] == counts[2]


def test_entries_judges_and_prizes_follow_a_merged_person(jiyuan: SimpleNamespace) -> None:
    row, past = opened(jiyuan.county), published(jiyuan.county)
    keep, drop = an_entry(row, jiyuan.kejing), an_entry(row, jiyuan.kejing)
    winner = coded(past, "004")
    Entrant.objects.filter(pk=winner.pk).update(person=drop.person)
    assert merging.follow_person_merge(keep.person, drop.person, by=COMMAND_LINE) == 2
    winner.refresh_from_db()
    drop.refresh_from_db()
    assert (winner.person, drop.state, drop.person) == (keep.person, "withdrawn", keep.person)
    assert drop.remark.startswith("合并人员记录")
    Entrant.objects.filter(pk=coded(past, "001").pk).update(person=drop.entered_by and a_coordinator(jiyuan.kejing).person)
    rival = coded(past, "001")
    merging.follow_person_merge(keep.person, rival.person, by=COMMAND_LINE)
    assert Entrant.objects.get(pk=rival.pk).person == rival.person, "both have a rank in one competition"


def test_quotas_and_interests_follow_a_merged_organisation(jiyuan: SimpleNamespace) -> None:
    row, keep, drop = schemed(jiyuan.county), an_organisation(jiyuan.kejing), an_organisation(jiyuan.kejing)
    for body in (keep, drop):
        planning.set_quota(row, by=COMMAND_LINE, number=2, organisation=body)
    staff = staffed(row)
    for body in (keep, drop):
        Conflict.objects.create(judge=staff.chief, organisation=body, reason="亲属", declared_by="测试")
    Judge.objects.filter(pk=staff.paper.pk).update(organisation=drop)
    moved = merging.follow_merge(keep, drop, by=COMMAND_LINE)
    assert moved == {"entrant": 0, "judge": 1, "conflict": 0, "quota": 0}
    assert list(Quota.objects.values_list("organisation", "number")) == [(keep.pk, 4)]
    assert Conflict.objects.count() == 1


def test_a_long_sheet_comes_in_parts(jiyuan: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    from tongxing.competitions.views import marking as views

    monkeypatch.setattr(views, "PER_PAGE", 3)
    world = scene(jiyuan.county, entries=4)
    client = signed_in(world.staff.judges[0].user)
    address = reverse("competitions:sheet", args=[world.practice.uid])
    assert ("m_003_" in client.get(address).content.decode(), "m_004_" in client.get(address).content.decode()) == (True, False)
    last = client.get(f"{address}?part=2").content.decode()
    assert ("m_003_" in last, "m_004_" in last) == (False, True)
    aspect = world.practice.aspects.filter(kind="judged")[0]
    saved = client.post(f"{address}?part=2", {f"m_004_{aspect.pk}": str(flat("004", "", ""))})
    assert (saved.url, Mark.objects.count()) == (f"{address}?part=2", 1)
    assert board_of(world.row).marks
