"""The tables of subsidies, one noun a file."""

from .checks import Comparison, ComparisonKind, Finding, FindingKind, Listed
from .claims import Category, Claim, ClaimKind, ClaimState, Happening, SerialSeries
from .money import Fund, LineState, PaymentLine, PaymentList, PaymentSeries, PaymentState
from .notices import Objection, Outcome, Round, RoundState

__all__ = [
    "Category",
    "Claim",
    "ClaimKind",
    "ClaimState",
    "Comparison",
    "ComparisonKind",
    "Finding",
    "FindingKind",
    "Fund",
    "Happening",
    "LineState",
    "Listed",
    "Objection",
    "Outcome",
    "PaymentLine",
    "PaymentList",
    "PaymentSeries",
    "PaymentState",
    "Round",
    "RoundState",
    "SerialSeries",
]
