"""Forms of supervision: what officers, inspectors and bodies fill in."""

from typing import Any

from django import forms
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.areas.models import Area
from tongxing.certificates.models import Level
from tongxing.core.choosing import offer
from tongxing.evaluation.models import Site
from tongxing.registry.forms.people_fields import DayField, OrganisationField, today_field
from tongxing.registry.models import Organisation
from tongxing.training.models import TrainingClass

from .models import Finding, Inspector, Plan, SanctionKind, Severity, Visit, VisitInspector
from .planning import Facts
from .telling import inspectors_over


class AreaForm(forms.Form):
    """Starts with an area of the user's scope."""

    area = forms.ModelChoiceField(Area.objects.none(), label="区划", empty_label="请选择")

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "area", Area.objects.in_scope(user.scope("supervision.manage")).valid_on(timezone.localdate()))


class PlanForm(AreaForm):
    title = forms.CharField(label="计划名称", max_length=80, help_text="公告上要印，例如：2026 年下半年考点“双随机”抽查。")
    takes_sites = forms.BooleanField(label="抽查考点（这段时间里有评价批次的）", required=False, initial=True)
    takes_classes = forms.BooleanField(label="抽查培训班（这段时间里开班的）", required=False)
    period_from = DayField(label="业务期间自")
    period_until = DayField(label="业务期间至", help_text="含当天。")
    number = forms.IntegerField(label="抽查个数", min_value=1, max_value=500, required=False, help_text="和抽查比例填一个。")
    share = forms.IntegerField(label="抽查比例（%）", min_value=1, max_value=100, required=False, help_text="按候选数向上取整。")
    per_visit = forms.IntegerField(label="每次检查人数", min_value=2, max_value=9, initial=2)
    weighted = forms.BooleanField(label="按风险加签：有未办结异常或逾期问题的机构多几张签", required=False)
    beacon_source = forms.CharField(
        label="公开数字",
        max_length=120,
        initial="中国福利彩票双色球当期开奖号码（红球从小到大，再蓝球）",
        help_text="谁也左右不了的数字，和种子合在一起决定结果。",
    )
    beacon_on = DayField(label="公开数字的日期", help_text="须在公告以后、检查开始以前。")
    visit_from = DayField(label="检查开始")
    visit_until = DayField(label="检查截止", help_text="含当天。")
    note = forms.CharField(label="公告说明", required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def facts(self) -> Any:
        return {name: self.cleaned_data[name] for name in Facts.__annotations__}

    @staticmethod
    def initial_of(plan: Plan) -> dict[str, Any]:
        return {name: getattr(plan, name) for name in ("area", *Facts.__annotations__)}


class BeaconForm(forms.Form):
    beacon = forms.CharField(
        label="公布的数字", max_length=120, help_text="照公布的抄，只看其中的数字；多一位少一位结果都不同，请两人核对。"
    )


class RedrawForm(forms.Form):
    reason = forms.CharField(label="重抽原因", max_length=200, help_text="公开页面会显示。")
    beacon_source = forms.CharField(label="新的公开数字", max_length=120, required=False, help_text="不填用原来的。")
    beacon_on = DayField(label="新的公开数字日期", help_text="须在今天以后、检查开始以前。")


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=300)


class EndForm(ReasonForm):
    on = today_field("最后一天")
    field_order = ("on", "reason")


class InspectorForm(AreaForm):
    user = forms.ModelChoiceField(User.objects.none(), label="账号", empty_label="请选择", help_text="有督导员岗位的账号。")
    organisation = OrganisationField(user=None, label="所在单位", required=False, help_text="用来判断回避。")
    since = today_field("聘用自")
    until = DayField(label="至", required=False, help_text="含当天。")
    remark = forms.CharField(label="专长或备注", max_length=200, required=False)
    field_order = ("user", "organisation", "area", "since", "until", "remark")

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, user=user, **options)
        people = {one.pk for root in user.scope("supervision.manage").roots for one in inspectors_over(root)}
        offer(self, "user", User.objects.filter(pk__in=people))
        _seen_by(self, "organisation", user)


def _seen_by(form: forms.Form, name: str, user: User) -> None:
    field = form.fields[name]
    assert isinstance(field, OrganisationField)
    field.user = user


class InterestForm(ReasonForm):
    organisation = OrganisationField(user=None, label="应回避的机构")
    field_order = ("organisation", "reason")

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        _seen_by(self, "organisation", user)


