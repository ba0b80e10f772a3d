"""Who may be recommended, clause by clause (notice:A1.1-A1.3.6, A2.1-A2.3.4): plain Python over typed facts, so that it can be run on any day.

Each condition answers met, not met, or to be shown: what the register knows is judged, what only people can judge waits for evidence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple


class Answer(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    TO_SHOW = "to_show"

    @property
    def label(self) -> str:
        return {"met": "符合", "not_met": "不符合", "to_show": "待证明"}[self]

    @property
    def tone(self) -> str:
        return {"met": "green", "not_met": "red", "to_show": "amber"}[self]


class Condition(NamedTuple):
    """One condition: its clause, what it asks, the answer, and why in plain Chinese."""

    clause: str
    title: str
    answer: Answer
    reasons: tuple[str, ...]
    any_of: bool = False
    """Whether it is one of several of which one is enough."""


@dataclass(frozen=True)
class Verdict:
    """All conditions of one nominee on one day."""

    on: date
    conditions: tuple[Condition, ...]

    @property
    def answer(self) -> Answer:
        """Not met when one condition fails, or all of those of which one is enough; to be shown while anything is open."""
        return worst([*(one.answer for one in self.needed), best(one.answer for one in self.deeds)])

    @property
    def needed(self) -> tuple[Condition, ...]:
        return tuple(one for one in self.conditions if not one.any_of)

    @property
    def deeds(self) -> tuple[Condition, ...]:
        """Those of which one is enough."""
        return tuple(one for one in self.conditions if one.any_of)

    @property
    def against(self) -> tuple[str, ...]:
        """The reasons for a no."""
        return tuple(reason for one in self.needed if one.answer == Answer.NOT_MET for reason in one.reasons)


ORDER = (Answer.NOT_MET, Answer.TO_SHOW, Answer.MET)


def worst(answers: Iterable[Answer]) -> Answer:
    return min(answers, key=ORDER.index)


def best(answers: Iterable[Answer]) -> Answer:
    return max(answers, key=ORDER.index)


@dataclass(frozen=True)
class Terms:
    """What the provisions of the day ask."""

    without_certificate: bool
    certified_least: int
    clean_years: int


@dataclass(frozen=True)
class Paper:
    """A certificate that was valid on the day."""

    number: str
    kind: str
    level: str
    issued_on: date


@dataclass(frozen=True)
class Conduct:
    """A conduct record that counts: a major violation or dishonesty."""

    kind: str
    happened_on: date
    source: str
    lifted_on: date | None = None


@dataclass(frozen=True)
class Award:
    """A prize in a coordinators' competition, or a title of advanced individual in harmonious labour relations."""

    name: str
    prize: bool
    rank: str
    provincial: bool
    awarded_on: date


@dataclass(frozen=True)
class PersonFacts:
    """`works_at` names the social organisations and tripartite bodies where the person held a post on the day."""

    active: bool
    papers: tuple[Paper, ...] = ()
    works_at: tuple[str, ...] = ()
    conduct: tuple[Conduct, ...] = ()
    awards: tuple[Award, ...] = ()


@dataclass(frozen=True)
class Member:
    """A certified coordinator posted at the organisation on the day; `until`: the last day that is known already."""

    name: str
    until: date | None = None


@dataclass(frozen=True)
class OrganisationFacts:
    """`social`: whether its kind is one of those that notice:1.4 calls a social organisation."""

    kind: str
    social: bool
    operating: bool
    registered_as: str
    members: tuple[Member, ...] = ()
    services: tuple[str, ...] = ()
    conduct: tuple[Conduct, ...] = ()


