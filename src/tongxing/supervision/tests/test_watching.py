"""The watch over the database: what the loaders see, once, with the same number of queries; and the three ways out."""

from datetime import timedelta
from types import SimpleNamespace

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tongxing.audit.models import Entry
from tongxing.evaluation import staffing
from tongxing.evaluation.models import AssessmentBatch, Candidate, PartResult
from tongxing.evaluation.tests.world import a_batch, a_filing, a_site, an_application, an_assessor, examined, published, refused_code
from tongxing.notices.models import Notice
from tongxing.registry.tests.people_factories import a_person
from tongxing.subsidies.models import Claim
from tongxing.subsidies.tests.scene import Scene, an_account
from tongxing.supervision import watching
from tongxing.supervision.anomalies import absence, passes, places, rush, scores, sharing, volume
from tongxing.supervision.anomalies.limits import Limits, limits_on
from tongxing.supervision.models import Anomaly
from tongxing.training.models import Enrolment
from tongxing.training.tests.world import running_class

from .world import a_scene, today

SINCE = today() - timedelta(days=365)


def a_strange_batch(jiyuan: SimpleNamespace, people: int = 5) -> AssessmentBatch:
    """Everybody has 80 in both parts; the first is marked as absent."""
    batch = a_batch(a_filing(jiyuan.county))
    for _ in range(people):
        an_application(batch)
    published(batch)
    first = Candidate.objects.filter(batch=batch)[0]
    Candidate.objects.filter(pk=first.pk).update(attendance="absent")
    return batch


def test_limits_are_the_provisions_of_the_day() -> None:
    assert Limits._field_defaults.keys() == set(Limits._fields)


def test_what_is_seen_is_kept_once_and_told_once(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    assert limits_on(today()) == Limits()
    batch = a_strange_batch(jiyuan)
    assert (watching.run(), watching.run()) == (2, 0)
    assert sorted(Anomaly.objects.values_list("rule", "reference")) == [("absent", str(batch.pk)), ("same_scores", str(batch.pk))]
    assert Notice.objects.filter(user=cast.officer, title__contains="2 条").count() == 1
    assert Entry.objects.filter(act="supervision.watch").count() == 1
    PartResult.objects.filter(candidate__attendance="absent").delete()
    assert watching.run() == 0
    gone = Anomaly.objects.get(rule="absent")
    assert (gone.gone_on, gone.state) == (today(), "open")


def test_a_dismissed_one_does_not_come_back(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    a_strange_batch(jiyuan)
    watching.run()
    row = Anomaly.objects.get(rule="same_scores")
    assert refused_code(lambda: watching.dismiss(row, by=cast.officer, reason=" ")) == "reason_missing"
    assert refused_code(lambda: watching.dismiss(row, by=cast.other, reason="核实过")) == "not_allowed"
    watching.dismiss(row, by=cast.officer, reason="同一评分细则，已核对答题卡")
    assert watching.run() == 0
    assert refused_code(lambda: watching.dismiss(row, by=cast.officer, reason="再排除")) == "wrong_state"


def test_one_becomes_a_visit_outside_the_draw_another_an_issue(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    a_strange_batch(jiyuan)
    watching.run()
    inspectors = a_scene(jiyuan.county, bodies=0).inspectors[:2]
    first, second = Anomaly.objects.order_by("rule")
    visit = watching.to_visit(first, inspectors, by=cast.officer, due_from=today(), due_until=today(), reason="请核签到表")
    assert (visit.draw_id, visit.added_reason.startswith("异常线索"), visit.anomalies.get()) == (None, True, first)
    finding = watching.to_issue(second, by=cast.officer, text="", severity="serious")
    assert (finding.anomaly, finding.organisation) == (second, second.organisation)
    assert sorted(Anomaly.objects.values_list("state", flat=True)) == ["issue", "visit"]


def test_one_that_points_at_no_body_is_only_dismissed(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row = Anomaly.objects.create(rule="account", reference="x", area=jiyuan.county, text="三人一个账号", advice="核实")
    assert refused_code(lambda: watching.to_issue(row, by=cast.officer, text="", severity="minor")) == "no_body"
    assert refused_code(lambda: watching.to_visit(row, [], by=cast.officer, due_from=today(), due_until=today())) == "no_body"


def test_one_assessor_planned_at_two_sites_is_seen(jiyuan: SimpleNamespace) -> None:
    person, batches = a_person(jiyuan.county), []
    for day in (30, 31):
        filing = a_filing(jiyuan.county)
        batch = a_batch(filing, site=a_site(filing.organisation), exam_on=today() + timedelta(days=day))
        staffing.assign_duty(
            batch, an_assessor(filing.organisation, person), by=SimpleNamespace(pk=None, display_name="", acting_for=""), kind="assessor"
        )
        batches.append(batch)
    assert places.find(places.load(SINCE), Limits()) == []
    AssessmentBatch.objects.filter(pk=batches[1].pk).update(exam_on=batches[0].exam_on)
    assert len(places.find(places.load(SINCE), Limits())) == 1


def test_claims_into_one_account_are_seen(jiyuan: SimpleNamespace) -> None:
    scene = Scene(jiyuan)
    scene.opened(*[scene.training(account=an_account(77)) for _ in range(3)])
    hits = sharing.find(sharing.load(SINCE), Limits())
    assert [(hit.rule, hit.figures["人数"]) for hit in hits] == [("account", 3)]
    assert Claim.objects.all()[0].account not in hits[0].text


def test_a_completion_without_attendance_is_seen(jiyuan: SimpleNamespace) -> None:
    one = running_class(jiyuan.county).rows[0]
    assert absence.load(SINCE) == []
    Enrolment.objects.filter(pk=one.pk).update(state="completed", completed_on=today())
    assert [row.rule for row in absence.load(SINCE)] == ["untaught"]


def test_the_loaders_ask_as_much_for_many_as_for_one(jiyuan: SimpleNamespace) -> None:
    limits = Limits()

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            for room in (volume, sharing, places, scores, rush, absence):
                room.load(SINCE)
            passes.load(today(), limits)
        return len(queries)

    a_strange_batch(jiyuan, people=1)
    one = asked()
    for _ in range(2):
        a_strange_batch(jiyuan, people=2)
    assert (asked(), one) == (9, 9)


def test_certificates_without_an_examination_are_seen(jiyuan: SimpleNamespace) -> None:
    scene = Scene(jiyuan)
    filing = a_filing(jiyuan.county)
    batch = a_batch(filing, capacity=1)
    an_application(batch)
    examined(batch)
    bodies = [scene.certificate(issued_on=today()) for _ in range(3)]
    for paper in bodies:
        paper.body = filing.organisation
        paper.save(update_fields=["body"])
    hits = volume.find(volume.load(SINCE), Limits())
    assert [(hit.rule, hit.figures) for hit in hits] == [("seats", {"本周发证": 3, "座位": 1})]
