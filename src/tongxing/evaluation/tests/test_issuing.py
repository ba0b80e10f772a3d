"""Issuing: numbers of the standard's parts, without gaps or doubles; the register and the coverage follow in the same transaction."""

from datetime import timedelta
from types import SimpleNamespace

from django.utils import timezone

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.certificates.models import Certificate
from tongxing.certificates.numbers import read_number
from tongxing.certificates.register import register_certificate, void_certificate
from tongxing.evaluation import issuing, publishing
from tongxing.evaluation.models import AssessmentBatch, Candidate, SerialCounter
from tongxing.registry.merging import merge_people
from tongxing.registry.tests.people_factories import a_coordinator, a_person, an_organisation
from tongxing.targets.base_data import load
from tongxing.targets.figures import figure

from .world import a_batch, a_filing, a_user, an_application, past_notice, refused_code


def ready(jiyuan: SimpleNamespace, filing: object, people: int = 2, **facts: object) -> AssessmentBatch:
    batch = a_batch(filing, **facts)  # type: ignore[arg-type]
    for _ in range(people):
        an_application(batch)
    return past_notice(batch)


def numbers() -> list[str]:
    return list(Certificate.objects.order_by("number").values_list("number", flat=True))


def test_numbers_are_built_of_filing_year_level_and_serial(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing, number="S000041000077")
    batch = ready(jiyuan, filing, 3)
    before = Entry.objects.count()
    done = issuing.issue(batch, by=cast.officer)
    today = timezone.localdate()
    assert done.numbers == [f"S000041000077{today:%y}400000{serial}" for serial in (1, 2, 3)]
    for certificate in Certificate.objects.all():
        facts = read_number(certificate.number)
        assert (facts.body_code, facts.level, facts.year) == (filing.number, 4, today.year)
        assert (certificate.body_id, certificate.body_name) == (filing.organisation_id, filing.organisation.name)
        assert (certificate.status, certificate.issued_on, certificate.occupation) == ("valid", today, "劳动关系协调员")
    assert Entry.objects.count() == before + 1, "one entry for the batch"
    assert Entry.objects.get(act="evaluation.issue").after["numbers"] == [done.numbers[0], done.numbers[-1]]
    assert dict(Candidate.objects.values_list("person_id", "certificate__person_id")) == {
        pk: pk for pk in Candidate.objects.values_list("person_id", flat=True)
    }
    assert refused_code(lambda: issuing.issue(batch, by=cast.officer)) == "wrong_state", "pressed twice it gives nothing twice"


def test_serials_run_on_by_filing_and_level(jiyuan: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing)
    issuing.issue(ready(jiyuan, filing), by=COMMAND_LINE)
    issuing.issue(ready(jiyuan, filing), by=COMMAND_LINE)
    assert [int(number[16:]) for number in numbers()] == [1, 2, 3, 4]
    issuing.issue(ready(jiyuan, a_filing(jiyuan.kejing), 1), by=COMMAND_LINE)
    assert sorted(SerialCounter.objects.values_list("last", flat=True)) == [1, 4]


def test_a_number_of_the_register_is_never_given_again(jiyuan: SimpleNamespace) -> None:
    filing, today = a_filing(jiyuan.kejing), timezone.localdate()
    prefix = f"{filing.number}{today:%y}4"
    known = register_certificate(a_person(jiyuan.kejing), by=COMMAND_LINE, number=f"{prefix}000007", level=4, issued_on=today)
    void_certificate(known, by=COMMAND_LINE, reason="打印错误")
    done = issuing.issue(ready(jiyuan, filing), by=COMMAND_LINE)
    assert [number[16:] for number in done.numbers] == ["000008", "000009"]
    register_certificate(a_person(jiyuan.kejing), by=COMMAND_LINE, number=f"{prefix}999999", level=4, issued_on=today)
    assert refused_code(lambda: issuing.issue(ready(jiyuan, filing, 1), by=COMMAND_LINE)) == "serials_used_up"


def test_only_the_bureau_issues(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing)
    batch = ready(jiyuan, filing, 1)
    for by in (a_user("机构", "assessment_body", organisation=filing.organisation), cast.other, cast.leader):
        assert refused_code(lambda by=by: issuing.issue(batch, by=by)) == "not_allowed"
    assert len(issuing.issue(batch, by=cast.officer).numbers) == 1


def test_a_certificate_voided_in_between_holds_its_name_back(jiyuan: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing)
    batch, person = a_batch(filing, level=3), a_person(jiyuan.kejing)
    other = a_person(jiyuan.kejing)
    day = timezone.localdate() - timedelta(days=365 * 8)
    papers = [
        register_certificate(one, by=COMMAND_LINE, number=f"S000041000001{day:%y}400000{place}", level=4, issued_on=day)
        for place, one in enumerate((person, other), 1)
    ]
    an_application(batch, person), an_application(batch, other)
    past_notice(batch)
    void_certificate(papers[0], by=COMMAND_LINE, reason="查实造假")
    done = issuing.issue(batch, by=COMMAND_LINE)
    assert (len(done.numbers), done.held) == (1, 1)
    one = Candidate.objects.get(person=person)
    assert "已作废（查实造假）" in one.held_reason
    assert refused_code(lambda: issuing.issue(batch, by=COMMAND_LINE)) == "nobody_ready"
    publishing.cancel_result(one, by=COMMAND_LINE, reason="原证书造假")
    assert issuing.issue(batch, by=COMMAND_LINE).numbers == []
    batch.refresh_from_db()
    assert batch.state == "issued"


def test_who_got_the_level_elsewhere_is_held_back(jiyuan: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing)
    batch = ready(jiyuan, filing, 2)
    one = Candidate.objects.first()
    assert one is not None
    today = timezone.localdate()
    register_certificate(one.person, by=COMMAND_LINE, number=f"S000041099998{today:%y}4000001", level=4, issued_on=today)
    assert (len(issuing.issue(batch, by=COMMAND_LINE).numbers), Candidate.objects.get(pk=one.pk).certificate) == (1, None)


def test_the_certificate_goes_to_the_record_that_stands(jiyuan: SimpleNamespace) -> None:
    batch = ready(jiyuan, a_filing(jiyuan.kejing), 1)
    candidate = Candidate.objects.get()
    keep = a_person(jiyuan.kejing)
    merge_people(keep, candidate.person, by=COMMAND_LINE)
    issuing.issue(batch, by=COMMAND_LINE)
    assert Certificate.objects.get().person == keep


def test_the_gap_closes_when_the_certificate_is_issued_and_opens_when_it_is_void(jiyuan: SimpleNamespace) -> None:
    load(COMMAND_LINE)
    enterprise = an_organisation(jiyuan.qinyuan)
    coordinator = a_coordinator(jiyuan.kejing, organisation=enterprise)

    def certified() -> int:
        return figure(jiyuan.county.code, "enterprises").certified

    assert (figure(jiyuan.county.code, "enterprises").covered, certified()) == (1, 0)
    batch = a_batch(a_filing(jiyuan.kejing))
    an_application(batch, coordinator.person)
    past_notice(batch)
    assert certified() == 0
    issuing.issue(batch, by=COMMAND_LINE)
    assert certified() == 1
    void_certificate(Certificate.objects.get(), by=COMMAND_LINE, reason="替考")
    assert certified() == 0
