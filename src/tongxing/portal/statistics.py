"""What the public home page counts: computed ahead, small cells suppressed, kept in the shared cache (notice:3.4.1, 4.3)."""

import time
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.core.locks import one_at_a_time
from tongxing.core.suppression import published, published_total
from tongxing.registry.models import Coordinator
from tongxing.registry.models.organisations import OrganisationKind
from tongxing.targets.figures import figures

CACHE_KEY = "portal.statistics"
KEEP_SECONDS = 24 * 3600
COMPUTING_KEY = "portal.statistics.computing"
COMPUTING_SECONDS = 60
PATIENCE_SECONDS = 3.0


def compute(day: date) -> dict[str, Any]:
    """All figures of the public home page as JSON values."""
    area = settings.PROGRAMME_AREA
    low, high = Area(code=area).span
    active = Coordinator.objects.active_on(day).filter(area_id__gte=low, area_id__lte=high)
    hosts = dict(active.values_list("host_kind").annotate(n=Count("id")).order_by())
    places = dict(active.values_list("area__short_name").annotate(n=Count("id")).order_by())
    return {
        "day": day.isoformat(),
        "coordinators": published_total(active.count()),
        "targets": [
            {"title": f.title, "clause": f.clause, "rate": f.rate, "covered": f.covered, "total": f.total - f.exempt}
            for f in figures(area, day)
            if not f.no_data and f.total
        ],
        "hosts": _rows((label, hosts.get(kind, 0)) for kind, label in OrganisationKind.choices),
        "places": _rows(places.items()),
    }


def refresh() -> dict[str, Any]:
    """Compute and keep; run by the schedule every ten minutes."""
    content = compute(timezone.localdate())
    cache.set(CACHE_KEY, content, KEEP_SECONDS)
    return content


def _rows(counted: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    return [asdict(cell) for cell in published(counted)]


def current() -> dict[str, Any] | None:
    """What was computed last. When nothing was, one visitor's request computes it and the others wait a little; None when it takes longer."""
    found: dict[str, Any] | None = cache.get(CACHE_KEY)
    if found is None:
        found = _computed_by_one()
    return found


def _computed_by_one() -> dict[str, Any] | None:
    with one_at_a_time(COMPUTING_KEY):
        mine = cache.add(COMPUTING_KEY, 1, COMPUTING_SECONDS)
    if mine:
        try:
            return refresh()
        finally:
            cache.delete(COMPUTING_KEY)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := cache.get(CACHE_KEY)) is None and time.monotonic() < deadline:
        time.sleep(0.1)
    return found  # type: ignore[no-any-return]