class VisitForm(forms.Form):
    """A visit outside the draw at a body that is known."""

    site = forms.ModelChoiceField(Site.objects.none(), label="考点", required=False, empty_label="不限")
    training_class = forms.ModelChoiceField(TrainingClass.objects.none(), label="培训班", required=False, empty_label="不查培训班")
    inspectors = forms.ModelMultipleChoiceField(Inspector.objects.none(), label="督导员", widget=forms.CheckboxSelectMultiple)
    due_from = today_field("检查开始")
    due_until = today_field("检查截止")
    reason = forms.CharField(label="原因", max_length=200, help_text="检查记录上会写明。")

    def __init__(self, *args: Any, organisation: Organisation, **options: Any) -> None:
        super().__init__(*args, **options)
        today = timezone.localdate()
        offer(self, "site", Site.objects.on(today).filter(organisation=organisation))
        offer(self, "training_class", TrainingClass.objects.filter(provider__organisation=organisation, ends_on__gte=today))
        free = Inspector.objects.on(today).over(organisation.area_id).select_related("user", "organisation")
        offer(self, "inspectors", free, label=lambda one: f"{one.user.name}（{one.organisation or '单位未登记'}）")


class ReplaceForm(ReasonForm):
    leaves = forms.ModelChoiceField(VisitInspector.objects.none(), label="谁去不了", empty_label="请选择")
    comes = forms.ModelChoiceField(Inspector.objects.none(), label="换成", empty_label="请选择")
    field_order = ("leaves", "comes", "reason")

    def __init__(self, *args: Any, visit: Visit, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "leaves", visit.inspectors.select_related("inspector__user"), label=lambda one: one.inspector.user.name)
        offer(self, "comes", Inspector.objects.on(timezone.localdate()).over(visit.area_id).select_related("user"))


class SignForm(forms.Form):
    summary = forms.CharField(label="检查小结", required=False, widget=forms.Textarea(attrs={"rows": 3}))


class CountersignForm(forms.Form):
    name = forms.CharField(label="被检查方在场人员", max_length=60)
    post = forms.CharField(label="职务", max_length=60)
    words = forms.CharField(label="意见", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    refused = forms.BooleanField(label="拒绝签字（须在意见里写明情况）", required=False)


class AnswerForm(forms.Form):
    text = forms.CharField(
        label="整改情况", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}), help_text="改了什么、怎样保证不再发生。"
    )
    evidence = forms.FileField(label="证明材料", required=False, help_text="PDF、图片或 Word；几页并成一个文件。")


class ExtendForm(ReasonForm):
    until = DayField(label="新期限")
    field_order = ("until", "reason")


class RecheckForm(forms.Form):
    passed = forms.TypedChoiceField(
        label="复查结论", choices=[("1", "合格，办结"), ("0", "不合格，再次整改")], coerce=lambda raw: raw == "1"
    )
    text = forms.CharField(label="复查情况", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class RegradeForm(ReasonForm):
    severity = forms.ChoiceField(label="程度", choices=Severity.choices)
    field_order = ("severity", "reason")


class IssueForm(forms.Form):
    text = forms.CharField(label="问题", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    severity = forms.ChoiceField(label="程度", choices=Severity.choices)


class ProposeForm(forms.Form):
    kind = forms.ChoiceField(label="处理种类", choices=SanctionKind.choices)
    findings = forms.ModelMultipleChoiceField(Finding.objects.none(), label="依据的问题", widget=forms.CheckboxSelectMultiple)
    facts = forms.CharField(label="事实和理由", widget=forms.Textarea(attrs={"rows": 4}), help_text="写清时间、地点、情形和后果。")
    level = forms.TypedChoiceField(
        label="暂停哪一级",
        choices=[("", "全部等级"), *Level.choices],
        coerce=int,
        empty_value=None,
        required=False,
        help_text="只用于暂停评价、暂停承办培训。",
    )
    days = forms.IntegerField(
        label="暂停多少天", min_value=1, max_value=1095, required=False, help_text="只用于两种暂停；不填是到解除为止。"
    )

    def __init__(self, *args: Any, findings: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "findings", findings, label=lambda one: f"{one.code}（{one.get_severity_display()}）{one.text[:60]}")


class TextForm(forms.Form):
    text = forms.CharField(label="内容", max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))


class DocumentForm(forms.Form):
    document = forms.CharField(label="决定文号", max_length=120, help_text="例如：济人社督决〔2026〕3 号。")
