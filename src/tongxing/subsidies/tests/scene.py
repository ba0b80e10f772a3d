"""The cast and the papers of a subsidy: handler, approver, cashier, a body that evaluates, people with certificates."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from tongxing.accounts.models import Grant, User
from tongxing.audit.log import COMMAND_LINE
from tongxing.certificates.bodies import file_body
from tongxing.certificates.models import Certificate
from tongxing.certificates.register import register_certificate
from tongxing.core.identifiers import id_check_digit, luhn
from tongxing.registry.models import Organisation, Person
from tongxing.registry.tests.people_factories import a_person, an_organisation
from tongxing.subsidies import bank_accounts, claiming, funding, handling, noticing, paying
from tongxing.subsidies.judging import Ask
from tongxing.subsidies.models import Claim, ClaimKind, Fund, PaymentList, Round

_serial = count(1)
FILING = "S000041000012"


def a_user(username: str, role: str, area: Any) -> User:
    user = User.objects.create_user(username, "clay-river-9-lamp", name=username)
    Grant.objects.create(user=user, role=role, area=area, since=date(2020, 1, 1), granted_by="测试")
    return user


def a_card(serial: int | None = None) -> str:
    """A card number whose check digit is right."""
    head = f"622202{serial or next(_serial):012d}"
    return next(head + str(digit) for digit in range(10) if luhn(head + str(digit)))


def an_account(serial: int | None = None, name: str = "某某") -> bank_accounts.BankAccount:
    return bank_accounts.judged(a_card(serial), name, "工商银行济源支行")


def an_id_number(serial: int) -> str:
    first17 = f"41900119900307{serial % 1000:03d}"
    return first17 + id_check_digit(first17)


@dataclass
class Scene:
    """Everything a test needs, made once. Days count from today, so that deadlines hold whenever the tests run."""

    jiyuan: SimpleNamespace
    body: Organisation = field(init=False)
    handler: User = field(init=False)
    second: User = field(init=False)
    approver: User = field(init=False)
    cashier: User = field(init=False)
    fund: Fund = field(init=False)

    def __post_init__(self) -> None:
        county = self.jiyuan.county
        self.handler, self.second = a_user("handler", "subsidy_handler", county), a_user("handler2", "subsidy_handler", county)
        self.approver, self.cashier = a_user("approver", "subsidy_approver", county), a_user("cashier", "cashier", county)
        self.body = an_organisation(county, kind="assessment", is_assessment_body=True, name="济源评价中心", name_key="济源评价中心")
        file_body(self.body, by=COMMAND_LINE, number=FILING)
        self.fund = funding.set_fund(
            by=self.approver, area_code=county.pk, year=timezone.localdate().year, source="专账资金", budget=Decimal(100_000)
        )

    def person(self, **facts: Any) -> Person:
        number = facts.pop("id_number", None) or an_id_number(next(_serial))
        return a_person(self.jiyuan.kejing, id_number=number, **facts)

    def certificate(self, person: Person | None = None, *, level: int = 3, issued_on: date | None = None) -> Certificate:
        issued_on = issued_on or timezone.localdate() - timedelta(days=10)
        number = f"{FILING}{issued_on:%y}{level}{next(_serial):06d}"
        return register_certificate(person or self.person(), by=COMMAND_LINE, number=number, level=level, issued_on=issued_on)

    def ask(self, certificate: Certificate | None = None, **facts: Any) -> Ask:
        values = {"kind": ClaimKind.EVALUATION, "payee": self.body, "account": an_account(1, "济源评价中心"), **facts}
        return Ask(certificate=certificate or self.certificate(), **values)

    def training(self, certificate: Certificate | None = None, **facts: Any) -> Ask:
        certificate = certificate or self.certificate()
        done = {"completed_on": certificate.issued_on, "hours": Decimal(80)}
        return self.ask(certificate, **{"kind": ClaimKind.TRAINING, "payee": certificate.person, "account": an_account(), **done, **facts})

    # --- as far as a test wants a claim to be
    def opened(self, *asks: Ask) -> list[Claim]:
        return claiming.open_claims(asks or [self.ask()], by=self.second)

    def accepted(self, *asks: Ask) -> list[Claim]:
        return handling.accept_claims(self.opened(*asks), by=self.handler)

    def approved(self, *asks: Ask) -> list[Claim]:
        return handling.approve_claims(self.accepted(*asks), by=self.approver, fund=self.fund)

    def drafted(self, claims: list[Claim], **facts: Any) -> Round:
        words = {"title": "评价补贴公示", "contact": "0391-6636515，济源市人社局", **facts}
        return noticing.draft_round(claims, by=self.handler, area_code=self.jiyuan.county.pk, **words)

    def published(self, *asks: Ask) -> tuple[Round, list[Claim]]:
        claims = self.approved(*asks)
        return noticing.publish_round(self.drafted(claims), by=self.approver), anew(claims)

    def cleared(self, *asks: Ask) -> list[Claim]:
        row, claims = self.published(*asks)
        assert row.ends_on
        noticing.clear_due(row.ends_on + timedelta(days=1))
        return anew(claims)

    def listed(self, *asks: Ask) -> tuple[PaymentList, list[Claim]]:
        claims = self.cleared(*asks)
        return paying.make_list(claims, by=self.cashier, fund=self.fund), anew(claims)

    def sent(self, *asks: Ask) -> tuple[PaymentList, list[Claim]]:
        row, claims = self.listed(*asks)
        paying.send_list(paying.approve_list(row, by=self.approver), by=self.cashier)
        row.refresh_from_db()
        return row, claims


def anew(claims: list[Claim]) -> list[Claim]:
    """The claims as they stand in the database."""
    return list(Claim.objects.filter(pk__in=[claim.pk for claim in claims]).order_by("serial"))
