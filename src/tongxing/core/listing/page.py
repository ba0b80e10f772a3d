"""The declaration of a list page, and what one request makes of it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, QueryDict
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.safestring import SafeString

from tongxing.core.private_query import query_text

from . import drawing, paging
from .columns import Bulk, Column, shown
from .filters import PLACES, Control, Filter, Pill, without
from .paging import Cut, HeldRows, Ordering

SIZES = (25, 50, 100, 200)


class ListPage:
    """Subclass it, set what is below, write `rows`; `list_view(YourList)` is the view.

    `rows` must start from `visible_to(request.user)` and select what the columns read: the page adds no query per row.
    """

    key: ClassVar[str] = ""
    title: str = ""
    intro: str = ""
    permission: ClassVar[str] = ""
    export_permission: ClassVar[str] = ""
    search_hint: ClassVar[str] = ""
    default_sort: ClassVar[str] = ""
    page_size: ClassVar[int] = 25
    empty: ClassVar[tuple[str, ...]] = ("还没有记录", "", "", "")
    """Title, sentence, url name, label of the button: what to do when there is nothing at all."""
    columns: tuple[Column, ...] = ()
    filters: tuple[Filter, ...] = ()
    bulk: ClassVar[tuple[Bulk, ...]] = ()
    actions: ClassVar[tuple[tuple[str, str, str], ...]] = ()
    """Buttons in the page head: label, url name, permission. The first one is the page's primary action."""
    above: ClassVar[str] = ""
    """A template shown between the head and the filters; it sees what `context` returns."""
    frame: ClassVar[tuple[str, ...]] = ()
    """Parameters that say which list it is (area, day) and not which of its rows: kept whatever else changes."""

    def prepare(self, request: HttpRequest, **kwargs: Any) -> None:
        """Set here what follows the request: title, columns, filters. `kwargs` are those of the address."""

    def rows(self, request: HttpRequest) -> Any:
        """A queryset, or `HeldRows` where the rows are made of more than one table."""
        raise NotImplementedError

    def described(self, rows: list[Any], request: HttpRequest) -> list[Any]:
        """The rows of one page as the columns read them: what is worked out for all of them at once belongs here."""
        return rows

    def search(self, rows: Any, text: str, request: HttpRequest) -> Any:
        return rows.filter(name__icontains=text)

    def known_count(self, request: HttpRequest) -> int | None:
        """How many rows match, where a figure says it already; None: they are counted."""
        return None

    def may_export(self, user: Any) -> bool:
        return bool(self.export_permission) and bool(user.may(self.export_permission))

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    # --- the rows a query string asks for
    def matching(self, request: HttpRequest, rows: Any = None) -> Any:
        """The rows asked for, out of `rows` where the caller holds them already."""
        rows = self.rows(request) if rows is None else rows
        for one in self.filters:
            rows = one.narrow(rows, request)
        text = query_text(request)
        return self.search(rows, text, request) if text and self.search_hint else rows

    def sorting(self, request: HttpRequest) -> tuple[Column | None, bool]:
        """The column the list is ordered by, and whether downwards."""
        wish = self._sorting(request.GET.get("sort", ""))
        return wish if wish[0] else self._sorting(self.default_sort)

    def _sorting(self, wish: str) -> tuple[Column | None, bool]:
        name = wish.removeprefix("-")
        found = (column for column in self.columns if wish and column.sort_fields and name in (column.key, column.sort_fields[0]))
        column = next(found, None)
        return column, bool(column) and wish.startswith("-")

    def orderings(self, request: HttpRequest) -> tuple[Ordering, Ordering]:
        """The order asked for, and the list's usual one, which holds where too many rows match for the other."""
        wish, usual = self.sorting(request), self._sorting(self.default_sort)
        return _ordering(*wish), _ordering(*usual)

    def chosen_columns(self, request: HttpRequest) -> list[Column]:
        wanted = [key for key in ",".join(request.GET.getlist("columns")).split(",") if key]
        if not wanted:
            return [column for column in self.columns if column.default]
        return [column for column in self.columns if column.key in wanted or column is self.columns[0]]

    @property
    def choosable(self) -> bool:
        return len(self.columns) > 3


@dataclass(frozen=True)
class Head:
    """A column's head: the address that sorts by it, and what a screen reader says."""

    column: Column
    query: str
    direction: str


