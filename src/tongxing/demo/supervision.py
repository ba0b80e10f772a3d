"""Quality supervision in the demonstration: a plan at every stage, visits, findings and sanctions at every stage, anomalies that the rules found.

Acts know only today; so that a plan can be long drawn, its days are moved back between two steps.
"""

from datetime import date, timedelta

from django.utils import timezone

from tongxing.accounts.models import Grant, User
from tongxing.areas.models import Area
from tongxing.evaluation.models import AssessmentBatch, Candidate, PartResult, Site
from tongxing.registry.models import Organisation
from tongxing.supervision import drawing, inspecting, planning, rectifying, sanctioning, visiting, watching
from tongxing.supervision.models import Anomaly, Draw, Finding, Plan, Sanction, Visit, VisitItem
from tongxing.supervision.visiting import Fill

from .accounts import enter

BEACON = "03 08 14 19 25 31 + 11"
SOURCE = "中国福利彩票双色球当期开奖号码（红球从小到大，再蓝球）"
FAULTS = {"identity.2": "有 3 名考生的签到为同一笔迹", "archive.1": "缺考场情况记录单", "staff.3": "内部督导记录只有日期，没有内容"}


class Cast:
    """Who acts: the bureau, three inspectors, the body's agent, the leader."""

    def __init__(self, users: dict[str, User], county: Area, today: date) -> None:
        self.bureau, self.leader = users["demo-assessment"], users["demo-leader"]
        self.agent = users["demo-assessment_body"]
        second = _account("inspector-2", "潘督导", county)
        third = _account("inspector-3", "范督导", county)
        since = date(today.year - 1, 1, 1)
        people = (users["demo-inspector"], second, third)
        self.inspectors = [inspecting.appoint(user, by=self.bureau, area=county, since=since) for user in people]


def _account(name: str, called: str, county: Area) -> User:
    user = enter(name, called, "督导员")
    Grant.objects.create(user=user, role="inspector", area=county, since=date(2022, 9, 15), granted_by="演示数据")
    return user


def build(users: dict[str, User], county: Area, today: date) -> None:
    """Nothing where no body examines."""
    if not AssessmentBatch.objects.exists():
        return
    cast = Cast(users, county, today)
    body = Site.objects.order_by("pk")[0].organisation
    inspecting.declare(cast.inspectors[2], _another(body), by=cast.bureau, reason="配偶在该机构任职")
    _plan(cast, county, today, "2026 年第四季度评价考点抽查（筹备）")
    planning.announce(_plan(cast, county, today, "2026 年第四季度培训班抽查", takes_sites=False, takes_classes=True), by=cast.bureau)
    running = _drawn(cast, county, today, "2026 年下半年评价考点“双随机”抽查", 3)
    over = _drawn(cast, county, today, "2026 年上半年评价考点“双随机”抽查", 120)
    _visited(over[0], cast)
    assert over[0].plan
    drawing.publish(over[0].plan, by=cast.bureau)
    _half(visiting.begin(_with(running[0], cast), by=cast.inspectors[0].user))
    extra = _added(body, cast, today)
    _findings(_visited(extra, cast), cast)
    _odd()
    watching.run(today)
    _anomalies(cast, today)


def _another(body: Organisation) -> Organisation:
    return Organisation.objects.exclude(pk=body.pk).order_by("pk")[0]


def _plan(cast: Cast, county: Area, today: date, title: str, **facts: bool) -> Plan:
    values = {"takes_sites": True, "takes_classes": False, **facts}
    return planning.make_plan(
        county,
        by=cast.bureau,
        title=title,
        period_from=today - timedelta(days=180),
        period_until=today + timedelta(days=40),
        number=1,
        visit_from=today + timedelta(days=2),
        visit_until=today + timedelta(days=30),
        beacon_source=SOURCE,
        beacon_on=today + timedelta(days=1),
        note="抽查事项：报名资格、考场、考务、评分、档案。监督电话：0391-6636515。",
        **values,
    )


def _drawn(cast: Cast, county: Area, today: date, title: str, days: int) -> list[Visit]:
    """Announced so many days ago, drawn the day after."""
    plan = _plan(cast, county, today, title)
    planning.announce(plan, by=cast.bureau)
    back = timedelta(days=days)
    plan.refresh_from_db()
    for name in ("period_from", "period_until", "visit_from", "visit_until", "beacon_on"):
        setattr(plan, name, getattr(plan, name) - back)
    plan.save()
    Draw.objects.filter(plan=plan).update(beacon_on=plan.beacon_on, committed_at=timezone.now() - back)
    visits = drawing.draw(plan, by=cast.bureau, beacon=BEACON)
    Draw.objects.filter(plan=plan).update(drawn_at=timezone.now() - back + timedelta(days=1))
    return visits


