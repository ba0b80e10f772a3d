"""Hours, the completion rule, warnings, certificates, transcript, archive, calendar."""

import zipfile
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.errors import Refused
from tongxing.notices.models import Notice
from tongxing.papers.models import Paper
from tongxing.training import completing, running
from tongxing.training.attendance import Mark, take_attendance
from tongxing.training.calendar_file import LONGEST, calendar_of
from tongxing.training.certifying import archive_zip, certificates_zip, certify
from tongxing.training.completion import completed_people, completions
from tongxing.training.figures import people_trained
from tongxing.training.hours import Hours, hours_of, hours_of_people
from tongxing.training.models import HoursWarning, Session
from tongxing.training.warning import warn_in_time, warning_for

from .world import TODAY, an_account, running_class

pytestmark = pytest.mark.django_db
RULE = completing.Rule(80, 60)


def taught(jiyuan: SimpleNamespace, people: int = 3, sessions: int = 5) -> SimpleNamespace:
    """A class whose sessions all lie in the past; the first is always there, the second misses one, the third two of five."""
    world = running_class(jiyuan.county, people=people, sessions_planned=sessions, began=sessions + 1)
    for number, session in enumerate(world.sessions):
        states = ["present", "absent" if number == 0 else "late", "absent" if number < 2 else "present"]
        marks = {row.pk: Mark(state, timezone.now()) for row, state in zip(world.rows, states, strict=False)}
        take_attendance(session, marks, by=COMMAND_LINE, source="paper")
    return world


def scored(world: SimpleNamespace, *scores: int | None) -> None:
    given = {row.pk: None if score is None else Decimal(score) for row, score in zip(world.rows, scores, strict=False)}
    completing.record_scores(world.made, given, by=COMMAND_LINE)


def test_hours_are_earned_by_being_there_late_or_not(jiyuan: SimpleNamespace) -> None:
    world = taught(jiyuan)
    hours = hours_of(world.made)
    assert [(hours[row.pk].planned, hours[row.pk].earned, hours[row.pk].missed) for row in world.rows] == [
        (20, 20, 0),
        (20, 16, 4),
        (20, 12, 8),
    ]
    assert dict(hours[world.rows[0].pk].topics) == {"劳动法律法规": 20}


def test_the_rule_is_explained(jiyuan: SimpleNamespace) -> None:
    world = taught(jiyuan)
    scored(world, 85, 59, 90)
    answers = [(bool(answer), "".join(answer.reasons)) for _, _, answer in completing.decisions_of(world.made)]
    assert answers == [
        (True, "出勤 20 / 20 学时（100%），达到要求的 80%。考核 85.0 分，合格。"),
        (False, "出勤 16 / 20 学时（80%），达到要求的 80%。考核 59.0 分，未达到合格线 60 分。"),
        (False, "出勤 12 / 20 学时（60%），未达到要求的 80%。考核 90.0 分，合格。"),
    ]


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(planned=st.integers(0, 200), part=st.integers(0, 100), score=st.none() | st.integers(0, 100))
def test_more_hours_and_more_points_never_harm(planned: int, part: int, score: int | None) -> None:
    earned = planned * part // 100
    less = completing.judge(Hours(planned, earned), None if score is None else Decimal(score), RULE)
    more = completing.judge(Hours(planned, planned), Decimal(100), RULE)
    assert bool(more) >= bool(less)
    assert bool(less) == (planned > 0 and earned * 100 >= planned * 80 and score is not None and score >= 60)


def test_completion_is_judged_for_all_and_told(jiyuan: SimpleNamespace) -> None:
    world = taught(jiyuan)
    account = an_account("trainee", "trainee", area=jiyuan.county, person=world.rows[2].person)
    scored(world, 85, 70, None)
    with pytest.raises(Refused, match="还没有考核成绩"):
        completing.complete_class(world.made, by=COMMAND_LINE)
    scored(world, 85, 70, 0)
    with pytest.raises(Refused, match="没有认定是否结业"):
        running.finish_class(world.made, by=COMMAND_LINE)
    assert completing.complete_class(world.made, by=COMMAND_LINE) == (2, 1)
    rows = list(world.made.enrolments.order_by("serial"))
    last = max(session.on for session in world.sessions)
    assert [(row.state, row.hours, row.completed_on) for row in rows] == [
        ("completed", 20, last),
        ("completed", 16, last),
        ("incomplete", 12, None),
    ]
    assert Notice.objects.get(user=account).title == f"未结业：{world.made.title}"
    assert running.finish_class(world.made, by=COMMAND_LINE).state == "finished"
    assert people_trained(jiyuan.county.code, last.year) == 2
    assert people_trained(jiyuan.other.code, last.year) == 0


