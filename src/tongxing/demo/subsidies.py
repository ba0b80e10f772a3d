"""Subsidies at every stage: paid, returned by the bank, in public notice with an objection, waiting, with findings, just handed in."""

from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.areas.models import Area
from tongxing.certificates.models import Certificate
from tongxing.core.identifiers import luhn
from tongxing.subsidies import bank_accounts, claiming, comparing, funding, handling, noticing, objecting, paying, reconciling
from tongxing.subsidies.bank_accounts import BankAccount
from tongxing.subsidies.joins import PUBLIC_HOSTS
from tongxing.subsidies.judging import Ask
from tongxing.subsidies.models import Claim, ClaimKind, ClaimState, Fund, Happening, Round

STAGES = (("paid", 12), ("noticed", 6), ("approved", 4), ("accepted", 4), ("submitted", 5))
CONTACT = "0391-6636515，济源示范区人力资源和社会保障局"
BANK = "演示银行济源支行"


def build(users: dict[str, User], county: Area, today: date) -> None:
    """Play a year of subsidies with the demonstration's own accounts; nothing where too few certificates were issued lately."""
    handler, approver, cashier = (users[f"demo-{role}"] for role in ("subsidy_handler", "subsidy_approver", "cashier"))
    fund = funding.set_fund(by=approver, area_code=county.pk, year=today.year, source="专账资金", budget=Decimal(60_000))
    funding.set_fund(by=approver, area_code=county.pk, year=today.year, source="失业保险提取资金", budget=Decimal(200_000))
    papers = list(_papers(today))
    groups: dict[str, list[Certificate]] = {}
    for stage, number in STAGES:
        groups[stage], papers = papers[:number], papers[number:]
    if not groups["submitted"]:
        return
    _paid(_evaluated(groups["paid"], handler), handler, approver, cashier, fund, county)
    _noticed(_evaluated(groups["noticed"], handler), handler, approver, fund, county)
    handling.approve_claims(handling.accept_claims(_evaluated(groups["approved"], handler), by=handler), by=approver, fund=fund)
    _listed(groups["accepted"], handler, county, today)
    handling.accept_claims(_trained(groups["accepted"], handler), by=handler)
    _evaluated(groups["submitted"], handler)


def _papers(today: date) -> "list[Certificate]":
    """Certificates of the last year, one a person, the oldest first."""
    rows = Certificate.objects.filter(status="valid", issued_on__gte=today - timedelta(days=330), person__born_on__isnull=False)
    # Offices that the budget pays are for the pre-audit's own example.
    rows = rows.exclude(person__coordinator__postings__organisation__kind__in=PUBLIC_HOSTS)
    seen: set[int] = set()
    found = []
    for row in rows.select_related("person", "body").order_by("issued_on", "pk"):
        if row.body_id and row.person_id not in seen and row.national_checks.filter(found=False).count() == 0:
            seen.add(row.person_id)
            found.append(row)
    return found


def _account(serial: int, name: str) -> BankAccount:
    head = f"62000000000{serial:07d}"
    return bank_accounts.judged(next(head + str(digit) for digit in range(10) if luhn(head + str(digit))), name, BANK)


def _evaluated(papers: list[Certificate], handler: User) -> list[Claim]:
    """Evaluation claims, each made two weeks after its certificate was issued."""
    claims = []
    for paper in papers:
        assert paper.body
        ask = Ask(ClaimKind.EVALUATION, paper, paper.body, _account(paper.body.pk, paper.body.name))
        claims += claiming.open_claims([ask], by=handler, on=_claimed(paper))
    return claims


def _trained(papers: list[Certificate], handler: User) -> list[Claim]:
    """Training claims; the first two share an account, which the pre-audit finds."""
    claims = []
    for place, paper in enumerate(papers):
        account = _account(900_000 + max(place, 1), paper.person.name)
        completed_on = paper.issued_on - timedelta(days=12)
        ask = Ask(ClaimKind.TRAINING, paper, paper.person, account, completed_on=completed_on, hours=Decimal(80))
        claims += claiming.open_claims([ask], by=handler, on=_claimed(paper))
    return claims


def _claimed(paper: Certificate) -> date:
    return min(timezone.localdate(), paper.issued_on + timedelta(days=14))


def _published(claims: list[Claim], title: str, handler: User, approver: User, fund: Fund, county: Area) -> Round:
    handling.approve_claims(handling.accept_claims(claims, by=handler), by=approver, fund=fund)
    text = "根据有关规定，经审核，拟拨付以下人员的评价补贴，现予公示。公示期内如有异议，请向我单位反映。"
    row = noticing.draft_round(claims, by=handler, area_code=county.pk, title=title, text=text, contact=CONTACT)
    return noticing.publish_round(row, by=approver)


def _paid(claims: list[Claim], handler: User, approver: User, cashier: User, fund: Fund, county: Area) -> None:
    """A round of two months ago: paid but for one line that the bank returned."""
    row = _published(claims, "关于拟拨付评价补贴的公示（第一批）", handler, approver, fund, county)
    _move_back(row, 60)
    noticing.clear_due()
    held = list(Claim.objects.filter(round=row, state=ClaimState.CLEARED))
    paid = paying.make_list(held, by=cashier, fund=fund)
    paying.send_list(paying.approve_list(paid, by=approver), by=cashier)
    answers = [
        reconciling.Answer(place, claim.serial, claim.amount, paid=place != 4, said="" if place != 4 else "户名与账号不符")
        for place, claim in enumerate(held, start=2)
    ]
    paid.refresh_from_db()
    reconciling.reconcile(paid, answers, by=cashier)


def _noticed(claims: list[Claim], handler: User, approver: User, fund: Fund, county: Area) -> None:
    """A round that is on show, with an objection against one name."""
    row = _published(claims, "关于拟拨付评价补贴的公示（第二批）", handler, approver, fund, county)
    claim = Claim.objects.filter(round=row).order_by("serial").first()
    assert claim
    objecting.raise_objection(claim, by=handler, text="听说此人考试当天在外地，请核实签到记录。", name="匿名")


def _move_back(row: Round, days: int) -> None:
    """A round as if it had been published so many days ago."""
    by = timedelta(days=days)
    for name in ("published_on", "ends_on", "shown_until"):
        setattr(row, name, getattr(row, name) - by)
    row.save(update_fields=["published_on", "ends_on", "shown_until"])
    for claim in Claim.objects.filter(round=row):
        assert claim.notice_until
        Claim.objects.filter(pk=claim.pk).update(notice_until=claim.notice_until - by)
    for step in Happening.objects.filter(claim__round=row):
        Happening.objects.filter(pk=step.pk).update(at=step.at - by)


def _listed(papers: list[Certificate], handler: User, county: Area, today: date) -> None:
    """A list of the public payroll on which one of them stands."""
    rows = [comparing.Named(2, papers[-1].person.name, papers[-1].person.id_number, "某事业单位")]
    as_of, digest = today - timedelta(days=20), "demo".ljust(64, "0")
    comparing.take_list(rows, by=handler, area_code=county.pk, kind="payroll", source="财政局（演示）", as_of=as_of, sha256=digest)