def _added(body: Organisation, cast: Cast, today: date) -> Visit:
    reason = "群众反映考试当天有人代签到"
    site = Site.objects.filter(organisation=body).first()
    until = today + timedelta(days=3)
    return visiting.add_visit(body, cast.inspectors[:2], by=cast.bureau, reason=reason, due_from=today, due_until=until, site=site)


def _first(visit: Visit) -> User:
    return visit.inspectors.select_related("inspector__user")[0].inspector.user


def _with(visit: Visit, cast: Cast) -> Visit:
    """The visit with the inspector of the demonstration, who may not have been drawn."""
    if not visit.inspectors.filter(inspector=cast.inspectors[0]).exists():
        visiting.replace(visit, visit.inspectors.all()[0], cast.inspectors[0], by=cast.bureau, reason="抽中人员出差，按程序换人")
    return visit


def _half(visit: Visit) -> None:
    """A visit in the middle of its checklist."""
    items = list(visit.items.all()[:9])
    visiting.fill(visit, [Fill(item.key, "fit", "", timezone.now()) for item in items], by=_first(visit))


def _visited(visit: Visit, cast: Cast) -> Visit:
    """From the arrival to the body's signature, with three faults."""
    if visit.state == "planned":
        visit = visiting.begin(visit, by=_first(visit))
    items: list[VisitItem] = list(visit.items.all())
    fills = [Fill(item.key, "unfit" if item.key in FAULTS else "fit", FAULTS.get(item.key, ""), timezone.now()) for item in items]
    visiting.fill(visit, fills, by=_first(visit))
    for sent in visit.inspectors.select_related("inspector__user"):
        visit = visiting.sign(visit, by=sent.inspector.user, summary="组织总体有序，三项不符合要求，已当面反馈。")
    return visiting.countersign(visit, by=cast.agent, name="何主任", post="考务负责人", words="情况属实，马上整改")


def _findings(visit: Visit, cast: Cast) -> None:
    """Closed, answered, overdue; and sanctions: one that is told, one that was decided and lifted."""
    old = list(Finding.objects.exclude(visit=visit).order_by("pk"))
    for row in old:
        rectifying.answer(row, by=cast.agent, text="已补齐材料，重新培训监考人员，并由内部督导员逐场复核。")
        rectifying.recheck(row, by=cast.bureau, passed=True, text="到场查看，材料齐全。")
    signatures, archive, moderation = _by_key(visit)
    rectifying.regrade(signatures, by=cast.bureau, severity="serious", reason="涉及代签到")
    rectifying.answer(archive, by=cast.agent, text="已补齐考场情况记录单，并装订归档。")
    Finding.objects.filter(pk=moderation.pk).update(
        due_on=timezone.localdate() - timedelta(days=2), raised_on=timezone.localdate() - timedelta(days=24)
    )
    rectifying.tell_overdue()
    told = sanctioning.propose([signatures], by=cast.bureau, kind="suspension", facts="考试当天代签到 3 人次，情节较重。", level=3, days=90)
    sanctioning.notify(told, by=cast.bureau)
    if old:
        warned = sanctioning.propose(old[:1], by=cast.bureau, kind="warning", facts="签到管理不严，约谈负责人。")
        Sanction.objects.filter(pk=sanctioning.notify(warned, by=cast.bureau).pk).update(
            proposed_on=timezone.localdate() - timedelta(days=80)
        )
        sanctioning.state(warned, by=cast.agent, text="认识到问题，已经整改。")
        sanctioning.decide(warned, by=cast.leader, document="演人社督〔2026〕6 号")


def _by_key(visit: Visit) -> tuple[Finding, Finding, Finding]:
    held = {row.item.key: row for row in Finding.objects.filter(visit=visit).select_related("item") if row.item}
    return held["identity.2"], held["archive.1"], held["staff.3"]


def _odd() -> None:
    """Batches that deserve a look: the same scores for everybody, somebody who was not there and has scores."""
    PartResult.objects.filter(candidate__batch__state="archived").update(value=78)
    for state in ("issued", "published"):
        one = Candidate.objects.filter(batch__state=state).order_by("-pk").first()
        if one:
            Candidate.objects.filter(pk=one.pk).update(attendance="absent")


def _anomalies(cast: Cast, today: date) -> None:
    """Of what the rules found one is dismissed, one is looked at on the spot, the rest waits."""
    alike, absent = (Anomaly.objects.filter(rule=rule).order_by("pk").first() for rule in ("same_scores", "absent"))
    if absent:
        watching.dismiss(absent, by=cast.bureau, reason="签到表有本人签名，是登记时漏勾，已对照监控核实。")
    if alike:
        days = {"due_from": today, "due_until": today + timedelta(days=10)}
        watching.to_visit(alike, cast.inspectors[:2], by=cast.bureau, reason="请比对答题卡和评分表", **days)
