"""The calendar of one year: what is off, what is worked, and changing it."""

import calendar as months
from datetime import date

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.audit.conflicts import EditConflict, Watch
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.core.values import clean_date

from .calendar import Calendar, missing_years
from .forms import DayForm, YearForm
from .loading import clear_day, load_year, set_day
from .models import SpecialDay

LONGEST_FILE = 256 * 1024


def _runs(days: list[SpecialDay]) -> list[list[SpecialDay]]:
    """Days that follow one another with the same name and arrangement, as one line of the list: a holiday of a week."""
    runs: list[list[SpecialDay]] = []
    for row in days:
        last = runs[-1][-1] if runs else None
        if last and (last.name, last.kind, last.source) == (row.name, row.kind, row.source) and (row.date - last.date).days == 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def _watch(year: int) -> Watch:
    """What is set apart in a year: a day, or all of it, is changed against the calendar on the page."""
    return Watch(lambda: SpecialDay.objects.filter(date__year=year))


def _page(request: HttpRequest, year: int, *, day_form: DayForm | None = None, year_form: YearForm | None = None) -> HttpResponse:
    held = {row.date: row for row in SpecialDay.objects.filter(date__year=year)}
    calendar = Calendar()
    weeks = months.Calendar()
    today = timezone.localdate()
    sheets = [
        (
            month,
            [
                [(day, held.get(day), calendar.is_working_day(day)) if day.month == month else None for day in week]
                for week in weeks.monthdatescalendar(year, month)
            ],
        )
        for month in range(1, 13)
    ]
    over = sum((year, month) < (today.year, today.month) for month in range(1, 13))
    context = {
        "year": year,
        "past": sheets[:over],
        "coming": sheets[over:],
        "special": len(held),
        "runs": _runs(sorted(held.values(), key=lambda row: row.date)),
        "known": year in calendar.known_years,
        "missing": missing_years(),
        "may_edit": user_of(request).may_at("workdays.edit", settings.PROGRAMME_AREA),
        "day_form": day_form or DayForm(),
        "year_form": year_form or YearForm(),
        "today": today,
        "seen": _watch(year).seen,
    }
    return render(request, "workdays/calendar.html", context, status=422 if day_form or year_form else 200)


@require_GET
@requires("areas.view")
def calendar(request: HttpRequest) -> HttpResponse:
    wish = request.GET.get("year", "")
    year = int(wish) if wish.isdecimal() and len(wish) == 4 and 2000 <= int(wish) <= 2199 else timezone.localdate().year
    return _page(request, year)


def _back(year: int) -> HttpResponse:
    return redirect(f"{reverse('workdays:calendar')}?year={year}")


@require_POST
@requires("workdays.edit")
def set_one(request: HttpRequest) -> HttpResponse:
    form = DayForm(request.POST)
    if not form.is_valid():
        return _page(request, timezone.localdate().year, day_form=form)
    facts = form.cleaned_data
    try:
        with _watch(facts["day"].year).unmoved(request, among=[SpecialDay(date=facts["day"])]):
            set_day(facts["day"], facts["kind"], name=facts["name"], source=facts["source"], by=user_of(request))
    except EditConflict as conflict:
        form.add_error(None, conflict.message)
        return _page(request, facts["day"].year, day_form=form)
    messages.success(request, f"{facts['day']} 已改为“{facts['name']}”。")
    return _back(facts["day"].year)


@require_POST
@requires("workdays.edit")
def clear(request: HttpRequest) -> HttpResponse:
    try:
        day: date = clean_date(request.POST.get("day", ""))
    except ValidationError as error:
        raise Refused(str(error.message), code="bad_day", status=422) from None
    with _watch(day.year).unmoved(request, among=[SpecialDay(date=day)]):
        clear_day(day, by=user_of(request))
    messages.success(request, f"{day} 已恢复为平常的安排。")
    return _back(day.year)


@require_POST
@requires("workdays.edit")
def load(request: HttpRequest) -> HttpResponse:
    form = YearForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, timezone.localdate().year, year_form=form)
    upload = form.cleaned_data["file"]
    if upload.size > LONGEST_FILE:
        raise Refused("文件太大，不是年度节假日文件。", code="not_a_calendar", status=422)
    try:
        loaded = load_year(upload.read().decode("utf-8-sig"), by=user_of(request))
    except UnicodeDecodeError:
        raise Refused("文件不是 UTF-8 编码的 JSON，请重新选择。", code="not_a_calendar", status=422) from None
    if loaded.days:
        messages.success(request, f"{loaded.year} 年的安排已载入，共 {loaded.days} 天。")
    else:
        messages.warning(request, f"{loaded.year} 年的安排还没有公布，文件里没有日期。")
    return _back(loaded.year)
