"""Funds: budgets, what is reserved and paid, and reserving without ever going beyond."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, Sum

from tongxing.areas.scope import span_of
from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.core.values import clean_text

from .models import Claim, ClaimState, Fund, PaymentLine
from .models.claims import HELD, SPENT
from .rules import may_at

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Standing:
    """Where the money of a fund is, in yuan."""

    budget: Decimal
    reserved: Decimal
    paid: Decimal
    returned: Decimal
    recovered: Decimal

    @property
    def free(self) -> Decimal:
        return self.budget - self.reserved - self.paid


def standings(funds: Sequence[Fund]) -> dict[int, Standing]:
    """Of each fund: reserved and paid by its claims, returned by the bank, recovered. Two queries."""
    ids = [fund.pk for fund in funds]
    rows: Any = Claim.objects.filter(fund_id__in=ids).order_by().values("fund_id")
    sums = rows.annotate(
        reserved=Sum("amount", filter=Q(state__in=HELD)),
        paid=Sum("amount", filter=Q(state__in=SPENT)),
        recovered=Sum("amount", filter=Q(state=ClaimState.RECOVERED)),
    )
    by_fund = {row["fund_id"]: row for row in sums}
    lines: Any = PaymentLine.objects.filter(list__fund_id__in=ids, state="returned").order_by().values("list__fund_id")
    returned = {row["list__fund_id"]: row["sum"] for row in lines.annotate(sum=Sum("amount"))}
    found = {}
    for fund in funds:
        row = by_fund.get(fund.pk, {})
        reserved, paid, recovered = (row.get(name) or NOTHING for name in ("reserved", "paid", "recovered"))
        found[fund.pk] = Standing(fund.budget, reserved, paid, returned.get(fund.pk) or NOTHING, recovered)
    return found


def reserve(fund: Fund, claims: Sequence[Claim]) -> Fund:
    """Lock the fund and see that the claims fit into what is free. The claims' own state makes the reservation."""
    held = Fund.objects.select_for_update().get(pk=fund.pk)
    low, high = span_of(held.area_id)
    if any(not low <= claim.area_id <= high for claim in claims):
        raise Refused(f"{held}属于另一区划，不能列支这些申请。请另选资金。", code="fund_area")
    wanted, free = sum((claim.amount for claim in claims), NOTHING), standings([held])[held.pk].free
    if wanted > free:
        raise Refused(
            f"{held}尚可使用 {free:,.2f} 元，不够列支这 {len(claims)} 笔共 {wanted:,.2f} 元。请追加预算或另选资金。", code="over_budget"
        )
    return held


@transaction.atomic
def set_fund(*, by: Actor, area_code: int, year: int, source: str, budget: Decimal, note: str = "", fund: Fund | None = None) -> Fund:
    """Enter a year's money of a source, or change its budget; never below what is reserved and paid."""
    insist(may_at(by, "subsidies.approve", area_code))
    if budget < 0:
        raise Refused("预算不能是负数。", code="negative")
    if fund is None:
        try:
            with transaction.atomic():
                fund = Fund.objects.create(
                    area_id=area_code, year=year, source=clean_text(source, longest=60), budget=budget, note=note[:200]
                )
        except IntegrityError:
            raise Refused(f"{year} 年的“{source}”已经登记过，请在原有的一条上修改预算。", code="fund_exists") from None
        record("subsidies.set_fund", by=by, of=fund, after={"budget": str(budget)}, reason=note)
        return fund
    held = Fund.objects.select_for_update().get(pk=fund.pk)
    standing = standings([held])[held.pk]
    bound = standing.reserved + standing.paid
    if budget < bound:
        raise Refused(f"已预留和拨付 {bound:,.2f} 元，预算不能改得更低。", code="below_reserved")
    before = {"budget": str(held.budget)}
    held.budget, held.note, held.version = budget, note[:200], held.version + 1
    held.save(update_fields=["budget", "note", "version"])
    record("subsidies.set_fund", by=by, of=held, before=before, after={"budget": str(budget)}, reason=note)
    return held


def breakdown(fund: Fund, field: str) -> list[dict[str, Any]]:
    """Claims of a fund by `kind`, `level`, `payee_organisation__name` or month of claim: count and sums reserved and paid."""
    rows: Any = Claim.objects.filter(fund=fund).order_by(field).values(field)
    return list(
        rows.annotate(
            count=Count("pk"),
            reserved=Sum("amount", filter=Q(state__in=HELD), default=NOTHING),
            paid=Sum("amount", filter=Q(state__in=SPENT), default=NOTHING),
        )
    )
