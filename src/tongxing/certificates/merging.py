"""Merging two records of one person, with their certificates: the whole act, since certificates stand above the register."""

from collections import Counter, defaultdict

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from tongxing.accounts.models import User
from tongxing.audit.log import Actor, record
from tongxing.registry.merging import merge_people
from tongxing.registry.models import Assignment, ConductRecord, DutyArea, Person
from tongxing.training.merging import follow_person_merge
from tongxing.training.models import Enrolment

from .models import Certificate


def what_hangs_on(*people: Person) -> list[tuple[str, ...]]:
    """What would move: certificates by number, then how much of the rest; one text for each of the people."""
    ids = [person.pk for person in people]
    numbers: dict[int, list[str]] = defaultdict(list)
    for person_id, number in Certificate.objects.filter(person_id__in=ids).order_by("level", "number").values_list("person_id", "number"):
        numbers[person_id].append(number)
    rows = [("证书", *("、".join(numbers[pk]) or "–" for pk in ids))]
    for label, held, field in (
        ("包联企业", Assignment.objects.filter(until=None), "coordinator__person_id"),
        ("责任片区", DutyArea.objects.filter(until=None), "coordinator__person_id"),
        ("违法失信记录", ConductRecord.objects.all(), "person_id"),
        ("培训报名", Enrolment.objects.all(), "person_id"),
        ("登录账号", User.objects.filter(is_active=True), "person_id"),
    ):
        counts = Counter(held.filter(**{f"{field}__in": ids}).values_list(field, flat=True))
        rows.append((label, *(str(counts[pk] or "–") for pk in ids)))
    return rows


@transaction.atomic
def merge_with_certificates(keep: Person, drop: Person, *, by: Actor, reason: str = "") -> Person:
    """Merge the register's rows, then move certificates, training records and what rooms above hold; all or nothing."""
    kept = merge_people(keep, drop, by=by, reason=reason)
    move_certificates(drop, kept, by=by)
    follow_person_merge(kept, drop, by=by)
    for path in settings.PERSON_MERGES:
        import_string(path)(kept, drop, by=by)
    return kept


@transaction.atomic
def move_certificates(drop: Person, keep: Person, *, by: Actor) -> int:
    """Give every certificate of `drop` to `keep`; returns how many."""
    numbers = list(Certificate.objects.filter(person=drop).values_list("number", flat=True))
    Certificate.objects.filter(person=drop).update(person=keep)
    if numbers:
        record("certificates.move", by=by, of=keep, before={"person_id": drop.pk}, after={"person_id": keep.pk, "numbers": numbers})
    return len(numbers)
