"""Whether a subsidy is due, and how much: plain Python over typed facts, so that it can be run on any past day (notice:3.1.2)."""

from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from tongxing.certificates.models import Level
from tongxing.policy.decision import Decision

from .models import Category, ClaimKind
from .schemes import Scheme

CLAUSES = ("notice:3.1.2",)


@dataclass(frozen=True)
class Earlier:
    """A claim of the same person that stands or was paid."""

    serial: str
    kind: str
    occupation: str
    level: int
    on: date


@dataclass(frozen=True)
class Facts:
    """All that the rule looks at. `issued_on` is the certificate's day; `completed_on` and `hours` say what training was completed."""

    kind: str
    occupation: str
    level: int
    issued_on: date
    claimed_on: date
    certificate_valid: bool = True
    born_on: date | None = None
    category: str = Category.EMPLOYEE
    has_evidence: bool = False
    direct: bool = False
    on_payroll: bool = False
    draws_pension: bool = False
    completed_on: date | None = None
    hours: Decimal | None = None
    market: bool = False
    earlier: tuple[Earlier, ...] = field(default_factory=tuple)

    @property
    def complete_on(self) -> date:
        """The day from which a claim may be made: certificate issued, training (where it is the ground) completed."""
        return max(self.issued_on, self.completed_on or self.issued_on) if self.kind == ClaimKind.TRAINING else self.issued_on

    @property
    def identity_on(self) -> date:
        """The day whose age and standing count: that of the training, else of the certificate."""
        return self.completed_on if self.kind == ClaimKind.TRAINING and self.completed_on else self.issued_on


@dataclass(frozen=True)
class Entitlement:
    """The answer of the rule. `amount` is zero where nothing is due."""

    decision: Decision
    amount: Decimal

    def kept(self, scheme: Scheme | None) -> dict[str, Any]:
        """What a claim keeps of the answer: JSON values, with the provisions used."""
        return {
            "ok": self.decision.ok,
            "reasons": list(self.decision.reasons),
            "facts": dict(self.decision.facts),
            "clauses": list(self.decision.clauses),
            "provisions": list(scheme.versions) if scheme else [],
            "amount": str(self.amount),
        }


