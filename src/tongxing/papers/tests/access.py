"""Who may open which address of this room."""

from types import SimpleNamespace
from typing import Any

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.tests.matrix import PUBLIC, Row
from tongxing.papers.document import Document, Paragraph
from tongxing.papers.register import issue


def _paper(jiyuan: SimpleNamespace) -> dict[str, Any]:
    paper = issue(Document("覆盖报告", [Paragraph("正文")]), kind="覆盖报告", by=COMMAND_LINE, area_code=jiyuan.kejing.code)
    return {"uid": paper.uid}


READERS = "officer township union federation training assessment subsidy_handler subsidy_approver cashier leader auditor"
ACCESS = {
    "papers:papers": Row(READERS),
    "papers:paper": Row(READERS, _paper, other=404),
    "papers:copy": Row(READERS, lambda jiyuan: {**_paper(jiyuan), "form": "xlsx"}, other=404),
    "papers:verify": Row(PUBLIC),
    "papers:compare": Row(PUBLIC, method="post", data={}),
}
