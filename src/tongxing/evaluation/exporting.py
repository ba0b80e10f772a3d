"""The workbook for the national system: one line for each certificate, with the fields that are printed on it (facts §2)."""

from io import BytesIO

from django.db import transaction
from xlsxwriter import Workbook

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused

from .models import AssessmentBatch, Candidate, Part, PartResult
from .rules import can_manage, insist

COLUMNS = (
    "证书名称",
    "姓名",
    "证件类型",
    "证件号码",
    "职业名称",
    "工种/职业方向",
    "职业技能等级",
    "理论知识成绩",
    "技能操作成绩",
    "综合评审成绩",
    "评价结果",
    "证书编号",
    "发证日期",
    "评价机构名称",
    "机构备案号",
    "证书状态",
)
NONE = "--"
"""What the standard prints where there is no direction; never blank."""


@transaction.atomic
def national_workbook(batch: AssessmentBatch, *, by: Actor, reason: str) -> bytes:
    """Every certificate of the batch with the holder's document in clear; the purpose stands in the log."""
    insist(can_manage(by, batch))
    if not reason.strip():
        raise Refused("导出的表里有完整证件号码，请写明用途。", code="reason_missing")
    rows = Candidate.objects.filter(batch=batch, certificate__isnull=False)
    candidates = list(rows.select_related("certificate__person").order_by("certificate__number"))
    if not candidates:
        raise Refused("本批次还没有发证，没有可以上报的数据。", code="nothing_issued")
    scores = {(row.candidate_id, row.part): row.value for row in PartResult.objects.filter(candidate__in=candidates)}
    lines = [_line(batch, one, {part: scores.get((one.pk, part)) for part in Part.values}) for one in candidates]
    record("evaluation.export_national", by=by, of=batch, after={"lines": len(lines)}, reason=reason)
    return _written(lines)


def _line(batch: AssessmentBatch, one: Candidate, scores: dict[str, object]) -> list[str]:
    certificate = one.certificate
    assert certificate is not None  # those without one are not asked for
    person = certificate.person
    marks = [NONE if scores[part] is None else str(scores[part]) for part in Part.values]
    return [
        certificate.get_kind_display(),
        person.name,
        person.get_id_type_display(),
        person.id_number,
        certificate.occupation,
        NONE,
        certificate.get_level_display(),
        *marks,
        "合格",
        certificate.number,
        certificate.issued_on.isoformat(),
        certificate.body_name,
        batch.filing.number,
        certificate.get_status_display(),
    ]


def _written(lines: list[list[str]]) -> bytes:
    """Text in every cell: numbers of eighteen digits must not become figures."""
    buffer = BytesIO()
    book = Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    sheet, head = book.add_worksheet("上报数据"), book.add_format({"bold": True, "bg_color": "#E3EEF0", "border": 1})
    for place, name in enumerate(COLUMNS):
        sheet.write_string(0, place, name, head)
        longest = max([len(name) * 2, *(len(line[place].encode("gb18030")) for line in lines)])
        sheet.set_column(place, place, min(40, longest + 2))
    for number, line in enumerate(lines, 1):
        for place, value in enumerate(line):
            sheet.write_string(number, place, value)
    sheet.freeze_panes(1, 2)
    book.close()
    return buffer.getvalue()
