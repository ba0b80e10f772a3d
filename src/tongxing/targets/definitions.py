"""What a target asks for on a day (minimum, share, deadline: from its provision or its own column), and the acts that change targets."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from django.db import transaction

from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.policy import provisions

from .models import CountState, Target
from .rules import can_define

NOTHING_HELD: Mapping[str, Any] = MappingProxyType({})


def number(key: str, day: date) -> Any:
    """The value of a provision on a day; before its first version that first version, so that past days can be judged too."""
    try:
        return provisions.value(key, day)
    except LookupError:
        return provisions.versions(key)[-1].value


Held = Mapping[str, Any]


def held_on(day: date) -> Held:
    """All provisions of a day in one query, for pages that ask for many."""
    return {version.key: version.value for version in provisions.in_force(day)}


def _value(key: str, day: date, held: Held) -> Any:
    return held[key] if key in held else number(key, day)


def minimum_of(target: Target, day: date, held: Held = NOTHING_HELD) -> int:
    return int(_value(target.minimum_key, day, held)) if target.minimum_key else target.minimum


def share_of(target: Target, day: date, held: Held = NOTHING_HELD) -> float:
    return float(_value(target.share_key, day, held)) if target.share_key else float(target.share)


def deadline_of(target: Target, day: date, held: Held = NOTHING_HELD) -> date | None:
    return date.fromisoformat(_value(target.deadline_key, day, held)) if target.deadline_key else target.deadline


EDITABLE = (
    "title", "noun", "shape", "kinds", "sizes", "parties", "area_kinds", "ways", "minimum", "share", "deadline", "clause", "source",
    "chased", "order", "active_from", "active_until",
)  # fmt: skip


def _as_record(target: Target) -> dict[str, Any]:
    return {name: str(getattr(target, name)) for name in EDITABLE}


def _counts_again() -> None:
    """The kept figures were counted under the old definition: the next reader counts all anew."""
    CountState.objects.update(day=None)


@transaction.atomic
def add_target(target: Target, *, by: Actor) -> Target:
    """Add a target of one of the known shapes."""
    insist(can_define(by))
    if Target.objects.filter(key=target.key).exists():
        raise Refused(f"代号 {target.key} 已被使用，请换一个。", code="key_taken", status=422)
    target.full_clean()
    target.save(force_insert=True)
    _counts_again()
    record("targets.add_target", by=by, of=target, after=_as_record(target))
    return target


@transaction.atomic
def change_target(target: Target, changes: dict[str, Any], *, version: int, by: Actor) -> Target:
    """Change a target's definition; refuses when somebody else changed it since `version` was read."""
    insist(can_define(by))
    held = Target.objects.select_for_update().get(pk=target.pk)
    if held.version != version:
        raise Refused("这个目标刚被别人改过，请刷新后对照新的内容再改。", code="moved_on")
    before = _as_record(held)
    for name in changes.keys() & set(EDITABLE):
        setattr(held, name, changes[name])
    held.version += 1
    held.full_clean()
    held.save(update_fields=[*EDITABLE, "version"])
    _counts_again()
    after = _as_record(held)
    moved = [name for name in EDITABLE if before[name] != after[name]]
    record("targets.change_target", by=by, of=held, before={n: before[n] for n in moved}, after={n: after[n] for n in moved})
    return held
