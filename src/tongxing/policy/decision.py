"""The answer of a rule: yes or no, the reasons in plain Chinese, the facts used, the clauses (design §4.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Decision:
    """Truthy when the rule says yes. `facts` are JSON values by their Chinese names, so that a decision can be shown and kept as it is."""

    ok: bool
    reasons: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    clauses: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.ok
