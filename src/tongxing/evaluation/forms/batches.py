"""Forms about batches: the plan, rooms, duties, seats, the archive."""

from typing import Any

from django import forms
from django.utils import timezone

from tongxing.certificates.models import BodyFiling, Level
from tongxing.core.choosing import offer
from tongxing.evaluation.models import AssessmentBatch, Assessor, Candidate, DutyKind, ExamRoom, Site
from tongxing.registry.forms.people_fields import DayField


class PlanForm(forms.Form):
    """What a plan says; the act judges days, site and scope together."""

    title = forms.CharField(label="批次名称", max_length=80, help_text="例如：2026 年第三期四级评价。")
    level = forms.TypedChoiceField(label="等级", choices=[("", "请选择"), *Level.choices], coerce=int)
    site = forms.ModelChoiceField(Site.objects.none(), label="考点", empty_label="请选择")
    apply_from = DayField(label="报名开始")
    apply_until = DayField(label="报名截止", help_text="含当天；工作年限和取证年限算到这一天。")
    exam_on = DayField(label="考试日期")
    capacity = forms.IntegerField(label="计划人数", min_value=1, max_value=5000)
    announcement = forms.CharField(
        label="公告内容",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="考试科目、携带材料、咨询电话等。会向社会公布，不要写个人信息。",
    )

    def __init__(self, *args: Any, user: Any, batch: AssessmentBatch | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        scope = user.scope("evaluation.edit")
        sites = Site.objects.on(timezone.localdate()).filter(scope.as_q("organisation__area_id", "organisation_id"))
        if batch:
            offer(self, "site", sites.filter(organisation_id=batch.organisation_id))
            self.fields["reason"] = forms.CharField(
                label="修改原因", max_length=200, required=False, help_text="公告发布以后修改必填，报名的人会看到。"
            )
            return
        offer(self, "site", sites.select_related("organisation"), label=lambda site: f"{site.name}（{site.organisation.name}）")
        filings = BodyFiling.objects.filter(scope.as_q("organisation__area_id", "organisation_id")).select_related("organisation")
        self.fields["filing"] = forms.ModelChoiceField(filings, label="评价机构", empty_label="请选择")
        offer(self, "filing", filings, label=lambda filing: f"{filing.organisation.name}（{filing.number}）")
        self.order_fields(("title", "filing"))


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=200)


class RoomForm(forms.Form):
    name = forms.CharField(label="考场名称", max_length=40)
    capacity = forms.IntegerField(label="座位数", min_value=1, max_value=500)


class DrawForm(forms.Form):
    seed = forms.CharField(label="抽签种子", max_length=40, required=False, help_text="事先公布的数字或文字；不填由系统随机产生并记录。")


class SeatForm(forms.Form):
    candidate = forms.ModelChoiceField(Candidate.objects.none(), label="考生", empty_label="请选择")
    room = forms.ModelChoiceField(ExamRoom.objects.none(), label="考场", empty_label="请选择")
    seat = forms.IntegerField(label="座位号", min_value=1, max_value=500)
    reason = forms.CharField(label="原因", max_length=200)

    def __init__(self, *args: Any, batch: AssessmentBatch, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "candidate", batch.candidates.select_related("person"))
        offer(self, "room", batch.rooms.all())


class DutyForm(forms.Form):
    assessor = forms.ModelChoiceField(Assessor.objects.none(), label="人员", empty_label="请选择")
    kind = forms.ChoiceField(label="分工", choices=DutyKind.choices)
    room = forms.ModelChoiceField(ExamRoom.objects.none(), label="考场", required=False, empty_label="不分考场")

    def __init__(self, *args: Any, batch: AssessmentBatch, **options: Any) -> None:
        super().__init__(*args, **options)
        staff = Assessor.objects.on(batch.exam_on).filter(organisation_id=batch.organisation_id).select_related("person")
        offer(self, "assessor", staff)
        offer(self, "room", batch.rooms.all())


class PlaceForm(forms.Form):
    place = forms.CharField(label="档案存放地点", max_length=120)


class PurposeForm(forms.Form):
    reason = forms.CharField(label="用途", max_length=200, help_text="导出的表里有完整证件号码，用途记入审计日志。")
