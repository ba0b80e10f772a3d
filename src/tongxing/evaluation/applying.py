"""Acts on applications (报名): apply, correct what was sent back, attach evidence, withdraw. The rule's answer is kept as it was given."""

from datetime import date
from typing import Any, NotRequired, TypedDict, Unpack

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.audit.log import Actor, record
from tongxing.certificates.models import Certificate, Level
from tongxing.core.errors import Refused
from tongxing.core.vault import masked_within
from tongxing.files import store
from tongxing.files.models import StoredFile
from tongxing.policy.decision import Decision
from tongxing.registry.models import Organisation, Person

from . import entry, kept
from .models import Application, ApplicationState, AssessmentBatch, BatchState, Evidence, EvidenceKind, School, Schooling
from .models.applications import AppliedBy
from .models.batches import APPLYING
from .moving import held, insist_state
from .passing import parts_of
from .rules import can_apply_for, can_change, can_manage, can_open_evidence, insist

PURPOSE = "evaluation.evidence"
FACTS = ("years", "school", "schooling", "related_field", "reserve_technician")
MOST_FILES = 20


class Claimed(TypedDict):
    """What an applicant says of himself; the earlier certificate is not asked: it stands in the register."""

    years: NotRequired[int]
    school: NotRequired[str]
    schooling: NotRequired[str]
    related_field: NotRequired[bool]
    reserve_technician: NotRequired[bool]


def certificates_of(person: Person, on: date) -> list[Certificate]:
    """The person's certificates that are valid on a day, as the conditions ask for them."""
    return list(Certificate.objects.valid_on(on).filter(person=person).order_by("issued_on"))


def judge(batch: AssessmentBatch, person: Person, claimed: Claimed) -> tuple[Decision, Certificate | None]:
    """The rule's answer for a person and a batch, counted to the last day of applying; and the certificate that it rests on."""
    on = batch.apply_until
    certificates = certificates_of(person, on)
    facts = entry.Facts(
        years=claimed.get("years", 0),
        school=School(claimed.get("school", School.NONE)),
        schooling=Schooling(claimed.get("schooling", Schooling.NONE)),
        related=claimed.get("related_field", False),
        reserve_technician=claimed.get("reserve_technician", False),
        certificates=tuple((row.level, row.issued_on) for row in certificates),
    )
    answer = entry.decide(batch.level, facts, entry.rules_on(on), on)
    wanted = entry.EARLIER.get(batch.level)
    return answer, next((row for row in certificates if row.level == wanted), None)


def as_kept(answer: Decision) -> dict[str, Any]:
    """A rule's answer as JSON, to be kept with what it was about."""
    return {"ok": answer.ok, "reasons": list(answer.reasons), "facts": dict(answer.facts), "clauses": list(answer.clauses)}


@transaction.atomic
def apply(
    batch: AssessmentBatch, person: Person, *, by: Actor, organisation: Organisation | None = None, **claimed: Unpack[Claimed]
) -> Application:
    """Apply for a person. `organisation` is the employer whose agent applies. An application that was withdrawn is taken up again."""
    row = held(batch)
    insist(can_apply_for(by, person, row))
    _insist_open(row, by)
    if person.merged_into_id:
        raise Refused("该记录已并入另一条人员记录，请用保留的那一条报名。", code="merged")
    _insist_not_held(row, person)
    how = _how(by, person, row)
    values = judged(row, person, claimed) | {"applied_by": how, "applied_name": by.display_name[:60], "organisation": organisation}
    known = Application.objects.select_for_update().filter(batch=row, person=person).first()
    if known and known.state != ApplicationState.WITHDRAWN:
        raise Refused(f"“{person.name}”已报名本批次（{known.get_state_display()}），不用重复报名。", code="already_applied")
    try:
        with transaction.atomic():
            application = _put(known, values) if known else Application.objects.create(batch=row, person=person, **values)
    except IntegrityError:
        raise Refused(f"“{person.name}”刚刚已报名本批次，请刷新后查看。", code="already_applied") from None
    record("evaluation.apply", by=by, of=application, area_code=row.area_id, after=_audited(application))
    return application


def _how(by: Actor, person: Person, batch: AssessmentBatch) -> str:
    if isinstance(by, User) and by.person_id == person.pk:
        return AppliedBy.SELF
    return AppliedBy.OFFICER if can_manage(by, batch) else AppliedBy.AGENT


def _insist_open(batch: AssessmentBatch, by: Actor) -> None:
    insist_state(batch, BatchState.ANNOUNCED, doing="报名")
    today = timezone.localdate()
    if not batch.apply_from <= today <= batch.apply_until:
        raise Refused(f"报名时间是 {batch.apply_from} 至 {batch.apply_until}，今天不能报名。请留意以后的批次。", code="not_open")
    taken = Application.objects.filter(batch=batch).exclude(state__in=(ApplicationState.WITHDRAWN, ApplicationState.REJECTED)).count()
    if taken >= batch.capacity and not can_manage(by, batch):
        raise Refused(f"本批次计划 {batch.capacity} 人，已报满。请联系评价机构，或等下一批次。", code="full")


