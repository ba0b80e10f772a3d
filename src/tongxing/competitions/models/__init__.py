"""Tables of the skills competitions (技能竞赛): the event and its scheme, entries, judges and marks, results, appeals and the team."""

from .competitions import MOVES, PROVINCIAL, Competition, CompetitionState, Rank
from .entries import COMING, Entrant, EntryState
from .judging import Barred, Conflict, Duty, HandedIn, Judge, Keying, Mark, Ruling, RulingKind, Source
from .results import Appeal, AppealState, Result, Team, TeamMember
from .scheme import PRACTICE, Aspect, AspectKind, Prize, PrizeLine, Quota, Round, RoundKind

__all__ = [
    "COMING",
    "MOVES",
    "PRACTICE",
    "PROVINCIAL",
    "Appeal",
    "AppealState",
    "Aspect",
    "AspectKind",
    "Barred",
    "Competition",
    "CompetitionState",
    "Conflict",
    "Duty",
    "Entrant",
    "EntryState",
    "HandedIn",
    "Judge",
    "Keying",
    "Mark",
    "Prize",
    "PrizeLine",
    "Quota",
    "Rank",
    "Result",
    "Round",
    "RoundKind",
    "Ruling",
    "RulingKind",
    "Source",
    "Team",
    "TeamMember",
]
