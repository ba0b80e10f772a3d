"""The pack for the province (报送材料): letter, summary, forms and evidence as Word and PDF in one ZIP with a manifest; sent, received, answered."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused, said
from tongxing.core.values import clean_text
from tongxing.files import store
from tongxing.files.models import StoredFile
from tongxing.papers.document import Document
from tongxing.papers.render.pdf import to_pdf
from tongxing.papers.render.word import to_docx
from tongxing.registry.models import Posting
from tongxing.registry.models.coordinators import holds_on

from . import deciding, honouring, keeping, moving, noticing, writing
from .models import DossierItem, Kind, Nomination, NominationState, Pack, Selection, SelectionState, Stage, Vote
from .rules import can_manage, insist

PURPOSE = "honours.pack"
CLAUSE = "notice:3.3.2"
# What Windows takes for part of a path, or not at all.
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
LONGEST_STEM, LONGEST_ENDING = 60, 5


def ready(selection: Selection, on: date) -> list[Nomination]:
    """Whom the pack holds: chosen, and through their notice."""
    return [one for one in noticing.chosen(selection) if noticing.through(one, on)]


@transaction.atomic
def make_pack(selection: Selection, *, by: Actor, reason: str = "") -> Pack:
    """Make the papers anew, as the next round. Refused while a notice still runs; fewer than the quota asks only with a reason."""
    row = _running(selection, by)
    if row.stage not in {Stage.DOCUMENTS, Stage.DISPATCH}:
        raise Refused(f"现在的环节是“{row.get_stage_display()}”，公示完成后才能整理报送材料。", code="wrong_stage", clause=CLAUSE)
    today = timezone.localdate()
    nominees = ready(row, today)
    _insist_whole(row, nominees, today, reason)
    content, manifest = _zip(row, nominees, today)
    number = Pack.objects.filter(selection=row).count() + 1
    name = f"{row.year}年度选树报送材料第{number}次.zip"
    file = store.keep(content, name=name, purpose=PURPOSE, by=by, area_code=row.area_id, opens_with="honours.manage")
    made = Pack.objects.create(
        selection=row,
        round=number,
        file_id=file.pk,
        sha256=file.sha256,
        manifest=manifest,
        made_at=timezone.now(),
        made_by=by.display_name[:60],
    )
    after = {"round": number, "files": len(manifest), "sha256": file.sha256, "nominees": [one.number for one in nominees]}
    record("honours.make_pack", by=by, of=made, after=after, reason=reason)
    return made


def _insist_whole(row: Selection, nominees: list[Nomination], today: date, reason: str) -> None:
    if waiting := [str(one) for one in noticing.chosen(row) if not noticing.through(one, today)]:
        raise Refused(f"{'、'.join(waiting)} 还在公示或有异议没有办结，暂时不能报送。", code="notice_runs", clause=CLAUSE)
    for kind in Kind:
        number, quota = sum(one.kind == kind for one in nominees), deciding.quota_of(kind, today)
        if number < quota.least and not reason.strip():
            short = f"{kind.label}至少报送 {quota.least} 名，现在是 {number} 名。确实不足的，请写明原因。"
            raise Refused(short, code="too_few", clause="notice:3.3.1")
    if not nominees:
        raise Refused("没有可以报送的人选。", code="nobody", clause=CLAUSE)


def _zip(row: Selection, nominees: list[Nomination], on: date) -> tuple[bytes, list[dict[str, object]]]:
    """The archive and its manifest: path, size and SHA-256 of each file. The same papers on the same day give the same bytes."""
    held, manifest = io.BytesIO(), []
    moment = (on.year, on.month, on.day, 0, 0, 0)
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:

        def put(path: str, content: bytes) -> None:
            archive.writestr(zipfile.ZipInfo(path, date_time=moment), content, zipfile.ZIP_DEFLATED)

        for path, content, nominee in _papers(row, nominees, on):
            put(path, content)
            manifest.append({"path": path, "bytes": len(content), "sha256": sha256(content).hexdigest(), "nominee": nominee})
        put("清单.csv", _listed(manifest))
        put("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1).encode())
    return held.getvalue(), manifest


def _listed(manifest: list[dict[str, object]]) -> bytes:
    """The manifest for people, as Excel opens it: with the mark of UTF-8."""
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(["文件", "字节", "SHA-256", "推荐编号"])
    sheet.writerows([one["path"], one["bytes"], one["sha256"], one["nominee"]] for one in manifest)
    return text.getvalue().encode("utf-8-sig")


def _papers(row: Selection, nominees: list[Nomination], on: date) -> Iterator[tuple[str, bytes, str]]:
    """Path, content, and the number of the nominee whom a paper is about."""
    sender = settings.BUREAU_NAME
    works = works_of(nominees, on)
    common = {
        "1-推荐函": writing.letter(row, nominees, sender=sender, on=on),
        "2-推荐汇总表": writing.summary(row, nominees, works, sender=sender, on=on),
    }
    yield from ((path, content, "") for path, content in _rendered(common))
    votes = {vote.nomination_id: vote for vote in Vote.objects.filter(nomination__in=nominees).select_related("meeting")}
    for one in nominees:
        folder = f"3-{safe(one.number)}-{safe(one.subject.name)}"
        work = works.get(one.pk, "")
        items = list(one.items.all())
        titles = dict(keeping.clauses_of(one))
        pieces = [(item.get_kind_display(), item.label, titles.get(item.clause, "")) for item in items]
        own = {
            f"{folder}/推荐表": writing.short_form(one, work),
            f"{folder}/事迹材料": writing.long_form(one, work, pieces, votes.get(one.pk), sender=sender, on=on),
        }
        yield from ((path, content, one.number) for path, content in _rendered(own))
        yield from ((path, content, one.number) for path, content in _evidence(folder, items))


def _rendered(documents: Mapping[str, Document]) -> Iterator[tuple[str, bytes]]:
    for path, document in documents.items():
        yield f"{path}.docx", to_docx(document)
        yield f"{path}.pdf", to_pdf(document)


def _evidence(folder: str, items: list[DossierItem]) -> Iterator[tuple[str, bytes]]:
    files = StoredFile.objects.in_bulk([item.file_id for item in items if item.file_id])
    place = 0
    for item in items:
        if file := files.get(item.file_id or 0):
            place += 1
            with file.open() as content:
                yield f"{folder}/证明材料/{place:02d}-{safe(file.name)}", content.read()


def safe(name: str) -> str:
    """A name that every system can unpack; a file keeps its ending."""
    stem, dot, ending = _UNSAFE.sub("_", name).strip(" .").rpartition(".")
    if not dot or len(ending) > LONGEST_ENDING:
        stem, ending = f"{stem}{dot}{ending}", ""
    return f"{stem[:LONGEST_STEM].strip(' .')}.{ending}".strip(" .") or "_"


def works_of(nominees: list[Nomination], on: date) -> dict[int, str]:
    """By nomination id: where a person works on a day."""
    people = {one.person_id: one.pk for one in nominees if one.person_id}
    rows = Posting.objects.filter(holds_on(on), coordinator__person_id__in=people).order_by("-is_primary", "pk")
    found: dict[int, str] = {}
    for person, name in rows.values_list("coordinator__person_id", "organisation__name"):
        found.setdefault(people[person], name)
    return found


@transaction.atomic
def send_pack(pack: Pack, *, by: Actor, sent_on: date, sent_how: str) -> Pack:
    """The pack went to the province: its nominees are recommended, and stand on the roll as models of the year."""
    row = Pack.objects.select_for_update(of=("self",)).select_related("selection__area").get(pk=pack.pk)
    selection = _running(row.selection, by)
    if row.sent_on:
        raise Refused("这一次的材料已经登记报送。请刷新页面。", code="wrong_state")
    if selection.stage != Stage.DISPATCH:
        raise Refused(f"现在的环节是“{selection.get_stage_display()}”，到“报送省级”环节才能登记报送。", code="wrong_stage")
    if Pack.objects.filter(selection=selection, round__gt=row.round).exists():
        raise Refused("后来又生成过一次材料，请报送最新的那一次。", code="older")
    if not timezone.localdate(row.made_at) <= sent_on <= timezone.localdate():
        raise Refused("报送日期应在材料生成以后、今天以前。请核对。", code="bad_day")
    nominees = ready(selection, timezone.localdate())
    # Somebody may have been withdrawn since the papers were made.
    if moved := {one.number for one in nominees} ^ {one.get("nominee") for one in row.manifest if one.get("nominee")}:
        raise Refused(f"材料生成以后名单变了（{'、'.join(sorted(moved))}），请重新生成材料再报送。", code="moved_on")
    row.sent_how = said(clean_text(sent_how, longest=120), "请写明报送方式。", longest=120)
    row.sent_on, row.version = sent_on, row.version + 1
    row.save(update_fields=["sent_on", "sent_how", "version"])
    record("honours.send_pack", by=by, of=row, after={"sent_on": str(sent_on), "sent_how": row.sent_how})
    for one in nominees:
        held = moving.held(one)
        moving.move(held, "recommend", by=by)
        honouring.enter_model(held, by=by, on=sent_on, awarded_by=settings.BUREAU_NAME)
    return row


@transaction.atomic
def receive_pack(pack: Pack, *, by: Actor, received_on: date, receipt: str) -> Pack:
    """The province has it, by what one can prove it."""
    row = Pack.objects.select_for_update(of=("self",)).select_related("selection").get(pk=pack.pk)
    insist(can_manage(by, row.selection.area_id))
    if row.sent_on is None:
        raise Refused("这一次的材料还没有登记报送。请先登记报送。", code="wrong_state")
    if not row.sent_on <= received_on <= timezone.localdate():
        raise Refused("收到日期应在报送以后、今天以前。请核对。", code="bad_day")
    row.receipt = said(clean_text(receipt, longest=120), "请填写收件凭据，以后查证要用。", longest=120)
    row.received_on, row.version = received_on, row.version + 1
    row.save(update_fields=["received_on", "receipt", "version"])
    record("honours.receive_pack", by=by, of=row, after={"received_on": str(received_on), "receipt": row.receipt})
    return row


@transaction.atomic
def open_pack(pack: Pack, *, by: Actor) -> StoredFile:
    """The archive, for the officers; leaves a read entry."""
    insist(can_manage(by, pack.selection.area_id))
    file = StoredFile.objects.filter(pk=pack.file_id).first()
    if file is None:
        raise Refused("这一次的材料文件已不在了，请重新生成。", code="no_file", status=404)
    record("honours.open_pack", by=by, of=pack, after={"sha256": file.sha256})
    return file


def left_out(selection: Selection) -> list[Nomination]:
    """Those who get a letter of feedback: passed over, refused, or stopped by an objection."""
    states = (NominationState.PASSED_OVER, NominationState.REFUSED, NominationState.STOPPED)
    rows = Nomination.objects.filter(selection=selection, state__in=states).exclude(number="")
    return list(rows.select_related("person", "organisation", "selection").order_by("number"))


@transaction.atomic
def letter_to(nomination: Nomination, *, by: Actor) -> bytes:
    """The letter of feedback to one of them, as PDF."""
    insist(can_manage(by, nomination.selection.area_id))
    if nomination.pk not in {one.pk for one in left_out(nomination.selection)}:
        raise Refused("反馈只发给未入选、不符合条件和异议成立的。请刷新页面。", code="wrong_state")
    record("honours.write_letter", by=by, of=nomination)
    return to_pdf(writing.feedback(nomination, sender=settings.BUREAU_NAME, on=timezone.localdate()))


@transaction.atomic
def letters(selection: Selection, *, by: Actor) -> bytes:
    """Letters of feedback as PDF in one ZIP, one for each who was not chosen."""
    insist(can_manage(by, selection.area_id))
    rows, today = left_out(selection), timezone.localdate()
    if not rows:
        raise Refused("没有需要反馈的人选。", code="nobody")
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in rows:
            archive.writestr(
                f"{safe(one.number)}-{safe(one.subject.name)}.pdf", to_pdf(writing.feedback(one, sender=settings.BUREAU_NAME, on=today))
            )
    record("honours.write_letters", by=by, of=selection, after={"count": len(rows)})
    return held.getvalue()


def _running(selection: Selection, by: Actor) -> Selection:
    row = Selection.objects.select_for_update(of=("self",)).select_related("area").get(pk=selection.pk)
    insist(can_manage(by, row.area_id))
    if row.state != SelectionState.RUNNING:
        raise Refused(f"这一年的选树{row.get_state_display()}，不能再办这一步。请刷新页面查看。", code="wrong_state")
    return row