def _insist_not_held(batch: AssessmentBatch, person: Person) -> None:
    """Nobody is examined for a level that is held already, or for a lower one."""
    higher = [row for row in certificates_of(person, timezone.localdate()) if row.level <= batch.level]
    if higher:
        best = min(higher, key=lambda row: row.level)
        raise Refused(
            f"“{person.name}”已有{Level(best.level).label}证书（{best.issued_on} 发证），不用再参加{batch.get_level_display()}评价。",
            code="level_held",
            clause="notice:1.3",
        )


def judged(batch: AssessmentBatch, person: Person, claimed: Claimed) -> dict[str, Any]:
    """The columns of an application from what was claimed: facts, the rule's answer with its version, the parts that must be taken."""
    if not 0 <= claimed.get("years", 0) <= 60:
        raise Refused("从业年限应在 0 至 60 年之间，请核对。", code="years")
    answer, resting_on = judge(batch, person, claimed)
    still = kept.of(person, batch.level, batch.exam_on)
    asked = set(parts_of(batch.level)) - still.keys()
    if not asked:
        raise Refused("各科成绩都在保留期内且合格，不用再考。请联系原批次的评价机构核对结果。", code="all_kept")
    return {
        **claimed,
        "eligible": answer.ok,
        "decision": as_kept(answer),
        "rule_version": str(answer.facts["规则版本"]),
        "resting_on": resting_on,
        "takes_theory": "theory" in asked,
        "takes_practice": "practice" in asked,
        "takes_review": "review" in asked,
        "state": ApplicationState.SUBMITTED,
    }


def _put(application: Application, values: dict[str, Any]) -> Application:
    for field, value in values.items():
        setattr(application, field, value)
    application.version, application.updated_at = application.version + 1, timezone.now()
    application.save(update_fields=[*values, "version", "updated_at"])
    return application


def _audited(application: Application) -> dict[str, Any]:
    facts = {field: getattr(application, field) for field in FACTS}
    return facts | {"person": application.person.name, "state": application.state, "eligible": application.eligible}


def _locked(application: Application, *, doing: str) -> Application:
    """The application as it stands, with its batch held: checks and corrections of one batch go one after the other."""
    batch = held(application.batch)
    insist_state(batch, *APPLYING, doing=doing)
    rows = Application.objects.select_for_update(of=("self",)).select_related("person")
    row = rows.get(pk=application.pk)
    row.batch = batch
    return row


@transaction.atomic
def correct(application: Application, *, by: Actor, **claimed: Unpack[Claimed]) -> Application:
    """Correct the facts of an application that waits or was sent back; it is judged anew and waits to be checked again."""
    row = _locked(application, doing="修改报名")
    insist(can_change(by, row))
    if row.state not in {ApplicationState.SUBMITTED, ApplicationState.RETURNED}:
        raise Refused(f"这份报名现在是“{row.get_state_display()}”，不能再改。需要更正请联系评价机构退回补正。", code="wrong_state")
    before = _audited(row)
    _put(row, judged(row.batch, row.person, claimed))
    record("evaluation.correct", by=by, of=row, area_code=row.batch.area_id, before=before, after=_audited(row))
    return row


@transaction.atomic
def withdraw(application: Application, *, by: Actor) -> Application:
    """Take an application back while the candidates are not fixed."""
    row = _locked(application, doing="撤回报名")
    insist(can_change(by, row))
    if row.state == ApplicationState.WITHDRAWN:
        raise Refused("这份报名已经撤回。请刷新页面。", code="wrong_state")
    before = {"state": row.state}
    _put(row, {"state": ApplicationState.WITHDRAWN})
    record("evaluation.withdraw", by=by, of=row, area_code=row.batch.area_id, before=before, after={"state": row.state})
    return row


# --- evidence --------------------------------------------------------------------------------------------------------------
@transaction.atomic
def attach(application: Application, *, by: Actor, kind: str, upload: "File[bytes]") -> Evidence:
    """Put a file to an application; it is stored sealed and opens only for those who may read it."""
    row = _locked(application, doing="补充材料")
    insist(can_change(by, row))
    if kind not in EvidenceKind.values:
        raise Refused("请选择材料的种类。", code="kind")
    if row.evidence.count() >= MOST_FILES:
        raise Refused(f"一份报名最多 {MOST_FILES} 个文件。请把多页合并成一个 PDF。", code="too_many")
    name = (upload.name or "材料.pdf").replace("\\", "/").rpartition("/")[2]
    stored = store.keep(upload, name=name, purpose=PURPOSE, by=by, area_code=row.batch.area_id)
    found = Evidence.objects.create(application=row, kind=kind, file_id=stored.pk, added_by=by.display_name[:60])
    after = {"kind": found.get_kind_display(), "file": masked_within(stored.name), "sha256": stored.sha256}
    record("evaluation.attach", by=by, of=row, area_code=row.batch.area_id, after=after)
    return found


@transaction.atomic
def open_evidence(evidence: Evidence, *, by: Actor) -> StoredFile:
    """The file, for somebody who may read it; leaves a read entry."""
    application = evidence.application
    insist(can_open_evidence(by, application))
    stored = StoredFile.objects.filter(pk=evidence.file_id).first()
    if stored is None:
        raise Refused("这个文件已不在了。请联系评价机构补传。", code="no_file", status=404)
    after = {"kind": evidence.get_kind_display(), "sha256": stored.sha256}
    record("evaluation.open_evidence", by=by, of=application, area_code=application.batch.area_id, after=after)
    return stored