DEEDS_OF_PEOPLE: tuple[tuple[str, str], ...] = (
    ("notice:A1.3.1", "宣传法律法规、监测企业用工、参与集体协商、维护权益、化解矛盾成绩突出"),
    ("notice:A1.3.2", "指导完善规章制度、落实劳动标准成绩突出"),
    ("notice:A1.3.3", "提出新政策举措或手段、处置重大事件、前瞻研究成绩突出"),
    ("notice:A1.3.4", "指导小微企业规范用工、减少争议成绩突出"),
    ("notice:A1.3.5", "推动企业、区域、行业集体协商和集体合同成绩突出"),
)
DEEDS_OF_ORGANISATIONS: tuple[tuple[str, str], ...] = (
    ("notice:A2.3.1", "劳动用工、薪酬、集体协商、民主管理、矛盾化解服务成绩突出，成功案例多"),
    ("notice:A2.3.2", "形成成熟的工作模式，在和谐企业创建中发挥重要作用"),
    ("notice:A2.3.3", "承接政府或工会购买的服务，成效明显"),
    ("notice:A2.3.4", "其他有示范作用的突出成绩"),
)


def judge_person(facts: PersonFacts, terms: Terms, on: date) -> Verdict:
    """A coordinator on a day: certificate or the exception of 2022, conduct, and one of six deeds."""
    shown = [Condition(clause, title, Answer.TO_SHOW, ("由推荐材料证明。",), any_of=True) for clause, title in DEEDS_OF_PEOPLE]
    opinion = "政治立场、业务能力和遵纪守法情况由所在单位和有关部门出具意见。"
    return Verdict(
        on,
        (
            _active(facts),
            _paper(facts, terms, on),
            Condition("notice:A1.2", "政治坚定、业务精湛、遵纪守法", Answer.TO_SHOW, (opinion,)),
            _clean(facts.conduct, "notice:A1.2", None, on),
            *shown,
            _awarded(facts.awards, on),
        ),
    )


def judge_organisation(facts: OrganisationFacts, terms: Terms, on: date) -> Verdict:
    """A social organisation on a day: registered, enough certified coordinators, conduct of the last years, one of four deeds."""
    shown = [Condition(clause, title, Answer.TO_SHOW, ("由推荐材料证明。",), any_of=True) for clause, title in DEEDS_OF_ORGANISATIONS]
    opinion = "政治立场、场所设施、人员和能力由走访核实。"
    return Verdict(
        on,
        (
            _registered(facts),
            _staffed(facts.members, terms.certified_least, on),
            _works(facts),
            Condition("notice:A2.2", "政治坚定，有相应的设施、人员和能力", Answer.TO_SHOW, (opinion,)),
            _clean(facts.conduct, "notice:A2.2", terms.clean_years, on),
            *shown,
        ),
    )


def _active(facts: PersonFacts) -> Condition:
    title = "在册劳动关系协调员"
    if facts.active:
        return Condition("notice:A1.1", title, Answer.MET, ("当日在册。",))
    return Condition("notice:A1.1", title, Answer.TO_SHOW, ("当日不在册（未登记、暂停或已退出）。请核对登记，或说明从事的工作。",))


def _paper(facts: PersonFacts, terms: Terms, on: date) -> Condition:
    title = "持有职业资格证书或职业技能等级证书"
    if facts.papers:
        told = tuple(f"{one.level} {one.kind} {one.number}，{one.issued_on} 发证，当日有效。" for one in facts.papers)
        return Condition("notice:A1.1", title, Answer.MET, told)
    if not terms.without_certificate:
        why = f"{on} 没有有效证书。{on.year} 年须持证；没有证书也能推荐只限 2022 年。"
        return Condition("notice:A1.1", title, Answer.NOT_MET, (why,))
    if facts.works_at:
        named = "、".join(facts.works_at)
        why = f"没有证书，但在{named}从事协调劳动关系工作，按 {on.year} 年的规定可以推荐。"
        return Condition("notice:A1.1", title, Answer.MET, (why,))
    why = f"没有证书，登记里也没有在社会组织或三方机构任职。{on.year} 年相关专业的学生可以推荐，须出示学籍证明。"
    return Condition("notice:A1.1", title, Answer.TO_SHOW, (why,))


