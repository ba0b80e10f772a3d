"""The queue of likely doubles, side by side. Merging itself stands in `certificates`, which moves its rows in the same transaction."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.listing import came_by
from tongxing.registry.duplicates import pairs
from tongxing.registry.models import Person
from tongxing.registry.people import mark_not_duplicate

from .act_page import uid_of

PAGE = 10


@requires("registry.merge")
@require_GET
def duplicates(request: HttpRequest) -> HttpResponse:
    found = pairs(Person.objects.filter(user_of(request).scope("registry.merge").as_q("area_id")))
    context = {"page": Paginator(found, PAGE).get_page(request.GET.get("page")), "more": found.more}
    return came_by(request, render(request, "registry/person_duplicates.html", context))


@requires("registry.merge")
@require_POST
def not_duplicate(request: HttpRequest) -> HttpResponse:
    people = Person.objects.visible_to(user_of(request)).standing()
    first = get_object_or_404(people, uid=uid_of(request.POST.get("first")))
    second = get_object_or_404(people, uid=uid_of(request.POST.get("second")))
    mark_not_duplicate(first, second, by=user_of(request))
    messages.success(request, f"已记下：两位“{first.name}”不是同一人，不再提示。")
    return redirect("registry:duplicates")
