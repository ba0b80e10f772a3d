"""The tables of the register, one noun a file."""

from .conduct import ConductRecord
from .coordinators import Assignment, Coordinator, DutyArea, Posting, StatusPeriod
from .organisations import Organisation, OrganisationContact, OrganisationService, PastArea, PastEnd, PastSize
from .pasts import PastEducation, PastEngagement
from .people import ConfirmationReminder, NotDuplicate, Person, RecordConfirmation
from .search import SearchEntry

__all__ = [
    "Assignment",
    "ConductRecord",
    "ConfirmationReminder",
    "Coordinator",
    "DutyArea",
    "NotDuplicate",
    "Organisation",
    "OrganisationContact",
    "OrganisationService",
    "PastArea",
    "PastEducation",
    "PastEnd",
    "PastEngagement",
    "PastSize",
    "Person",
    "Posting",
    "RecordConfirmation",
    "SearchEntry",
    "StatusPeriod",
]
