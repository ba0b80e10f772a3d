"""The tables of training (notice:3.1.1, 3.1.3): who teaches, what is taught, the classes, who takes part, who was there."""

from .attendance import Attendance, AttendanceChange, AttendanceState, HoursWarning, Source
from .classes import CLASS_MOVES, ClassMove, ClassState, Mode, TrainingClass
from .courses import Course, CourseLevel, Topic
from .enrolments import PLACE_HELD, Enrolment, EnrolmentState, Funding, Invitation, InvitationState
from .online import OnlineCredit, OnlineLesson
from .providers import Eligibility, Provider, Room, Trainer
from .sessions import Session
from .suspensions import Suspension

__all__ = [
    "CLASS_MOVES",
    "PLACE_HELD",
    "Attendance",
    "AttendanceChange",
    "AttendanceState",
    "ClassMove",
    "ClassState",
    "Course",
    "CourseLevel",
    "Eligibility",
    "Enrolment",
    "EnrolmentState",
    "Funding",
    "HoursWarning",
    "Invitation",
    "InvitationState",
    "Mode",
    "OnlineCredit",
    "OnlineLesson",
    "Provider",
    "Room",
    "Session",
    "Source",
    "Suspension",
    "Topic",
    "Trainer",
    "TrainingClass",
]
