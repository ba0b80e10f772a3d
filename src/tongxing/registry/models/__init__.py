"""The tables of the register, one noun a file."""

from .conduct import ConductRecord
from .coordinators import Assignment, Coordinator, DutyArea, Posting, StatusPeriod
from .organisations import Organisation, PastSize
from .people import NotDuplicate, Person, RecordConfirmation

__all__ = [
    "Assignment",
    "ConductRecord",
    "Coordinator",
    "DutyArea",
    "NotDuplicate",
    "Organisation",
    "PastSize",
    "Person",
    "Posting",
    "RecordConfirmation",
    "StatusPeriod",
]
