"""The row of the access matrix: every room has `tests/access.py` with `ACCESS: dict[url name, Row]`; one house test reads all."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

PUBLIC = "*"
SIGNED_IN = "signed-in"


class Row(NamedTuple):
    """What one address answers.

    `roles`: blank-separated role keys that may open it, or PUBLIC, or SIGNED_IN (any role).
    `kwargs`: builds the object in Jiyuan (克井镇) from the `jiyuan` fixture and returns the address's keyword arguments.
    `own`/`other`: status for a role holder of Jiyuan / of another county. Who lacks the role gets 403, the anonymous 302.
    """

    roles: str
    kwargs: Callable[[SimpleNamespace], dict[str, Any]] | None = None
    method: str = "get"
    data: dict[str, Any] | None = None
    own: int = 200
    other: int = 200
