"""邀请参加培训: from the gap list and from the seat plan into a class."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from tongxing.accounts.models import User
from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.targets.models import Target
from tongxing.targets.place import place_of
from tongxing.targets.recruiting import invite_for_gaps, invite_for_seats
from tongxing.targets.seats import Seat, seat_plan
from tongxing.training.inviting import can_invite
from tongxing.training.models import TrainingClass
from tongxing.training.models.classes import TAKES_APPLICATIONS

from .gaps import act_on_gaps, chosen_gaps
from .pictures import seats_asked

NO_CLASS = "现在没有接受报名的培训班。请先新建培训班或开放报名，再来邀请。"


class InviteForm(forms.Form):
    """Into which class."""

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        rows = TrainingClass.objects.visible_to(user).filter(state__in=TAKES_APPLICATIONS, starts_on__gt=timezone.localdate())
        self.classes = {
            str(row.uid): row for row in rows.select_related("provider__organisation").order_by("starts_on") if can_invite(user, row)
        }
        choices = [(key, f"{row.title}（{row.starts_on} 开班，{row.provider}）") for key, row in self.classes.items()]
        help_text = "" if choices else NO_CLASS
        self.fields["training_class"] = forms.ChoiceField(label="培训班", choices=[("", "请选择"), *choices], help_text=help_text)

    def clean_training_class(self) -> TrainingClass:
        return self.classes[self.cleaned_data["training_class"]]


@requires("targets.chase")
@require_POST
def gaps_invite(request: HttpRequest) -> HttpResponse:
    gaps = chosen_gaps(request)
    form = InviteForm(request.POST if gaps.answered else None, user=user_of(request))

    def run(typed: dict[str, Any]) -> str:
        titles = dict(Target.objects.values_list("key", "title"))
        done = invite_for_gaps(typed["training_class"], gaps.rows, titles, by=user_of(request))
        return f"{typed['training_class'].title}：{done.sentence}"

    return act_on_gaps(request, gaps, form, run, title="邀请参加培训", submit="发出邀请")


def _lines(request: HttpRequest) -> list[Seat]:
    """The ticked lines of the plan, worked out anew: it may have changed since."""
    place = place_of(request)
    chosen = set(request.POST.getlist("lines"))
    return [line for line in seat_plan(place.code, seats_asked(request), place.on) if line.unit.ref in chosen]


@requires("targets.chase")
@require_POST
def seats_invite(request: HttpRequest) -> HttpResponse:
    """With a class chosen the invitations go out; without one it is asked for."""
    lines = _lines(request)
    if not lines:
        messages.warning(request, "没有选中名额安排中的对象，什么都没有做。请先勾选。")
        return redirect(f"{request.path.removesuffix('invite/')}?{request.GET.urlencode()}")
    bound = "training_class" in request.POST
    form = InviteForm(request.POST if bound else None, user=user_of(request))
    if bound and form.is_valid():
        try:
            done = invite_for_seats(form.cleaned_data["training_class"], lines, by=user_of(request))
        except Refused as refused:
            if refused.status == 403:
                raise
            form.add_error(None, refused.message)
        else:
            messages.success(request, f"{form.cleaned_data['training_class'].title}：{done.sentence}")
            return redirect(f"{request.path.removesuffix('invite/')}?{request.GET.urlencode()}")
    context = {"form": form, "lines": lines}
    return render(request, "targets/seats_invite.html", context, status=422 if bound else 200)
