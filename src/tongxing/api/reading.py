"""Read access: areas, organisations, coordinators, coverage, gaps. Every list starts from `visible_to`."""

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router

from tongxing.areas.models import Area, Kind
from tongxing.areas.scope import span_of
from tongxing.certificates.models import Certificate
from tongxing.registry.models import Coordinator, Organisation
from tongxing.registry.models.coordinators import CoordinatorStatus
from tongxing.registry.models.organisations import OrganisationKind, OrganisationStatus, Size
from tongxing.targets.figures import figures
from tongxing.targets.models import Gap

from .asking import asker, page
from .schemas import (
    AreaOut,
    AreaPage,
    Code,
    CoordinatorOut,
    CoordinatorPage,
    CoverageOut,
    Cursor,
    GapPage,
    Limit,
    OrganisationOut,
    OrganisationPage,
    TargetKey,
)

router = Router()


def _within(rows: QuerySet[Any], area: int | None, field: str = "area_id") -> QuerySet[Any]:
    """Rows in the subtree of `area`. A foreign key knows no `range`."""
    if area is None:
        return rows
    low, high = span_of(area)
    return rows.filter(**{f"{field}__gte": low, f"{field}__lte": high})


def _choices(rows: QuerySet[Any], **wanted: str | None) -> QuerySet[Any]:
    return rows.filter(**{field: value for field, value in wanted.items() if value})


@router.get("areas", response=AreaPage, summary="区划", url_name="areas")
def areas(
    request: HttpRequest, parent: Code | None = None, kind: Kind | None = None, cursor: Cursor = "", limit: Limit = 100
) -> dict[str, Any]:
    rows = _choices(Area.objects.visible_to(asker(request, "areas.view")), kind=kind)
    found, following = page(rows if parent is None else rows.filter(parent_id=parent), cursor, limit)
    return {"items": [_area(row) for row in found], "next": following}


@router.get("areas/{int:code}", response=AreaOut, summary="一个区划", url_name="area")
def area(request: HttpRequest, code: int) -> dict[str, Any]:
    return _area(get_object_or_404(Area.objects.visible_to(asker(request, "areas.view")), pk=code))


def _area(row: Area) -> dict[str, Any]:
    names = ("code", "name", "short_name", "kind", "valid_from", "valid_until")
    return {name: getattr(row, name) for name in names} | {"parent": row.parent_id}


@router.get("organisations", response=OrganisationPage, summary="单位", url_name="organisations")
def organisations(
    request: HttpRequest,
    area: Code | None = None,
    kind: OrganisationKind | None = None,
    size: Size | None = None,
    status: OrganisationStatus | None = None,
    cursor: Cursor = "",
    limit: Limit = 100,
) -> dict[str, Any]:
    rows = Organisation.objects.visible_to(asker(request, "registry.view")).standing()
    found, following = page(_choices(_within(rows, area), kind=kind, size=size, status=status), cursor, limit)
    return {"items": [_organisation(row) for row in found], "next": following}


@router.get("organisations/{uuid:uid}", response=OrganisationOut, summary="一个单位", url_name="organisation")
def organisation(request: HttpRequest, uid: UUID) -> dict[str, Any]:
    return _organisation(get_object_or_404(Organisation.objects.visible_to(asker(request, "registry.view")).standing(), uid=uid))


def _organisation(row: Organisation) -> dict[str, Any]:
    return {name: getattr(row, name) for name in OrganisationOut.model_fields if name != "area"} | {"area": row.area_id}


@router.get("coordinators", response=CoordinatorPage, summary="劳动关系协调员", url_name="coordinators")
def coordinators(
    request: HttpRequest, area: Code | None = None, status: CoordinatorStatus | None = None, cursor: Cursor = "", limit: Limit = 100
) -> dict[str, Any]:
    rows = _choices(_within(_coordinators(request), area), status=status)
    found, following = page(rows, cursor, limit)
    return {"items": _with_certificates(found), "next": following}


@router.get("coordinators/{uuid:uid}", response=CoordinatorOut, summary="一名协调员", url_name="coordinator")
def coordinator(request: HttpRequest, uid: UUID) -> dict[str, Any]:
    return _with_certificates([get_object_or_404(_coordinators(request), uid=uid)])[0]


def _coordinators(request: HttpRequest) -> QuerySet[Coordinator]:
    rows = Coordinator.objects.visible_to(asker(request, "registry.view"))
    return rows.select_related("person").prefetch_related("postings__organisation")


def _with_certificates(rows: list[Coordinator]) -> list[dict[str, Any]]:
    held: dict[int, list[Certificate]] = defaultdict(list)
    for certificate in Certificate.objects.filter(person_id__in=[row.person_id for row in rows]):
        held[certificate.person_id].append(certificate)
    return [_coordinator(row, held[row.person_id]) for row in rows]


def _coordinator(row: Coordinator, certificates: list[Certificate]) -> dict[str, Any]:
    person = row.person
    return {
        **{name: getattr(row, name) for name in ("uid", "status", "full_time", "host_kind", "enrolled_on")},
        "area": row.area_id,
        "name": person.name,
        "id_masked": person.id_masked,
        "phone_masked": person.phone_masked,
        "postings": [
            {
                "organisation": held.organisation.uid,
                "name": held.organisation.name,
                "post": held.post,
                "since": held.since,
                "until": held.until,
            }
            for held in row.postings.all()
        ],
        "certificates": [{name: getattr(one, name) for name in ("number", "level", "issued_on", "status")} for one in certificates],
    }


@router.get("coverage", response=CoverageOut, summary="覆盖情况", url_name="coverage")
def coverage(request: HttpRequest, area: Code, on: date | None = None) -> dict[str, Any]:
    """Figures of one area in the token's scope; of another area there is no such record."""
    if not asker(request, "targets.view").may_at("targets.view", area):
        raise Http404
    place = get_object_or_404(Area, pk=area)
    return {"area": place.code, "name": place.name, "on": on or timezone.localdate(), "targets": figures(place.code, on)}


@router.get("gaps", response=GapPage, summary="缺口", url_name="gaps")
def gaps(request: HttpRequest, area: Code | None = None, target: TargetKey = "", cursor: Cursor = "", limit: Limit = 100) -> dict[str, Any]:
    rows = Gap.objects.visible_to(asker(request, "targets.view")).standing()
    found, following = page(_choices(_within(rows, area, "area_code"), target_key=target), cursor, limit)
    names = ("id", "target_key", "unit_kind", "unit_name", "vacant_since", "state", "due_on", "last_contact_on", "next_step")
    return {"items": [{name: getattr(row, name) for name in names} | {"area": row.area_code} for row in found], "next": following}