def age_on(born_on: date, day: date) -> int:
    """Full years of age."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def decide(facts: Facts, scheme: Scheme | None) -> Entitlement:
    """Every condition is judged, so that one answer names all that is missing. Pure."""
    if scheme is None:
        reason = f"{facts.complete_on} 还没有施行{ClaimKind(facts.kind).label}的规定。"
        return Entitlement(Decision(False, (reason,), _as_json(facts), CLAUSES), Decimal(0))
    amount = scheme.amount(facts.level, direct=facts.direct)
    against = [
        *_of_the_paper(facts, amount),
        *_of_the_training(facts),
        *_of_the_person(facts, scheme),
        *_of_what_was_claimed(facts, scheme),
        *_of_the_day(facts, scheme),
    ]
    if against:
        return Entitlement(Decision(False, tuple(against), _as_json(facts), CLAUSES), Decimal(0))
    assert amount is not None
    return Entitlement(Decision(True, tuple(_for(facts, scheme, amount)), _as_json(facts), CLAUSES), amount)


def _of_the_paper(facts: Facts, amount: Decimal | None) -> list[str]:
    against = []
    if not facts.certificate_valid:
        against.append("证书已作废或已换发，不能作为补贴依据。请核对证书状态。")
    if amount is None:
        against.append(f"补贴标准里没有{_level(facts.level)}。请核对政策参数。")
    return against


def _of_the_training(facts: Facts) -> list[str]:
    if facts.kind != ClaimKind.TRAINING:
        return []
    if facts.completed_on is None or not facts.hours:
        return ["没有登记完成的培训学时。培训补贴要求完成规定学时并取得证书，请先补登培训记录。"]
    if facts.market:
        return ["培训按市场化自费参加，不享受培训补贴；取得证书后的评价补贴不受影响。"]
    if facts.completed_on > facts.claimed_on:
        return [f"培训到 {facts.completed_on} 才结业，晚于申请日期。请结业后再申请。"]
    return []


def _of_the_person(facts: Facts, scheme: Scheme) -> list[str]:
    against = []
    if facts.born_on is None:
        against.append("没有出生日期，无法核定年龄。请先补全人员信息。")
    else:
        age = age_on(facts.born_on, facts.identity_on)
        if age < scheme.youngest:
            against.append(f"{facts.identity_on} 时 {age} 周岁，未满 {scheme.youngest} 周岁。")
    if facts.draws_pension:
        against.append("已领取职工养老金，不在补贴范围内。")
    if facts.on_payroll and facts.category != Category.WELFARE:
        against.append("属于财政供养人员，不在补贴范围内（公益性岗位人员除外）。")
    if facts.category in scheme.with_evidence and not facts.has_evidence:
        against.append(f"人员类别为“{Category(facts.category).label}”，须附身份证明材料。")
    return against


def _of_what_was_claimed(facts: Facts, scheme: Scheme) -> list[str]:
    same_kind = [one for one in facts.earlier if one.kind == facts.kind]
    against = [
        f"同一职业同一等级已申领过（{one.serial}），不得重复申领。"
        for one in same_kind
        if (one.occupation, one.level) == (facts.occupation, facts.level)
    ]
    this_year = [one for one in same_kind if one.on.year == facts.claimed_on.year]
    if len(this_year) >= scheme.times_a_year:
        against.append(f"{facts.claimed_on.year} 年已申领 {len(this_year)} 次，达到一年 {scheme.times_a_year} 次的上限。")
    return against


def _of_the_day(facts: Facts, scheme: Scheme) -> list[str]:
    if facts.claimed_on < facts.complete_on:
        return [f"申请日期早于取得证书（结业）的 {facts.complete_on}。请核对日期。"]
    last = scheme.last_day(facts.complete_on)
    if facts.claimed_on > last:
        return [f"应在 {last} 前申请，已超过 {(facts.claimed_on - last).days} 天。"]
    return []


def _for(facts: Facts, scheme: Scheme, amount: Decimal) -> list[str]:
    age = age_on(facts.born_on, facts.identity_on) if facts.born_on else 0
    reasons = [
        f"持有效的{_level(facts.level)}证书，{facts.issued_on} 发证。",
        f"{facts.identity_on} 时 {age} 周岁" + ("，超过年龄上限但未领取职工养老金。" if age > scheme.oldest else "，在规定年龄内。"),
        "此前没有申领过同一职业同一等级的同类补贴。",
        f"在 {scheme.last_day(facts.complete_on)} 的申请期限内。",
    ]
    if facts.kind == ClaimKind.TRAINING:
        reasons.insert(1, f"{facts.completed_on} 结业，完成 {(facts.hours or Decimal(0)).normalize():f} 学时。")
    percent = f"，直接认定按 {scheme.direct_percent:f}% 计" if facts.direct and facts.kind == ClaimKind.EVALUATION else ""
    return [*reasons, f"按{_level(facts.level)}标准{percent}，补贴 {amount:,.2f} 元。"]


def _level(level: int) -> str:
    return Level(level).label.partition("/")[0] if level in Level.values else f"{level} 级"


def _as_json(facts: Facts) -> dict[str, Any]:
    """The facts by Chinese names, for the page and the record."""
    told = asdict(facts)
    earlier = [f"{one.serial}（{one.on}，{_level(one.level)}）" for one in facts.earlier]
    return {
        "补贴种类": ClaimKind(facts.kind).label,
        "职业": facts.occupation,
        "等级": _level(facts.level),
        "发证日期": told["issued_on"].isoformat(),
        "申请日期": told["claimed_on"].isoformat(),
        "证书有效": facts.certificate_valid,
        "出生年份": facts.born_on.year if facts.born_on else None,
        "人员类别": Category(facts.category).label,
        "有身份证明": facts.has_evidence,
        "直接认定": facts.direct,
        "财政供养": facts.on_payroll,
        "领取职工养老金": facts.draws_pension,
        "结业日期": facts.completed_on.isoformat() if facts.completed_on else None,
        "完成学时": str(facts.hours) if facts.hours is not None else None,
        "市场化自费": facts.market,
        "此前申领": earlier,
    }
