"""An employer's side: classes that are open, invitations, sending the own people."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.registry.views.act_page import act_page, posted
from tongxing.training import enrolment as acts
from tongxing.training import inviting
from tongxing.training.forms.classes import EntryForm
from tongxing.training.forms.providers import ReasonForm
from tongxing.training.models import Enrolment, Funding
from tongxing.training.own import classes_to_send_to, open_invitations, own_organisations, people_of

from .lists import ENROLMENT_TONES


class SendForm(forms.Form):
    """Which of the own people, paid by whom."""

    funding = forms.ChoiceField(label="费用", choices=Funding.choices, help_text="不符合补贴条件的，选市场化自费。")

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        own = own_organisations(user)
        boxes = forms.CheckboxSelectMultiple
        self.fields["people"] = forms.ModelMultipleChoiceField(people_of(own), label="参训人员", widget=boxes)
        self.fields["organisation"] = forms.ModelChoiceField(own, label="报送单位", empty_label=None)
        self.order_fields(("organisation", "people", "funding"))


class NewcomerForm(EntryForm):
    """Somebody who holds no post at the own organisation yet."""

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, user=user, **options)
        self.fields["organisation"] = forms.ModelChoiceField(own_organisations(user), label="报送单位", empty_label=None)
        self.order_fields(("organisation", "name", "id_type", "id_number", "phone", "funding"))


@requires("training.send")
@require_GET
def send_list(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    sent = Enrolment.objects.filter(organisation__in=own_organisations(user)).select_related("person", "training_class")
    rows = list(sent.order_by("-training_class__starts_on", "id")[:200])
    for row in rows:
        row.tone = ENROLMENT_TONES[row.state]  # type: ignore[attr-defined]
    coming = [row for row in classes_to_send_to(user, timezone.localdate()) if row.takes_applications]
    return render(request, "training/send_list.html", {"coming": coming, "invitations": open_invitations(user), "rows": rows})


@requires("training.send")
def send(request: HttpRequest, uid: UUID) -> HttpResponse:
    user = user_of(request)
    held = get_object_or_404(classes_to_send_to(user, timezone.localdate()), uid=uid)
    return act_page(
        request,
        SendForm(posted(request), user=user),
        run=lambda v: acts.send_people(held, list(v["people"]), v["organisation"], by=user, funding=v["funding"]),
        back=reverse("training:send-list"),
        title=f"报送参训人员：{held.title}",
        done="已报送，录取后会通知。",
        submit="报送",
        hint=f"{held.starts_on} 开班，{held.provider}。名单里没有的人，请从“报送新人员”办理。",
        clause="notice:3.1.1",
    )


@requires("training.send")
def send_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Somebody who is not in the list of the own people."""
    user = user_of(request)
    held = get_object_or_404(classes_to_send_to(user, timezone.localdate()), uid=uid)

    def run(values: dict[str, Any]) -> None:
        facts = {field: values[field] for field in ("name", "id_number", "id_type", "phone")}
        acts.send_newcomer(held, values["organisation"], by=user, funding=values["funding"], **facts)

    return act_page(
        request,
        NewcomerForm(posted(request), user=user),
        run=run,
        back=reverse("training:send-list"),
        title=f"报送新人员：{held.title}",
        done="已报送，录取后会通知。",
        submit="报送",
        hint="还没有在本单位登记的人，按姓名和证件号报送。结业后再由所在镇街登记任职。",
        clause="notice:3.1.1",
    )


@requires("training.send")
def decline(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Of the class `uid`: no, thank you."""
    invitation = get_object_or_404(open_invitations(user_of(request)), training_class__uid=uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: inviting.decline(invitation, by=user_of(request), answer=v["reason"]),
        back=reverse("training:send-list"),
        title=f"不参加：{invitation.training_class.title}",
        done="已答复。",
        submit="不参加",
    )
