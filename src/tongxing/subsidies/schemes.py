"""What a scheme (补贴项目) pays on a day: the provisions of the room, read once for many claims."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tongxing.policy import provisions

from .models import ClaimKind

CENT = Decimal("0.01")
AMOUNTS = {ClaimKind.TRAINING: "subsidies.training_amounts", ClaimKind.EVALUATION: "subsidies.evaluation_amounts"}
OTHERS = (
    "subsidies.direct_recognition_percent",
    "subsidies.youngest",
    "subsidies.oldest",
    "subsidies.times_a_year",
    "subsidies.claim_days",
    "subsidies.with_evidence",
)


@dataclass(frozen=True)
class Scheme:
    """One kind of subsidy as it stands on a day. `versions` names the provisions used, for the record of a decision."""

    kind: ClaimKind
    day: date
    amounts: dict[int, Decimal]
    direct_percent: Decimal
    youngest: int
    oldest: int
    times_a_year: int
    claim_days: int
    with_evidence: frozenset[str]
    versions: tuple[dict[str, Any], ...]

    def amount(self, level: int, *, direct: bool) -> Decimal | None:
        """Yuan for a certificate of `level`; None where nothing is paid. Evaluation by recognition gets a part."""
        full = self.amounts.get(level)
        if full is None or not (direct and self.kind == ClaimKind.EVALUATION):
            return full
        return (full * self.direct_percent / 100).quantize(CENT)

    def last_day(self, since: date) -> date:
        """The last day on which a claim may be made for what was complete on `since`."""
        return since + timedelta(days=self.claim_days)


def scheme_on(which: str, day: date) -> Scheme | None:
    """The scheme as it held on a day; None before there was one."""
    kind = ClaimKind(which)
    try:
        amounts = provisions.provision(AMOUNTS[kind], day)
        others = {key: provisions.provision(key, day) for key in OTHERS}
    except LookupError:
        return None
    return Scheme(
        kind=kind,
        day=day,
        amounts={int(level): Decimal(str(yuan)).quantize(CENT) for level, yuan in amounts.value.items()},
        direct_percent=Decimal(str(others["subsidies.direct_recognition_percent"].value)),
        youngest=int(others["subsidies.youngest"].value),
        oldest=int(others["subsidies.oldest"].value),
        times_a_year=int(others["subsidies.times_a_year"].value),
        claim_days=int(others["subsidies.claim_days"].value[kind.value]),
        with_evidence=frozenset(others["subsidies.with_evidence"].value),
        versions=tuple(
            {
                "key": one.key,
                "title": one.title,
                "unit": one.unit,
                "value": one.value,
                "from": one.valid_from.isoformat(),
                "source": one.source,
                "confirmed": one.confirmed,
            }
            for one in (amounts, *others.values())
        ),
    )
