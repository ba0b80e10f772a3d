"""Edit conflicts: a page carries how the records it is about stood when it was drawn; what changed since stops the act and is shown.

`Watch` is the one mechanism for every form that changes what exists. The page carries digests, never values; the log says who it was.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tongxing.core.errors import Refused

from .models import Entry
from .names import shown

FIELD = "seen"
"""The hidden field that carries it; `core/form.html` draws it where the page's context has `seen`."""
QUIET = frozenset({"id", "uid", "version", "created_at", "updated_at", "last_login", "password"})
"""Columns that say nothing of the matter, or change by themselves."""
IN_DETAIL = 20
"""Among more records than these only the record is known that changed, not the field."""
NAMED = 5
DIGITS = 12
LONGEST = 40

State = dict[str, dict[str, str]]


class EditConflict(Refused):
    """Somebody changed what the form was filled in for."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="edit_conflict")


class Watch:
    """The records a form is about. `find` is asked anew each time; `only` names the columns that matter, where not all do."""

    def __init__(self, find: Callable[[], Iterable[models.Model]], *, only: Collection[str] = ()) -> None:
        self.find = find
        self.only = only

    @property
    def seen(self) -> str:
        """How the records stand now, for the page to carry."""
        rows = self._rows(lock=False)
        return json.dumps({"at": timezone.now().isoformat(), "rows": self._state(rows)}, separators=(",", ":"))

    @contextmanager
    def unmoved(self, request: HttpRequest, *, among: Collection[models.Model] = ()) -> Iterator[None]:
        """A transaction in which the records stand as the page showed them, and stay so; EditConflict when they do not.

        `among`: of all that the page showed, the ones that are changed. A request without the field comes from a program or a page that watches nothing: acts judge it by their own rules.
        """
        with transaction.atomic():
            if raw := request.POST.get(FIELD):
                self._check(raw, {_ref(row) for row in among})
            yield

    def _check(self, raw: str, among: set[str]) -> None:
        at, before = _read(raw)
        rows = self._rows(lock=True)
        now = self._state(rows)
        if any("" in fields for fields in before.values()):
            now = {ref: _whole(fields) for ref, fields in now.items()}
        if among:
            before, now = ({ref: fields for ref, fields in state.items() if ref in among} for state in (before, now))
        if now == before:
            return
        moved = [row for ref, row in rows.items() if now.get(ref) != before.get(ref)]
        told = [self._told(row, before.get(_ref(row)), now[_ref(row)]) for row in moved[:NAMED]]
        gone = len(before.keys() - now.keys())
        told += [f"有 {gone} 条已经不在了"] if gone else []
        more = f"等共 {len(moved)} 条" if len(moved) > NAMED else ""
        raise EditConflict(
            f"您打开页面之后，{_who(list(rows.values()), at)}改过，所以没有保存。{'；'.join(told)}{more}。"
            "您填写的内容还在，请对照现在的情况核对，确认无误再按一次。"
        )

    def _rows(self, *, lock: bool) -> dict[str, models.Model]:
        """The records as they stand in the database, by reference; locked in one order, so that two officers do not block one another."""
        wanted: dict[type[models.Model], set[Any]] = {}
        for row in self.find():
            wanted.setdefault(type(row), set()).add(row.pk)
        found: dict[str, models.Model] = {}
        for model, keys in sorted(wanted.items(), key=lambda pair: pair[0]._meta.label):
            rows = model._base_manager.filter(pk__in=keys).order_by("pk")
            found |= {_ref(row): row for row in (rows.select_for_update() if lock else rows)}
        return found

    def _state(self, rows: dict[str, models.Model]) -> State:
        state = {ref: {field.attname: _digest(ref, field, row) for field in self._fields(row)} for ref, row in rows.items()}
        return state if len(state) <= IN_DETAIL else {ref: _whole(fields) for ref, fields in state.items()}

    def _fields(self, row: models.Model) -> list[Any]:
        return [field for field in row._meta.concrete_fields if (field.name in self.only if self.only else field.name not in QUIET)]

    def _told(self, row: models.Model, before: dict[str, str] | None, now: dict[str, str]) -> str:
        """One record in words: the fields that changed, with what stands there now."""
        if before is None:
            return f"新增了“{_name(row)}”"
        changed = [field for field in self._fields(row) if now.get(field.attname) != before.get(field.attname) and field.attname in now]
        fields = "，".join(f"{field.verbose_name}现为{_value(row, field)}" for field in changed)
        return f"“{_name(row)}”{fields}" if fields else f"“{_name(row)}”有变动"


def _ref(row: models.Model) -> str:
    return f"{row._meta.label_lower}:{row.pk}"


def _digest(ref: str, field: Any, row: models.Model) -> str:
    value = field.value_to_string(row)
    return salted_hmac("tongxing.audit.conflicts", f"{ref}:{field.attname}:{value}", algorithm="sha256").hexdigest()[:DIGITS]


def _whole(fields: dict[str, str]) -> dict[str, str]:
    """One digest for all fields of a record; of one that has been made so already, the same."""
    return fields if "" in fields else {"": salted_hmac("tongxing.audit.conflicts", "".join(fields.values())).hexdigest()[:DIGITS]}


def _read(raw: str) -> tuple[datetime, State]:
    try:
        held = json.loads(raw)
        return datetime.fromisoformat(held["at"]), {str(ref): dict(fields) for ref, fields in held["rows"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise EditConflict("页面已经过期，所以没有保存。您填写的内容还在，请核对后再按一次。") from None


def _who(rows: list[models.Model], at: datetime) -> str:
    """Who changed one of them last since then, and when, as the log has it; a roster is logged by its batch and stays 别人."""
    query = models.Q()
    for row in rows[:IN_DETAIL]:
        query |= models.Q(object_type=row._meta.label_lower, object_id=str(row.pk))
    entry = Entry.objects.filter(query, at__gte=at).first() if query else None
    return f"{entry.actor_name}（{timezone.localtime(entry.at):%H:%M}）" if entry else "别人"


def _name(row: models.Model) -> str:
    text = str(row)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _value(row: models.Model, field: Any) -> str:
    """What stands there, as an officer reads it; sealed values and digests of them stay closed."""
    if not field.editable or "sealed" in field.name or "index" in field.name or field.name == "secret":
        return "另外的内容"
    if field.is_relation:
        return f"“{related}”" if (related := getattr(row, field.name)) else shown(None)
    if field.choices:
        return f"“{getattr(row, f'get_{field.name}_display')()}”"
    value = field.value_from_object(row)
    text = shown(value if isinstance(value, bool | None) else str(value))
    return f"“{text if len(text) <= LONGEST else text[:LONGEST] + '…'}”"
