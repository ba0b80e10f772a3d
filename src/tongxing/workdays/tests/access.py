"""Who may open which address of this room. The calendar is the same for all."""

from typing import Any

from tongxing.accounts.roles import ROLES
from tongxing.core.tests.matrix import SIGNED_IN, Row

EDITORS = " ".join(key for key, role in ROLES.items() if "workdays.edit" in role.permissions)
DAY: dict[str, Any] = {"day": "2031-02-03", "kind": "off", "name": "测试"}


ACCESS = {
    "workdays:calendar": Row(SIGNED_IN),
    "workdays:set-day": Row(EDITORS, method="post", data=DAY, own=302, other=403),
    "workdays:clear-day": Row(EDITORS, method="post", data={"day": "2031-02-03"}, own=404, other=403),
    "workdays:load-year": Row(EDITORS, method="post", own=422, other=422),
}
