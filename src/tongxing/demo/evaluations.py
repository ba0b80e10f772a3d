"""Skill-level evaluation in the demonstration: one body, and a batch at every stage, made by the acts that officers use.

Acts know only today; so that a batch can stand in public notice or be long over, its days are moved back between two steps.
"""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.core.files.base import ContentFile
from django.db.models import F

from tongxing.accounts.models import Grant, User
from tongxing.certificates.bodies import file_body
from tongxing.certificates.models import BodyFiling, Certificate
from tongxing.evaluation import (
    applying,
    archiving,
    bodies,
    checking,
    issuing,
    objecting,
    planning,
    publishing,
    scoring,
    seating,
    sitting,
    staffing,
)
from tongxing.evaluation.archiving import CHECKLIST, Kept
from tongxing.evaluation.models import Application, AssessmentBatch, Assessor, Attendance, Candidate, Site
from tongxing.evaluation.passing import parts_of
from tongxing.evaluation.sitting import Mark
from tongxing.papers.document import Document, Paragraph
from tongxing.papers.render import to_pdf
from tongxing.registry.models import Organisation, Person

from .accounts import PREFIX, enter
from .coordinators import BODY_CODE

STAGES = ("planned", "announced", "closed", "fixed", "examined", "scored", "published", "issued", "archived")
PEOPLE = 5
ADVICE = "考试科目：理论知识、技能操作。请带身份证原件，提前半小时到场。咨询：评价机构办公室。"


class Cast:
    """Who acts: the bureau, the body's agent, two who enter scores."""

    def __init__(self, users: list[User], body: Organisation) -> None:
        by_role = {user.username.removeprefix(PREFIX): user for user in users}
        self.bureau, self.agent, self.first = by_role["assessment"], by_role["assessment_body"], by_role["scorer"]
        self.officer = by_role["officer"]
        self.second = enter("scorer-2", "林复录", "评分录入（第二人）")
        since = date(2022, 9, 15)
        Grant.objects.create(user=self.second, role="scorer", organisation_id=body.pk, since=since, granted_by="演示数据")


def build(random: Random, users: list[User], today: date) -> None:
    """A body with its scope, site and staff; a batch of level 4 at every stage, one of level 3, one that was cancelled."""
    body = Organisation.objects.filter(kind="assessment").order_by("pk")[0]
    cast = Cast(users, body)
    filing, site = _body(body, cast, today)
    uncertified = Person.objects.filter(coordinator__status="active").exclude(pk__in=Certificate.objects.values("person_id"))
    people = list(uncertified.order_by("pk"))
    for place, stage in enumerate(STAGES):
        batch = _planned(filing, site, cast, today, title=f"2026 年四级评价第 {len(STAGES) - place} 期", level=4)
        _lead(batch, stage, people[place * PEOPLE : (place + 1) * PEOPLE], random, cast)
    holders = Person.objects.filter(pk__in=Certificate.objects.filter(level=4, status="valid").values("person_id"))
    third = _planned(filing, site, cast, today, title="2026 年三级评价第 1 期", level=3)
    _apply(planning.announce(third, by=cast.agent), list(holders.order_by("pk")[:6]), random, cast, years=6)
    gone = planning.announce(_planned(filing, site, cast, today, title="2026 年四级评价加场", level=4), by=cast.agent)
    planning.cancel(gone, by=cast.agent, reason="报名人数不足，并入下一期")


def _body(body: Organisation, cast: Cast, today: date) -> tuple[BodyFiling, Site]:
    since = date(today.year - 3, 1, 1)
    filing = file_body(body, by=cast.bureau, number=BODY_CODE, since=since, until=date(today.year + 1, 12, 31))
    for level in (4, 3, 2):
        bodies.entitle(filing, by=cast.bureau, level=level, since=since, document="演人社评〔2023〕5 号")
    site = bodies.open_site(
        body, by=cast.bureau, name="一号考点", address="济源示范区演示路 18 号", area=body.area, capacity=60, since=since
    )
    staff = list(Person.objects.filter(coordinator__status="active").order_by("-pk")[:6])
    for place, person in enumerate(staff):
        kind = "moderator" if place == 0 else "assessor"
        bodies.appoint(body, person, by=cast.bureau, kind=kind, level=2, since=since, card=f"演考评{place + 1:03d}")
    return filing, site


def _planned(filing: BodyFiling, site: Site, cast: Cast, today: date, **facts: Any) -> AssessmentBatch:
    plan = {"site": site, "capacity": 30, "announcement": ADVICE, **facts}
    plan |= {"apply_from": today, "apply_until": today + timedelta(days=12), "exam_on": today + timedelta(days=26)}
    return planning.plan_batch(filing, by=cast.agent, **plan)


def _earlier(batch: AssessmentBatch, days: int) -> AssessmentBatch:
    """Move all days of a batch back."""
    shift = timedelta(days=days)
    for field in ("apply_from", "apply_until", "exam_on", "notice_from", "notice_until"):
        value = getattr(batch, field)
        setattr(batch, field, value - shift if value else None)
    batch.save(update_fields=["apply_from", "apply_until", "exam_on", "notice_from", "notice_until"])
    Candidate.objects.filter(batch=batch, notice_until__isnull=False).update(notice_until=batch.notice_until)
    return batch