@dataclass(frozen=True)
class Tab:
    """One press on a filter that is drawn as tabs."""

    label: str
    query: str
    current: bool


@dataclass(frozen=True)
class Cell:
    text: str
    link: str | None
    tone: str
    numeric: bool
    label: str
    drawer: bool
    press: str | None


@dataclass(frozen=True)
class Line:
    id: Any
    name: str
    cells: list[Cell]


class Listing:
    """One request's view of a ListPage: what `core/list.html` draws."""

    def __init__(self, page: ListPage, request: HttpRequest) -> None:
        self.page = page
        self.request = request
        self.user: Any = request.user
        self.columns = page.chosen_columns(request)
        self._rows = page.rows(request)
        self.matching = page.matching(request, self._rows)
        self.query = without(request.GET, "view")
        self.search = query_text(request) if page.search_hint else ""

    # --- how many, and which page of them
    @cached_property
    def cut(self) -> Cut:
        known = self.page.known_count(self.request)
        return paging.cut(self.matching, *self.page.orderings(self.request), self.request, self.size, known)

    @property
    def counted(self) -> int:
        return self.cut.counted

    @property
    def number(self) -> int:
        return self.cut.number

    @property
    def beyond(self) -> bool:
        """Whether more rows match than are counted: pages then follow one another and have no last number."""
        return self.counted > paging.COUNT_LIMIT and not isinstance(self.matching, HeldRows)

    @property
    def bound(self) -> str:
        return f"{paging.COUNT_LIMIT:,}"

    @property
    def unsorted(self) -> str:
        """The column that was asked for and cannot order so many rows."""
        column, _ = self.page.sorting(self.request)
        return column.label if column and self.cut.plain else ""

    @property
    def count_text(self) -> str:
        return paging.count_text(self.counted) if self.beyond else f"{self.counted:,}"

    @cached_property
    def size(self) -> int:
        wish = self.request.GET.get("size", "")
        return int(wish) if wish.isdecimal() and len(wish) < 4 and int(wish) in SIZES else self.page.page_size

    @property
    def pages(self) -> int:
        """The last page that has a number to be reached by."""
        return max(paging.JUMP_LIMIT // self.size, 1) if self.beyond else max(-(-self.counted // self.size), 1)

    @cached_property
    def _fetched(self) -> list[Any]:
        """The rows of the page, read by their ids with all that the columns show."""
        return self.page.described(paging.fetched(self._rows, self.cut.ids), self.request)

    @property
    def has_next(self) -> bool:
        return self.cut.has_next

    @property
    def first_shown(self) -> int:
        return (self.number - 1) * self.size + 1

    @property
    def last_shown(self) -> int:
        return self.first_shown + len(self.lines) - 1

    @property
    def page_links(self) -> list[tuple[int | None, str]]:
        """Numbers around the present page; None stands for a gap."""
        near = {1, self.number, *(number for number in range(self.number - 2, self.number + 3) if number <= self.pages)}
        near |= set() if self.beyond else {self.pages}
        links: list[tuple[int | None, str]] = []
        for number in sorted(number for number in near if number >= 1):
            if links and links[-1][0] and number > (links[-1][0] or 0) + 1:
                links.append((None, ""))
            links.append((number, self._with(page=str(number))))
        return links

    @property
    def next_query(self) -> str:
        return self._with(page=str(self.number + 1), **({"after": str(self.cut.ids[-1])} if self.beyond else {}))

    @property
    def previous_query(self) -> str:
        return self._with(page=str(self.number - 1), **({"before": str(self.cut.ids[0])} if self.beyond and self.cut.ids else {}))

    def _with(self, **changes: str) -> str:
        query = self.request.GET.copy()
        for key in PLACES:
            query.pop(key, None)
        for key, value in changes.items():
            query[key] = value
        return query.urlencode()

    # --- table
    def _sorts(self, column: Column) -> bool:
        """Whether the list can be ordered by the column: any sortable one while rows are few, an indexed one among a million."""
        return bool(column.sort_fields) and (not self.beyond or _ordering(column, False).walks(self.matching.model))

    @property
    def heads(self) -> list[Head]:
        sorted_by, down = self.page.sorting(self.request)
        heads = []
        for column in self.columns:
            here = column is sorted_by
            wish = column.key if not here or down else f"-{column.key}"
            query = f"{without(self.request.GET, 'sort')}&sort={wish}".lstrip("&") if self._sorts(column) else ""
            heads.append(Head(column, query, ("descending" if down else "ascending") if here and not self.cut.plain else ""))
        return heads

    @cached_property
    def lines(self) -> list[Line]:
        return [Line(row.pk, str(row), [_cell(column, row) for column in self.columns]) for row in self._fetched]

    @property
    def drawn_lines(self) -> SafeString:
        return drawing.lines(self.lines, selectable=self.selectable)

    # --- filters
    @cached_property
    def controls(self) -> list[Control]:
        return [one.control(self.request, self.matching.model) for one in self.page.filters]

    @cached_property
    def pills(self) -> list[Pill]:
        pills = [pill for one, control in zip(self.page.filters, self.controls, strict=True) for pill in one.pills(self.request, control)]
        return [Pill("搜索", self.search, without(self.request.GET, "q")), *pills] if self.search else pills

    @property
    def filter_text(self) -> str:
        return "；".join(f"{pill.label}：{pill.text}" for pill in self.pills) or "无（全部记录）"

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the filter form carries along unseen: which list it is, the tab, order, columns, page size."""
        keys = (*self.page.frame, *(control.key for control in self.controls if control.tabs), "sort", "columns", "size")
        return [(key, value) for key in keys for value in self.request.GET.getlist(key) if value]

    @property
    def unfiltered(self) -> str:
        """The same list without any filter."""
        frame = QueryDict(mutable=True)
        for key in self.page.frame:
            if self.request.GET.get(key):
                frame[key] = self.request.GET[key]
        return f"{self.request.path}?{frame.urlencode()}" if frame else self.request.path

    @property
    def tabs(self) -> list[Tab]:
        found = []
        for one, control in zip(self.page.filters, self.controls, strict=True):
            if control.tabs:
                left = without(self.request.GET, control.key)
                found.append(Tab(one.tabs, left, not control.active))
                found += [Tab(name, f"{left}&{control.key}={value}".lstrip("&"), on) for value, name, on in control.options]
        return found

    @property
    def kept_but_columns(self) -> list[tuple[str, str]]:
        """What the column picker carries along: everything but columns and page."""
        return [(key, value) for key, values in self.request.GET.lists() if key not in ("columns", *PLACES) for value in values if value]

    @property
    def column_options(self) -> list[tuple[Column, bool]]:
        return [(column, column in self.columns) for column in self.page.columns[1:]]

    # --- what the user may do
    @cached_property
    def bulk(self) -> list[tuple[Bulk, str]]:
        user = self.user
        return [(act, reverse(act.url)) for act in self.page.bulk if not act.permission or user.may(act.permission)]

    @property
    def may_export(self) -> bool:
        return self.page.may_export(self.user)

    @property
    def selectable(self) -> bool:
        return bool(self.bulk) or self.may_export

    @property
    def actions(self) -> list[tuple[str, str]]:
        user = self.user
        open_to = [(label, _address(name)) for label, name, permission in self.page.actions if not permission or user.may(permission)]
        return [(label, url) for label, url in open_to if url]

    @property
    def empty(self) -> dict[str, str]:
        title, text, name, label = (*self.page.empty, "", "", "", "")[:4]
        url = _address(name) if name else ""
        needed = getattr(resolve(url).func, "tongxing_permission", "") if url else ""
        return {"title": title, "text": text, "url": url if not needed or self.user.may(needed) else "", "action": label}

    @cached_property
    def saved_views(self) -> list[Any]:
        """The user's own views of this page and those colleagues share; the user knows them, core imports no room."""
        return list(self.user.views_of(self.page.key))


def _ordering(column: Column | None, down: bool) -> Ordering:
    return Ordering(column.ordering(down=down) if column else (), down)


def _address(name: str) -> str:
    """Empty where the installation has no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _cell(column: Column, row: Any) -> Cell:
    value = column.value(row)
    text = shown(value)
    tone = column.tone(row) if column.tone and value not in (None, "") else ""
    link, press = column.link(row) if column.link else None, column.press(row) if column.press else None
    return Cell(text, link, tone, column.numeric, column.label, column.drawer, press)
