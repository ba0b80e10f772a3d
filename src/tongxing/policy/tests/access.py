"""Who may open which address of this room. Policy is no secret inside the house; it holds for the whole installation."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from tongxing.accounts.roles import ROLES
from tongxing.audit.log import COMMAND_LINE
from tongxing.core.tests.matrix import Row
from tongxing.policy.amending import add_version
from tongxing.policy.provisions import shipped

READERS = " ".join(key for key, role in ROLES.items() if "policy.view" in role.permissions)
EDITORS = " ".join(key for key, role in ROLES.items() if "policy.edit" in role.permissions)


def _key(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"key": min(shipped())}


def _version(jiyuan: SimpleNamespace) -> dict[str, Any]:
    key = min(shipped())
    row = add_version(key, shipped()[key][0].value, valid_from=date(2030, 1, 1), source="测试", by=COMMAND_LINE)
    return {"version_id": row.pk}


ACCESS = {
    "policy:provisions": Row(READERS),
    "policy:provision": Row(READERS, _key),
    "policy:add": Row(EDITORS, _key, method="post", own=422, other=422),
    "policy:withdraw": Row(EDITORS, _version, method="post", data={"reason": "录错"}, own=302, other=403),
}
