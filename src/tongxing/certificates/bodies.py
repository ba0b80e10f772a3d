"""Filing numbers of assessment bodies (评价机构): what the first 13 characters of a certificate number are held against."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

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


def filing_numbers(organisations: Iterable[int]) -> dict[int, list[str]]:
    """Filing numbers by organisation id: a body that was filed anew keeps the number under which it issued before."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = BodyFiling.objects.filter(organisation_id__in=list(organisations)).order_by("since", "id")
    for organisation, number in rows.values_list("organisation_id", "number"):
        found[organisation].append(number)
    return dict(found)


def body_by_filing(body_code: str) -> Organisation | None:
    """The registered body with this filing number; nothing for the old 16-digit numbers, which name no filing."""
    filing = BodyFiling.objects.select_related("organisation").filter(number=body_code).first() if body_code else None
    return filing.organisation if filing else None


class Filed(NamedTuple):
    """A body as rosters need it."""

    organisation_id: int
    name: str
    name_key: str


class Filings(NamedTuple):
    """All filings, by number and by the key of the body's name: there are tens of bodies, not thousands."""

    by_number: dict[str, Filed]
    by_name: dict[str, list[str]]


def all_filings() -> Filings:
    """One query for a chunk of a roster."""
    by_number, by_name = {}, defaultdict(list)
    rows = BodyFiling.objects.order_by("since", "id")
    for number, body, name, key in rows.values_list("number", "organisation_id", "organisation__name", "organisation__name_key"):
        by_number[number] = filed = Filed(body, name, key)
        by_name[filed.name_key].append(number)
    return Filings(by_number, dict(by_name))


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
