"""Pages of a coordinator's places: postings, duty areas, assignments; and the proposals of the organisation field."""

from collections import Counter
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.listing import selected
from tongxing.registry import assignments, enrolment
from tongxing.registry.forms.coordinators import AssignForm, CarrierForm, DutyForm, EndForm, PostingForm, TransferForm
from tongxing.registry.forms.people_fields import proposal
from tongxing.registry.hosting import main_posting
from tongxing.registry.models import Assignment, Coordinator, DutyArea, Organisation, Posting
from tongxing.registry.models.coordinators import Held
from tongxing.registry.search import find

from .act_page import act_page, posted
from .coordinators import found_coordinator, page_of
from .organisation_lists import OrganisationList

MOST_AT_ONCE = 1_000
Row = TypeVar("Row", bound=Held)


def _held(request: HttpRequest, model: type[Row], pk: int, place: str) -> Row:
    """What a coordinator in sight holds, read with its `place` (the name of a relation)."""
    seen = Coordinator.objects.visible_to(user_of(request))
    rows = model._default_manager.filter(coordinator__in=seen).select_related("coordinator__person", place)
    return get_object_or_404(rows, pk=pk)


def _ending(request: HttpRequest, row: Held, *, act: Callable[..., Held], noun: str, place: str) -> HttpResponse:
    """The page on which something held comes to its end."""
    return act_page(
        request,
        EndForm(posted(request)),
        run=lambda v: act(row, by=user_of(request), on=v["on"], reason=v["reason"]),
        back=page_of(row.coordinator),
        watched=lambda: [row],
        title=f"结束{noun}：{row.coordinator.person.name} {place}",
        done=f"已结束{noun}。",
        submit=f"结束{noun}",
        hint=f"自 {row.since:%Y-%m-%d} 起。最后一天仍计入覆盖。",
    )


@requires("registry.edit")
def transfer(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = found_coordinator(request, uid)
    now = main_posting(found)
    form = TransferForm(posted(request), user=user_of(request), initial={"seen": now.pk if now else 0})
    leaving = f"现在的主要任职“{now.organisation}”在调动前一天结束" if now else "现在没有任职"
    return act_page(
        request,
        form,
        run=lambda v: enrolment.transfer(
            found, v["organisation"], by=user_of(request), on=v["on"], post=v["post"], reason=v["reason"], seen=v["seen"]
        ),
        back=page_of(found),
        watched=lambda: [found, *found.postings.all()],
        title=f"调动：{found.person.name}",
        done="已办理调动，原任职在前一天结束。",
        submit="办理调动",
        hint=f"{leaving}，新任职自调动当天开始。原单位还要继续任职的，请办理“增加任职”。",
    )


@requires("registry.edit")
def posting_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = found_coordinator(request, uid)
    return act_page(
        request,
        PostingForm(posted(request), user=user_of(request)),
        run=lambda v: enrolment.add_posting(
            found, v["organisation"], by=user_of(request), since=v["on"], post=v["post"], is_primary=v["is_primary"], reason=v["reason"]
        ),
        back=page_of(found),
        watched=lambda: [found, *found.postings.all()],
        title=f"增加任职：{found.person.name}",
        done="已增加任职。",
        submit="增加任职",
        hint="用于同时在两家单位任职：原任职保留，覆盖两家单位。换了单位请办理“调动”。",
    )


@requires("registry.edit")
def posting_end(request: HttpRequest, pk: int) -> HttpResponse:
    posting = _held(request, Posting, pk, "organisation")
    return _ending(request, posting, act=enrolment.end_posting, noun="任职", place=f"在 {posting.organisation.name}")


@requires("registry.edit")
def duty_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = found_coordinator(request, uid)
    return act_page(
        request,
        DutyForm(posted(request), user=user_of(request)),
        run=lambda v: enrolment.give_duty_area(found, v["area"], by=user_of(request), since=v["on"], reason=v["reason"]),
        back=page_of(found),
        watched=lambda: [found, *found.duty_areas.all()],
        title=f"增加责任片区：{found.person.name}",
        done="已增加责任片区。",
        submit="增加片区",
        clause="notice:2.3",
    )


@requires("registry.edit")
def duty_end(request: HttpRequest, pk: int) -> HttpResponse:
    duty = _held(request, DutyArea, pk, "area")
    return _ending(request, duty, act=enrolment.end_duty_area, noun="责任片区", place=f"对 {duty.area.short_name}")


@requires("registry.edit")
def assign(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = found_coordinator(request, uid)
    load = assignments.load_of([found.pk])[found.pk]
    return act_page(
        request,
        AssignForm(posted(request), user=user_of(request)),
        run=lambda v: assignments.assign(found, v["organisation"], by=user_of(request), since=v["on"]),
        back=page_of(found),
        watched=lambda: [found, *found.assignments.filter(until=None)],
        title=f"包联企业：{found.person.name}",
        done="已增加包联企业。",
        submit="增加包联",
        hint=f"现包联 {load} 家，每人以 {assignments.load_limit()} 家为限。{assignments.overload(load + 1)}",
        clause="notice:2.4",
    )


@requires("registry.edit")
@require_POST
def assign_many(request: HttpRequest) -> HttpResponse:
    """Give the selection of the organisations' list into one coordinator's care; without a coordinator yet, the page asks for one."""
    user = user_of(request)
    rows = selected(request, OrganisationList)
    form = CarrierForm(request.POST if "coordinator" in request.POST else None, user=user)
    if form.is_bound and form.is_valid():
        carrier = form.cleaned_data["coordinator"]
        outcome = assignments.assign_many(carrier, rows.order_by("pk")[:MOST_AT_ONCE], by=user, since=form.cleaned_data["on"])
        messages.success(request, f"{carrier} 新包联 {outcome.done} 家企业。")
        for reason, count in Counter(reason for _, reason in outcome.left_out).most_common():
            messages.warning(request, f"{count} 家没有包联：{reason}。")
        if warning := assignments.overload(assignments.load_of([carrier.pk])[carrier.pk]):
            messages.warning(request, warning)
        return redirect(page_of(carrier))
    ids = [] if request.POST.get("all") == "1" else request.POST.getlist("ids")
    context = {"form": form, "ids": ids, "count": rows.count(), "first": rows[:10], "most": MOST_AT_ONCE}
    return render(request, "registry/coordinator_assign_many.html", context)


@requires("registry.edit")
def assignment_end(request: HttpRequest, pk: int) -> HttpResponse:
    assignment = _held(request, Assignment, pk, "organisation")
    return _ending(request, assignment, act=assignments.end_assignment, noun="包联", place=f"对 {assignment.organisation.name}")


@requires("registry.view")
@require_GET
def pick_organisation(request: HttpRequest) -> HttpResponse:
    """Proposals for a field that names an organisation: the options of its list."""
    text = (request.GET.get("organisation") or request.GET.get("body") or "")[:60]
    ids = [hit.id for hit in find(text, user_of(request), kinds=("organisation",), limit=12)] if text.strip() else []
    rows = Organisation.objects.visible_to(user_of(request)).select_related("area").in_bulk(ids)
    proposals = [(proposal(rows[i]), f"{rows[i].get_kind_display()} · {rows[i].area.short_name}") for i in ids if i in rows]
    return render(request, "registry/person_proposals.html", {"proposals": proposals})
