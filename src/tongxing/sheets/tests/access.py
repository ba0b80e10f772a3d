"""Who may open which address of this room."""

from types import SimpleNamespace
from typing import Any

from tongxing.core.tests.matrix import Row
from tongxing.sheets.models import Batch

USERS = "officer township training subsidy_handler"
OWN = f"{USERS} assessment_body training_provider scorer agent"
"""Also those who act for one organisation: they see the sheets of their own work, and no batch but their own."""
READERS = f"{USERS} auditor"


def _batch(jiyuan: SimpleNamespace) -> dict[str, Any]:
    """Loaded from the command line: readable for those of the area, in nobody's hands."""
    batch = Batch.objects.create(sheet="enterprises", file_name="x.csv", sha256="0" * 64, by_name="命令行", area_code=jiyuan.kejing.code)
    return {"uid": batch.uid}


ACCESS = {
    "sheets:upload": Row(OWN),
    "sheets:template": Row("officer township", lambda jiyuan: {"sheet": "enterprises"}),
    "sheets:batches": Row(f"{OWN} auditor"),
    "sheets:batch": Row(READERS, _batch, other=404),
    "sheets:progress": Row(READERS, _batch, other=404),
    "sheets:failed": Row(USERS, _batch, own=404, other=404),
    "sheets:check": Row(USERS, _batch, "post", own=403, other=404),
    "sheets:apply": Row(USERS, _batch, "post", own=403, other=404),
    "sheets:pause": Row(USERS, _batch, "post", own=403, other=404),
    "sheets:continue": Row(USERS, _batch, "post", own=403, other=404),
    "sheets:cancel": Row(USERS, _batch, "post", own=403, other=404),
    "sheets:undo": Row("officer", _batch, "post", own=400, other=404),
}
