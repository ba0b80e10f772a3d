"""Claims and the rooms beside them: what the training room knows is not typed again, and claims follow merged records."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from tongxing.audit.log import COMMAND_LINE
from tongxing.certificates.merging import merge_with_certificates
from tongxing.core.errors import Refused
from tongxing.registry.models import Person
from tongxing.registry.tests.people_factories import a_person, an_organisation
from tongxing.subsidies import merging
from tongxing.subsidies.models import Claim
from tongxing.training.models import Enrolment, EnrolmentState, Funding
from tongxing.training.tests.world import a_class, a_course, trainees

from .scene import Scene

BORN = date(1990, 3, 7)


def trained(scene: Scene, person: Person, *, funding: str = Funding.SUBSIDISED) -> Enrolment:
    """A class of level 3 that the person completed twenty days ago."""
    made = a_class(scene.jiyuan.county, course=a_course(level=3))
    row = trainees(made, 1, scene.jiyuan.kejing)[0]
    done = {"person": person, "state": EnrolmentState.COMPLETED, "completed_on": timezone.localdate() - timedelta(days=20), "hours": 76}
    Enrolment.objects.filter(pk=row.pk).update(funding=funding, **done)
    return Enrolment.objects.get(pk=row.pk)


def test_hours_and_day_come_from_the_training_room(scene: Scene) -> None:
    certificate = scene.certificate()
    trained(scene, certificate.person)
    claim = scene.opened(scene.training(certificate, completed_on=None, hours=None))[0]
    assert (claim.completed_on, claim.hours) == (timezone.localdate() - timedelta(days=20), Decimal(76))
    assert "完成 76 学时" in "".join(claim.decision["reasons"])


def test_who_paid_for_the_class_gets_no_training_subsidy(scene: Scene) -> None:
    certificate = scene.certificate()
    trained(scene, certificate.person, funding=Funding.MARKET)
    with pytest.raises(ValidationError, match="市场化自费"):
        scene.opened(scene.training(certificate))
    assert scene.opened(scene.ask(certificate))


def test_a_class_of_another_level_is_no_ground(scene: Scene) -> None:
    certificate = scene.certificate(level=4)
    trained(scene, certificate.person)
    with pytest.raises(ValidationError, match="没有登记完成的培训学时"):
        scene.opened(scene.training(certificate, completed_on=None, hours=None))


def test_claims_follow_a_merged_person(scene: Scene) -> None:
    keep, drop = scene.person(), a_person(scene.jiyuan.kejing, born_on=BORN)
    claim = scene.opened(scene.training(scene.certificate(drop)))[0]
    merge_with_certificates(keep, drop, by=COMMAND_LINE, reason="同一人")
    claim.refresh_from_db()
    assert (claim.person_id, claim.payee_person_id) == (keep.pk, keep.pk)


def test_two_claims_for_one_level_stop_the_merging(scene: Scene) -> None:
    keep, drop = scene.person(), a_person(scene.jiyuan.kejing, born_on=BORN)
    scene.opened(scene.ask(scene.certificate(keep)), scene.ask(scene.certificate(drop)))
    with pytest.raises(Refused, match="两条记录都申请了同一等级的补贴"):
        merge_with_certificates(keep, drop, by=COMMAND_LINE, reason="同一人")
    drop.refresh_from_db()
    assert drop.merged_into_id is None


def test_claims_follow_a_merged_body(scene: Scene) -> None:
    scene.opened()
    keep = an_organisation(scene.jiyuan.county, kind="assessment")
    assert merging.follow_merge(keep, scene.body, by=COMMAND_LINE) == {"claims": 1}
    assert Claim.objects.get().payee_organisation_id == keep.pk