def test_a_class_is_not_completed_while_sessions_lie_ahead_or_have_no_record(jiyuan: SimpleNamespace) -> None:
    world = running_class(jiyuan.county, people=1, sessions_planned=3, began=3)
    with pytest.raises(Refused, match="没有任何考勤记录"):
        completing.complete_class(world.made, by=COMMAND_LINE)
    Session.objects.filter(pk=world.sessions[2].pk).update(on=TODAY + timedelta(days=1))
    with pytest.raises(Refused, match="还有课"):
        completing.complete_class(world.made, by=COMMAND_LINE)


def test_upper_rooms_ask_in_bulk_with_one_query(jiyuan: SimpleNamespace) -> None:
    world = taught(jiyuan)
    scored(world, 85, 70, 0)
    completing.complete_class(world.made, by=COMMAND_LINE)
    people = [row.person_id for row in world.rows]
    with CaptureQueriesContext(connection) as asked:
        found = completions(people, level=4)
    assert len(asked) == 1
    assert {person: [(row.level, row.hours, row.score) for row in rows] for person, rows in found.items()} == {
        people[0]: [(4, 20, 85.0)],
        people[1]: [(4, 16, 70.0)],
    }
    assert completed_people(people, 3) == set()
    assert completed_people(people, 4, until=world.made.starts_on - timedelta(days=1)) == set()


# --- warnings
def test_a_warning_comes_before_it_is_too_late() -> None:
    assert warning_for(Hours(planned=40, earned=8), [4, 4], 80) == ""
    assert warning_for(Hours(planned=40, earned=8, missed=4), [4, 4], 80) == ""
    assert "最多还能缺 2 学时" in warning_for(Hours(planned=40, earned=8, missed=6), [4, 4], 80)
    assert "最多还能缺 0 学时" in warning_for(Hours(planned=40, earned=8, missed=8), [4, 4], 80)
    assert "已无法达到 80%" in warning_for(Hours(planned=40, earned=8, missed=9), [4], 80)
    assert warning_for(Hours(planned=40, earned=32, missed=8), [], 80) == ""


def test_warnings_are_given_once_for_what_was_missed_and_no_more_often_than_allowed(jiyuan: SimpleNamespace) -> None:
    world = running_class(jiyuan.county, people=1, sessions_planned=10, began=5)
    row = world.rows[0]
    account = an_account("trainee", "trainee", area=jiyuan.county, person=row.person)

    def misses(session: Session) -> int:
        take_attendance(session, {row.pk: Mark("absent", timezone.now())}, by=COMMAND_LINE, source="paper")
        return warn_in_time()

    assert [misses(session) for session in world.sessions[:4]] == [0, 1, 1, 0]
    assert warn_in_time() == 0
    assert HoursWarning.objects.count() == 2
    assert Notice.objects.filter(user=account, kind="warning").count() == 2


# --- papers
def certified(jiyuan: SimpleNamespace) -> SimpleNamespace:
    world = taught(jiyuan)
    scored(world, 85, 70, 0)
    completing.complete_class(world.made, by=COMMAND_LINE)
    running.finish_class(world.made, by=COMMAND_LINE)
    world.made.refresh_from_db()
    certify(world.made, by=COMMAND_LINE)
    return world


def test_certificates_are_issued_once_and_hold_no_plain_document_number(jiyuan: SimpleNamespace) -> None:
    world = certified(jiyuan)
    papers = list(Paper.objects.order_by("pk"))
    assert [row.paper for row in world.made.enrolments.order_by("serial")] == [*papers, None]
    assert {paper.kind for paper in papers} == {"培训合格证书"}
    assert world.rows[0].person.name in str(papers[0].content)
    with pytest.raises(Refused, match="没有需要颁发的证书"):
        certify(world.made, by=COMMAND_LINE)
    files = zipfile.ZipFile(BytesIO(certificates_zip(world.made, by=COMMAND_LINE, served="http://x")))
    assert [name[:4] for name in files.namelist()] == ["001-", "002-"]
    assert all(files.read(name).startswith(b"%PDF") for name in files.namelist())


