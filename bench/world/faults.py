"""Named kinds of bad rows: each spoils a good row in one way and says with which codes the import may refuse it."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, NamedTuple

from tongxing.core.identifiers import credit_check_character

Cells = dict[str, Any]
NOBODYS_CODE = "91110000MXYYYYYYY" + credit_check_character("91110000MXYYYYYYY")
Spoil = Callable[[Cells, Cells, Random], None]


class Fault(NamedTuple):
    """`spoil(cells, earlier, random)` changes the cells in place; `earlier` are the cells of a good row above."""

    kind: str
    codes: tuple[str, ...]
    spoil: Spoil


def put(heading: str, value: Any) -> Spoil:
    """Writes the same wrong value each time."""

    def spoil(cells: Cells, earlier: Cells, random: Random) -> None:
        cells[heading] = value

    return spoil


def other_digit(heading: str, place: int) -> Spoil:
    """Writes another digit at `place`, as a slip of the pen does."""

    def spoil(cells: Cells, earlier: Cells, random: Random) -> None:
        text = cells[heading]
        wrong = random.choice([digit for digit in "0123456789" if digit != text[place]])
        cells[heading] = text[:place] + wrong + (text[place + 1 :] if place != -1 else "")

    return spoil


def shortened(heading: str) -> Spoil:
    def spoil(cells: Cells, earlier: Cells, random: Random) -> None:
        cells[heading] = cells[heading][:-1]

    return spoil


def copied(heading: str) -> Spoil:
    """The value of a good row above stands a second time."""

    def spoil(cells: Cells, earlier: Cells, random: Random) -> None:
        cells[heading] = earlier[heading]

    return spoil


ENTERPRISE_FAULTS: Sequence[Fault] = (
    Fault("credit code with a slip", ("credit_checksum",), other_digit("统一社会信用代码", -1)),
    Fault("credit code of 17 characters", ("credit_form",), shortened("统一社会信用代码")),
    Fault("credit code of an earlier row", ("duplicate_in_file",), copied("统一社会信用代码")),
    Fault("no name", ("required",), put("单位名称", "")),
    Fault("unknown township", ("area_unknown",), put("所属镇街", "无此地镇")),
    Fault("day that does not exist", ("date_form",), put("成立日期", "2021-02-30")),
    Fault("day to come", ("date_future",), put("成立日期", "2099-01-01")),
    Fault("negative employees", ("negative",), put("从业人员数", "-5")),
    Fault("amount in words", ("amount_form",), put("营业收入(万元)", "不详")),
    Fault("industry outside the standard", ("industry_code",), put("行业", "9999")),
    Fault("phone too short", ("phone_form",), put("联系电话", "12345")),
    Fault("unknown status", ("status_unknown",), put("状态", "不清楚")),
)
PEOPLE_FAULTS: Sequence[Fault] = (
    Fault("ID number with a slip", ("id_checksum",), other_digit("身份证号", 16)),
    Fault("ID number of 17 digits", ("id_form",), shortened("身份证号")),
    # The earlier row may have been written already; then the number is known under another name.
    Fault("ID number of an earlier row", ("duplicate_in_file", "name_differs"), copied("身份证号")),
    Fault("ID number of the old kind", ("id_old",), put("身份证号", "410105800101123")),
    Fault("no name", ("required",), put("姓名", "")),
    Fault("phone too short", ("phone_form",), put("手机号", "12345")),
    Fault("unknown employer", ("employer_unknown",), put("统一社会信用代码(单位)", NOBODYS_CODE)),
    Fault("day to come", ("date_future",), put("任职时间", "2099-01-01")),
    Fault("certificate number too short", ("certificate_form",), put("证书编号", "S00004100000")),
    Fault("unknown education", ("education_unknown",), put("学历", "不清楚")),
)
