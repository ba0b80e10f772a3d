"""Acts on the register of certificates (证书, notice:1.3, A1.1). A number is held against level, day of issue and body (facts §2)."""

from datetime import date
from typing import Any, NotRequired, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils import timezone

from tongxing.areas import ledger
from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.core.values import clean_text
from tongxing.files import store
from tongxing.registry.hosting import leaves_of
from tongxing.registry.identity import turns_sixteen
from tongxing.registry.models import Organisation, Person
from tongxing.registry.names import name_key
from tongxing.registry.people import coordinator_of
from tongxing.registry.search import index_people

from .bodies import body_by_filing, filing_numbers
from .models import Certificate, CertificateStatus, EndGround, Level, NationalCheck
from .numbers import cross_check, name_differs, read_number
from .rules import can_edit_at

VOID_GROUNDS = frozenset(EndGround.values) - {EndGround.REPLACED}
FIELDS = ("number", "level", "issued_on", "body_name", "body_id")


class Paper(TypedDict):
    """What stands on a certificate, as the acts ask for it; `doubt` are the words of who saw a paper that contradicts itself."""

    number: str
    level: int
    issued_on: date
    body_name: NotRequired[str]
    body: NotRequired[Organisation | None]
    doubt: NotRequired[str]


def judged(paper: Paper, person: Person) -> dict[str, Any]:
    """Facts in normal form; raises ValidationError by field. A contradiction passes only with `doubt`.

    A body that was not named is found by its filing number, the first thirteen characters.
    """
    level, issued_on, body, doubt = paper["level"], paper["issued_on"], paper.get("body"), paper.get("doubt", "")
    try:
        facts = read_number(paper["number"], today=timezone.localdate())
    except ValidationError as error:
        raise ValidationError({"number": error}) from None
    if level not in Level.values:
        raise ValidationError({"level": "劳动关系协调员只有一级至四级，请对照证书核对。"})
    if issued_on > timezone.localdate():
        raise ValidationError({"issued_on": "发证日期还没有到，请对照证书核对。"})
    if person.born_on and issued_on < turns_sixteen(person.born_on):
        raise ValidationError({"issued_on": "发证时此人未满 16 周岁，请核对发证日期和出生日期。"})
    filed = filing_numbers([body.pk]).get(body.pk, []) if body else []
    problems = [problem for problem in cross_check(facts, level, issued_on, filed) if problem.field != "number"]
    body_name = clean_text(paper.get("body_name", ""), longest=128)
    by_filing = body_by_filing(facts.body_code) if body is None else None
    if by_filing and body_name and name_key(body_name) != by_filing.name_key:
        problems.append(name_differs(facts.body_code, by_filing.name, body_name))
    elif by_filing:
        body = by_filing
    if problems and not doubt.strip():
        raise ValidationError({problem.field: ValidationError(problem.message, code=problem.code) for problem in problems})
    values = {"number": facts.number, "kind": facts.kind, "level": level, "issued_on": issued_on}
    return values | {"body": body, "body_name": body_name or (body.name if body else "")}


def _insist(by: Actor, person: Person) -> None:
    insist(can_edit_at(by, person.area_id))


@transaction.atomic
def register_certificate(person: Person, *, by: Actor, **paper: Unpack[Paper]) -> Certificate:
    """Enter a certificate. Raises ValidationError where number, level, day and body contradict one another and `doubt` is empty."""
    _insist(by, person)
    if person.merged_into_id:
        raise Refused("该记录已并入另一条人员记录，请在保留的那一条上登记证书。", code="merged")
    values = judged(paper, person)
    _refuse_double(values["number"])
    try:
        with transaction.atomic():
            certificate = Certificate.objects.create(person=person, **values)
    except IntegrityError:
        raise Refused("该证书编号刚刚被他人登记，请刷新后查看。", code="certificate_exists") from None
    record(
        "certificates.register",
        by=by,
        of=certificate,
        area_code=person.area_id,
        after=audited(certificate),
        reason=paper.get("doubt", "").strip(),
    )
    _touch(person)
    return certificate


