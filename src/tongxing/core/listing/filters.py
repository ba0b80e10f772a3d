"""Filters of a list page: each reads its own query parameters, narrows the rows, and says in Chinese what it does."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, Model, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.safestring import SafeString

from tongxing.core.values import clean_date

from . import drawing
from .paging import stored

Choices = Iterable[tuple[Any, str]]
PLACES = ("page", "after", "before")
"""Parameters that say where in the list one is: any change of what is asked for begins at its first page."""
OPTION_LIMIT = 60
"""More areas than this are offered level by level."""


class Option(NamedTuple):
    value: str
    label: str
    chosen: bool = False


class Pill(NamedTuple):
    """A filter that is on, and the query string without it."""

    label: str
    text: str
    without: str


class Control(NamedTuple):
    """What the template draws for one filter."""

    key: str
    label: str
    kind: str
    options: list[Option]
    values: dict[str, str]
    active: bool
    drawn: bool
    tabs: bool = False

    @property
    def drawn_options(self) -> SafeString:
        return drawing.boxes(self.key, self.options) if self.several else drawing.options(self.options)

    @property
    def several(self) -> bool:
        """Whether boxes are drawn, because the filter takes several values; two options need none."""
        return self.kind == "choice" and len(self.options) > 2

    @property
    def chosen_text(self) -> str:
        """What the closed list of boxes says."""
        return "、".join(option.label for option in self.options if option.chosen) or "全部"


@dataclass(frozen=True)
class Filter:
    """Made by `choice`, `area`, `flag`, `days` or `custom`; never directly."""

    key: str
    label: str
    kind: str
    field: str = ""
    choices: Choices | Callable[[HttpRequest], Choices] = ()
    apply: Callable[[Any, str, HttpRequest], Any] | None = None
    quiet: bool = False
    """Drawn only while it is on: for lists behind figures of other pages, so that the form stays short."""
    tabs: str = ""
    """Drawn as tabs above the rows instead; this is what the first of them says, the one that does not narrow."""

    @classmethod
    def choice(
        cls, key: str, label: str, choices: Choices | Callable[[HttpRequest], Choices], *, field: str = "", tabs: str = ""
    ) -> "Filter":
        """One or several values of a column: ?kind=a&kind=b."""
        return cls(key, label, "choice", field or key, choices, tabs=tabs)

    @classmethod
    def area(cls, key: str, label: str, *, field: str = "area_id") -> "Filter":
        """An area and everything below it; `field` holds the area code ("person__area_id")."""
        return cls(key, label, "area", field)

    @classmethod
    def flag(cls, key: str, label: str, *, field: str = "") -> "Filter":
        """Yes or no of a boolean column."""
        return cls(key, label, "flag", field or key, (("1", "是"), ("0", "否")))

    @classmethod
    def days(cls, key: str, label: str, *, field: str = "", quiet: bool = False) -> "Filter":
        """From one day to another, both included: ?issued_from=…&issued_to=…; `field` is a day or a moment."""
        return cls(key, label, "days", field or key, quiet=quiet)

    @classmethod
    def custom(
        cls,
        key: str,
        label: str,
        choices: Choices | Callable[[HttpRequest], Choices],
        *,
        apply: Callable[[Any, str, HttpRequest], Any],
        tabs: str = "",
    ) -> "Filter":
        """A choice whose meaning is a function of the room."""
        return cls(key, label, "custom", "", choices, apply, tabs=tabs)

    @property
    def parameters(self) -> tuple[str, ...]:
        return (f"{self.key}_from", f"{self.key}_to") if self.kind == "days" else (self.key,)

    def options(self, request: HttpRequest) -> list[tuple[str, str]]:
        found = self.choices(request) if callable(self.choices) else self.choices
        return [(str(value), str(label)) for value, label in found]

    def chosen(self, request: HttpRequest) -> list[str]:
        """The values of the query string that this filter knows, one unless it is a choice; anything else is ignored."""
        if self.kind == "area":
            return [value for value in request.GET.getlist(self.key)[:1] if value.isdecimal() and len(value) <= 12]
        given = [value for value in request.GET.getlist(self.key) if value]
        known = {value for value, _ in self.options(request)} if given else set()
        chosen = list(dict.fromkeys(value for value in given if value in known))
        return chosen if self.kind == "choice" else chosen[:1]

    def narrow(self, rows: Any, request: HttpRequest) -> Any:
        if self.kind == "days":
            return self._narrow_days(rows, self.day(request, "from"), self.day(request, "to"))
        chosen = self.chosen(request)
        if not chosen:
            return rows
        if self.kind == "area":
            low, high = _area_model(rows.model, self.field)(code=int(chosen[0])).span
            return rows.filter(**{f"{self.field}__gte": low, f"{self.field}__lte": high})
        if self.kind == "flag":
            return rows.filter(**{self.field: chosen[0] == "1"})
        if self.apply:
            return self.apply(rows, chosen[0], request)
        return rows.filter(**{f"{self.field}__in": chosen})

    def _narrow_days(self, rows: QuerySet[Any], first: date | None, last: date | None) -> QuerySet[Any]:
        """Moments are compared with moments, half open: asking a moment for its date would keep an index from being used."""
        if isinstance(stored(rows.model, self.field), DateTimeField):
            rows = rows.filter(**{f"{self.field}__gte": _midnight(first)}) if first else rows
            return rows.filter(**{f"{self.field}__lt": _midnight(last + timedelta(days=1))}) if last and last < date.max else rows
        rows = rows.filter(**{f"{self.field}__gte": first}) if first else rows
        return rows.filter(**{f"{self.field}__lte": last}) if last else rows

    def day(self, request: HttpRequest, end: str) -> date | None:
        try:
            return clean_date(request.GET.get(f"{self.key}_{end}", ""))
        except ValidationError:
            return None

    # --- what the page shows
    def control(self, request: HttpRequest, model: type[Model]) -> Control:
        values = {end: request.GET.get(f"{self.key}_{end}", "") for end in ("from", "to")} if self.kind == "days" else {}
        chosen = [] if self.kind == "days" else self.chosen(request)
        options = _area_options(request, _area_model(model, self.field), chosen) if self.kind == "area" else self.options(request)
        marked = [Option(value, label, value in chosen) for value, label in options]
        active = bool(chosen or any(values.values()))
        drawn = (active or not self.quiet) and not self.tabs
        return Control(self.key, self.label, self.kind, marked, values, active, drawn, bool(self.tabs))

    def pills(self, request: HttpRequest, control: Control) -> list[Pill]:
        if self.kind == "days":
            first, last = self.day(request, "from"), self.day(request, "to")
            if not first and not last:
                return []
            return [Pill(self.label, f"{first or '最早'} 至 {last or '今天'}", without(request.GET, *self.parameters))]
        names = {option.value: option.label.strip("\u3000 ") for option in control.options}
        return [Pill(self.label, names.get(value, value), without(request.GET, self.key, value=value)) for value in self.chosen(request)]


def without(query: QueryDict, *keys: str, value: str = "") -> str:
    """The query string less these keys (or less one value of a key), on page one."""
    left = query.copy()
    for key in (*keys, *PLACES):
        kept = [item for item in left.getlist(key) if value and key not in PLACES and item != value]
        left.setlist(key, kept)
    return left.urlencode()


def _midnight(day: date) -> datetime:
    """The first moment of a day here."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _area_model(model: type[Model], path: str) -> Any:
    """The Area class at the end of `path`, found through the relation: core imports no room."""
    current: Any = model
    for part in path.removesuffix("_id").split("__"):
        field = current._meta.get_field(part)
        current = field.related_model or current
    return current


def _area_options(request: HttpRequest, areas: Any, chosen: list[str]) -> list[tuple[str, str]]:
    """The areas of the user's scope, indented; where they are too many, those on the way to the chosen one and its children."""
    user: Any = request.user
    scope = user.scope("areas.view")
    found = areas.objects.in_scope(scope).values_list("code", "short_name", "parent_id").order_by("code")
    rows = list(found[: OPTION_LIMIT + 1])
    if len(rows) > OPTION_LIMIT:
        here = int(chosen[0]) if chosen else min(scope.roots)
        way = [here - here % width for width in (10**10, 10**8, 10**6, 10**3)]
        rows = list(found.filter(Q(code__in=[*way, here]) | Q(parent_id=here))[:400])
    depth: dict[int | None, int] = {}
    options = []
    for code, name, parent in rows:
        depth[code] = depth.get(parent, -1) + 1
        options.append((str(code), "\u3000" * depth[code] + name))
    return options
