"""What the public home page counts: computed ahead, small cells suppressed, kept in the shared cache (notice:3.4.1, 4.3)."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.registry.models import Coordinator
from tongxing.registry.models.organisations import OrganisationKind
from tongxing.targets.figures import figures

CACHE_KEY = "portal.statistics"
KEEP_SECONDS = 24 * 3600
SMALLEST_CELL = 5


def suppressed(rows: list[tuple[str, int]]) -> list[dict[str, Any]]:
    """Cells under `SMALLEST_CELL` are not shown; where just one is hidden the next smallest goes too, so that it cannot be worked out."""
    hidden = {label for label, count in rows if 0 < count < SMALLEST_CELL}
    if len(hidden) == 1:
        rest = [(count, label) for label, count in rows if label not in hidden and count]
        if rest:
            hidden.add(min(rest)[1])
    return [{"label": label, "count": None if label in hidden else count} for label, count in rows]


def compute(day: date) -> dict[str, Any]:
    """All figures of the public home page as JSON values."""
    area = settings.PROGRAMME_AREA
    low, high = Area(code=area).span
    active = Coordinator.objects.active_on(day).filter(area_id__gte=low, area_id__lte=high)
    hosts = dict(active.values_list("host_kind").annotate(n=Count("id")).order_by())
    places = dict(active.values_list("area__short_name").annotate(n=Count("id")).order_by())
    return {
        "day": day.isoformat(),
        "coordinators": active.count(),
        "targets": [
            {"title": f.title, "clause": f.clause, "rate": f.rate, "covered": f.covered, "total": f.total - f.exempt}
            for f in figures(area, day)
            if not f.no_data and f.total
        ],
        "hosts": suppressed([(label, hosts.get(kind, 0)) for kind, label in OrganisationKind.choices if hosts.get(kind)]),
        "places": suppressed(sorted(places.items(), key=lambda pair: -pair[1])),
    }


def refresh() -> dict[str, Any]:
    """Compute and keep; run by the schedule every ten minutes."""
    content = compute(timezone.localdate())
    cache.set(CACHE_KEY, content, KEEP_SECONDS)
    return content


def current() -> dict[str, Any]:
    """What was computed last; computed now when nothing was."""
    return cache.get(CACHE_KEY) or refresh()
