"""Entry conditions (申报条件) of the occupation's standard of 2019 (facts §1): pure functions over typed facts.

Levels 4 and 3 are confirmed by three sources. Levels 2 and 1 are not: their numbers are the usual pattern, and every answer says so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tongxing.certificates.models import Level
from tongxing.core.errors import Refused
from tongxing.policy import provisions
from tongxing.policy.decision import Decision

from .models.applications import School, Schooling

VERSION = "2019"
STANDARD = "劳动关系协调员国家职业技能标准（2019年修订）"
FROM = date(2019, 3, 26)
KEYS = (
    "fourth.years",
    "third.years",
    "third.college_years",
    "third.bachelor_years",
    "second.years",
    "second.graduate_years",
    "second.reserve_years",
    "first.years",
)
CLAUSES = ("notice:1.3", "notice:3.1.4")
VOCATIONAL = frozenset({School.VOCATIONAL, School.HIGHER_VOCATIONAL})
HIGHER = frozenset({School.HIGHER_VOCATIONAL, School.COLLEGE, School.BACHELOR, School.MASTER})


@dataclass(frozen=True)
class Facts:
    """What a condition may ask about a person. `certificates`: level and day of issue of those that are valid on the day asked about."""

    years: int = 0
    school: School = School.NONE
    schooling: Schooling = Schooling.NONE
    related: bool = False
    reserve_technician: bool = False
    certificates: tuple[tuple[int, date], ...] = ()

    def graduated(self, *schools: School) -> bool:
        return self.schooling == Schooling.GRADUATED and self.school in schools

    def since(self, level: int) -> date | None:
        """The earliest day of issue of a certificate of this level."""
        return min((day for held, day in self.certificates if held == level), default=None)


@dataclass(frozen=True)
class Rules:
    """The numbers that hold on a day, the levels whose conditions are confirmed, and the version that names them all."""

    numbers: Mapping[str, int]
    confirmed: frozenset[int]
    version: str


class Alternative(NamedTuple):
    """One of the ways into a level: what it asks, and what is missing for it (nothing when it holds)."""

    text: str
    missing: tuple[str, ...]


def rules_on(day: date) -> Rules:
    """The rules that hold on a day; Refused before the standard was issued."""
    if day < FROM:
        raise Refused(f"{day} 适用的申报条件没有收录，系统从 {FROM}（{STANDARD}）起判断。", code="no_rules", clause="notice:3.1.4")
    found = {key: provisions.provision(f"evaluation.entry.{key}", day) for key in KEYS}
    confirmed = provisions.provision("evaluation.entry.confirmed_levels", day)
    newest = max(version.valid_from for version in (*found.values(), confirmed))
    return Rules({key: int(version.value) for key, version in found.items()}, frozenset(confirmed.value), f"{VERSION}/{newest}")


def whole_years(since: date, on: date) -> int:
    """Full years from one day to another, as one counts birthdays; never below 0."""
    return max(0, on.year - since.year - ((on.month, on.day) < (since.month, since.day)))


def decide(level: int, facts: Facts, rules: Rules, on: date) -> Decision:
    """Whether a person with these facts may be examined for a level on a day, by which alternative, or what each of them lacks."""
    ways = WAYS[level](facts, rules.numbers, on)
    holding = [way for way in ways if not way.missing]
    if holding:
        reasons = [f"符合“{way.text}”。" for way in holding]
    else:
        reasons = [f"“{way.text}”：{'，'.join(way.missing)}。" for way in ways]
        reasons.insert(0, f"{Level(level).label}的 {len(ways)} 项申报条件符合其中一项即可，现在一项也不符合。")
    if level not in rules.confirmed:
        reasons.append(f"{Level(level).label}的申报条件没有找到 2019 年标准原文，以上按通例暂定，请审核人对照标准确认。")
    return Decision(bool(holding), tuple(reasons), _shown(level, facts, rules, on), CLAUSES)


def _shown(level: int, facts: Facts, rules: Rules, on: date) -> dict[str, object]:
    return {
        "等级": level,
        "计算到": on.isoformat(),
        "从业年限": facts.years,
        "学校类别": School(facts.school).label,
        "就读情况": Schooling(facts.schooling).label,
        "本专业或相关专业": facts.related,
        "预备技师证书": facts.reserve_technician,
        "原证书": [[held, day.isoformat()] for held, day in sorted(facts.certificates)],
        "规则版本": rules.version,
        "条件中的年数": dict(rules.numbers),
        "条件已确认": level in rules.confirmed,
    }


# --- what each alternative asks --------------------------------------------------------------------------------------------
def _years(facts: Facts, least: int) -> list[str]:
    return [] if facts.years >= least else [f"从业年限还差 {least - facts.years} 年"]


def _held(facts: Facts, level: int, least: int, on: date) -> list[str]:
    """A certificate of exactly this level, so many full years old."""
    name, since = f"{'一二三四'[level - 1]}级证书", facts.since(level)
    if since is None:
        return [f"登记册里没有有效的{name}"]
    years = whole_years(since, on)
    return [] if years >= least else [f"{name}于 {since} 取得，到 {on} 满 {years} 年，还差 {least - years} 年"]


def _school(facts: Facts, what: str, *schools: School, related: bool = True) -> list[str]:
    missing = [] if facts.graduated(*schools) else [f"没有{what}毕业的学历"]
    return missing + ([] if facts.related or not related else ["不是本专业或相关专业"])


def _fourth(facts: Facts, numbers: Mapping[str, int], on: date) -> list[Alternative]:
    years = numbers["fourth.years"]
    enrolled = [] if facts.schooling == Schooling.ENROLLED and facts.school in HIGHER else ["不是高等院校在校生"]
    return [
        Alternative(f"累计从事本职业或相关职业满 {years} 年", tuple(_years(facts, years))),
        Alternative("技工学校本专业或相关专业毕业", tuple(_school(facts, "技工学校", School.TECHNICAL, School.ADVANCED_TECHNICAL))),
        Alternative("经评估论证的中等及以上职业学校本专业或相关专业毕业", tuple(_school(facts, "中等及以上职业学校", *VOCATIONAL))),
        Alternative("高等院校本专业或相关专业在校生", (*enrolled, *([] if facts.related else ["不是本专业或相关专业"]))),
    ]


def _third(facts: Facts, numbers: Mapping[str, int], on: date) -> list[Alternative]:
    long, college, bachelor = numbers["third.years"], numbers["third.college_years"], numbers["third.bachelor_years"]
    held = _held(facts, Level.FOURTH, 0, on)
    college_up, bachelor_up = (School.COLLEGE, School.BACHELOR, School.MASTER), (School.BACHELOR, School.MASTER)
    advanced = _school(facts, "高级技工学校、技师学院", School.ADVANCED_TECHNICAL, related=False)
    return [
        Alternative(f"取得四级证书后满 {long} 年", tuple(_held(facts, Level.FOURTH, long, on))),
        Alternative("有四级证书，高级技工学校、技师学院毕业", (*held, *advanced)),
        Alternative("有四级证书，高等职业学校本专业或相关专业毕业", (*held, *_school(facts, "高等职业学校", School.HIGHER_VOCATIONAL))),
        Alternative(
            f"大专本专业或相关专业毕业，取得四级证书后满 {college} 年",
            (*_school(facts, "大专", *college_up), *_held(facts, Level.FOURTH, college, on)),
        ),
        Alternative(
            f"本科本专业或相关专业毕业，取得四级证书后满 {bachelor} 年",
            (*_school(facts, "本科", *bachelor_up), *_held(facts, Level.FOURTH, bachelor, on)),
        ),
        Alternative("硕士及以上本专业或相关专业毕业", tuple(_school(facts, "硕士及以上", School.MASTER))),
    ]


def _second(facts: Facts, numbers: Mapping[str, int], on: date) -> list[Alternative]:
    long, graduate, reserve = numbers["second.years"], numbers["second.graduate_years"], numbers["second.reserve_years"]
    advanced = _school(facts, "高级技工学校、技师学院", School.ADVANCED_TECHNICAL, related=False)
    card = [] if facts.reserve_technician else ["没有预备技师证书"]
    return [
        Alternative(f"取得三级证书后满 {long} 年", tuple(_held(facts, Level.THIRD, long, on))),
        Alternative(f"高级技工学校、技师学院毕业，取得三级证书后满 {graduate} 年", (*advanced, *_held(facts, Level.THIRD, graduate, on))),
        Alternative(f"有预备技师证书，取得三级证书后满 {reserve} 年", (*card, *_held(facts, Level.THIRD, reserve, on))),
    ]


def _first(facts: Facts, numbers: Mapping[str, int], on: date) -> list[Alternative]:
    years = numbers["first.years"]
    return [Alternative(f"取得二级证书后满 {years} 年", tuple(_held(facts, Level.SECOND, years, on)))]


WAYS: Mapping[int, Callable[[Facts, Mapping[str, int], date], list[Alternative]]] = {
    Level.FIRST: _first,
    Level.SECOND: _second,
    Level.THIRD: _third,
    Level.FOURTH: _fourth,
}
EARLIER: Mapping[int, int] = {Level.FIRST: Level.SECOND, Level.SECOND: Level.THIRD, Level.THIRD: Level.FOURTH}
"""The level whose certificate the conditions of a level build on."""
