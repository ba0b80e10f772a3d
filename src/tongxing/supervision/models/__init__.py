"""Tables of quality supervision (质量督导): inspectors, plans and draws, visits, findings, sanctions, anomalies."""

from .anomalies import Anomaly, AnomalyState, Rule
from .findings import Extension, Finding, FindingState, FindingStep, Severity
from .inspectors import Inspector, Interest
from .plans import Candidate, Draw, Plan, PlanState, PooledInspector
from .sanctions import SANCTION_MOVES, SUSPENDING, Sanction, SanctionKind, SanctionState, SanctionStep
from .visits import Photo, Verdict, Visit, VisitInspector, VisitItem, VisitState

__all__ = [
    "SANCTION_MOVES",
    "SUSPENDING",
    "Anomaly",
    "AnomalyState",
    "Candidate",
    "Draw",
    "Extension",
    "Finding",
    "FindingState",
    "FindingStep",
    "Inspector",
    "Interest",
    "Photo",
    "Plan",
    "PlanState",
    "PooledInspector",
    "Rule",
    "Sanction",
    "SanctionKind",
    "SanctionState",
    "SanctionStep",
    "Severity",
    "Verdict",
    "Visit",
    "VisitInspector",
    "VisitItem",
    "VisitState",
]
