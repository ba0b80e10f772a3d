"""What leaves for the bank and for accounting: the file with accounts in clear, and the voucher."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.db import transaction
from xlsxwriter import Workbook

from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.papers.document import Document, Paragraph, Table
from tongxing.policy import provisions

from .models import PaymentLine, PaymentList, PaymentState
from .rules import may_at

READS: dict[str, tuple[str, Callable[[PaymentLine], Any]]] = {
    "position": ("序号", lambda line: line.position),
    "account": ("收款账号", lambda line: line.claim.account),
    "account_name": ("收款户名", lambda line: line.claim.account_name),
    "bank": ("开户银行", lambda line: line.claim.bank),
    "amount": ("金额", lambda line: line.amount),
    "serial": ("附言", lambda line: line.claim.serial),
    "payee": ("收款人", lambda line: line.claim.payee_name),
}
"""What a column of the bank's file may hold; which ones, in which order and under which heading: `subsidies.bank_columns`."""
PAYABLE = (PaymentState.APPROVED, PaymentState.SENT, PaymentState.PARTLY)


def _lines(row: PaymentList) -> list[PaymentLine]:
    return list(row.lines.select_related("claim__payee_person", "claim__payee_organisation").order_by("position"))


def columns() -> list[tuple[str, Callable[[PaymentLine], Any]]]:
    """Heading and reader of each column as the bureau set them; "key" or "key=heading"."""
    found = []
    for wish in provisions.value("subsidies.bank_columns"):
        key, _, heading = wish.partition("=")
        if key not in READS:
            raise Refused(f"政策参数“银行代发文件的列”里有不认识的列“{key}”。可用：{'、'.join(READS)}。", code="bank_columns")
        found.append((heading or READS[key][0], READS[key][1]))
    return found


@transaction.atomic
def bank_file(row: PaymentList, *, by: Actor) -> bytes:
    """The workbook for the bank, only of an approved list. Holds accounts in clear, so that every copy is logged."""
    insist(may_at(by, "subsidies.pay", row.area_code))
    if row.state not in PAYABLE:
        raise Refused(f"拨付单 {row.number} 现在是“{row.get_state_display()}”，审核通过后才能导出银行代发文件。", code="wrong_state")
    wanted, buffer = columns(), BytesIO()
    book = Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet("代发")
    text, money = book.add_format({"num_format": "@"}), book.add_format({"num_format": "0.00"})
    for place, (heading, _) in enumerate(wanted):
        page.write_string(0, place, heading)
        page.set_column(place, place, 24)
    for number, line in enumerate(_lines(row), start=1):
        for place, (_, reads) in enumerate(wanted):
            value = reads(line)
            if isinstance(value, str):
                page.write_string(number, place, value, text)
            else:
                page.write_number(number, place, value, money if value == line.amount else None)
    book.close()
    record("subsidies.bank_file", by=by, of=row, after={"count": row.lines_count, "total": str(row.total), "digest": row.digest})
    return buffer.getvalue()


def voucher(row: PaymentList) -> Document:
    """The payment list as accounting keeps it: masked accounts, totals, digest, who made and who approved."""
    rows = [
        (
            line.position,
            line.claim.serial,
            line.claim.payee_name,
            line.claim.account_masked,
            f"{line.amount:,.2f}",
            line.get_state_display(),
        )
        for line in _lines(row)
    ]
    sums = f"共 {row.lines_count} 笔，合计 {row.total:,.2f} 元，列支“{row.fund}”。\n内容摘要 {row.digest[:16]}。"
    signed = f"制单：{row.made_by}；审核：{row.approved_by or '待审核'}；送银行：{row.sent_by or '未送出'}。"
    table = Table(("序号", "受理号", "收款人", "账号", "金额（元）", "结果"), rows, widths=(1, 3, 5, 4, 2.5, 2), numeric=(4,))
    return Document(f"补贴资金拨付单 {row.number}", [Paragraph(sums), table, Paragraph(signed)], landscape=True)
