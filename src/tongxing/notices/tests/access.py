"""Who may open which address of this room."""

from types import SimpleNamespace
from typing import Any

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.tests.matrix import SIGNED_IN, Row
from tongxing.notices import outbox
from tongxing.notices.models import Letter, LetterState


def _letter(jiyuan: SimpleNamespace) -> dict[str, Any]:
    letter = outbox.queue("a@example.com", "催办", "请办理", by=COMMAND_LINE, area_code=jiyuan.kejing.code)
    Letter.objects.filter(pk=letter.pk).update(state=LetterState.FAILED)
    return {"letter_id": letter.pk}


def _nobodys(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"notice_id": 999_999}


ACCESS = {
    "notices:inbox": Row(SIGNED_IN),
    "notices:counter": Row(SIGNED_IN),
    "notices:read-all": Row(SIGNED_IN, method="post", own=302, other=302),
    # Another's notice does not exist for anybody else.
    "notices:follow": Row(SIGNED_IN, _nobodys, method="post", own=404, other=404),
    "notices:finish": Row(SIGNED_IN, _nobodys, method="post", own=404, other=404),
    "notices:read-many": Row(SIGNED_IN, method="post", own=302, other=302),
    "notices:finish-many": Row(SIGNED_IN, method="post", own=302, other=302),
    "notices:outbox": Row("admin"),
    "notices:resend-many": Row("admin", method="post", own=302, other=302),
    "notices:letter": Row("admin", _letter, own=200, other=404),
    "notices:resend": Row("admin", _letter, method="post", own=302, other=404),
}
