"""Pages of providers and courses."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.registry.panels import body_panels
from tongxing.registry.views.act_page import act_page, posted, read_version
from tongxing.training import courses, providers
from tongxing.training.forms.providers import (
    CourseForm,
    EligibilityForm,
    ProviderForm,
    ReasonForm,
    RoomForm,
    SyllabusForm,
    TrainerForm,
    topics_as_text,
)
from tongxing.training.models import Provider, Room, Trainer, TrainingClass
from tongxing.training.rules import can_manage_at, can_run_provider
from tongxing.training.suspending import suspended_on

from .found import found_course, found_provider
from .lists import CLASS_TONES


@requires("training.view")
@require_GET
def provider(request: HttpRequest, uid: UUID) -> HttpResponse:
    found, user = found_provider(request, uid), user_of(request)
    years: dict[int, list[Any]] = {}
    for row in found.eligibilities.all():
        years.setdefault(row.year, []).append(row)
    held = list(TrainingClass.objects.visible_to(user).filter(provider=found)[:20])
    for one in held:
        one.tone = CLASS_TONES[one.state]  # type: ignore[attr-defined]
    context = {
        "provider": found,
        "years": years,
        "this_year": timezone.localdate().year,
        "suspensions": suspended_on(found.organisation_id, None, timezone.localdate()),
        "trainers": found.trainers.filter(is_active=True),
        "rooms": found.rooms.filter(is_active=True),
        "classes": held,
        "panels": body_panels(found.organisation, user),
        "may_manage": user.may("training.manage") and bool(can_manage_at(user, found.area_code)),
        "may_run": user.may("training.run") and bool(can_run_provider(user, found)),
    }
    return render(request, "training/provider.html", context)


@requires("training.manage")
def provider_new(request: HttpRequest) -> HttpResponse:
    def run(values: dict[str, Any]) -> str:
        made = providers.register_provider(values["organisation"], by=user_of(request), remark=values["remark"])
        return reverse("training:provider", args=[made.uid])

    form = ProviderForm(posted(request), user=user_of(request))
    done = "已登记。请认定它本年度可以承办的等级。"
    return act_page(request, form, run=run, back="", title="登记培训机构", done=done, submit="登记", clause="notice:3.1.1")


def _page(found: Provider) -> str:
    return reverse("training:provider", args=[found.uid])


@requires("training.manage")
def eligibility(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = found_provider(request, uid)
    levels = sorted(found.eligible_in(timezone.localdate().year))
    return act_page(
        request,
        EligibilityForm(posted(request), initial={"levels": levels}),
        run=lambda v: providers.set_eligibility(found, v["year"], v["levels"], by=user_of(request), document=v["document"]),
        back=_page(found),
        watched=lambda: list(found.eligibilities.all()),
        title=f"年度资格：{found}",
        done="已认定。",
        submit="认定",
        hint="所选年度只保留勾选的等级；没有勾选的等级取消资格，正在办的班不受影响。",
        clause="notice:3.1.1",
    )


@requires("training.run")
def trainer_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = found_provider(request, uid)
    return act_page(
        request,
        TrainerForm(posted(request)),
        run=lambda values: providers.add_trainer(found, by=user_of(request), **values),
        back=_page(found),
        title=f"登记师资：{found}",
        done="已登记。",
        submit="登记",
    )


@requires("training.run")
def room_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = found_provider(request, uid)
    return act_page(
        request,
        RoomForm(posted(request)),
        run=lambda values: providers.add_room(found, by=user_of(request), **values),
        back=_page(found),
        title=f"登记教室：{found}",
        done="已登记。",
        submit="登记",
    )


@requires("training.run")
def trainer_retire(request: HttpRequest, uid: UUID) -> HttpResponse:
    seen = Provider.objects.visible_to(user_of(request))
    found = get_object_or_404(Trainer.objects.filter(provider__in=seen).select_related("provider__organisation"), uid=uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: providers.retire_trainer(found, by=user_of(request), reason=v["reason"]),
        back=_page(found.provider),
        title=f"停用师资：{found}",
        done="已停用。",
        submit="停用",
    )


@requires("training.run")
def room_retire(request: HttpRequest, uid: UUID) -> HttpResponse:
    seen = Provider.objects.visible_to(user_of(request))
    found = get_object_or_404(Room.objects.filter(provider__in=seen).select_related("provider__organisation"), uid=uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: providers.retire_room(found, by=user_of(request), reason=v["reason"]),
        back=_page(found.provider),
        title=f"停用教室：{found}",
        done="已停用。",
        submit="停用",
    )


@requires("training.view")
@require_GET
def course(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = found_course(uid)
    context = {"course": found, "topics": found.topics.all(), "required": courses.hours_required(found.level)}
    return render(request, "training/course.html", context)


@requires("training.manage")
def course_new(request: HttpRequest) -> HttpResponse:
    def run(values: dict[str, Any]) -> str:
        made = courses.create_course(by=user_of(request), **values)
        return reverse("training:course", args=[made.uid])

    form = CourseForm(posted(request))
    return act_page(request, form, run=run, back="", title="新建课程", done="已新建课程。", submit="新建", clause="notice:3.1.1")


@requires("training.manage")
def course_edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = found_course(uid)
    form = SyllabusForm(posted(request), initial={"summary": found.summary, "topics": topics_as_text(found)})
    return act_page(
        request,
        form,
        run=lambda v: courses.change_course(found, by=user_of(request), version=read_version(request, found), **v),
        back=reverse("training:course", args=[uid]),
        watched=lambda: [found],
        title=f"修改大纲：{found}",
        done="已保存。",
    )


@requires("training.manage")
def course_retire(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = found_course(uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: courses.retire_course(found, by=user_of(request), reason=v["reason"]),
        back=reverse("training:course", args=[uid]),
        title=f"停用课程：{found}",
        done="已停用。",
        submit="停用",
    )