def _apply(batch: AssessmentBatch, people: list[Person], random: Random, cast: Cast, *, years: int = 5) -> list[Application]:
    """The first lacks years; one holds a diploma and brings a paper that says where he worked."""
    rows = []
    for place, person in enumerate(people):
        claimed: dict[str, Any] = {"years": 2 if place == 0 else years + random.randint(0, 8)}
        if place == 1:
            claimed |= {"schooling": "graduated", "school": "higher_vocational", "related_field": True}
        rows.append(applying.apply(batch, person, by=cast.agent, **claimed))
    paper = Document("工作证明（演示）", [Paragraph("兹证明该同志在我单位从事劳动关系协调工作。本材料为演示而作。")])
    applying.attach(rows[-1], by=cast.agent, kind="work", upload=ContentFile(to_pdf(paper), name="工作证明.pdf"))
    return rows


def _lead(batch: AssessmentBatch, stage: str, people: list[Person], random: Random, cast: Cast) -> None:
    """From a plan to the stage."""
    if stage == "planned":
        return
    for assessor, kind in zip(Assessor.objects.order_by("pk"), ("moderator", "chief", "assessor", "assessor", "invigilator"), strict=False):
        staffing.assign_duty(batch, assessor, by=cast.agent, kind=kind)
    planning.announce(batch, by=cast.agent)
    rows = _apply(batch, people, random, cast)
    if stage == "announced":
        checking.accept(rows[1], by=cast.agent)
        checking.send_back(rows[2], by=cast.agent, note="工作年限证明没有盖章，请补盖后重传")
        return
    checking.reject(rows[0], by=cast.agent, note="从业年限不足四年，也没有其他条件，请满年限后再报")
    for row in rows[1:] if stage != "closed" else rows[1:-1]:
        checking.accept(row, by=cast.agent)
    planning.close_applications(_earlier(batch, 13), by=cast.agent)
    batch.refresh_from_db()
    if stage != "closed":
        seating.fix_candidates(batch, by=cast.agent)
        _examine(batch, stage, random, cast)


def _examine(batch: AssessmentBatch, stage: str, random: Random, cast: Cast) -> None:
    for name in ("101 考场", "102 考场"):
        seating.add_room(batch, by=cast.agent, name=name, capacity=3)
    seating.draw_seats(batch, by=cast.agent, seed=f"演示{batch.code}")
    batch.refresh_from_db()
    if stage == "fixed":
        return
    _earlier(batch, 14)
    candidates = list(Candidate.objects.filter(batch=batch).select_related("application"))
    marks = {one.pk: Mark(Attendance.PRESENT) for one in candidates}
    sitting.mark_attendance(batch, marks, by=cast.agent)
    sitting.finish_exam(batch, by=cast.agent)
    batch.refresh_from_db()
    _score(batch, candidates, stage, random, cast)


def _score(batch: AssessmentBatch, candidates: list[Candidate], stage: str, random: Random, cast: Cast) -> None:
    """Both entries; where the batch stays at this stage, one score differs and the last part waits for its second entry."""
    for number, part in enumerate(parts_of(batch.level)):
        values: dict[int, Decimal | None] = {one.pk: Decimal(random.randint(62, 95)) for one in candidates}
        if number == 1 and stage != "examined":
            values[candidates[-1].pk] = Decimal(52)
        scoring.enter_scores(batch, part, 1, values, by=cast.first)
        if stage == "examined" and number == 1:
            return
        second = values | ({candidates[0].pk: Decimal(49)} if stage == "examined" else {})
        scoring.enter_scores(batch, part, 2, second, by=cast.second)
    scoring.settle(batch, by=cast.agent)
    if stage != "scored":
        _finish(AssessmentBatch.objects.get(pk=batch.pk), stage, cast)


def _finish(batch: AssessmentBatch, stage: str, cast: Cast) -> None:
    publishing.publish_results(batch, by=cast.bureau)
    batch.refresh_from_db()
    if stage == "published":
        one = Candidate.objects.filter(batch=batch, passed=True)[0]
        assert batch.notice_from
        said = "反映该考生从业年限不实，请核查社保记录"
        objecting.raise_objection(one, by=cast.agent, raised_on=batch.notice_from, raised_by="匿名", text=said)
        return
    _earlier(batch, 20 if stage == "issued" else 60)
    issuing.issue(batch, by=cast.bureau)
    if stage == "archived":
        lines = {key: Kept(paper=True, electronic=True) for key in CHECKLIST}
        lines["review"] = Kept(paper=False, electronic=False, remark="四级没有综合评审")
        archiving.note_items(batch, lines, by=cast.agent)
        archiving.archive(batch, by=cast.agent, place="评价机构档案室 2 排 3 柜")
        AssessmentBatch.objects.filter(pk=batch.pk).update(archived_on=F("issued_on"))
