"""Which area and which day a page is about: ?area=…&on=…, within the user's scope."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.areas.models import Area
from tongxing.core.values import clean_date

WIDTHS = (10**10, 10**8, 10**6, 10**3)


@dataclass(frozen=True)
class Place:
    area: Area
    day: date
    today: date
    above: list[Area]

    @property
    def code(self) -> int:
        return self.area.code

    @property
    def on(self) -> date | None:
        """None for today: kept figures; another day is counted."""
        return None if self.day == self.today else self.day

    @property
    def query(self) -> str:
        """What links of the page carry along."""
        return f"area={self.code}" + (f"&on={self.day}" if self.on else "")


def place_of(request: HttpRequest, permission: str = "targets.view") -> Place:
    """The place a request asks for; without ?area the first of the user's scope. 404 outside the scope."""
    user = request.user
    scope = user.scope(permission) if isinstance(user, User) else None
    asked = request.GET.get("area", "")
    code = int(asked) if asked.isdecimal() and len(asked) <= 12 else min(scope.roots, default=-1) if scope else -1
    area = Area.objects.filter(code=code).first()
    if scope is None or area is None or not scope.covers(code):
        raise Http404
    above = Area.objects.filter(code__in={code - code % width for width in WIDTHS} - {code}).order_by("code")
    today = timezone.localdate()
    return Place(area, day_of(request, today), today, [one for one in above if scope.covers(one.code)])


def day_of(request: HttpRequest, today: date) -> date:
    try:
        return clean_date(request.GET["on"]) if request.GET.get("on") else today
    except ValidationError:
        return today


def area_choices(request: HttpRequest) -> list[tuple[str, str]]:
    """Areas to choose from in a filter: the user's own ones and what lies directly below, then below the chosen one."""
    user = request.user
    if not isinstance(user, User):
        return []
    scope = user.scope("targets.view")
    asked = request.GET.get("area", "")
    here = {int(asked)} if asked.isdecimal() and len(asked) <= 12 and scope.covers(int(asked)) else set()
    codes = {*scope.roots, *here, *(code - code % width for code in here for width in WIDTHS if scope.covers(code - code % width))}
    rows = (Area.objects.filter(code__in=codes) | Area.objects.filter(parent_id__in=codes)).order_by("code")
    return [(str(area.code), ("　" if area.parent_id in codes else "") + area.short_name) for area in rows]


def address(name: str, *arguments: object) -> str:
    """The address of another room's page; empty where the installation has none."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""