def _refuse_double(number: str, but: int | None = None) -> None:
    other = Certificate.objects.select_related("person").filter(number=number).exclude(pk=but or 0).first()
    if other:
        raise Refused(
            f"证书 {number} 已登记在“{other.person.name}”名下，一证只登记一次。请核对编号或打开已有证书。", code="certificate_exists"
        )


def audited(certificate: Certificate) -> dict[str, Any]:
    """The facts of a certificate as JSON for the log."""
    facts = {field: getattr(certificate, field) for field in FIELDS}
    return facts | {"issued_on": certificate.issued_on.isoformat(), "person": certificate.person.name}


def _touch(person: Person) -> None:
    """A certificate changes whether its holder counts as certified wherever the holder covers."""
    coordinator = coordinator_of(person)
    ledger.touch(leaves_of(coordinator) if coordinator else {person.area_id})
    index_people([person.pk])


def _locked(certificate: Certificate) -> Certificate:
    return Certificate.objects.select_for_update(of=("self",)).select_related("person").get(pk=certificate.pk)


def _save(certificate: Certificate, *fields: str) -> None:
    certificate.version += 1
    certificate.updated_at = timezone.now()
    certificate.save(update_fields=[*fields, "version", "updated_at"])


@transaction.atomic
def correct_certificate(
    certificate: Certificate,
    *,
    by: Actor,
    version: int,
    reason: str,
    **paper: Unpack[Paper],
) -> Certificate:
    """Put right what was copied wrongly from the paper. Refused when the record moved on since `version` was read."""
    certificate = _locked(certificate)
    _insist(by, certificate.person)
    if certificate.version != version:
        raise Refused(
            _conflict(certificate, f"{paper['number']}、{paper['level']} 级、{paper['issued_on']:%Y-%m-%d}"), code="edit_conflict"
        )
    values = judged(paper, certificate.person)
    _refuse_double(values["number"], but=certificate.pk)
    before = audited(certificate)
    for field, value in values.items():
        setattr(certificate, field, value)
    after = audited(certificate)
    changed = [field for field in FIELDS if before[field] != after[field]]
    if not changed:
        return certificate
    _save(certificate, "number", "kind", "level", "issued_on", "body_name", "body")
    record(
        "certificates.correct",
        by=by,
        of=certificate,
        area_code=certificate.person.area_id,
        before={field: before[field] for field in changed},
        after={field: after[field] for field in changed},
        reason=reason.strip() or paper.get("doubt", "").strip(),
    )
    _touch(certificate.person)
    return certificate


def _conflict(certificate: Certificate, wanted: str) -> str:
    now = f"{certificate.number}、{certificate.level} 级、{certificate.issued_on:%Y-%m-%d}"
    return f"您打开表单之后，别人修改过这张证书，所以没有保存。现为 {now}；您填写 {wanted}。请刷新后核对，再保存一次。"


@transaction.atomic
def void_certificate(
    certificate: Certificate, *, by: Actor, reason: str, on: date | None = None, ground: str = EndGround.OTHER
) -> Certificate:
    """From `on` the certificate certifies nobody. The public is told the `ground`, a class; the `reason` stays inside."""
    on = on or timezone.localdate()
    certificate = _locked(certificate)
    _insist(by, certificate.person)
    _check_end(certificate, on)
    if not reason.strip():
        raise Refused("作废证书必须写明原因。", code="reason_missing")
    if ground not in VOID_GROUNDS:
        raise Refused("请从列表中选择作废的原因类别。", code="unknown_ground")
    _end(certificate, CertificateStatus.VOID, reason.strip(), on, ground)
    _record_end("certificates.void", certificate, by, on, {"ground": ground})
    _touch(certificate.person)
    return certificate


