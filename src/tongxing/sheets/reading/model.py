"""What reading takes and gives: the columns a sheet looks for, and the rows of text that were found."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

NUMBER_DIGITS_LOST = "number_digits_lost"
ERROR_VALUE = "error_value"
CELL_TOO_LONG = "cell_too_long"

FLAG_MESSAGES = {
    NUMBER_DIGITS_LOST: "单元格按数字存放，第 15 位以后的数字已被 Excel 抹成 0，无法还原。请把该列设为“文本”格式后重新录入号码。",
    ERROR_VALUE: "单元格是公式错误（如 #N/A、#REF!）。请改正公式，或改为直接填写内容。",
    CELL_TOO_LONG: "单元格内容过长，请缩短或另附说明。",
}


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column that a sheet looks for. `text_only`: an identifier, of which a number cell may have lost digits."""

    key: str
    heading: str
    synonyms: tuple[str, ...] = ()
    required: bool = False
    text_only: bool = False


@dataclass(frozen=True, slots=True)
class Worksheet:
    """A worksheet of the file, hidden or not; hidden ones are read only when asked for by name."""

    name: str
    hidden: bool = False


@dataclass(slots=True)
class SourceRow:
    """One line. `number` is the line as Excel shows it; `cells` holds text by column key, `flags` a code of FLAG_MESSAGES by key."""

    number: int
    cells: dict[str, str]
    flags: Mapping[str, str]


@dataclass(slots=True)
class Skipped:
    """Lines that hold no record, counted while the rows are read."""

    blank: int = 0
    footer: int = 0
    example: int = 0

    @property
    def total(self) -> int:
        return self.blank + self.footer + self.example


@dataclass(slots=True)
class Header:
    """Where the header stands and what it says; `row` is the last header line as Excel shows it, `mapping` holds 0-based columns.

    `numbering`: columns that hold no fact; `returned`: those of them that a workbook of bad lines added.
    """

    row: int
    mapping: dict[str, int]
    headings: dict[str, str]
    units: dict[str, str]
    unknown: list[str]
    missing: list[str]
    numbering: frozenset[int] = frozenset()
    returned: frozenset[int] = frozenset()


@dataclass(slots=True)
class Reading:
    """A file that could be read. `rows` can be walked once; `skipped` is complete when it is exhausted.

    Walking `rows` may still raise Refused (too many lines, a text file that breaks off).
    """

    file: str
    kind: str
    worksheet: str
    worksheets: list[Worksheet]
    header_row: int
    mapping: dict[str, int]
    headings: dict[str, str]
    units: dict[str, str]
    unknown_headings: list[str]
    missing_headings: list[str]
    rows: Iterator[SourceRow]
    encoding: str = ""
    delimiter: str = ""
    skipped: Skipped = field(default_factory=Skipped)
