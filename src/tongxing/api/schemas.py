"""The shapes of answers. No rule lives here; personal data stands masked."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Schema

MOST_ROWS = 200
Code = Annotated[int, Query(ge=10**11, lt=10**12, description="12 位区划代码")]
Cursor = Annotated[str, Query(max_length=64, description="上一页的 next；不填从头取")]
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="每页条数")]
TargetKey = Annotated[str, Query(max_length=40, pattern=r"^[\w-]*$", description="目标代号，见 coverage")]


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


class FieldError(Schema):
    field: str
    code: str
    message: str


class Problem(Schema):
    """RFC 9457: what every error looks like. `code` does not change, `detail` is Chinese for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    clause: str = ""
    errors: list[FieldError] = []
