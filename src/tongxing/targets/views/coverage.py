"""Coverage: the overview, and the proof behind a tick; the list behind a figure is `figure_lists.UnitList`."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header

from tongxing.accounts.models import User
from tongxing.accounts.requests import user_of
from tongxing.audit.log import record
from tongxing.core.access import requires
from tongxing.core.replica import reads_replica
from tongxing.papers.book import XLSX
from tongxing.registry.models import Coordinator
from tongxing.targets.evidence import Ref, spans_of
from tongxing.targets.figures import by_child, figures
from tongxing.targets.gaps import catch_up
from tongxing.targets.models import Exemption, Gap, Target
from tongxing.targets.place import Place, address, place_of
from tongxing.targets.units import Unit, unit
from tongxing.targets.wording import sentence


@requires("targets.view")
@reads_replica
def coverage(request: HttpRequest) -> HttpResponse:
    place = place_of(request)
    rows = figures(place.code, place.on)
    children = {row.key: by_child(place.code, row.key, place.on) for row in rows if not row.no_data}
    below = {key: [pair for pair in found if pair[0].code != place.code] for key, found in children.items()}
    cards = [(row, sentence(row, below.get(row.key, ()))) for row in rows]
    context = {"place": place, "cards": cards, "table": _table(children), "counted": [row for row in rows if not row.no_data]}
    return render(request, "targets/coverage.html", context)


def _table(children: dict[str, Any]) -> list[tuple[Any, list[Any]]]:
    """Child areas down, targets across; an area that one target knows (parties at the county) has blanks under the others."""
    areas = {area.code: area for rows in children.values() for area, _ in rows}
    by_key = {key: {area.code: row for area, row in rows} for key, rows in children.items()}
    return [(areas[code], [(key, by_key[key].get(code)) for key in children]) for code in areas]


@requires("targets.view")
@reads_replica
def coverage_data(request: HttpRequest, key: str) -> JsonResponse:
    """Child areas of one target for a chart."""
    place = place_of(request)
    row = get_object_or_404(Target.objects.visible_to(request.user).coverage(), key=key)
    rows = by_child(place.code, key, place.on)
    series = [("已配备且持证", "certified"), ("已配备未持证", "uncertified"), ("免设", "exempt"), ("空缺", "vacant")]
    return JsonResponse(
        {
            "title": f"{row.title}：各区划情况（截至 {place.day}）",
            "labels": [area.short_name for area, _ in rows],
            "codes": [str(area.code) for area, _ in rows],
            "series": [{"name": name, "values": [getattr(figure, field) for _, figure in rows]} for name, field in series],
            "rates": [figure.rate for _, figure in rows],
        }
    )


def workbook_answer(request: HttpRequest, area_code: int | None, content: bytes, name: str) -> HttpResponse:
    """A workbook to be saved under a Chinese name; the log keeps who took it away."""
    record("targets.export", by=user_of(request), object_type="targets.workbook", label=name, area_code=area_code)
    disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": disposition})


def found_unit(request: HttpRequest, key: str, kind: str, number: int, permission: str = "targets.view") -> tuple[Target, Unit, Place]:
    """The unit an address names, on the day asked for; 404 outside the user's scope."""
    target = get_object_or_404(Target.objects.visible_to(request.user).coverage(), key=key)
    place = place_of(request)
    found = unit(target, kind, number, place.day)
    if found is None or not (isinstance(request.user, User) and request.user.may_at(permission, found.area_code)):
        raise Http404
    return target, found, place


@requires("targets.view")
def unit_page(request: HttpRequest, key: str, kind: str, number: int) -> HttpResponse:
    """The names, dates and certificate behind one tick, and who stood there before."""
    target, found, place = found_unit(request, key, kind, number)
    catch_up()
    chosen = {"target_key": key, "unit_kind": kind, "unit_id": number}
    gap = Gap.objects.visible_to(request.user).standing().filter(**chosen).first()
    exemptions = Exemption.objects.visible_to(request.user).filter(**chosen)
    covers = [(cover, address("registry:coordinator", cover.uid)) for cover in found.covers]
    context = {"target": target, "unit": found, "place": place, "gap": gap, "exemptions": exemptions, "covers": covers}
    context["history"] = _history(target, found, place)
    context["record"] = address("registry:organisation", found.uid) if found.uid else ""
    return render(request, "targets/unit.html", context)


def _history(target: Target, found: Unit, place: Place) -> list[dict[str, Any]]:
    """Former and present coordinators of the unit, the latest first."""
    spans = [span for rows in spans_of(target, [Ref(found.kind, found.id, found.area_code)]).values() for span in rows]
    people = Coordinator.objects.select_related("person").in_bulk({coordinator for coordinator, _, _ in spans})
    return [
        {"name": people[coordinator].person.name, "since": since, "until": until if until <= place.today else None}
        for coordinator, since, until in sorted(set(spans), key=lambda span: (span[1], span[0]), reverse=True)
    ]
