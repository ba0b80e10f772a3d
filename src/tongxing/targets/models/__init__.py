"""The tables of the targets room, one noun a file."""

from .definitions import Shape, Target, Way
from .exemptions import Exemption, ExemptionState
from .figures import CountState, LeafFigure, Snapshot, UnsyncedLeaf
from .gaps import Contact, Gap, GapState
from .reports import FrozenReport

__all__ = [
    "Contact",
    "CountState",
    "Exemption",
    "ExemptionState",
    "FrozenReport",
    "Gap",
    "GapState",
    "LeafFigure",
    "Shape",
    "Snapshot",
    "Target",
    "UnsyncedLeaf",
    "Way",
]
