"""Tables of the yearly selection (选树): its plan, prizes and titles, nominations, the review, and what comes of it."""

from .awards import PROVINCIAL, Award, AwardKind, Rank
from .nominations import OPEN, UNDER_REVIEW, DossierItem, ItemKind, Kind, Nomination, NominationState, Opinion, Visit, Way
from .outcomes import Choice, Honour, HonourLevel, Meeting, Notice, NoticeState, Objection, Outcome, Pack, Vote
from .reviews import GIVEN, Assignment, AssignmentState, Conflict, Criterion, Mean, Panel, Party, Relation, Reviewer, Score, Sight
from .selections import Selection, SelectionState, Stage, Step

__all__ = [
    "GIVEN",
    "OPEN",
    "PROVINCIAL",
    "UNDER_REVIEW",
    "Assignment",
    "AssignmentState",
    "Award",
    "AwardKind",
    "Choice",
    "Conflict",
    "Criterion",
    "DossierItem",
    "Honour",
    "HonourLevel",
    "ItemKind",
    "Kind",
    "Mean",
    "Meeting",
    "Nomination",
    "NominationState",
    "Notice",
    "NoticeState",
    "Objection",
    "Opinion",
    "Outcome",
    "Pack",
    "Panel",
    "Party",
    "Rank",
    "Relation",
    "Reviewer",
    "Score",
    "Selection",
    "SelectionState",
    "Sight",
    "Stage",
    "Step",
    "Visit",
    "Vote",
    "Way",
]
