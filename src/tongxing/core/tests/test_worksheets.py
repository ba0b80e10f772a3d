"""Names of worksheets."""

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter import Workbook

from tongxing.core.worksheets import worksheet_name


def test_signs_go_and_rare_characters_count_twice() -> None:
    assert worksheet_name("2026/企业[1]") == "2026企业1"
    assert worksheet_name("𐀀" * 20) == "𐀀" * 15
    assert worksheet_name("克井镇", room=2) == "克井"
    assert worksheet_name("*?") == ""


@given(st.text(min_size=1, max_size=60))
def test_excel_accepts_every_name(wanted: str) -> None:
    name = worksheet_name(wanted) or "表"
    with Workbook(BytesIO(), {"in_memory": True}) as book:
        book.add_worksheet(name if name.lower() != "history" else "表")
