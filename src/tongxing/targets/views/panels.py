"""The card 覆盖情况 that an organisation's page fetches from here."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from tongxing.core.access import requires
from tongxing.registry.models import Organisation
from tongxing.targets.models import Gap, Target
from tongxing.targets.units import unit


@require_GET
@requires("targets.view")
def of_organisation(request: HttpRequest, uid: UUID) -> HttpResponse:
    """How the organisation stands with each target that counts it, with the way to the proof and to the gap."""
    organisation = get_object_or_404(Organisation.objects.visible_to(request.user), uid=uid)
    targets = [target for target in Target.objects.visible_to(request.user).coverage() if target.is_organisations]
    today = timezone.localdate()
    found = [(target, unit(target, "organisation", organisation.pk, today)) for target in targets]
    gaps = Gap.objects.visible_to(request.user).standing().filter(unit_kind="organisation", unit_id=organisation.pk)
    context = {"rows": [pair for pair in found if pair[1]], "gaps": {gap.target_key: gap for gap in gaps}}
    return render(request, "targets/of_organisation.html", context)