def test_the_archive_holds_every_part_and_a_list_of_digests(jiyuan: SimpleNamespace) -> None:
    world = certified(jiyuan)
    files = zipfile.ZipFile(BytesIO(archive_zip(world.made, by=COMMAND_LINE, served="http://x")))
    names = files.namelist()
    parts = ["01-开班报备", "02-学员名册", "03-课程表", "04-考勤簿", "05-成绩与结业"]
    assert [name for name in names if "/" not in name] == ["00-清单.txt", *(f"{part}.{kind}" for part in parts for kind in ("pdf", "xlsx"))]
    assert len([name for name in names if name.startswith("06-证书/")]) == 2
    listed = files.read("00-清单.txt").decode()
    assert all(name in listed for name in names if name != "00-清单.txt")


def test_pages_from_scores_to_the_transcript(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    world = taught(jiyuan)
    officer = Client()
    officer.force_login(cast.officer)
    made, address = world.made, reverse("training:completion", args=[world.made.uid])
    bad = officer.post(reverse("training:scores", args=[made.uid]), {f"score-{world.rows[0].uid}": "很好"})
    assert "不是数字" in bad.content.decode()
    facts = {f"score-{row.uid}": score for row, score in zip(world.rows, ("85", "７０分", "0"), strict=True)}
    assert officer.post(reverse("training:scores", args=[made.uid]), facts).status_code == 302
    assert "可以结业" in officer.get(address).content.decode()
    assert officer.post(reverse("training:complete", args=[made.uid])).status_code == 302
    assert officer.post(reverse("training:class-finish", args=[made.uid])).status_code == 302
    assert officer.post(reverse("training:certificates-issue", args=[made.uid])).status_code == 302
    assert officer.get(reverse("training:certificates", args=[made.uid])).headers["Content-Type"] == "application/zip"
    assert officer.post(reverse("training:class-archive", args=[made.uid])).status_code == 302
    person = world.rows[0].person
    panel = officer.get(reverse("training:of-person", args=[person.uid])).content.decode()
    assert "已得 20 / 20 学时" in panel
    own = Client()
    own.force_login(an_account("trainee", "trainee", area=jiyuan.county, person=person))
    for client in (officer, own):
        assert client.get(reverse("training:transcript", args=[person.uid])).content.startswith(b"%PDF")
    page = own.get(reverse("training:own-class", args=[made.uid])).content.decode()
    assert "已得 20 / 20 学时" in page
    assert own.get(reverse("training:transcript", args=[world.rows[1].person.uid])).status_code == 404


def test_the_township_sees_the_class_but_not_everybodys_results(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    world = taught(jiyuan)
    township = Client()
    township.force_login(cast.township)
    assert township.get(reverse("training:class", args=[world.made.uid])).status_code == 200
    for name in ("completion", "archive", "certificates"):
        assert township.get(reverse(f"training:{name}", args=[world.made.uid])).status_code == 403


def test_hours_cost_the_same_for_few_and_many(jiyuan: SimpleNamespace) -> None:
    few, many = taught(jiyuan, people=1), taught(jiyuan, people=3)
    counts = []
    for world in (few, many):
        with CaptureQueriesContext(connection) as asked:
            hours_of(world.made)
            hours_of_people(world.rows)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_calendar_is_folded_and_escaped(jiyuan: SimpleNamespace) -> None:
    world = running_class(jiyuan.county, people=1, sessions_planned=2)
    world.made.title = "四级班；第一期, 很长" * 8
    lines = calendar_of(world.made, "example.invalid").split("\r\n")
    assert (lines[0], lines[-2], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR", "")
    assert max(len(line.encode()) for line in lines) <= LONGEST
    whole = calendar_of(world.made, "example.invalid").replace("\r\n ", "")
    first = world.sessions[0]
    assert f"UID:{first.uid}@example.invalid" in whole
    assert "第一期\\, 很长" in whole
    assert f"DTSTART:{first.begins_at.astimezone(timezone.get_fixed_timezone(0)):%Y%m%dT%H%M%SZ}" in whole
    assert whole.count("BEGIN:VEVENT") == 2
