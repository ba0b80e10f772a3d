"""Likely doubles of an organisation, while a name or a credit code is being typed."""

import re
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from .models.organisations import Organisation
from .models.search import SearchKind
from .names import name_key
from .search import proposed_ids

# What a hundred names share says nothing about which organisation it is.
_COMMON = re.compile(
    r"(股份|集团|有限|责任|公司|分公司|合伙企业|普通合伙|有限合伙|个体工商户|个人独资|"
    r"河南省?|济源市?|示范区|中华人民共和国)"
)
ALIKE = 0.72
SHOWN = 5


class Double(NamedTuple):
    organisation: Organisation
    reason: str
    certain: bool


def core_of(name: str) -> str:
    """万洋冶炼 of 济源市万洋冶炼（集团）有限公司; the whole key when nothing else is left."""
    key = name_key(name)
    core = _COMMON.sub("", key)
    return core if len(core) >= 2 else key


def likely_doubles(name: str, credit_code: str, user: Any, *, but: int | None = None) -> list[Double]:
    """At most five organisations that `user` may see and that are, or look like, the one being typed; the surest first."""
    visible = Organisation.objects.visible_to(user).standing().select_related("area").exclude(pk=but or 0)
    found: dict[int, Double] = {}
    if credit_code:
        for organisation in visible.filter(credit_code=credit_code):
            found[organisation.pk] = Double(organisation, "信用代码相同", certain=True)
    key = name_key(name)
    if len(key) < 4:
        return list(found.values())
    for organisation in visible.filter(name_key=key)[:SHOWN]:
        found.setdefault(organisation.pk, Double(organisation, "名称相同", certain=True))
    core = core_of(name)
    ids = {object_id for part in _parts(core) for object_id in proposed_ids(part, SearchKind.ORGANISATION, user)}
    for organisation in visible.filter(pk__in=ids - set(found)):
        ratio = SequenceMatcher(None, core, core_of(organisation.name)).ratio()
        if ratio >= ALIKE:
            found[organisation.pk] = Double(organisation, f"名称相近（{ratio:.0%}）", certain=False)
    certain = [double for double in found.values() if double.certain]
    return [*certain, *(double for double in found.values() if not double.certain)][:SHOWN]


def _parts(core: str) -> list[str]:
    """The core and, where it is long enough, its halves: one mistyped character spoils only one of them."""
    middle = len(core) // 2
    return [core, core[:middle], core[middle:]] if middle >= 2 else [core]
