"""Acts on the register of certificates (证书, notice:1.3, A1.1). A number is held against level, day of issue and body (facts §2)."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils import timezone

from tongxing.areas import ledger
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.files import store
from tongxing.registry.hosting import leaves_of
from tongxing.registry.identity import turns_sixteen
from tongxing.registry.models import Organisation, Person
from tongxing.registry.people import coordinator_of
from tongxing.registry.search import index_people

from .bodies import filing_numbers
from .models import Certificate, CertificateStatus, Level, NationalCheck
from .numbers import cross_check, read_number
from .rules import can_edit_at

FIELDS = ("number", "level", "issued_on", "body_name", "body_id")


def judged(*, number: str, level: int, issued_on: date, body: Organisation | None, doubt: str, person: Person) -> dict[str, Any]:
    """Facts in normal form; raises ValidationError by field. A contradiction passes only with the words of who saw the paper (`doubt`)."""
    try:
        facts = read_number(number, today=timezone.localdate())
    except ValidationError as error:
        raise ValidationError({"number": error}) from None
    if level not in Level.values:
        raise ValidationError({"level": "劳动关系协调员只有一级至四级，请对照证书核对。"})
    if issued_on > timezone.localdate():
        raise ValidationError({"issued_on": "发证日期还没有到，请对照证书核对。"})
    if person.born_on and issued_on < turns_sixteen(person.born_on):
        raise ValidationError({"issued_on": "发证时此人未满 16 周岁，请核对发证日期和出生日期。"})
    filed = filing_numbers([body.pk]).get(body.pk) if body else None
    problems = [problem for problem in cross_check(facts, level, issued_on, filed) if problem.field != "number"]
    if problems and not doubt.strip():
        raise ValidationError({problem.field: ValidationError(problem.message, code=problem.code) for problem in problems})
    return {"number": facts.number, "kind": facts.kind, "level": level, "issued_on": issued_on, "body": body}


def _insist(by: Actor, person: Person) -> None:
    answer = can_edit_at(by, person.area_id)
    if not answer:
        raise Refused(answer.reason, code="not_allowed", status=403)  # type: ignore[union-attr]


@transaction.atomic
def register_certificate(
    person: Person,
    *,
    by: Actor,
    number: str,
    level: int,
    issued_on: date,
    body_name: str = "",
    body: Organisation | None = None,
    doubt: str = "",
) -> Certificate:
    """Enter a certificate. Raises ValidationError where number, level, day and body contradict one another and `doubt` is empty."""
    _insist(by, person)
    if person.merged_into_id:
        raise Refused("该记录已并入另一条人员记录，请在保留的那一条上登记证书。", code="merged")
    values = judged(number=number, level=level, issued_on=issued_on, body=body, doubt=doubt, person=person)
    _refuse_double(values["number"])
    try:
        with transaction.atomic():
            certificate = Certificate.objects.create(person=person, body_name=body_name or (body.name if body else ""), **values)
    except IntegrityError:
        raise Refused("该证书编号刚刚被他人登记，请刷新后查看。", code="certificate_exists") from None
    record("certificates.register", by=by, of=certificate, area_code=person.area_id, after=audited(certificate), reason=doubt.strip())
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
    number: str,
    level: int,
    issued_on: date,
    body_name: str = "",
    body: Organisation | None = None,
    doubt: str = "",
) -> Certificate:
    """Put right what was copied wrongly from the paper. Refused when the record moved on since `version` was read."""
    certificate = _locked(certificate)
    _insist(by, certificate.person)
    if certificate.version != version:
        raise Refused(_conflict(certificate, f"{number}、{level} 级、{issued_on:%Y-%m-%d}"), code="edit_conflict")
    values = judged(number=number, level=level, issued_on=issued_on, body=body, doubt=doubt, person=certificate.person)
    _refuse_double(values["number"], but=certificate.pk)
    before = audited(certificate)
    for field, value in (values | {"body_name": body_name or (body.name if body else "")}).items():
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
        reason=reason.strip() or doubt.strip(),
    )
    _touch(certificate.person)
    return certificate


def _conflict(certificate: Certificate, wanted: str) -> str:
    now = f"{certificate.number}、{certificate.level} 级、{certificate.issued_on:%Y-%m-%d}"
    return f"您打开表单之后，别人修改过这张证书，所以没有保存。现为 {now}；您填写 {wanted}。请刷新后核对，再保存一次。"


@transaction.atomic
def void_certificate(certificate: Certificate, *, by: Actor, reason: str, on: date | None = None) -> Certificate:
    """From `on` the certificate certifies nobody."""
    on = on or timezone.localdate()
    certificate = _locked(certificate)
    _insist(by, certificate.person)
    _check_end(certificate, on)
    if not reason.strip():
        raise Refused("作废证书必须写明原因。", code="reason_missing")
    _end(certificate, CertificateStatus.VOID, reason.strip(), on)
    record(
        "certificates.void",
        by=by,
        of=certificate,
        area_code=certificate.person.area_id,
        before={"status": CertificateStatus.VALID},
        after={"status": CertificateStatus.VOID, "on": on.isoformat()},
        reason=reason.strip(),
    )
    _touch(certificate.person)
    return certificate


def _check_end(certificate: Certificate, on: date) -> None:
    if certificate.status != CertificateStatus.VALID:
        raise Refused(f"证书 {certificate} 现在是“{certificate.get_status_display()}”，不能再办理。请刷新页面。", code="not_valid")
    if not certificate.issued_on <= on <= timezone.localdate():
        raise Refused("日期应在发证日期之后、今天及以前。请核对日期。", code="bad_day")


def _end(certificate: Certificate, status: str, reason: str, on: date, by_new: Certificate | None = None) -> None:
    certificate.status, certificate.status_reason, certificate.status_on = status, reason, on
    certificate.replaced_by = by_new
    _save(certificate, "status", "status_reason", "status_on", "replaced_by")


@transaction.atomic
def replace_certificate(
    certificate: Certificate,
    *,
    by: Actor,
    reason: str,
    number: str,
    level: int,
    issued_on: date,
    body_name: str = "",
    body: Organisation | None = None,
    doubt: str = "",
) -> Certificate:
    """A new certificate takes the place of the old one from its day of issue; the old one says by which."""
    certificate = _locked(certificate)
    _insist(by, certificate.person)
    _check_end(certificate, issued_on)
    new = register_certificate(
        certificate.person, by=by, number=number, level=level, issued_on=issued_on, body_name=body_name, body=body, doubt=doubt
    )
    _end(certificate, CertificateStatus.REPLACED, reason.strip(), issued_on, new)
    record(
        "certificates.replace",
        by=by,
        of=certificate,
        area_code=certificate.person.area_id,
        before={"status": CertificateStatus.VALID},
        after={"status": CertificateStatus.REPLACED, "by": new.number, "on": issued_on.isoformat()},
        reason=reason.strip(),
    )
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
