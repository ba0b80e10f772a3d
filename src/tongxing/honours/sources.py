"""What the rooms below know of a nominee and a dossier can be assembled from, in a constant number of queries.

Of a person: posts, certificates, training, prizes and titles. Of an organisation: certified coordinators, services.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.urls import reverse

from tongxing.certificates.models import Certificate, CertificateStatus, Level
from tongxing.registry.models import Organisation, OrganisationService, Person, Posting
from tongxing.training.models import Enrolment, EnrolmentState

from . import gathering
from .keeping import AWARDED
from .models import Award, ItemKind, Nomination


class Source(NamedTuple):
    """A record that can be ticked: how it reads today, where it stands, who may open it there, and what it usually proves.

    `void`: it stands, but counts no longer.
    """

    kind: ItemKind
    key: str
    label: str
    url: str
    permission: str
    clause: str = ""
    void: bool = False


def of(nomination: Nomination) -> list[Source]:
    """Everything that can be ticked, and what was ticked and is void since."""
    if nomination.person is not None:
        person = nomination.person
        return [*_posts(person), *_certificates(person), *_training(person), *_awards(person)]
    assert nomination.organisation is not None  # the constraint
    return [*_members(nomination, nomination.organisation), *_services(nomination.organisation)]


def _posts(person: Person) -> Iterator[Source]:
    rows = Posting.objects.filter(coordinator__person=person).select_related("organisation", "coordinator").order_by("-since", "-pk")
    for one in rows:
        span = f"{one.since} 至{f' {one.until}' if one.until else '今'}"
        label = f"{one.organisation.name}{f'，{one.post}' if one.post else ''}，{span}"
        url = reverse("registry:coordinator", args=[one.coordinator.uid])
        yield Source(ItemKind.POST, str(one.pk), label, url, "registry.view")


def _certificates(person: Person) -> Iterator[Source]:
    for one in Certificate.objects.filter(person=person).order_by("level", "-issued_on", "pk"):
        label = f"{Level(one.level).label.partition('/')[0]} {one.get_kind_display()} {one.number}，{one.issued_on} 发证"
        url = reverse("certificates:certificate", args=[one.uid])
        void = one.status != CertificateStatus.VALID
        yield Source(ItemKind.CERTIFICATE, str(one.uid), label, url, "certificates.view", "notice:A1.1", void)


def _training(person: Person) -> Iterator[Source]:
    done = Enrolment.objects.filter(person=person, state=EnrolmentState.COMPLETED).select_related("training_class")
    for one in done.order_by("-completed_on", "-pk"):
        hours = f"，{one.hours} 学时" if one.hours else ""
        label = f"{one.training_class}，{one.completed_on} 结业{hours}"
        url = reverse("training:class", args=[one.training_class.uid])
        yield Source(ItemKind.TRAINING, str(one.uid), label, url, "training.view")


def _awards(person: Person) -> Iterator[Source]:
    url = reverse("honours:person", args=[person.uid])
    for one in Award.objects.filter(person=person).order_by("-awarded_on", "-pk"):
        label = f"{one.awarded_on} {one.get_rank_display()} {one.name}，{one.awarded_by}{f'（{one.document}）' if one.document else ''}"
        yield Source(ItemKind.AWARD, str(one.uid), label, url, "honours.view", AWARDED, one.struck_on is not None)


def _members(nomination: Nomination, organisation: Organisation) -> Iterator[Source]:
    """Coordinators who hold a post there on the reference day with a valid certificate."""
    rows = gathering.certified_members(nomination.selection.judged_on).filter(organisation=organisation)
    for one in rows.select_related("coordinator__person").order_by("since", "pk"):
        person = one.coordinator.person
        label = f"{person.name}，{f'{one.post}，' if one.post else ''}{one.since} 起任职"
        yield Source(ItemKind.MEMBER, str(person.uid), label, reverse("registry:person", args=[person.uid]), "registry.view", "notice:A2.1")


def _services(organisation: Organisation) -> Iterator[Source]:
    url = reverse("registry:organisation", args=[organisation.uid])
    for one in OrganisationService.objects.filter(organisation=organisation):
        yield Source(ItemKind.SERVICE, one.service, one.get_service_display(), url, "registry.view", "notice:A2.1")
