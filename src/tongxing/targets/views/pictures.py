"""Make-up and spread, trend and forecast, seat plan: tables first, the same data as JSON for the pictures."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render

from tongxing.accounts.models import User
from tongxing.core.access import requires
from tongxing.core.replica import reads_replica
from tongxing.registry.pasts import make_up_noted_since
from tongxing.targets import spread
from tongxing.targets.figures import figures
from tongxing.targets.forecast import forecast
from tongxing.targets.models import Target
from tongxing.targets.place import place_of
from tongxing.targets.seats import seat_plan
from tongxing.targets.snapshots import series
from tongxing.targets.workbooks import seat_workbook

from .coverage import workbook_answer


def _dimension(request: HttpRequest, name: str, default: str) -> str:
    wish = request.GET.get(name, "")
    return wish if wish in spread.DIMENSIONS else default


@requires("targets.view")
@reads_replica
def spread_page(request: HttpRequest) -> HttpResponse:
    place = place_of(request)
    rows, columns = _dimension(request, "rows", "area"), _dimension(request, "columns", "level")
    tables = [(spread.DIMENSIONS[key], spread.make_up(place.code, place.on, key)) for key in spread.DIMENSIONS]
    total = sum(cell.number for cell in tables[0][1])
    context = {"place": place, "tables": tables, "total": total, "cross": spread.cross(place.code, place.on, rows, columns)}
    context |= {"rows": spread.DIMENSIONS[rows], "columns": spread.DIMENSIONS[columns], "dimensions": list(spread.DIMENSIONS.values())}
    context["noted_since"] = make_up_noted_since() if place.on else None
    return render(request, "targets/spread.html", context)


@requires("targets.view")
@reads_replica
def spread_data(request: HttpRequest, dimension: str) -> JsonResponse:
    place = place_of(request)
    described = spread.DIMENSIONS.get(dimension)
    cells = spread.make_up(place.code, place.on, dimension) if described else []
    title = f"协调员按{described.title}（截至 {place.day}）" if described else ""
    labels = [cell.label for cell in cells]
    return JsonResponse({"title": title, "labels": labels, "series": [{"name": "协调员", "values": [cell.number for cell in cells]}]})


def _coverage_target(request: HttpRequest) -> Target:
    targets = Target.objects.visible_to(request.user).coverage()
    return get_object_or_404(targets, key=request.GET["key"]) if "key" in request.GET else get_object_or_404(targets[:1])


@requires("targets.view")
@reads_replica
def trend(request: HttpRequest) -> HttpResponse:
    place, target = place_of(request), _coverage_target(request)
    context: dict[str, Any] = {"place": place, "target": target, "targets": Target.objects.visible_to(request.user).coverage()}
    context |= {"points": series(place.code, target.key)[::-1], "forecast": forecast(place.code, target.key)}
    return render(request, "targets/trend.html", context)


@requires("targets.view")
@reads_replica
def trend_data(request: HttpRequest, key: str) -> JsonResponse:
    place = place_of(request)
    target = get_object_or_404(Target.objects.visible_to(request.user).coverage(), key=key)
    points = series(place.code, key)
    names = (("总数", "total"), ("已覆盖", "covered"), ("其中持证", "certified"))
    return JsonResponse(
        {
            "title": f"{target.title}：近 {len(points) - 1} 个月",
            "labels": [str(point.day) for point in points],
            "series": [{"name": name, "values": [getattr(point.tally, field) for point in points]} for name, field in names],
            "rates": [point.rate for point in points],
        }
    )


def seats_asked(request: HttpRequest) -> int:
    wish = request.GET.get("seats", "")
    return int(wish) if wish.isdecimal() and len(wish) < 5 else 60


@requires("targets.view")
@reads_replica
def seats(request: HttpRequest) -> HttpResponse:
    """Given so many training seats: whom to train first."""
    place, number = place_of(request), seats_asked(request)
    plan = seat_plan(place.code, number, place.on)
    gaps = sum(row.vacant for row in figures(place.code, place.on) if not row.no_data)
    context = {"place": place, "seats": number, "plan": plan, "closes": sum(line.closes for line in plan), "gaps": gaps}
    context["certifying"] = sum(line.seats for line in plan if not line.closes)
    return render(request, "targets/seats.html", context)


@requires("targets.view")
@reads_replica
def seats_workbook(request: HttpRequest) -> HttpResponse:
    place, number = place_of(request), seats_asked(request)
    if not (isinstance(request.user, User) and request.user.may_at("registry.export", place.code)):
        raise PermissionDenied("您的岗位不能导出名额安排。如工作需要，请联系系统管理员授权。")
    title = f"{place.area.name}培训名额安排（{number} 个，截至 {place.day}）"
    return workbook_answer(request, place.code, seat_workbook(title, seat_plan(place.code, number, place.on)), f"{title}.xlsx")
