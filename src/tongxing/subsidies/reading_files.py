"""Files that people bring: comparison lists and the bank's answers, read by the same reader as rosters."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from django.core.exceptions import ValidationError

from tongxing.core.errors import Refused
from tongxing.core.identifiers import squeeze
from tongxing.core.values import clean_date
from tongxing.files.scratch import private_folder
from tongxing.sheets.reading import ColumnSpec, Reading, read

from .comparing import Named
from .reconciling import Answer

PEOPLE = (
    ColumnSpec("name", "姓名", ("名字", "人员姓名")),
    ColumnSpec("id_number", "身份证号", ("身份证号码", "公民身份号码", "证件号码", "证件号"), required=True, text_only=True),
    ColumnSpec("detail", "备注", ("单位", "工作单位", "项目", "补贴项目", "说明")),
)
ANSWERS = (
    ColumnSpec("serial", "受理号", ("附言", "摘要", "用途", "业务编号"), required=True, text_only=True),
    ColumnSpec("amount", "金额", ("交易金额", "发放金额", "金额（元）"), required=True),
    ColumnSpec("result", "处理结果", ("交易状态", "状态", "结果", "处理状态"), required=True),
    ColumnSpec("said", "失败原因", ("原因", "备注", "返回信息", "退回原因")),
    ColumnSpec("on", "交易日期", ("日期", "处理日期", "到账日期")),
)
GOOD = ("成功", "已到账", "已入账", "交易成功", "处理成功", "发放成功")
BAD = ("失败", "退回", "退票", "已退回", "交易失败", "处理失败", "发放失败", "拒绝")


@contextmanager
def _opened(content: IO[bytes], name: str, columns: tuple[ColumnSpec, ...]) -> Iterator[tuple[Reading, str]]:
    """The upload as rows of text, and its SHA-256; the copy on disk is gone afterwards."""
    with private_folder() as folder:
        path, digest = Path(folder) / "upload", sha256()
        content.seek(0)
        with path.open("wb") as copy:
            while part := content.read(1024 * 1024):
                digest.update(part)
                copy.write(part)
        yield read(path, columns, name=name), digest.hexdigest()


@contextmanager
def people_of(content: IO[bytes], name: str) -> Iterator[tuple[Iterator[Named], str]]:
    """The rows of a comparison list, and the file's SHA-256. A number whose digits Excel lost is left as it is and refused by its check digit."""
    with _opened(content, name, PEOPLE) as (reading, digest):
        rows = (
            Named(row.number, row.cells.get("name", ""), row.cells.get("id_number", ""), row.cells.get("detail", ""))
            for row in reading.rows
        )
        yield rows, digest


def answers_of(content: IO[bytes], name: str) -> tuple[list[Answer], list[tuple[int, str]]]:
    """The bank's lines, and those that cannot be understood with the reason."""
    answers: list[Answer] = []
    left: list[tuple[int, str]] = []
    with _opened(content, name, ANSWERS) as (reading, _):
        for row in reading.rows:
            try:
                answers.append(_answer(row.number, row.cells))
            except ValidationError as error:
                left.append((row.number, "".join(error.messages)))
    if not answers:
        raise Refused("回单里没有一行可以对账。请确认文件有“受理号”“金额”“处理结果”三列。", code="nothing")
    return answers, left


def _answer(number: int, cells: dict[str, Any]) -> Answer:
    result = cells.get("result", "").strip()
    if result not in (*GOOD, *BAD):
        raise ValidationError(f"看不懂处理结果“{result}”。请改为“成功”或“失败”。")
    serial = re.search(r"BT\d{10}", squeeze(cells.get("serial", "")))
    day = cells.get("on", "")
    return Answer(
        row=number,
        serial=serial[0] if serial else squeeze(cells.get("serial", "")),
        amount=clean_amount(cells.get("amount", "")),
        paid=result in GOOD,
        said=cells.get("said", ""),
        on=clean_date(day) if day else None,
    )


def clean_amount(raw: str) -> Decimal:
    """Yuan as people write them: 1,600.00 / ￥1600 / 1600元."""
    text = squeeze(raw).replace(",", "").removeprefix("¥").removesuffix("元")
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValidationError(f"“{raw}”不是金额。请只填数字。", code="amount_form") from None
    if not amount.is_finite() or amount < 0 or amount != amount.quantize(Decimal("0.01")) or amount >= Decimal(10) ** 10:
        raise ValidationError(f"“{raw}”不是金额。请填到分为止的正数。", code="amount_form")
    return amount.quantize(Decimal("0.01"))
