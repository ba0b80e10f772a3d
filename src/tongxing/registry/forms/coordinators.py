"""Forms about a coordinator's enrolment and places. The act of each checks days and states; the form reads what was typed."""

from typing import Any

from django import forms
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from tongxing.registry.assignments import load_limit
from tongxing.registry.models import Assignment, Coordinator, Posting
from tongxing.registry.models.coordinators import CoordinatorStatus, holds_on

from .people_fields import CHANGED_HELP, DayField, LeafField, OrganisationField, today_field


class MoveForm(forms.Form):
    """A change of status: the day from which it holds, and why."""

    on = today_field("自哪一天起", help_text="可以补录以前的日期，不能早于现状态的起始日。")
    reason = forms.CharField(label="原因", max_length=200)

    def __init__(self, *args: Any, reason_required: bool = True, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].required = reason_required


class PlaceForm(forms.Form):
    """An organisation, a post and a day: for transfer, rejoining and one more posting."""

    on = today_field("自哪一天起")
    post = forms.CharField(label="职务", max_length=60, required=False)
    reason = forms.CharField(label="说明", max_length=200, required=False)
    field_order = ("organisation", "post", "on", "is_primary", "reason")

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["organisation"] = OrganisationField(user=user, label="单位")
        self.order_fields(self.field_order)


class TransferForm(PlaceForm):
    """With the main posting that stood on the page, so that two officers do not transfer one after the other unawares."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)


class PostingForm(PlaceForm):
    is_primary = forms.BooleanField(label="作为主要任职", required=False, help_text="主要任职决定所属镇街和单位类别。")


class DutyForm(forms.Form):
    on = today_field("自哪一天起")
    reason = forms.CharField(label="说明", max_length=200, required=False)

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["area"] = LeafField(user=user, label="责任片区", help_text="街道、乡镇或园区。")
        self.order_fields(("area", "on", "reason"))


class AssignForm(forms.Form):
    """One small or micro enterprise into care."""

    on = today_field("自哪一天起")

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["organisation"] = OrganisationField(user=user, label="企业", help_text="只能包联小型、微型企业。")
        self.order_fields(("organisation", "on"))


class CarrierForm(forms.Form):
    """Who takes the chosen enterprises into care."""

    on = today_field("自哪一天起")

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["coordinator"] = CoordinatorField(carriers_for(user), label="协调员", empty_label="请选择", help_text=_limit_text())
        self.order_fields(("coordinator", "on"))


class CoordinatorField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Coordinators to choose from, each with the host and the load: whoever gives out enterprises wants to know who has room."""

    def label_from_instance(self, obj: Any) -> str:
        where = obj.host or obj.area.short_name
        return f"{obj.person.name}（{where}，现包联 {obj.load} 家）"


def carriers_for(user: Any) -> Any:
    """Active coordinators in sight with `host` (name of the main posting) and `load` today, those with the least load first; one query."""
    today = timezone.localdate()
    host = Posting.objects.filter(holds_on(today), coordinator=OuterRef("pk")).order_by("-is_primary", "-since")
    carried = Assignment.objects.filter(holds_on(today), coordinator=OuterRef("pk")).order_by().values("coordinator")
    count = carried.annotate(count=Count("organisation_id", distinct=True)).values("count")
    rows = Coordinator.objects.visible_to(user).standing().filter(status=CoordinatorStatus.ACTIVE).select_related("person", "area")
    loaded = rows.annotate(
        host=Subquery(host.values("organisation__name")[:1]), load=Coalesce(Subquery(count, output_field=IntegerField()), 0)
    )
    return loaded.order_by("load", "person__name", "pk")


def _limit_text() -> str:
    return f"按现包联家数从少到多排列，每人以 {load_limit()} 家为限，超过只提醒。"


class EndForm(forms.Form):
    on = today_field("最后一天")
    reason = forms.CharField(label="原因", max_length=200, required=False)


class FullTimeField(forms.TypedChoiceField):
    def __init__(self) -> None:
        choices = [("0", "兼职"), ("1", "专职")]
        super().__init__(label="专职或兼职", choices=choices, coerce=lambda value: value == "1", initial="0")


class CoordinatorForm(forms.Form):
    """Full-time or part-time with the day from which it holds, and the remark."""

    full_time = FullTimeField()
    since = DayField(label="专职、兼职自哪一天起", required=False, initial=timezone.localdate, help_text=CHANGED_HELP)
    remark = forms.CharField(label="备注", max_length=200, required=False)

    def __init__(self, *args: Any, coordinator: Coordinator, **options: Any) -> None:
        initial = {"full_time": "1" if coordinator.full_time else "0", "remark": coordinator.remark}
        options["initial"] = initial
        super().__init__(*args, **options)
        self.instance = coordinator
