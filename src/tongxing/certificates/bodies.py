"""Filing numbers of assessment bodies (评价机构): what the first 13 characters of a certificate number are held against."""

import re
from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.core.identifiers import squeeze
from tongxing.registry.models import Organisation

from .models import BodyFiling, Certificate
from .rules import can_edit_at


def clean_filing_number(raw: str) -> str:
    """One letter and twelve digits, as positions 1–13 of a certificate number (facts §2)."""
    number = squeeze(raw)
    if not re.fullmatch(r"[A-Z][0-9]{12}", number):
        raise ValidationError("备案号应为 1 个字母加 12 位数字，例如 S000041000012。", code="filing_form")
    return number


def filing_numbers(organisations: Iterable[int]) -> dict[int, str]:
    """Filing number by organisation id; the latest where a body was filed more than once."""
    rows = BodyFiling.objects.filter(organisation_id__in=list(organisations)).order_by("since", "id")
    return dict(rows.values_list("organisation_id", "number"))


@transaction.atomic
def file_body(organisation: Organisation, *, by: Actor, number: str, since: date | None = None, until: date | None = None) -> BodyFiling:
    """Enter the filing number that the bureau gave to an assessment body (notice:3.1.4)."""
    if not can_edit_at(by, organisation.area_id):
        raise Refused("该评价机构不在您的管辖范围内，请交由所属区划的经办办理。", code="not_allowed", status=403)
    if not (organisation.is_assessment_body or organisation.kind == "assessment"):
        raise Refused(f"“{organisation}”没有登记为评价机构，请先在单位信息中勾选“兼评价机构”。", code="not_a_body", clause="notice:3.1.4")
    number = clean_filing_number(number)
    if BodyFiling.objects.filter(number=number).exists():
        raise Refused(f"备案号 {number} 已登记给另一家机构，请核对备案文件。", code="filing_exists")
    filing = BodyFiling.objects.create(organisation=organisation, number=number, since=since, until=until)
    record("certificates.file_body", by=by, of=organisation, after={"number": number})
    return filing


@transaction.atomic
def follow_merge(keep: Organisation, drop: Organisation, *, by: Actor) -> dict[str, list[int]]:
    """Two records of one body became one: filing numbers and certificates go to the record that is kept. Returns the ids that moved.

    The name written on a certificate stays as it was printed.
    """
    filings = dict(BodyFiling.objects.filter(organisation=drop).values_list("pk", "number"))
    issued = list(Certificate.objects.filter(body=drop).values_list("pk", flat=True))
    BodyFiling.objects.filter(pk__in=filings).update(organisation=keep)
    Certificate.objects.filter(body=drop).update(body=keep)
    if filings or issued:
        record(
            "certificates.follow_merge",
            by=by,
            of=keep,
            before={"organisation_id": drop.pk},
            after={"organisation_id": keep.pk, "numbers": sorted(filings.values()), "certificates": len(issued)},
        )
    return {"filings": sorted(filings), "certificates": issued}
