"""A list page as a declaration: columns, filters, bulk acts, actions. See `page.ListPage`; the address is made by `list_view`."""

from .columns import Bulk, Column, word_of
from .filters import Filter
from .many import Chosen, act_on_many, chosen_from
from .page import ListPage
from .paging import HeldRows, count_text, counted
from .view import CAME_BY, came_by, list_view, selected

__all__ = [
    "CAME_BY",
    "Bulk",
    "Chosen",
    "Column",
    "Filter",
    "HeldRows",
    "ListPage",
    "act_on_many",
    "came_by",
    "chosen_from",
    "count_text",
    "counted",
    "list_view",
    "selected",
    "word_of",
]
