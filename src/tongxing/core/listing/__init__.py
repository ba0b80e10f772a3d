"""A list page as a declaration: columns, filters, bulk acts, actions. See `page.ListPage`; the address is made by `list_view`."""

from .columns import Bulk, Column, word_of
from .filters import Filter
from .page import ListPage
from .paging import HeldRows, count_text, counted
from .view import CAME_BY, came_by, list_view, selected

__all__ = [
    "CAME_BY",
    "Bulk",
    "Column",
    "Filter",
    "HeldRows",
    "ListPage",
    "came_by",
    "count_text",
    "counted",
    "list_view",
    "selected",
    "word_of",
]
