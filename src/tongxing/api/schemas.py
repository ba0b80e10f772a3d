"""The shapes of answers. No rule lives here; personal data stands masked."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from ninja import Schema


class AreaOut(Schema):
    code: int
    name: str
    short_name: str
    kind: str
    parent: int | None
    valid_from: date | None
    valid_until: date | None


class OrganisationOut(Schema):
    uid: UUID
    credit_code: str | None
    name: str
    kind: str
    party: str
    area: int
    unplaced: bool
    industry: str
    employees: int | None
    revenue: Decimal | None
    assets: Decimal | None
    figures_year: int | None
    size: str
    status: str
    began_on: date | None
    ended_on: date | None


class PostingOut(Schema):
    organisation: UUID
    name: str
    post: str
    since: date
    until: date | None


class CertificateOut(Schema):
    number: str
    level: int
    issued_on: date
    status: str


class CoordinatorOut(Schema):
    uid: UUID
    name: str
    id_masked: str
    phone_masked: str
    status: str
    full_time: bool
    host_kind: str
    area: int
    enrolled_on: date
    postings: list[PostingOut]
    certificates: list[CertificateOut]


class CoverageRow(Schema):
    key: str
    title: str
    clause: str
    deadline: date | None
    minimum: int
    total: int
    covered: int
    certified: int
    exempt: int
    vacant: int
    rate: float | None
    gap: int
    met: bool
    no_data: bool


class CoverageOut(Schema):
    area: int
    name: str
    on: date
    targets: list[CoverageRow]


class GapOut(Schema):
    id: int
    target_key: str
    unit_kind: str
    unit_name: str
    area: int
    vacant_since: date | None
    state: str
    due_on: date | None
    last_contact_on: date | None
    next_step: str


class AreaPage(Schema):
    items: list[AreaOut]
    next: str | None


class OrganisationPage(Schema):
    items: list[OrganisationOut]
    next: str | None


class CoordinatorPage(Schema):
    items: list[CoordinatorOut]
    next: str | None


class GapPage(Schema):
    items: list[GapOut]
    next: str | None


class BatchOut(Schema):
    """The contract of `tongxing check --json` and `tongxing load --json`."""

    sheet: str
    file: str
    worksheet: str | None
    status: str
    refused: dict[str, str] | None
    rows: int
    new: int
    changed: int
    same: int
    duplicate: int
    invalid: int
    warnings: int
    skipped: int
    batch: str | None
    problems: list[dict[str, Any]]
    seconds: float


class Problem(Schema):
    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
