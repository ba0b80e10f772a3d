"""Tables of the yearly selection (选树): selections with their plan, prizes and titles."""

from .awards import PROVINCIAL, Award, AwardKind, Rank
from .selections import Selection, SelectionState, Stage, Step

__all__ = ["PROVINCIAL", "Award", "AwardKind", "Rank", "Selection", "SelectionState", "Stage", "Step"]
