"""The peers' roster: its columns as their tables name them, and its rows."""

from typing import Any

from python_calamine import CalamineWorkbook

from bench.case import Case

HEADINGS = {
    "单位名称": "name", "统一社会信用代码": "credit_code", "行业": "industry", "从业人员数": "employees", "营业收入(万元)": "revenue",
    "资产总额(万元)": "assets", "数据年度": "figures_year", "所属镇街": "township", "地址": "address", "法定代表人": "legal_representative",
    "联系人": "contact_name", "联系电话": "contact_phone", "成立日期": "began_on", "状态": "status", "终止日期": "ended_on",
}  # fmt: skip


def read(case: Case) -> tuple[list[str], list[list[Any]]]:
    """The columns in the order of the file, and as many rows as the case wants; an empty cell is None."""
    rows = iter(CalamineWorkbook.from_path(case.file).get_sheet_by_index(0).iter_rows())
    columns = [HEADINGS[str(heading)] for heading in next(rows)]
    wanted = [row for number, row in enumerate(rows) if number < case.rows]
    return columns, [[None if value == "" else value for value in row] for row in wanted]
