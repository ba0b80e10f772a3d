"""The card 持证协调员 that an organisation's page fetches from here (notice:A2.1 asks for at least three)."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.certificates.holding import certified, with_level
from tongxing.certificates.models import Level
from tongxing.core.access import requires
from tongxing.registry.models import Coordinator, Organisation, Posting
from tongxing.registry.models.coordinators import holds_on

WANTED = 3


@require_GET
@requires("certificates.view")
def of_organisation(request: HttpRequest, uid: UUID) -> HttpResponse:
    """How many active coordinators with a valid certificate the organisation has today, by name and level."""
    organisation = get_object_or_404(Organisation.objects.visible_to(user_of(request)), uid=uid)
    today = timezone.localdate()
    posted = Posting.objects.filter(holds_on(today), organisation=organisation).values("coordinator_id")
    rows = with_level(certified(Coordinator.objects.visible_to(user_of(request)).active_on(today).filter(id__in=posted)))
    held = [(row.person, Level(row.level).label) for row in rows.select_related("person")]  # type: ignore[attr-defined]
    return render(request, "certificates/of_organisation.html", {"held": held, "wanted": WANTED, "enough": len(held) >= WANTED})
