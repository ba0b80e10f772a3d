"""The public notice (公示) of who is to be recommended: drafted, guarded, published, counted down by working days, taken down by itself."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.core.files.base import File
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused, said
from tongxing.core.values import clean_text
from tongxing.files import store
from tongxing.files.guard import Leak, leaks_in, leaks_in_file, refuse_leaks
from tongxing.files.models import StoredFile
from tongxing.policy import provisions
from tongxing.registry.models import Posting
from tongxing.registry.models.coordinators import holds_on
from tongxing.workdays import calendar

from .models import Nomination, NominationState, Notice, NoticeState, Objection, Outcome, Selection, SelectionState, Stage
from .rules import can_manage, insist

PURPOSE = "honours.notice"
CLAUSE = "notice:3.3.1"


@transaction.atomic
def draft_notice(
    selection: Selection, *, by: Actor, title: str, contact: str, text: str = "", attachments: "Sequence[File[bytes]]" = ()
) -> Notice:
    """Prepare the notice of all who were chosen; one at a time."""
    row = _running(selection, by)
    if not chosen(row):
        raise Refused("还没有拟推荐的名单。请先完成会议研究并定稿。", code="nobody", clause=CLAUSE)
    if Notice.objects.filter(selection=row).exclude(state=NoticeState.WITHDRAWN).exists():
        raise Refused("这一年已经有一份公示。要重新公示，请先撤下原来的。", code="exists", clause=CLAUSE)
    kept = [store.keep(file, name=file.name or "附件", purpose=PURPOSE, by=by, area_code=row.area_id).pk for file in attachments]
    made = Notice.objects.create(
        selection=row,
        title=said(clean_text(title, longest=120), "请填写公示的标题。", longest=120),
        contact=said(clean_text(contact, longest=200), "请填写受理异议的单位座机、邮箱或地址。", longest=200),
        text=text.strip(),
        attachments=kept,
        made_by=by.display_name[:60],
    )
    record("honours.draft_notice", by=by, of=made, after={"count": len(chosen(row)), "attachments": len(kept)})
    return made


def chosen(selection: Selection) -> list[Nomination]:
    """Whom the meeting chose, in its order: people, then organisations."""
    rows = Nomination.objects.filter(selection=selection, state=NominationState.CHOSEN).select_related("person", "organisation", "area")
    places = dict(selection.meeting.votes.values_list("nomination_id", "place")) if hasattr(selection, "meeting") else {}
    return sorted(rows, key=lambda one: (one.kind == "organisation", places.get(one.pk) or 10**6, one.number))


def public_lines(selection: Selection) -> list[dict[str, Any]]:
    """The list as the public reads it: names, where they work and what they did; no number of a person."""
    rows = chosen(selection)
    posts = Posting.objects.filter(
        holds_on(timezone.localdate()), coordinator__person_id__in=[one.person_id for one in rows if one.person_id]
    )
    works: dict[int, list[str]] = {}
    for person, name in posts.order_by("-is_primary", "pk").values_list("coordinator__person_id", "organisation__name"):
        works.setdefault(person, []).append(name)
    return [
        {
            "number": one.number,
            "kind": one.get_kind_display(),
            "name": one.subject.name,
            "at": "、".join(works.get(one.person_id or 0, [])) if one.person_id else one.area.short_name,
            "summary": one.summary,
        }
        for one in rows
    ]


def leaks_of(row: Notice, lines: Sequence[dict[str, Any]]) -> list[Leak]:
    """All that would be read by everybody, looked through for personal numbers."""
    found = [*leaks_in(row.title, "标题"), *leaks_in(row.text, "正文"), *leaks_in(row.contact, "联系方式")]
    for number, line in enumerate(lines, start=1):
        for key in ("name", "at", "summary"):
            found += leaks_in(line[key], f"名单第 {number} 行")
    for file in StoredFile.objects.filter(pk__in=row.attachments):
        with file.open() as content:
            found += leaks_in_file(content.read(), file.name)
    return found


@transaction.atomic
def publish_notice(notice: Notice, *, by: Actor) -> Notice:
    """Show the list to the public for the working days of the plan, and at least those of the provision."""
    row = _locked(notice)
    selection = _running(row.selection, by)
    if row.state != NoticeState.DRAFT:
        raise Refused(f"这份公示{row.get_state_display()}，不能再发布。请刷新页面。", code="wrong_state")
    if selection.stage != Stage.NOTICE:
        raise Refused(f"现在的环节是“{selection.get_stage_display()}”，到“公示”环节才能发布。", code="wrong_stage")
    lines = public_lines(selection)
    if not lines:
        raise Refused("名单是空的，没有可以公示的。", code="nobody")
    refuse_leaks(leaks_of(row, lines), clause=CLAUSE)
    today = timezone.localdate()
    days = max(selection.steps.get(stage=Stage.NOTICE).days, int(provisions.value("honours.shortest_notice", today)))
    row.state, row.lines, row.published_on, row.published_by = NoticeState.PUBLISHED, lines, today, by.display_name[:60]
    row.ends_on = calendar.add_working_days(today, days)
    row.shown_until = row.ends_on + timedelta(days=int(provisions.value("honours.shown_days", today)))
    row.version += 1
    row.save(update_fields=["state", "lines", "published_on", "published_by", "ends_on", "shown_until", "version"])
    Nomination.objects.filter(pk__in=[one.pk for one in chosen(selection)]).update(notice_until=row.ends_on, notice_left=None)
    record("honours.publish_notice", by=by, of=row, after={"count": len(lines), "ends_on": str(row.ends_on)})
    return row


@transaction.atomic
def withdraw_notice(notice: Notice, *, by: Actor, reason: str) -> Notice:
    """Take a notice down before its time; the names need a new one."""
    row = _locked(notice)
    _running(row.selection, by)
    if row.state == NoticeState.WITHDRAWN:
        raise Refused("这份公示已经撤下。请刷新页面。", code="wrong_state")
    row.withdrawn_reason = said(reason, "请写明撤下的原因。", longest=200)
    if Objection.objects.filter(notice=row, outcome=Outcome.OPEN).exists():
        raise Refused("还有异议没有办结，请先办结再撤下。", code="objection_open")
    before, row.state, row.version = row.state, NoticeState.WITHDRAWN, row.version + 1
    row.save(update_fields=["state", "withdrawn_reason", "version"])
    Nomination.objects.filter(selection=row.selection, state=NominationState.CHOSEN).update(notice_until=None, notice_left=None)
    record("honours.withdraw_notice", by=by, of=row, before={"state": before}, after={"state": row.state}, reason=row.withdrawn_reason)
    return row


def through(nomination: Nomination, on: date) -> bool:
    """Whether the notice of a name is over on a day without an objection that is still open."""
    if nomination.notice_until is None or nomination.notice_until >= on:
        return False
    return not nomination.objections.filter(outcome=Outcome.OPEN).exists()


class Name(NamedTuple):
    """One name that is still on a notice: until when, and whether an objection stops its clock."""

    number: str
    until: date
    stopped: bool

    def is_on_show(self, on: date) -> bool:
        return self.stopped or on <= self.until


def names_on(notice: Notice) -> list[Name]:
    """The names of a notice that are chosen still, or were recommended since."""
    standing = (NominationState.CHOSEN, NominationState.RECOMMENDED)
    rows = Nomination.objects.filter(selection_id=notice.selection_id, number__in=[line["number"] for line in notice.lines])
    doubted = Exists(Objection.objects.filter(nomination_id=OuterRef("pk"), outcome=Outcome.OPEN))
    found = rows.filter(state__in=standing).annotate(doubted=doubted).values_list("number", "notice_until", "doubted")
    return [Name(number, until, stopped) for number, until, stopped in found if until is not None]


def _locked(notice: Notice) -> Notice:
    return Notice.objects.select_for_update(of=("self",)).select_related("selection__area").get(pk=notice.pk)


def _running(selection: Selection, by: Actor) -> Selection:
    row = Selection.objects.select_for_update(of=("self",)).select_related("area").get(pk=selection.pk)
    insist(can_manage(by, row.area_id))
    if row.state != SelectionState.RUNNING:
        raise Refused(f"这一年的选树{row.get_state_display()}，不能再办这一步。请刷新页面查看。", code="wrong_state")
    return row
