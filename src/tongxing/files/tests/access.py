"""Who may open which address of this room."""

from types import SimpleNamespace
from typing import Any

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.tests.matrix import Row
from tongxing.files.store import keep


def _file(jiyuan: SimpleNamespace) -> dict[str, Any]:
    file = keep(
        "姓名\n".encode(), name="名册.csv", purpose="tests.file", by=COMMAND_LINE, area_code=jiyuan.kejing.code, opens_with="registry.view"
    )
    return {"uid": file.uid}


READERS = "officer township union federation training assessment subsidy_handler subsidy_approver cashier leader auditor"
# reviewers, coordinators, agents and administrators may use files, but this one is not theirs: 404.
ACCESS = {"files:download": Row(READERS, _file, own=200, other=404)}