def _clean(records: Sequence[Conduct], clause: str, years: int | None, on: date) -> Condition:
    """No standing record; for organisations only the last years count. One that was lifted is for people to judge."""
    since = years_before(on, years) if years else None
    title = f"近 {years} 年没有重大违法失信记录" if years else "没有重大违法失信记录"
    counting = [one for one in records if one.happened_on <= on and (since is None or one.happened_on > since)]
    standing = [one for one in counting if one.lifted_on is None or one.lifted_on > on]
    lifted = [one for one in counting if one not in standing]
    if standing:
        told = tuple(f"{one.happened_on} {one.kind}（{one.source}）。" for one in standing)
        return Condition(clause, title, Answer.NOT_MET, told)
    if lifted:
        told = tuple(f"{one.happened_on} {one.kind}（{one.source}），{one.lifted_on} 已撤销或修复，请说明情况。" for one in lifted)
        return Condition(clause, title, Answer.TO_SHOW, told)
    span = f"{since} 以后" if since else ""
    return Condition(clause, title, Answer.MET, (f"登记里{span}没有重大违法、失信惩戒记录。",))


def _awarded(awards: Sequence[Award], on: date) -> Condition:
    """notice:A1.3.6: a prize at any level, or a title from the province upwards."""
    title = "在协调员技能竞赛中获奖，或获得省级以上和谐劳动关系先进个人称号"
    won = [one for one in awards if one.awarded_on <= on]
    counting = tuple(f"{one.awarded_on} 获{one.rank}“{one.name}”。" for one in won if one.prize or one.provincial)
    if counting:
        return Condition("notice:A1.3.6", title, Answer.MET, counting, any_of=True)
    below = tuple(f"{one.awarded_on} 获{one.rank}“{one.name}”，未到省级。" for one in won)
    return Condition("notice:A1.3.6", title, Answer.NOT_MET, below or ("没有登记获奖或称号。",), any_of=True)


def _registered(facts: OrganisationFacts) -> Condition:
    title = "依法登记的协调劳动关系社会组织"
    against = []
    if not facts.social:
        against.append(f"单位类别是“{facts.kind}”，不是协调劳动关系社会组织。")
    if not facts.operating:
        against.append("当日不在营（未成立、已注销、吊销或迁出）。")
    if not facts.registered_as:
        against.append("没有登记统一社会信用代码。请先补登。")
    if against:
        return Condition("notice:A2.1", title, Answer.NOT_MET, tuple(against))
    return Condition("notice:A2.1", title, Answer.MET, (f"{facts.kind}，统一社会信用代码 {facts.registered_as}。",))


def _staffed(members: Sequence[Member], least: int, on: date) -> Condition:
    """At least so many on the day; and the day from which there would be fewer, where that is known already."""
    title = f"有 {least} 名以上持证协调员"
    names = "、".join(one.name for one in members)
    if len(members) < least:
        missing = f"当日持证在岗 {len(members)} 名" + (f"（{names}）" if names else "") + f"，还差 {least - len(members)} 名。"
        return Condition("notice:A2.1", title, Answer.NOT_MET, (missing,))
    told = [f"当日持证在岗 {len(members)} 名：{names}。"]
    if falls := falls_below(members, least):
        told.append(f"按已登记的离任日期，{falls} 以后不足 {least} 名，请及早补充。")
    return Condition("notice:A2.1", title, Answer.MET, tuple(told))


def falls_below(members: Sequence[Member], least: int) -> date | None:
    """The last day with at least `least` members, as far as their ends are known; None when they stay enough."""
    ends = sorted(one.until for one in members if one.until)
    leaving = len(members) - least
    return ends[leaving] if leaving < len(ends) else None


def _works(facts: OrganisationFacts) -> Condition:
    title = "从事协调劳动关系服务"
    if facts.services:
        return Condition("notice:A2.1", title, Answer.MET, (f"登记的服务：{'、'.join(facts.services)}。",))
    return Condition("notice:A2.1", title, Answer.TO_SHOW, ("登记里没有服务内容，请补登或在推荐材料里说明。",))


def years_before(day: date, years: int) -> date:
    """The same day so many years earlier; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
