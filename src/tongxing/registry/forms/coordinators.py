"""Forms about a coordinator's enrolment and places. The act of each checks days and states; the form reads what was typed."""

from typing import Any

from django import forms

from tongxing.registry.models import Coordinator

from .people_fields import LeafField, OrganisationField, today_field


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
        carriers = Coordinator.objects.visible_to(user).standing().filter(status="active").select_related("person").order_by("person__name")
        self.fields["coordinator"] = CoordinatorField(carriers, label="协调员", empty_label="请选择")
        self.order_fields(("coordinator", "on"))


class CoordinatorField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.person.name}（{obj.person.id_masked[-4:] or '无证件号'}）"


class EndForm(forms.Form):
    on = today_field("最后一天")
    reason = forms.CharField(label="原因", max_length=200, required=False)


class FullTimeField(forms.TypedChoiceField):
    def __init__(self) -> None:
        choices = [("0", "兼职"), ("1", "专职")]
        super().__init__(label="专职或兼职", choices=choices, coerce=lambda value: value == "1", initial="0")


class CoordinatorForm(forms.Form):
    """What has no history of its own."""

    full_time = FullTimeField()
    remark = forms.CharField(label="备注", max_length=200, required=False)

    def __init__(self, *args: Any, coordinator: Coordinator, **options: Any) -> None:
        initial = {"full_time": "1" if coordinator.full_time else "0", "remark": coordinator.remark}
        options["initial"] = initial
        super().__init__(*args, **options)
        self.instance = coordinator
