"""One line of the start page."""

from dataclasses import dataclass

from tongxing.core.listing import count_text


@dataclass(frozen=True)
class Line:
    """One thing that changed or waits: a number, words, and the list behind it."""

    count: int
    text: str
    url: str
    tone: str = "grey"

    @property
    def number(self) -> str:
        """The count as lists say it, exact up to their bound."""
        return count_text(self.count)
