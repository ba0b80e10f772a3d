"""Pages that change a coordinator's status: each move of the table has its own address, and rejoining asks for an organisation too."""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.registry import enrolment
from tongxing.registry.forms.coordinators import CoordinatorForm, MoveForm, PlaceForm
from tongxing.registry.models import Coordinator
from tongxing.registry.pasts import ALWAYS

from .act_page import act_page, posted, read_version

ACTS: dict[str, Callable[..., Coordinator]] = {
    "activate": enrolment.activate,
    "suspend": enrolment.suspend,
    "resume": enrolment.resume,
    "leave": enrolment.leave,
}
NEEDS_REASON = {"suspend", "leave"}
HINTS = {
    "suspend": "暂停期间不计入覆盖，任职保留，可以随时恢复。",
    "leave": "退出后，任职、责任片区和包联都在这一天结束，由其覆盖的单位会重新成为缺口。",
}


def found_coordinator(request: HttpRequest, uid: UUID) -> Coordinator:
    return get_object_or_404(Coordinator.objects.visible_to(user_of(request)).standing().select_related("person", "area"), uid=uid)


def page_of(coordinator: Coordinator) -> str:
    return reverse("registry:person", args=[coordinator.person.uid])


@requires("registry.view")
@require_GET
def coordinator(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A coordinator's page is the person's page."""
    return redirect(page_of(found_coordinator(request, uid)))


@requires("registry.edit")
def move(request: HttpRequest, uid: UUID, act: str) -> HttpResponse:
    found = found_coordinator(request, uid)
    if act not in ACTS:
        raise Http404
    label = enrolment.move_named(act).label
    form = MoveForm(posted(request), reason_required=act in NEEDS_REASON)
    return act_page(
        request,
        form,
        run=lambda values: ACTS[act](found, by=user_of(request), on=values["on"], reason=values["reason"]),
        back=page_of(found),
        watched=lambda: [found],
        title=f"{label}：{found.person.name}",
        done=f"“{found.person.name}”已办理“{label}”。",
        submit=f"办理{label}",
        hint=HINTS.get(act, ""),
        clause="notice:3.4.2",
    )


@requires("registry.edit")
def rejoin(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = found_coordinator(request, uid)
    return act_page(
        request,
        PlaceForm(posted(request), user=user_of(request)),
        run=lambda v: enrolment.rejoin(found, v["organisation"], by=user_of(request), on=v["on"], post=v["post"], reason=v["reason"]),
        back=page_of(found),
        watched=lambda: [found, *found.postings.all()],
        title=f"重新登记：{found.person.name}",
        done=f"“{found.person.name}”已重新登记。",
        submit="重新登记",
    )


@requires("registry.edit")
def coordinator_edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = found_coordinator(request, uid)
    return act_page(
        request,
        CoordinatorForm(posted(request), coordinator=found),
        run=lambda v: enrolment.update_coordinator(
            found,
            by=user_of(request),
            version=read_version(request, found),
            full_time=v["full_time"],
            remark=v["remark"],
            since=v["since"] or ALWAYS,
        ),
        back=page_of(found),
        watched=lambda: [found],
        title=f"修改登记信息：{found.person.name}",
        done="已保存。",
    )
