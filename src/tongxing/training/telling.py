"""Telling everybody whom a class concerns; the addresses that go with it."""

from django.urls import reverse

from tongxing.accounts.holders import accounts_of_people, agents_of
from tongxing.notices import inbox

from .models import TrainingClass
from .models.enrolments import OPEN


def class_address(training_class: TrainingClass) -> str:
    return reverse("training:class", args=[training_class.uid])


def own_address(training_class: TrainingClass) -> str:
    return reverse("training:own-class", args=[training_class.uid])


def tell_everybody(training_class: TrainingClass, title: str, body: str) -> int:
    """Tell all who hold or wait for a place, whoever sent them, and who was invited; returns how many were told."""
    rows = training_class.enrolments.filter(state__in=OPEN).values_list("person_id", "organisation_id")
    people = accounts_of_people(person for person, _ in rows)
    senders = {organisation for _, organisation in rows if organisation}
    senders |= set(training_class.invitations.filter(state="open").values_list("organisation_id", flat=True))
    inbox.tell(people, title=title, body=body, url=own_address(training_class), kind="warning")
    employers = agents_of(senders, "training.send")
    inbox.tell(employers, title=title, body=body, url=reverse("training:send", args=[training_class.uid]), kind="warning")
    agents = agents_of([training_class.provider.organisation_id], "training.run")
    inbox.tell(agents, title=title, body=body, url=class_address(training_class), kind="warning")
    return len(people) + len(employers) + len(agents)
