"""A list page as a declaration: columns, filters, bulk acts, actions. See `page.ListPage`; the address is made by `list_view`."""

from .columns import Bulk, Column
from .filters import Filter
from .page import ListPage
from .view import list_view, selected

__all__ = ["Bulk", "Column", "Filter", "ListPage", "list_view", "selected"]
