"""Writing the log. Every act calls `record` once, inside its own transaction."""

from typing import Any, NamedTuple, Protocol

from django.db import models
from django.utils import timezone

from tongxing.core.middleware import request_id
from tongxing.core.vault import masked_within

from .models import Entry


class Actor(Protocol):
    """Who acts: a User, or `COMMAND_LINE` for what the command line changes."""

    @property
    def pk(self) -> int | None: ...
    @property
    def display_name(self) -> str: ...
    @property
    def acting_for(self) -> str: ...


class SystemActor(NamedTuple):
    """An actor that is no user."""

    display_name: str
    pk: int | None = None
    acting_for: str = ""


COMMAND_LINE = SystemActor("命令行")
SYSTEM = SystemActor("系统")


def _masked(value: Any) -> Any:
    """The value with numbers of persons masked wherever text stands in it."""
    if isinstance(value, str):
        return masked_within(value)
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list | tuple) else value


def record(
    act: str,
    *,
    by: Actor,
    of: models.Model | None = None,
    object_type: str = "",
    object_id: object = "",
    label: str = "",
    area_code: int | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> Entry:
    """Append one entry. `act` is "room.verb" ("registry.enrol"); `of` gives type, id, label and, where it has one, the area code.

    `before`/`after` hold JSON values of the fields that changed; never a plain ID number, phone or bank account: mask them first.
    What people typed into reasons and remarks is masked here.
    """
    if of is not None:
        object_type = object_type or of._meta.label_lower
        object_id = object_id or of.pk
        label = label or str(of)
        if area_code is None:
            area_code = getattr(of, "area_code", None) or getattr(of, "area_id", None)
    return Entry.objects.create(
        at=timezone.now(),
        actor_id=by.pk,
        actor_name=by.display_name[:60],
        on_behalf_of=by.acting_for[:60],
        act=act,
        object_type=object_type,
        object_id=str(object_id),
        object_label=masked_within(label)[:200],
        area_code=area_code,
        before=_masked(before),
        after=_masked(after),
        reason=masked_within(reason)[:500],
        request_id=request_id.get(),
    )