@transaction.atomic
def reinstate_certificate(certificate: Certificate, *, by: Actor, reason: str) -> Certificate:
    """Take back a voiding that was a mistake: the certificate has been valid all along, the log keeps both entries."""
    certificate = _locked(certificate)
    _insist(by, certificate.person)
    if certificate.status != CertificateStatus.VOID:
        raise Refused(f"证书 {certificate} 现在是“{certificate.get_status_display()}”，没有作废可以撤销。请刷新页面。", code="not_void")
    if not reason.strip():
        raise Refused("撤销作废必须写明原因。", code="reason_missing")
    before = {
        "status": certificate.status,
        "on": certificate.status_on and certificate.status_on.isoformat(),
        "was": certificate.status_reason,
    }
    _end(certificate, CertificateStatus.VALID, "", None)
    record(
        "certificates.reinstate",
        by=by,
        of=certificate,
        area_code=certificate.person.area_id,
        before=before,
        after={"status": certificate.status},
        reason=reason.strip(),
    )
    _touch(certificate.person)
    return certificate


def _check_end(certificate: Certificate, on: date) -> None:
    if certificate.status != CertificateStatus.VALID:
        raise Refused(f"证书 {certificate} 现在是“{certificate.get_status_display()}”，不能再办理。请刷新页面。", code="not_valid")
    if not certificate.issued_on <= on <= timezone.localdate():
        raise Refused("日期应在发证日期之后、今天及以前。请核对日期。", code="bad_day")


def _end(certificate: Certificate, status: str, reason: str, on: date | None, ground: str = "", by_new: Certificate | None = None) -> None:
    certificate.status, certificate.status_reason, certificate.status_on = status, reason, on
    certificate.status_ground, certificate.replaced_by = ground, by_new
    _save(certificate, "status", "status_reason", "status_on", "status_ground", "replaced_by")


def _record_end(act: str, certificate: Certificate, by: Actor, on: date, more: dict[str, str] | None = None) -> None:
    record(
        act,
        by=by,
        of=certificate,
        area_code=certificate.person.area_id,
        before={"status": CertificateStatus.VALID},
        after={"status": certificate.status, **(more or {}), "on": on.isoformat()},
        reason=certificate.status_reason,
    )


@transaction.atomic
def replace_certificate(certificate: Certificate, *, by: Actor, reason: str, **paper: Unpack[Paper]) -> Certificate:
    """A new certificate takes the place of the old one from its day of issue; the old one says by which."""
    certificate = _locked(certificate)
    _insist(by, certificate.person)
    issued_on = paper["issued_on"]
    _check_end(certificate, issued_on)
    new = register_certificate(certificate.person, by=by, **paper)
    _end(certificate, CertificateStatus.REPLACED, reason.strip(), issued_on, EndGround.REPLACED, new)
    _record_end("certificates.replace", certificate, by, issued_on, {"by": new.number})
    return new


@transaction.atomic
def record_national_check(
    certificate: Certificate,
    *,
    by: Actor,
    found: bool,
    checked_on: date | None = None,
    remark: str = "",
    screenshot: "File[bytes] | None" = None,
) -> NationalCheck:
    """Write down what a person saw at the national look-up site: it has no public interface (facts §2)."""
    checked_on = checked_on or timezone.localdate()
    _insist(by, certificate.person)
    if not certificate.issued_on <= checked_on <= timezone.localdate():
        raise Refused("查询日期应在发证日期之后、今天及以前。请核对日期。", code="bad_day")
    if not found and not remark.strip():
        raise Refused("没有查到或不一致时，请写明看到的情况。", code="remark_missing")
    area = certificate.person.area_id
    kept = (
        store.keep(screenshot, name=screenshot.name or "截图.png", purpose="certificates.national_check", by=by, area_code=area)
        if screenshot
        else None
    )
    check = NationalCheck.objects.create(
        certificate=certificate,
        checked_on=checked_on,
        by=by.display_name[:60],
        found=found,
        remark=remark.strip(),
        file_id=kept.pk if kept else None,
    )
    record(
        "certificates.national_check",
        by=by,
        of=certificate,
        area_code=area,
        after={"checked_on": checked_on.isoformat(), "found": found, "remark": check.remark},
    )
    return check
