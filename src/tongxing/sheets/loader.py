"""Who loads, and where that person may write."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import timezone

from tongxing.areas.scope import Scope, span_of
from tongxing.core.errors import Refused


@dataclass(frozen=True)
class Loader:
    """`scope` is where rows may be written, `home` the area under which the batch stands."""

    by: Any
    scope: Scope
    home: int
    today: date

    @property
    def user_id(self) -> int | None:
        return self.by.pk if hasattr(self.by, "scope") else None


def loader_for(by: Any, permission: str) -> Loader:
    """A user with `permission` in the areas granted; the command line in the whole programme area. Refuses everyone else."""
    if not hasattr(by, "scope"):
        return Loader(by, Scope((span_of(settings.PROGRAMME_AREA),)), settings.PROGRAMME_AREA, timezone.localdate())
    scope = Scope(by.scope(permission).ranges)
    if not scope:
        raise Refused("您的岗位没有导入名册的权限。如工作需要，请联系系统管理员授权。", code="forbidden", status=403)
    low, _ = max(scope.ranges, key=lambda span: span[1] - span[0])
    return Loader(by, scope, low, timezone.localdate())
