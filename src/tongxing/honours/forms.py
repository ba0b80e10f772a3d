"""Forms of the yearly selection: plan and change a selection, complete a step, enter a prize or title, the day of a verdict."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.areas.models import Area
from tongxing.core.choosing import offer
from tongxing.registry.forms.people_fields import DayField, today_field

from .models import AwardKind, Rank, Selection, Stage
from .selecting import FIRST_YEAR, LONGEST_STEP


class PlanForm(forms.Form):
    area = forms.ModelChoiceField(Area.objects.none(), label="区划", empty_label="请选择")
    year = forms.IntegerField(label="年度", min_value=FIRST_YEAR, max_value=2100)
    title = forms.CharField(label="名称", max_length=80, required=False, help_text="留空时按年度起名；通知和公示上要印。")
    judged_on = DayField(label="资格基准日", required=False, help_text="资格条件按这一天的登记核对；留空时是推荐申报的最后一天。")
    note = forms.CharField(label="说明", required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "area", Area.objects.in_scope(user.scope("honours.manage")).valid_on(timezone.localdate()))
        self.fields["year"].initial = timezone.localdate().year


class ChangeForm(forms.Form):
    """Words, reference day and working days of each step; a step that is done keeps its days."""

    title = forms.CharField(label="名称", max_length=80)
    judged_on = DayField(label="资格基准日", help_text="资格条件按这一天的登记核对。")
    note = forms.CharField(label="说明", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    reason = forms.CharField(label="修改原因", max_length=200, required=False, help_text="通知发出以后改排期或基准日，须写明原因。")

    def __init__(self, *args: Any, selection: Selection, **options: Any) -> None:
        steps = list(selection.steps.all())
        first = {"title": selection.title, "judged_on": selection.judged_on, "note": selection.note}
        options["initial"] = first | {f"days_{step.stage}": step.days for step in steps}
        super().__init__(*args, **options)
        for step in steps:
            done = f"{step.done_on} 完成，不能再改。" if step.done_on else ""
            self.fields[f"days_{step.stage}"] = forms.IntegerField(
                label=f"{step.get_stage_display()}（工作日）",
                min_value=1,
                max_value=LONGEST_STEP,
                disabled=bool(step.done_on),
                help_text=done,
            )
        self.order_fields(["title", "judged_on", *(f"days_{step.stage}" for step in steps), "note", "reason"])

    def days(self) -> dict[str, int]:
        return {stage.value: self.cleaned_data[f"days_{stage}"] for stage in Stage}


class DoneForm(forms.Form):
    done_on = today_field("完成日期")
    remark = forms.CharField(label="办理情况", max_length=200, required=False, help_text="例如文号、参加人数。")


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class AwardForm(forms.Form):
    kind = forms.ChoiceField(label="类别", choices=AwardKind.choices)
    name = forms.CharField(label="奖项或称号", max_length=120, help_text="按证书或文件写全称。")
    rank = forms.ChoiceField(label="级别", choices=Rank.choices)
    awarded_on = DayField(label="授予日期")
    awarded_by = forms.CharField(label="授予单位", max_length=120)
    document = forms.CharField(label="文号", max_length=120, required=False)


class OnForm(forms.Form):
    """The day of a verdict, in the address of a page."""

    on = DayField(label="按哪一天核对", required=False)

    def clean_on(self) -> date:
        day: date | None = self.cleaned_data["on"]
        if day and day.year < FIRST_YEAR:
            raise forms.ValidationError(f"选树从 {FIRST_YEAR} 年开始，请选 {FIRST_YEAR} 年以后的日期。")
        return day or timezone.localdate()
