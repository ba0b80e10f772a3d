"""People in a class: one of them, entering, admitting, refusing, withdrawing, who pays."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.audit import history
from tongxing.audit.names import act_name
from tongxing.core.access import insist, requires
from tongxing.core.errors import Refused
from tongxing.core.listing import selected
from tongxing.registry.views.act_page import act_page, posted
from tongxing.training import enrolment as acts
from tongxing.training.applicants import person_for
from tongxing.training.forms.classes import EntryForm, FundingForm
from tongxing.training.forms.providers import ReasonForm
from tongxing.training.models.enrolments import ENROLMENT_MOVES, OPEN
from tongxing.training.rules import can_run

from .found import found_class, found_enrolment, page_of
from .lists import ENROLMENT_TONES, PeopleList


@requires("training.view")
@require_GET
def enrolment(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = found_enrolment(request, uid)
    may_run = bool(can_run(user_of(request), row.training_class))
    context = {
        "row": row,
        "held": row.training_class,
        "tone": ENROLMENT_TONES[row.state],
        "may_run": may_run,
        "may_refuse": may_run and row.state in ENROLMENT_MOVES["refuse"].sources,
        "may_withdraw": may_run and row.state in OPEN,
        "history": [(entry, act_name(entry.act)) for entry in history.of(row)],
    }
    return render(request, "training/enrolment.html", context)


@requires("training.run")
def person_add(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Enter somebody by name and document; who is not in the register yet is entered there too."""
    held = found_class(request, uid)

    def run(values: dict[str, Any]) -> None:
        insist(can_run(user_of(request), held))
        facts = {field: values[field] for field in ("name", "id_number", "id_type", "phone")}
        firm = values.get("organisation")
        area = firm.area if firm else held.area
        person = person_for(by=user_of(request), area=area, **facts)
        acts.apply(held, person, by=user_of(request), funding=values["funding"], organisation=firm or None)

    return act_page(
        request,
        EntryForm(posted(request), user=user_of(request)),
        run=run,
        back=page_of(held),
        title=f"添加学员：{held.title}",
        done="已报名。",
        submit="报名",
        hint="按姓名和证件号对应到人员登记；登记里没有的，一并登记。",
        clause="notice:3.1.3",
    )


@requires("training.run")
@require_POST
def admit(request: HttpRequest) -> HttpResponse:
    """The ticked applicants; each class under its own lock."""
    rows = list(selected(request, PeopleList).select_related("training_class__provider"))
    classes = {row.training_class_id: row.training_class for row in rows}
    back = f"{reverse('training:people')}?{request.GET.urlencode()}" if request.GET else reverse("training:people")
    if not rows:
        messages.warning(request, "没有选中人员，什么都没有改。请先在列表中勾选。")
    for key, held in classes.items():
        try:
            done = acts.admit(held, [row.pk for row in rows if row.training_class_id == key], by=user_of(request))
        except Refused as refused:
            messages.warning(request, f"{held.title}：{refused.message}")
            continue
        waiting = f"，{done.waiting} 人名额已满转候补" if done.waiting else ""
        messages.success(request, f"{held.title}：录取 {done.admitted} 人{waiting}。")
        if done.refused:
            messages.warning(request, f"{held.title}：没有录取 {'、'.join(done.refused)}。")
    return redirect(back)


@requires("training.run")
def refuse(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = found_enrolment(request, uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: acts.refuse(row, by=user_of(request), reason=v["reason"]),
        back=page_of(row.training_class),
        watched=lambda: [row],
        title=f"不录取：{row.person.name}",
        done="已办理，并通知了本人。",
        submit="不录取",
    )


@requires("training.run")
def withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = found_enrolment(request, uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: acts.withdraw(row, by=user_of(request), reason=v["reason"]),
        back=page_of(row.training_class),
        watched=lambda: [row],
        title=f"退出：{row.person.name}",
        done="已退出；有候补的，排在最前的一位已递补并收到通知。",
        submit="办理退出",
    )


@requires("training.run")
def funding(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = found_enrolment(request, uid)
    return act_page(
        request,
        FundingForm(posted(request), initial={"funding": row.funding}),
        run=lambda v: acts.set_funding(row, v["funding"], by=user_of(request), reason=v["reason"]),
        back=reverse("training:enrolment", args=[uid]),
        watched=lambda: [row],
        title=f"费用来源：{row.person.name}",
        done="已更改。",
        clause="notice:3.1.2 notice:3.1.3",
    )
