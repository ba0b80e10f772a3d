"""Who may open which address of this room."""

from types import SimpleNamespace
from typing import Any

from tongxing.audit import log
from tongxing.core.tests.matrix import Row


def _entry(jiyuan: SimpleNamespace) -> dict[str, Any]:
    entry = log.record("areas.rename", by=log.COMMAND_LINE, of=jiyuan.kejing, area_code=jiyuan.kejing.code)
    return {"entry_id": entry.pk}


ACCESS = {
    "audit:entries": Row("auditor admin"),
    "audit:entry": Row("auditor admin", _entry, own=200, other=404),
    "audit:blocks": Row("auditor admin"),
    "audit:verify": Row("auditor admin", method="post"),
}
