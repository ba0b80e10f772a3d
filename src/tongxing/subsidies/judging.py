"""Judging claims: the facts of what is asked for, gathered for many at once, and the rule's answer."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from tongxing.certificates.models import Certificate, CertificateStatus
from tongxing.registry.models import Organisation, Person
from tongxing.training.completion import completions
from tongxing.training.models import Funding

from .bank_accounts import BankAccount
from .eligibility import Earlier, Entitlement, Facts, decide
from .models import Category, Claim, ClaimKind
from .schemes import Scheme, scheme_on


@dataclass(frozen=True)
class Ask:
    """One subsidy that somebody asks for. The payee is a person or an organisation."""

    kind: str
    certificate: Certificate
    payee: Person | Organisation
    account: BankAccount
    category: str = Category.EMPLOYEE
    direct: bool = False
    on_payroll: bool = False
    draws_pension: bool = False
    completed_on: date | None = None
    hours: Decimal | None = None
    market: bool = False
    evidence: Sequence[int] = field(default_factory=tuple)


def trained(asks: Sequence[Ask]) -> list[Ask]:
    """The asks with what the training room knows: the last class of the level that was completed by the certificate's day, and who paid for it.

    A class outside this register stays as it was typed. One query.
    """
    known = completions([ask.certificate.person_id for ask in asks if ask.kind == ClaimKind.TRAINING])
    found = []
    for ask in asks:
        paper = ask.certificate
        classes = known.get(paper.person_id, []) if ask.kind == ClaimKind.TRAINING else []
        held = next((one for one in classes if one.level == paper.level and one.completed_on <= paper.issued_on), None)
        facts: dict[str, Any] = (
            {"completed_on": held.completed_on, "hours": Decimal(held.hours), "market": held.funding == Funding.MARKET} if held else {}
        )
        found.append(replace(ask, **facts))
    return found


def judge(asks: Sequence[Ask], *, on: date) -> list[tuple[Entitlement, Scheme | None]]:
    """What each would get, with all reasons; a constant number of queries. Changes nothing.

    Of several asks of one person each sees those before it: together they keep the limits that one alone would.
    """
    earlier = earlier_claims(ask.certificate.person_id for ask in asks)
    schemes = {kind: scheme_on(kind, on) for kind in {ask.kind for ask in asks}}
    found = []
    for ask in asks:
        paper = ask.certificate
        answer = decide(_facts(ask, earlier[paper.person_id], on), schemes[ask.kind])
        if answer.decision:
            earlier[paper.person_id] += (Earlier("同时提交的另一笔", ask.kind, paper.occupation, paper.level, on),)
        found.append((answer, schemes[ask.kind]))
    return found


def earlier_claims(people: Iterable[int], *, but: Iterable[int] = ()) -> dict[int, tuple[Earlier, ...]]:
    """Standing and paid claims by person; one query."""
    found: dict[int, list[Earlier]] = defaultdict(list)
    rows: Any = Claim.objects.standing().filter(person_id__in=set(people)).exclude(pk__in=list(but)).order_by("pk")
    for person, *facts in rows.values_list("person_id", "serial", "kind", "occupation", "level", "claimed_on"):
        found[person].append(Earlier(*facts))
    return defaultdict(tuple, {person: tuple(claims) for person, claims in found.items()})


def _facts(ask: Ask, earlier: tuple[Earlier, ...], day: date) -> Facts:
    paper = ask.certificate
    return Facts(
        kind=ask.kind,
        occupation=paper.occupation,
        level=paper.level,
        issued_on=paper.issued_on,
        claimed_on=day,
        certificate_valid=paper.status == CertificateStatus.VALID,
        born_on=paper.person.born_on,
        category=ask.category,
        has_evidence=bool(ask.evidence),
        direct=ask.direct,
        on_payroll=ask.on_payroll,
        draws_pension=ask.draws_pension,
        completed_on=ask.completed_on,
        hours=ask.hours,
        market=ask.market,
        earlier=earlier,
    )


def facts_of(claim: Claim, earlier: tuple[Earlier, ...]) -> Facts:
    """The facts of a claim as they are today; the day it was claimed stays the day that counts."""
    payee = claim.payee_person or claim.payee_organisation
    assert payee is not None
    return _facts(_ask_of(claim, payee), earlier, claim.claimed_on)


def _ask_of(claim: Claim, payee: Person | Organisation) -> Ask:
    return Ask(
        kind=claim.kind,
        certificate=claim.certificate,
        payee=payee,
        account=BankAccount("", claim.account_name, claim.bank),
        category=claim.category,
        direct=claim.direct,
        on_payroll=claim.on_payroll,
        draws_pension=claim.draws_pension,
        completed_on=claim.completed_on,
        hours=claim.hours,
        market=claim.market,
        evidence=claim.evidence,
    )


def judge_claim(claim: Claim) -> tuple[Entitlement, Scheme | None]:
    """The decision of a claim by its facts as they are now, under the rules of the day it was made."""
    scheme = scheme_on(claim.kind, claim.claimed_on)
    return decide(facts_of(claim, earlier_claims([claim.person_id], but=[claim.pk])[claim.person_id]), scheme), scheme
