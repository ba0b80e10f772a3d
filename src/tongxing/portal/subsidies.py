"""Subsidies in public: notices while they are on show, objections against a name, and how far a claim has come.

No page shows an ID number in clear; a serial alone answers nothing: the last four signs of the ID number belong to it.
"""

from datetime import date
from typing import NamedTuple

from tongxing.core.identifiers import squeeze
from tongxing.subsidies.models import Claim, ClaimState, Round

NOT_FOUND = "没有找到受理号和证件号末四位都一致的申请。请核对后重试，或联系受理单位。"
TAIL = 4


class Step(NamedTuple):
    on: date
    what: str


class Progress(NamedTuple):
    """What a claimant is told: the state and the days, no names of officers, no account."""

    serial: str
    kind: str
    state: str
    note: str
    amount: str
    notice_until: date | None
    steps: list[Step]


# What the claimant has to know of; other notes are the office's own words.
TOLD = {ClaimState.RETURNED, ClaimState.REFUSED, ClaimState.BOUNCED}


def progress_of(serial: str, tail: str) -> Progress | None:
    """The way of a claim by its serial and the last four signs of the beneficiary's ID number; None for either being wrong."""
    wanted = squeeze(tail)
    claim = Claim.objects.select_related("person").filter(serial=squeeze(serial)).first()
    if claim is None or len(wanted) != TAIL or not claim.person.id_number.endswith(wanted):
        return None
    return Progress(
        serial=claim.serial,
        kind=claim.get_kind_display(),
        state=claim.get_state_display(),
        note=claim.state_note if claim.state in TOLD else "",
        amount=f"{claim.amount:,.2f}",
        notice_until=claim.notice_until,
        steps=[Step(step.at.date(), step.get_state_display()) for step in claim.happenings.all()],
    )


def claim_on_show(row: Round, serial: str) -> Claim | None:
    """The claim that a line of a shown notice is about."""
    return Claim.objects.filter(round=row, serial=squeeze(serial)).first()
