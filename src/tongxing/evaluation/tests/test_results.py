"""Public notice, objections that stop one clock, and the archive."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from tongxing.audit.log import COMMAND_LINE
from tongxing.evaluation import archiving, issuing, objecting, publishing
from tongxing.evaluation.archiving import CHECKLIST, Kept
from tongxing.evaluation.models import AssessmentBatch, Candidate, Objection
from tongxing.workdays.calendar import add_working_days, working_days_between

from .world import FIRST, a_batch, a_filing, an_application, pass_days, past_notice, published, refused_code

BY = SimpleNamespace(pk=900_009, display_name="处理人", acting_for="")


def three(jiyuan: SimpleNamespace) -> AssessmentBatch:
    batch = a_batch(a_filing(jiyuan.kejing))
    for _ in range(3):
        an_application(batch)
    return batch


def objected(candidate: Candidate, **facts: Any) -> Objection:
    values: dict[str, Any] = {"raised_on": timezone.localdate(), "raised_by": "群众", "text": "工作年限不实"} | facts
    return objecting.raise_objection(candidate, by=COMMAND_LINE, **values)


def test_the_notice_runs_for_working_days_and_nobody_is_issued_before(jiyuan: SimpleNamespace) -> None:
    batch = published(three(jiyuan))
    today = timezone.localdate()
    assert (batch.notice_from, batch.notice_until) == (today, add_working_days(today, 5))
    assert refused_code(lambda: issuing.issue(batch, by=COMMAND_LINE)) == "nobody_ready"
    last = pass_days(batch, (batch.notice_until - today).days)
    assert last.notice_until == today
    assert refused_code(lambda: issuing.issue(last, by=COMMAND_LINE)) == "nobody_ready"
    assert len(issuing.issue(pass_days(last, 1), by=COMMAND_LINE).numbers) == 3


def test_an_objection_stops_the_clock_of_its_name_only(jiyuan: SimpleNamespace) -> None:
    batch = published(three(jiyuan))
    one, *_ = Candidate.objects.filter(batch=batch)
    objection = objected(one)
    assert objection.days_left == 5
    assert refused_code(lambda: objected(one)) == "objection_open"
    batch = pass_days(batch, 20)
    done = issuing.issue(batch, by=COMMAND_LINE)
    assert (len(done.numbers), done.waiting) == (2, 1)
    batch.refresh_from_db()
    assert batch.state == "published"
    objecting.dismiss_objection(objection, by=BY, answer="经核查，年限属实")
    one.refresh_from_db()
    assert one.notice_until == add_working_days(timezone.localdate(), 5), "the days that were left run on"
    assert refused_code(lambda: issuing.issue(batch, by=COMMAND_LINE)) == "nobody_ready"
    Candidate.objects.filter(pk=one.pk).update(notice_until=timezone.localdate() - timedelta(days=1))
    assert len(issuing.issue(batch, by=COMMAND_LINE).numbers) == 1
    batch.refresh_from_db()
    assert batch.state == "issued"


def test_an_upheld_objection_corrects_and_starts_the_notice_anew(jiyuan: SimpleNamespace) -> None:
    batch = published(three(jiyuan), "59")
    one, *others = Candidate.objects.filter(batch=batch)
    objection = objected(one, text="加分漏算，身份证 419001199003070011")
    assert "419001199003070011" not in objection.text
    answer = {"answer": "复核，理论实为 62 分"}
    assert (
        refused_code(lambda: objecting.uphold_objection(objection, by=FIRST, part="theory", value=Decimal(62), **answer)) == "same_person"
    )
    assert refused_code(lambda: objecting.uphold_objection(objection, by=BY, part="review", value=Decimal(62), **answer)) == "no_part"
    assert refused_code(lambda: objecting.uphold_objection(objection, by=BY, part="theory", value=Decimal(59), **answer)) == "same_score"
    objecting.uphold_objection(objection, by=BY, part="theory", value=Decimal(62), **answer)
    one.refresh_from_db()
    assert (one.passed, one.outcome["facts"]["理论知识"]) == (False, 62.0)
    assert one.notice_until == add_working_days(timezone.localdate(), 5)
    second = objected(one)
    objecting.uphold_objection(second, by=BY, part="practice", value=Decimal(60), answer="复核")
    one.refresh_from_db()
    assert one.passed is True
    assert [other.passed for other in others] == [False, False]
    assert refused_code(lambda: objecting.dismiss_objection(second, by=BY, answer="又")) == "already_decided"


def test_objections_come_during_the_notice(jiyuan: SimpleNamespace) -> None:
    batch = published(three(jiyuan))
    one = Candidate.objects.filter(batch=batch).first()
    assert one is not None
    today = timezone.localdate()
    assert refused_code(lambda: objected(one, raised_on=today + timedelta(days=1))) == "bad_day"
    assert refused_code(lambda: objected(one, raised_on=today - timedelta(days=1))) == "bad_day"
    assert refused_code(lambda: objected(one, text=" ")) == "incomplete"
    batch = pass_days(batch, 3)
    late = objected(one)
    assert late.days_left == max(0, working_days_between(today, batch.notice_until))
    issued = issuing.issue(pass_days(batch, 20), by=COMMAND_LINE)
    assert len(issued.numbers) == 2
    two = Candidate.objects.filter(batch=batch).last()
    assert two is not None
    assert refused_code(lambda: objected(two)) == "already_issued"


def test_a_result_is_taken_back_before_it_is_issued(jiyuan: SimpleNamespace) -> None:
    batch = past_notice(three(jiyuan))
    one = Candidate.objects.filter(batch=batch).first()
    assert one is not None
    assert refused_code(lambda: publishing.cancel_result(one, by=COMMAND_LINE, reason=" ")) == "reason_missing"
    publishing.cancel_result(one, by=COMMAND_LINE, reason="替考，查实")
    assert len(issuing.issue(batch, by=COMMAND_LINE).numbers) == 2
    assert refused_code(lambda: publishing.cancel_result(one, by=COMMAND_LINE, reason="x")) == "wrong_state"


def test_the_archive_is_closed_when_every_line_is_said(jiyuan: SimpleNamespace) -> None:
    batch = past_notice(three(jiyuan))
    issuing.issue(batch, by=COMMAND_LINE)
    assert refused_code(lambda: archiving.archive(batch, by=COMMAND_LINE, place="档案室")) == "archive_open"
    assert refused_code(lambda: archiving.note_items(batch, {"x": Kept(True, False)}, by=COMMAND_LINE)) == "no_item"
    lines = {key: Kept(True, True) for key in CHECKLIST} | {"review": Kept(False, False, "四级没有综合评审")}
    assert archiving.note_items(batch, lines, by=COMMAND_LINE) == len(CHECKLIST)
    assert archiving.note_items(batch, lines, by=COMMAND_LINE) == 0
    assert refused_code(lambda: archiving.archive(batch, by=COMMAND_LINE, place=" ")) == "incomplete"
    done = archiving.archive(batch, by=COMMAND_LINE, place="评价机构档案室 3 柜")
    assert done.state == "archived"
    today = timezone.localdate()
    assert archiving.retention(today.replace(day=1)) == (
        today.replace(day=1, year=today.year + 3),
        today.replace(day=1, year=today.year + 5),
    )
