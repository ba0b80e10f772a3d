"""Where a coordinator belongs: kind of the main host and leaf area, which follow postings and duty areas; what figures they touch."""

from django.db.models import F
from django.utils import timezone

from .models import Assignment, Coordinator, DutyArea, Person, Posting


def lock(coordinator: Coordinator) -> None:
    """Hold the row until the transaction ends, and read again what another officer may have changed since the page was opened."""
    coordinator.refresh_from_db(from_queryset=Coordinator.objects.select_for_update())


def main_posting(coordinator: Coordinator) -> Posting | None:
    """The open posting that counts as the main one."""
    return coordinator.postings.filter(until=None).select_related("organisation").order_by("-is_primary", "-since", "-id").first()


def follow_host(coordinator: Coordinator) -> None:
    """Bring `host_kind` and `area` in line with the main posting, else the latest duty area; the person's area follows.

    Without either, the area stays where it was: somebody must keep seeing the record.
    """
    posting = main_posting(coordinator)
    duty = None if posting else coordinator.duty_areas.filter(until=None).order_by("-since", "-id").first()
    if posting and not posting.is_primary:
        posting.is_primary = True
        posting.save(update_fields=["is_primary"])
    coordinator.host_kind = posting.organisation.kind if posting else ""
    if posting:
        coordinator.area_id = posting.organisation.area_id
    elif duty:
        coordinator.area_id = duty.area_id
    coordinator.updated_at = timezone.now()
    coordinator.save(update_fields=["host_kind", "area", "updated_at"])
    # A person who moves is seen by those who keep the new area; two keepers editing the old page must notice.
    Person.objects.filter(pk=coordinator.person_id).exclude(area_id=coordinator.area_id).update(
        area_id=coordinator.area_id, version=F("version") + 1, updated_at=timezone.now()
    )


def leaves_of(coordinator: Coordinator) -> set[int]:
    """Every leaf area whose figures this coordinator may move, on any day: hosts, duty areas, assigned enterprises, own area."""
    postings = Posting.objects.filter(coordinator=coordinator).values_list("organisation__area_id", flat=True)
    duties = DutyArea.objects.filter(coordinator=coordinator).values_list("area_id", flat=True)
    assigned = Assignment.objects.filter(coordinator=coordinator).values_list("organisation__area_id", flat=True)
    return {coordinator.area_id, *postings, *duties, *assigned}
