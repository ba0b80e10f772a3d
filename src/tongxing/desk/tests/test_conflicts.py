"""Two officers at one record: the second is told what the first changed, keeps what he typed, and may press again."""

import html
import re
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts import users
from tongxing.accounts.models import Grant
from tongxing.audit.conflicts import IN_DETAIL, EditConflict, Watch
from tongxing.audit.log import COMMAND_LINE
from tongxing.certificates.models import Certificate
from tongxing.certificates.register import VOID_GROUNDS
from tongxing.policy.amending import add_version
from tongxing.policy.models import BureauProvision
from tongxing.registry import assignments, conduct, enrolment
from tongxing.registry.models import Assignment, ConductRecord, Coordinator, Organisation, Posting
from tongxing.targets import chasing
from tongxing.targets.base_data import load
from tongxing.targets.gaps import sync_gaps
from tongxing.targets.models import Exemption, Gap, Target
from tongxing.targets.tests.world import certificate, coordinator, enterprise, posting
from tongxing.workdays.loading import set_day
from tongxing.workdays.models import SpecialDay

DAY = timezone.localdate()
TYPED = "第二位填写的"
KEY = "targets.areas.minimum"


@pytest.fixture
def scene(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> SimpleNamespace:
    load(COMMAND_LINE)
    plant, shop = enterprise(jiyuan.kejing, "large", "甲厂"), enterprise(jiyuan.kejing, "micro", "小店")
    enterprise(jiyuan.kejing, "large", "空厂")
    holder = coordinator(jiyuan.kejing, "张三")
    posting(holder, plant)
    certificate(holder)
    assignments.assign(holder, shop, by=cast.officer, since=DAY)
    entered = {"kind": "violation", "happened_on": date(2025, 1, 1), "summary": "欠薪", "source": "执法局"}
    conduct.add_conduct(plant, by=cast.officer, **entered)
    sync_gaps()
    gap = Gap.objects.get(unit_name="空厂")
    exemption = Exemption.objects.create(
        target_key="enterprises", unit_kind="organisation", unit_id=gap.unit_id, unit_name="空厂", area_code=gap.area_code,
        reason="停产", since=DAY, until=DAY + timedelta(days=30), requested_by="李专员",
    )  # fmt: skip
    set_day(date(DAY.year, 5, 4), "off", name="青年节", by=COMMAND_LINE)
    return SimpleNamespace(plant=plant, holder=holder, jiyuan=jiyuan, cast=cast, gap=gap, exemption=exemption)


def carried(text: str) -> str:
    """What the page carries about the records that it shows."""
    found = re.findall(r'name="seen" value="([^"]*)"', text)
    assert found != [], "the page watches nothing"
    return html.unescape(found[0])


class Case(NamedTuple):
    """A page, the address its form goes to, what the first officer does, what the second typed, what he is told, how to see it done."""

    page: Callable[[Any], str]
    first: Callable[[Any], Any]
    typed: dict[str, Any]
    told: str
    done: Callable[[Any], Any]
    to: Callable[[Any], str] | None = None
    user: str = "officer"


def at(name: str, *path: str) -> Callable[[Any], str]:
    """An address whose arguments are found in the scene: "holder.uid"."""

    def made(scene: Any) -> str:
        arguments = []
        for one in path:
            found: Any = scene
            for part in one.split("."):
                found = getattr(found, part) if hasattr(found, part) else one
            arguments.append(found)
        return reverse(name, args=arguments)

    return made


def only(model: Any, name: str) -> Callable[[Any], str]:
    return lambda scene: reverse(name, args=[model.objects.get().pk])


def touched(model: Any, **values: Any) -> Callable[[Any], Any]:
    return lambda scene: model.objects.order_by("pk").filter(pk=model.objects.order_by("pk").values("pk")[:1]).update(**values)


TODAY = DAY.isoformat()
CASES = {
    "coordinator": Case(
        at("registry:coordinator-edit", "holder.uid"),
        lambda s: enrolment.update_coordinator(s.holder, by=s.cast.township, version=1, full_time=False, remark="先改的"),
        {"full_time": "1", "remark": TYPED},
        "备注现为“先改的”",
        lambda s: Coordinator.objects.get().remark == TYPED,
    ),
    "move": Case(
        at("registry:coordinator-move", "holder.uid", "suspend"),
        touched(Coordinator, remark="先改的"),
        {"on": TODAY, "reason": TYPED},
        "备注现为“先改的”",
        lambda s: Coordinator.objects.get().status == "suspended",
    ),
    "posting-end": Case(
        only(Posting, "registry:posting-end"),
        touched(Posting, post="工会主席"),
        {"on": TODAY, "reason": TYPED},
        "现为“工会主席”",
        lambda s: Posting.objects.get().until == DAY,
    ),
    "posting-new": Case(
        at("registry:posting-new", "holder.uid"),
        lambda s: posting(s.holder, Organisation.objects.get(name="空厂")),
        {"organisation": "小店", "on": TODAY, "post": TYPED},
        "新增了“",
        lambda s: Posting.objects.filter(post=TYPED).exists(),
    ),
    "assignment-end": Case(
        only(Assignment, "registry:assignment-end"),
        touched(Assignment, since=DAY - timedelta(days=9)),
        {"on": TODAY, "reason": TYPED},
        f"现为“{DAY - timedelta(days=9)}”",
        lambda s: Assignment.objects.get().until == DAY,
    ),
    "conduct": Case(
        only(ConductRecord, "registry:conduct-strike"),
        lambda s: conduct.lift_conduct(ConductRecord.objects.get(), by=s.cast.township, on=DAY, reason="已整改"),
        {"reason": TYPED},
        f"现为“{DAY}”",
        lambda s: ConductRecord.objects.get().struck_on == DAY,
    ),
    "certificate": Case(
        lambda s: reverse("certificates:certificate-void", args=[Certificate.objects.get().uid]),
        touched(Certificate, body_name="某机构"),
        {"on": TODAY, "ground": min(VOID_GROUNDS), "reason": TYPED},
        "现为“某机构”",
        lambda s: Certificate.objects.get().status == "void",
    ),
    "organisation": Case(
        at("registry:organisation-edit", "plant.uid"),
        touched(Organisation, address="克井镇1号", version=2),
        {"no_code_reason": TYPED},
        "地址现为“克井镇1号”",
        lambda s: Organisation.objects.get(pk=s.plant.pk).no_code_reason == TYPED,
    ),
    "organisation-size": Case(
        at("registry:organisation-size", "plant.uid"),
        touched(Organisation, employees=300),
        {"size": "medium", "reason": TYPED},
        "现为“300”",
        lambda s: Organisation.objects.get(pk=s.plant.pk).size_override == "medium",
    ),
    "merge": Case(
        lambda s: reverse("registry:organisation-merge", args=[s.plant.uid]) + f"?drop={Organisation.objects.get(name='小店').uid}",
        touched(Organisation, address="克井镇1号"),
        {"reason": TYPED},
        "地址现为“克井镇1号”",
        lambda s: Organisation.objects.get(name="小店").merged_into_id == s.plant.pk,
    ),
    "gap-plan": Case(
        at("targets:gap", "gap.pk"),
        lambda s: chasing.plan_next_step(s.gap, next_step="先上门", next_step_on=None, note="", version=s.gap.version, by=s.cast.township),
        {"next_step": TYPED, "version": "1"},
        "下一步现为“先上门”",
        lambda s: Gap.objects.get(pk=s.gap.pk).next_step == TYPED,
        at("targets:gap-plan", "gap.pk"),
    ),
    "gap-assign": Case(
        at("targets:gap", "gap.pk"),
        lambda s: chasing.assign_owner([s.gap.pk], s.cast.township, by=s.cast.township),
        {"due_on": "2031-02-03"},
        "责任人现为",
        lambda s: Gap.objects.get(pk=s.gap.pk).due_on == date(2031, 2, 3),
        at("targets:gap-assign", "gap.pk"),
    ),
    "exemption": Case(
        at("targets:exemption", "exemption.pk"),
        touched(Exemption, reason="已复产"),
        {"note": TYPED},
        "现为“已复产”",
        lambda s: Exemption.objects.get().decision_note == TYPED,
        at("targets:exemption-approve", "exemption.pk"),
    ),
    "target": Case(
        at("targets:definition-edit", "enterprises"),
        touched(Target, noun="户"),
        {"noun": TYPED},
        "现为“户”",
        lambda s: Target.objects.order_by("pk")[0].noun == TYPED,
    ),
    "provision": Case(
        at("policy:provision", KEY),
        lambda s: add_version(KEY, 2, valid_from=date(2030, 1, 1), source="某通知", by=s.cast.officer),
        {"value": "3", "valid_from": "2031-01-01", "source": TYPED},
        "新增了“",
        lambda s: BureauProvision.objects.filter(source=TYPED).exists(),
        at("policy:add", KEY),
    ),
    "day": Case(
        at("workdays:calendar"),
        lambda s: set_day(date(DAY.year, 5, 4), "work", name="调休", by=COMMAND_LINE),
        {"day": f"{DAY.year}-05-04", "kind": "off", "name": TYPED},
        "命令行",
        lambda s: SpecialDay.objects.get().name == TYPED,
        at("workdays:set-day"),
    ),
    "area": Case(
        at("gazetteer:rename", "jiyuan.kejing.code"),
        lambda s: type(s.jiyuan.kejing).objects.filter(pk=s.jiyuan.kejing.pk).update(short_name="克井"),
        {"name": TYPED, "short_name": TYPED, "on": TODAY, "reason": "批复"},
        "现为“克井”",
        lambda s: type(s.jiyuan.kejing).objects.get(pk=s.jiyuan.kejing.pk).name == TYPED,
        user="admin",
    ),
    "account": Case(
        at("accounts:user-edit", "cast.township.pk"),
        lambda s: users.update_user(s.cast.township, by=s.cast.admin, name="李专员", job="副科长", email=""),
        {"name": TYPED},
        "现为“副科长”",
        lambda s: type(s.cast.township).objects.get(pk=s.cast.township.pk).name == TYPED,
        user="admin",
    ),
    "grant": Case(
        at("accounts:user", "cast.township.pk"),
        lambda s: Grant.objects.filter(user=s.cast.township).update(until=DAY + timedelta(days=5)),
        {"role": "union", "area": "419001000000", "reason": TYPED},
        f"现为“{DAY + timedelta(days=5)}”",
        lambda s: Grant.objects.filter(user=s.cast.township, role="union").exists(),
        at("accounts:grant", "cast.township.pk"),
        user="admin",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_second_officer_is_told_keeps_his_words_and_may_press_again(name: str, scene: SimpleNamespace, client: Client) -> None:
    case = CASES[name]
    client.force_login(getattr(scene.cast, case.user))
    to = (case.to or case.page)(scene)
    opened = client.get(case.page(scene))
    typed = {**fields(opened, name), **case.typed, "seen": carried(opened.content.decode())}
    if name == "gap-assign":
        typed["owner"] = str(scene.cast.officer.pk)
    if name == "merge":
        typed["drop"] = str(Organisation.objects.get(name="小店").uid)
    case.first(scene)
    answer = client.post(to, typed)
    text = html.unescape(answer.content.decode())
    assert answer.status_code in {200, 422}
    assert "您打开页面之后" in text
    assert case.told in text
    assert ("2031-02-03" if name == "gap-assign" else TYPED) in text
    assert not case.done(scene)
    again = client.post(to, typed | {"seen": carried(answer.content.decode())})
    assert again.status_code == 302, re.findall(r"<li>(.*?)</li>", again.content.decode())
    assert case.done(scene)


def fields(opened: Any, name: str) -> dict[str, Any]:
    """The form as it was filled in for the officer, where he changes one field of many."""
    if name not in {"target", "organisation"}:
        return {}
    form = opened.context["form"]
    values = {field.name: field.value() for field in form}
    return {key: value for key, value in values.items() if value not in (None, "", False)}


def test_who_changes_nothing_else_is_not_stopped(scene: SimpleNamespace, client: Client) -> None:
    """What the system counts up by itself (version, time of change, sign-in) and a record that the page does not show are no conflict."""
    client.force_login(scene.cast.officer)
    url = reverse("registry:coordinator-edit", args=[scene.holder.uid])
    seen = carried(client.get(url).content.decode())
    Coordinator.objects.update(updated_at=timezone.now(), version=7)
    posting(scene.holder, Organisation.objects.get(name="空厂"))
    assert client.post(url, {"full_time": "0", "remark": "改", "seen": seen}).status_code == 302
    assert client.post(url, {"full_time": "0", "remark": "再改", "seen": "{"}).status_code == 200
    assert Coordinator.objects.get().remark == "改"


def test_many_records_are_watched_as_wholes(scene: SimpleNamespace, rf: Any) -> None:
    for _ in range(IN_DETAIL):
        enterprise(scene.jiyuan.kejing, "large")
    sync_gaps()
    rows = list(Gap.objects.order_by("pk"))
    watch = Watch(lambda: rows, only=("due_on",))
    request = rf.post("/", {"seen": watch.seen})
    assert len(request.POST["seen"]) < 80 * len(rows)
    with watch.unmoved(request):
        pass
    Gap.objects.filter(pk=rows[-1].pk).update(due_on=DAY)
    with watch.unmoved(request, among=rows[:3]):
        pass
    with pytest.raises(EditConflict, match=rows[-1].unit_name), watch.unmoved(request):
        pass
    rows.pop()
    with pytest.raises(EditConflict, match="有 1 条已经不在了"), watch.unmoved(request):
        pass


def test_a_bare_button_says_it_and_gives_the_reason_back(scene: SimpleNamespace, client: Client) -> None:
    client.force_login(scene.cast.admin)
    seen = carried(client.get(reverse("accounts:user", args=[scene.cast.township.pk])).content.decode())
    grant = Grant.objects.get(user=scene.cast.township)
    Grant.objects.filter(pk=grant.pk).update(until=DAY)
    answer = client.post(reverse("accounts:revoke", args=[grant.pk]), {"reason": TYPED, "seen": seen})
    assert answer.status_code == 409
    assert TYPED in answer.content.decode()
    assert Grant.objects.get(pk=grant.pk).revoked_at is None
