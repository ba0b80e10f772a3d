"""Who loads, and where that person may write."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from tongxing.areas.scope import Scope, span_of
from tongxing.core.errors import Refused

if TYPE_CHECKING:
    from .sheet import Sheet


@dataclass(frozen=True)
class Loader:
    """`scope` is where rows may be written, or for which organisations; `home` the area under which the batch stands."""

    by: Any
    scope: Scope
    home: int
    today: date

    def covers(self, area: int | None, organisation: int | None = None) -> bool:
        """Whether rows of this area, or of this organisation, may be written."""
        return self.scope.covers(area) or (organisation is not None and organisation in self.scope.organisations)

    @property
    def user_id(self) -> int | None:
        return self.by.pk if hasattr(self.by, "scope") else None


def loader_for(by: Any, sheet: "type[Sheet]") -> Loader:
    """A user with the sheet's permission in the areas granted, or for an organisation where the sheet allows it; the command line in the
    whole programme area. Refuses everyone else."""
    if not hasattr(by, "scope"):
        return Loader(by, Scope((span_of(settings.PROGRAMME_AREA),)), settings.PROGRAMME_AREA, timezone.localdate())
    held = by.scope(sheet.permission)
    scope = Scope(held.ranges, held.organisations if sheet.by_organisation else frozenset())
    if not scope:
        raise Refused("您的岗位没有导入名册的权限。如工作需要，请联系系统管理员授权。", code="forbidden", status=403)
    if scope.ranges:
        home, _ = max(scope.ranges, key=lambda span: span[1] - span[0])
    else:
        home = sheet.home_of(scope.organisations)
    return Loader(by, scope, home, timezone.localdate())
