"""A class: its page, and one address for each way it can go."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.models import User
from tongxing.accounts.requests import user_of
from tongxing.audit import history
from tongxing.audit.names import act_name
from tongxing.core.access import requires
from tongxing.registry.models import Organisation
from tongxing.registry.views.act_page import act_page, posted, read_version
from tongxing.training import classes, filing, running
from tongxing.training.flags import flags_of
from tongxing.training.forms.classes import ClassEditForm, ClassForm, PostponeForm
from tongxing.training.forms.providers import ReasonForm
from tongxing.training.models import Enrolment, Invitation, TrainingClass
from tongxing.training.models.classes import OVER, PLANNABLE
from tongxing.training.models.enrolments import PLACE_HELD
from tongxing.training.next_steps import next_steps
from tongxing.training.rules import can_run

from .found import found_class, page_of
from .lists import CLASS_TONES, ENROLMENT_TONES

SHOWN_PEOPLE = 100


@requires("training.view")
@require_GET
def training_class(request: HttpRequest, uid: UUID) -> HttpResponse:
    held, user = found_class(request, uid), user_of(request)
    people = list(
        Enrolment.objects.visible_to(user).filter(training_class=held).select_related("person", "organisation")[: SHOWN_PEOPLE + 1]
    )
    for row in people:
        row.tone = ENROLMENT_TONES[row.state]  # type: ignore[attr-defined]
    context = {
        "held": held,
        "tone": CLASS_TONES[held.state],
        "steps": next_steps(held, user),
        "moves": [(move, reverse(f"training:class-{move.act}", args=[held.uid])) for move in filing.open_moves(held, user)],
        "decision": filing.filing_decision(held) if held.state not in OVER | {"approved", "running"} else None,
        "sessions": held.sessions.select_related("topic", "trainer", "room"),
        "people": people[:SHOWN_PEOPLE],
        "more_people": len(people) > SHOWN_PEOPLE,
        "taken": held.enrolments.filter(state__in=PLACE_HELD).count(),
        "flags": flags_of(held) if held.state in {"running", "finished"} and can_run(user, held) else [],
        "invitations": _invitations(held, user),
        "may_see_all": user.may_at("training.view", held.area_id) or bool(can_run(user, held)),
        "may_run": bool(can_run(user, held)),
        "may_plan": bool(can_run(user, held)) and held.state in PLANNABLE,
        "may_edit": bool(can_run(user, held)) and held.state in classes.EDITABLE,
        "panels": [(title, reverse(name, args=[held.uid])) for title, name, needed in settings.CLASS_PANELS if user.may(needed)],
        "history": [(entry, act_name(entry.act)) for entry in history.of(held)],
    }
    return render(request, "training/class.html", context)


def _invitations(held: TrainingClass, user: User) -> "QuerySet[Invitation]":
    """Whoever runs the class sees whom it asked; others only the organisations of their own areas."""
    rows = held.invitations.select_related("organisation")
    if can_run(user, held) or user.may_at("training.view", held.area_id):
        return rows
    return rows.filter(organisation__in=Organisation.objects.visible_to(user).values("pk"))


@requires("training.run")
def class_new(request: HttpRequest) -> HttpResponse:
    form = ClassForm(posted(request), user=user_of(request))

    def run(values: dict[str, Any]) -> str:
        made = classes.create_class(values["course"], values["provider"], values["area"], by=user_of(request), **form.facts())
        return page_of(made)

    done = "已新建培训班。接下来排课、录取学员，再提交报备。"
    return act_page(request, form, run=run, back="", title="新建培训班", done=done, submit="新建", clause="notice:3.1.1")


@requires("training.run")
def class_edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    held = found_class(request, uid)
    form = ClassEditForm(posted(request), training_class=held)
    return act_page(
        request,
        form,
        run=lambda _: classes.change_class(held, by=user_of(request), version=read_version(request, held), **form.facts()),
        back=page_of(held),
        watched=lambda: [held],
        title=f"修改：{held.title}",
        done="已保存。",
    )


@requires("training.run")
@require_POST
def class_announce(request: HttpRequest, uid: UUID) -> HttpResponse:
    held = found_class(request, uid)
    opened = request.POST.get("open") == "1"
    classes.announce_class(held, by=user_of(request), open_for_all=opened)
    messages.success(request, "已开放报名，学员和用人单位可以看到这个班。" if opened else "已停止报名。")
    return redirect(page_of(held))


def _moving(
    permission: str,
    act: Callable[[TrainingClass, Any, dict[str, Any]], Any],
    title: str,
    done: str,
    form: Callable[[HttpRequest], forms.Form],
    hint: str = "",
) -> Callable[..., HttpResponseBase]:
    """A page that asks for what the move needs, then makes it."""

    @requires(permission)
    def view(request: HttpRequest, uid: UUID) -> HttpResponse:
        held = found_class(request, uid)
        return act_page(
            request,
            form(request),
            run=lambda values: act(held, user_of(request), values),
            back=page_of(held),
            watched=lambda: [held],
            title=f"{title}：{held.title}",
            done=done,
            submit=title,
            hint=hint,
        )

    view.__name__ = view.__qualname__ = f"class_{title}"
    return view


def _nothing(request: HttpRequest) -> forms.Form:
    return forms.Form(posted(request))


class RemarkForm(forms.Form):
    remark = forms.CharField(label="审核意见", max_length=200, required=False)


class_file = _moving(
    "training.run",
    lambda held, by, _: filing.file_class(held, by=by),
    "提交报备",
    "已提交报备，审核人已收到待办。",
    _nothing,
    "提交后学员名册、课程表和材料不能再改，直到审核有结果。",
)
class_return = _moving(
    "training.review",
    lambda held, by, v: filing.return_class(held, by=by, reason=v["reason"]),
    "退回补正",
    "已退回，承办机构已收到通知。",
    lambda request: ReasonForm(posted(request)),
)
class_approve = _moving(
    "training.review",
    lambda held, by, v: filing.approve_class(held, by=by, remark=v["remark"]),
    "准予开班",
    "已准予开班，承办机构已收到通知。",
    lambda request: RemarkForm(posted(request)),
)
class_start = _moving(
    "training.run",
    lambda held, by, _: running.start_class(held, by=by),
    "开班",
    "已开班，可以点名。",
    _nothing,
    "开班后不再递补，还在候补和待录取的人转为未录取。",
)
class_finish = _moving(
    "training.run", lambda held, by, _: running.finish_class(held, by=by), "结业", "已办理结业。", _nothing, "结业后考勤和成绩不能再改。"
)
class_archive = _moving(
    "training.manage",
    lambda held, by, _: running.archive_class(held, by=by),
    "归档",
    "已归档。",
    _nothing,
    "归档前请下载档案包核对；归档后这个班的任何内容都不能再改。",
)
class_cancel = _moving(
    "training.run",
    lambda held, by, v: running.cancel_class(held, by=by, reason=v["reason"]),
    "取消",
    "已取消，学员、报送单位和承办机构都已收到通知。",
    lambda request: ReasonForm(posted(request)),
)
class_postpone = _moving(
    "training.run",
    lambda held, by, v: running.postpone_class(held, by=by, **v),
    "延期",
    "已延期，已通知所有人。请重新提交报备。",
    lambda request: PostponeForm(posted(request)),
    "课次按开班日期顺延同样的天数，有冲突的在报备前调开。",
)
