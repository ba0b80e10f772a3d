"""Nominations in the demonstration: people and organisations of this year's selection, most of them on their way to the review."""

from typing import NamedTuple

from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.areas.models import Area
from tongxing.certificates.holding import certified
from tongxing.honours import dossier, nominating, opining, visiting
from tongxing.honours.models import Nomination, Selection
from tongxing.honours.rules import can_nominate
from tongxing.registry.models import Coordinator, Organisation, Person, Posting
from tongxing.registry.models.coordinators import holds_on
from tongxing.registry.postings import add_posting

SOCIETIES = ("济源市和谐劳动关系促进中心（演示）", "济源市人力资源管理协会（演示）")
MEMBERS = 3


class Told(NamedTuple):
    """What is told of a nominee (invented), which deed it is, and how far the nomination went."""

    deed: str
    summary: str
    story: str
    state: str


PEOPLE = (
    Told(
        "1",
        "三年调解劳动纠纷 46 件，履行率 98%。",
        "逐企宣讲劳动合同法 32 场。\n建立用工台账，发现欠薪苗头 5 起，全部在 7 日内化解。",
        "accepted",
    ),
    Told(
        "2",
        "帮 18 家企业修订规章制度，落实工时休假。",
        "对照劳动标准逐条审查员工手册，指出问题 120 处。\n带薪休假落实率升到 95%。",
        "accepted",
    ),
    Told("4", "包联 26 家小微企业，全年没有发生仲裁案件。", "每月走访一次，送去劳动合同示范文本。\n帮 9 家首次签订书面合同。", "accepted"),
    Told(
        "5",
        "推动行业集体合同覆盖 41 家企业、2,300 名职工。",
        "组织六轮集体协商，最低工资标准上浮 8%。\n建立工资调整年度协商机制。",
        "accepted",
    ),
    Told("3", "提出用工风险提示单，处置群体性停工 2 起。", "停工当天到场，两天内促成复工协议。\n提示单在全区推广。", "accepted"),
    Told("1", "开设职工法律课堂，培训班组长 300 人。", "编写案例 20 则，车间里讲，午休时讲。\n投诉量比上年少了一半。", "submitted"),
    Told("4", "帮小微企业规范用工，指导签订劳动合同 150 份。", "上门指导，逐户建档。\n调解台账待补。", "returned"),
)
BODIES = (
    Told("1", "全年受理咨询 1,200 人次，调解成功 86 件。", "为 60 家企业提供集体协商顾问服务。\n整理成功案例 15 个。", "accepted"),
    Told("3", "承接工会购买的集体协商指导服务，覆盖 35 家企业。", "派出指导员 12 名，协商成功率 94%。\n年度评估优秀。", "submitted"),
)


def build(users: dict[str, User], county: Area, selection: Selection) -> None:
    """Nominations through the acts, while the selection calls for them: people in all states, two social organisations, one draft."""
    day, own = selection.judged_on, users["demo-coordinator"]
    crew = certified(Coordinator.objects.active_on(day).filter(enrolled_on__lte=day), day).exclude(person_id=own.person_id or 0)
    holders = list(crew.select_related("person").order_by("pk")[: len(PEOPLE) + len(SOCIETIES) * MEMBERS])
    for name, told in zip(SOCIETIES, BODIES, strict=True):
        society = Organisation.objects.get(name=name)
        staff(society, [holders.pop() for _ in range(min(MEMBERS, len(holders)))], selection, users["demo-officer"])
        recommend(society, told, selection, users)
    for coordinator, told in zip(holders, PEOPLE, strict=False):
        recommend(coordinator.person, told, selection, users)
    _decided(selection, users["demo-officer"])
    draft = nominating.start_nomination(selection, Person.objects.get(pk=own.person_id or 0), by=own)
    told = PEOPLE[0]
    nominating.change_nomination(draft, by=own, deeds=[f"notice:A1.3.{told.deed}"], summary=told.summary, story="")


def _decided(selection: Selection, officer: User) -> None:
    """Before the review nothing waits: one was not completed in time and taken back, the others are decided on."""
    for row in Nomination.objects.filter(selection=selection, state="returned"):
        nominating.withdraw(row, by=officer, reason="补正期限已过，没有补交材料。")
    for row in Nomination.objects.filter(selection=selection, state="submitted"):
        nominating.refuse(row, by=officer, reason="事迹没有材料证明，明年补充后再报。")


def staff(society: Organisation, members: list[Coordinator], selection: Selection, officer: User) -> None:
    """Certified coordinators get a second post at the society, from before the reference day."""
    for one in members:
        if not Posting.objects.filter(holds_on(selection.judged_on), coordinator=one, organisation=society).exists():
            add_posting(one, society, by=officer, since=max(one.enrolled_on, society.began_on or one.enrolled_on), post="协调员（兼职）")


def recommend(subject: Person | Organisation, told: Told, selection: Selection, users: dict[str, User]) -> None:
    """One nomination as far as its state says."""
    officer = users["demo-officer"]
    office = users["demo-union"] if told.deed in {"1", "5"} else officer
    by = users["demo-township"] if can_nominate(users["demo-township"], subject) else office
    row = nominating.start_nomination(selection, subject, by=by)
    deed = f"notice:{'A1' if isinstance(subject, Person) else 'A2'}.3.{told.deed}"
    front = {"front_line": True} if isinstance(subject, Person) else {}
    nominating.change_nomination(row, by=by, deeds=[deed], summary=told.summary, story=told.story, **front)
    ticked = {(one.kind.value, one.source): one.clause or deed for one in dossier.offers(row)}
    # Somebody's only record may be a certificate, which proves no deed.
    if deed not in ticked.values():
        ticked[next(iter(ticked))] = deed
    dossier.set_ticks(row, by=by, ticked=ticked)
    row = nominating.submit(row, by=by)
    if told.state == "returned":
        nominating.return_nomination(row, by=officer, reason="请补上调解台账和企业证明，注明证明哪一项业绩。")
    elif told.state == "accepted":
        _checked(row, officer)


def _checked(row: Nomination, officer: User) -> None:
    """The employer and the inspection agree, two people went there, the review may begin."""
    today = timezone.localdate()
    employer = "所在单位（演示）" if row.person_id else "业务主管单位（演示）"
    origins = (("employer" if row.person_id else "other", employer), ("inspection", "劳动保障监察大队（演示）"))
    for origin, body in origins:
        opining.record_opinion(row, by=officer, origin=origin, body=body, agrees=True, text="情况属实，同意推荐。", given_on=today)
    visiting.record_visit(
        row,
        by=officer,
        visited_on=today,
        place=f"{row.area.short_name}（演示）",
        visitors="王经办、李专员",
        met="单位负责人、职工代表",
        findings="查看台账和协议书，与推荐材料一致；职工代表反映良好。",
        confirmed=True,
    )
    nominating.accept(row, by=officer)
