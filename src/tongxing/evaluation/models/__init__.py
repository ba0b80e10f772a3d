"""Tables of skill-level evaluation: bodies, batches, applications, examinations, scores, results."""

from .applications import Application, ApplicationState, Evidence, EvidenceKind, School, Schooling
from .batches import MOVES, AssessmentBatch, BatchState
from .bodies import Assessor, AssessorKind, Entitlement, Site, Suspension
from .exams import Attendance, Candidate, Duty, DutyKind, ExamRoom
from .results import ArchivedItem, Objection, ObjectionState, SerialCounter
from .scores import Part, PartResult, ScoreEntry

__all__ = [
    "MOVES",
    "Application",
    "ApplicationState",
    "ArchivedItem",
    "AssessmentBatch",
    "Assessor",
    "AssessorKind",
    "Attendance",
    "BatchState",
    "Candidate",
    "Duty",
    "DutyKind",
    "Entitlement",
    "Evidence",
    "EvidenceKind",
    "ExamRoom",
    "Objection",
    "ObjectionState",
    "Part",
    "PartResult",
    "School",
    "Schooling",
    "ScoreEntry",
    "SerialCounter",
    "Site",
    "Suspension",
]
