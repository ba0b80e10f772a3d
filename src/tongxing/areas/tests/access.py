"""Who may open which address of this room. Area names are no secret inside the house; changing them is bound to the area."""

from types import SimpleNamespace
from typing import Any

from tongxing.core.tests.matrix import SIGNED_IN, Row

EDITORS = "officer admin"


def _kejing(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"code": jiyuan.kejing.code}


ACCESS = {
    "areas:tree": Row(SIGNED_IN),
    "areas:pick": Row(SIGNED_IN),
    "areas:area": Row(SIGNED_IN, _kejing),
    "areas:children": Row(SIGNED_IN, _kejing),
    "areas:outlines": Row(SIGNED_IN, _kejing),
    **{f"areas:{name}": Row(EDITORS, _kejing, own=200, other=404) for name in ("add", "rename", "close", "merge", "split")},
}
