"""Forms of the competitions: what officers, judges' chiefs and those who take appeals fill in."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from tongxing.accounts.models import Grant, User
from tongxing.accounts.roles import ROLES
from tongxing.areas.models import Area
from tongxing.core.choosing import offer
from tongxing.learning.models import Exam, ExamState
from tongxing.registry.forms.people_fields import DayField, OrganisationField, today_field
from tongxing.registry.models import Coordinator
from tongxing.registry.models.coordinators import CoordinatorStatus
from tongxing.registry.models.organisations import Party

from .deviation import clean_mark
from .models import Aspect, AspectKind, Competition, Duty, Prize, Rank, Result, Round, RoundKind
from .organising import FIRST_YEAR

JUDGING = [role.key for role in ROLES.values() if "competitions.judge" in role.permissions]


def exams_for(area: Area) -> Any:
    """Examinations that an online round of a competition of the area may take its scores from."""
    code = area.code
    above = {code - code % width for width in (10**10, 10**8, 10**6, 10**3, 1)}
    return Exam.objects.filter(area_id__in=above, training_class=None, attempts=1).exclude(state=ExamState.CLOSED)


class ConfirmForm(forms.Form):
    """Nothing to fill in: the page says what will happen."""


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class CompetitionForm(forms.Form):
    title = forms.CharField(label="竞赛名称", max_length=80, help_text="证书和通报上要印全称。")
    opens_on = DayField(label="报名开始")
    closes_on = DayField(label="报名截止", help_text="含当天；截止以后才能抽密号。")
    held_on = DayField(label="竞赛日期")
    awarded_by = forms.CharField(label="授奖单位", max_length=120)
    note = forms.CharField(label="说明", required=False, widget=forms.Textarea(attrs={"rows": 3}))


class MakeForm(CompetitionForm):
    area = forms.ModelChoiceField(Area.objects.none(), label="举办区划", empty_label="请选择")
    year = forms.IntegerField(label="年度", min_value=FIRST_YEAR, max_value=2100)
    rank = forms.ChoiceField(label="级别", choices=Rank.choices)
    field_order = ("title", "area", "year", "rank")

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "area", Area.objects.in_scope(user.scope("competitions.manage")).valid_on(timezone.localdate()))
        self.fields["year"].initial = timezone.localdate().year


class ChangeForm(CompetitionForm):
    reason = forms.CharField(label="修改原因", max_length=200, required=False, help_text="报名开始以后修改，须写明原因。")

    def __init__(self, *args: Any, competition: Competition, **options: Any) -> None:
        names = ("title", "opens_on", "closes_on", "held_on", "awarded_by", "note")
        options["initial"] = {name: getattr(competition, name) for name in names}
        super().__init__(*args, **options)


class RoundForm(forms.Form):
    title = forms.CharField(label="环节名称", max_length=40, help_text="例如：理论考试、劳动争议调解。")
    kind = forms.ChoiceField(label="形式", choices=RoundKind.choices)
    weight = forms.IntegerField(label="权重（%）", min_value=1, max_value=100, help_text="各环节合计 100。")
    exam = forms.ModelChoiceField(
        Exam.objects.none(),
        label="在线考试",
        required=False,
        empty_label="不是在线考试",
        help_text="只有“理论（在线考试）”要选：先在“模拟考试”里按蓝图建一场不分班、每人只考 1 次的考试。",
    )

    def __init__(self, *args: Any, area: Area, one: Round | None = None, **options: Any) -> None:
        if one:
            options["initial"] = {"title": one.title, "weight": one.weight, "exam": one.exam_id}
        super().__init__(*args, **options)
        offer(self, "exam", exams_for(area))
        if one:
            del self.fields["kind"]


class AspectForm(forms.Form):
    title = forms.CharField(label="评分项", max_length=60)
    kind = forms.ChoiceField(
        label="类别", choices=AspectKind.choices, help_text="客观分由两人照评分表各录一遍；裁判分由几名裁判分别打分取平均。"
    )
    full = forms.DecimalField(label="满分", min_value=Decimal("0.01"), max_value=1000, max_digits=6, decimal_places=2)
    tie_place = forms.IntegerField(
        label="同分比较次序",
        min_value=1,
        max_value=99,
        required=False,
        help_text="总分、各环节分都相同时，按 1、2、3……的次序比较这些评分项；不参与比较的留空。",
    )


class QuotaForm(forms.Form):
    area = forms.ModelChoiceField(Area.objects.none(), label="区划", required=False, empty_label="按单位设")
    organisation = OrganisationField(user=None, label="单位", required=False, help_text="和区划填一样。")
    number = forms.IntegerField(label="名额", min_value=0, max_value=1000)

    def __init__(self, *args: Any, user: User, competition: Competition, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "area", Area.objects.within(competition.area_id).valid_on(timezone.localdate()))
        _seen_by(self, user)


def _seen_by(form: forms.Form, user: User) -> None:
    field = form.fields["organisation"]
    assert isinstance(field, OrganisationField)
    field.user = user


class PrizesForm(forms.Form):
    def __init__(self, *args: Any, competition: Competition, **options: Any) -> None:
        super().__init__(*args, **options)
        known = dict(competition.prize_lines.values_list("prize", "number"))
        for prize in Prize:
            field = forms.IntegerField(label=f"{prize.label}名额", min_value=0, max_value=200, initial=known.get(prize, 0))
            self.fields[f"prize_{prize.value}"] = field

    def numbers(self) -> dict[int, int]:
        return {prize.value: self.cleaned_data[f"prize_{prize.value}"] for prize in Prize}


class EnterForm(forms.Form):
    """Name and, among people of one name, the employer: the coordinator stands in `cleaned_data["person"]`."""

    name = forms.CharField(label="选手姓名", max_length=64, help_text="本区划在册的协调员。")
    organisation = OrganisationField(user=None, label="所在单位", required=False, help_text="有同名的人时填。")
    remark = forms.CharField(label="说明", max_length=200, required=False)

    def __init__(self, *args: Any, user: User, competition: Competition, **options: Any) -> None:
        super().__init__(*args, **options)
        self.competition = competition
        _seen_by(self, user)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors:
            values["person"] = self._found(values["name"].strip(), values.get("organisation"))
        return values

    def _found(self, name: str, employer: Any) -> Any:
        low, high = self.competition.area.span
        rows = Coordinator.objects.standing().filter(
            person__name=name, status=CoordinatorStatus.ACTIVE, area_id__gte=low, area_id__lte=high
        )
        if employer:
            rows = rows.filter(postings__organisation=employer, postings__until=None)
        found = list(rows.select_related("person").distinct()[:3])
        if len(found) == 1:
            return found[0].person
        if found:
            raise ValidationError(f"有 {len(found)} 名以上在册协调员叫“{name}”，请填所在单位。", code="ambiguous")
        raise ValidationError(f"本区划没有叫“{name}”的在册协调员，请核对姓名和单位。", code="unknown_person")


class JudgeForm(forms.Form):
    duty = forms.ChoiceField(label="分工", choices=Duty.choices)
    user = forms.ModelChoiceField(
        User.objects.none(), label="账号", required=False, empty_label="没有账号，交纸质评分表", help_text="裁判长和录入员必须有账号。"
    )
    name = forms.CharField(label="姓名", max_length=60, required=False, help_text="有账号的可以留空。")
    organisation = OrganisationField(
        user=None, label="所在单位", required=False, help_text="选手现在或以前在这家单位的，系统自动让其回避。"
    )
    party = forms.ChoiceField(label="代表哪一方", choices=[("", "不代表"), *Party.choices], required=False)
    rounds = forms.ModelMultipleChoiceField(
        Round.objects.none(), label="评判环节", required=False, widget=forms.CheckboxSelectMultiple, help_text="录入员不用选。"
    )

    def __init__(self, *args: Any, user: User, competition: Competition, **options: Any) -> None:
        super().__init__(*args, **options)
        code = competition.area_id
        above = {code - code % width for width in (10**10, 10**8, 10**6, 10**3, 1)}
        holders = Grant.objects.current().filter(role__in=JUDGING, area_id__in=above)
        offer(self, "user", User.objects.filter(is_active=True, pk__in=holders.values("user_id")).order_by("name"))
        field = self.fields["rounds"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = competition.rounds.filter(aspects__kind=AspectKind.JUDGED).distinct()
        _seen_by(self, user)


class ConflictForm(forms.Form):
    organisation = OrganisationField(user=None, label="应回避的单位")
    reason = forms.CharField(label="回避原因", max_length=200, help_text="例如近亲属在该单位任职。")

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        _seen_by(self, user)


class MarkField(forms.CharField):
    """A mark of one aspect."""

    def __init__(self, *, aspect: Aspect, **options: Any) -> None:
        self.aspect = aspect
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(widget=widget, help_text=f"0 至 {aspect.full_text}，最多两位小数。", **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return clean_mark(text, self.aspect.full) if text else None


class SettleForm(forms.Form):
    reason = forms.CharField(label="依据", max_length=200, help_text="例如“对照评分表第 3 页”。")

    def __init__(self, *args: Any, aspect: Aspect, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["value"] = MarkField(aspect=aspect, label="核定为")
        self.order_fields(["value", "reason"])


class AgainForm(forms.Form):
    """An aspect of an entry that the judges are to mark again."""

    code = forms.CharField(label="密号", max_length=6)
    aspect = forms.ModelChoiceField(Aspect.objects.none(), label="评分项", empty_label="请选择")
    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, competition: Competition, **options: Any) -> None:
        super().__init__(*args, **options)
        rows = Aspect.objects.filter(round__competition=competition).exclude(round__kind=RoundKind.ONLINE)
        offer(self, "aspect", rows.select_related("round"), label=lambda one: f"{one.round.title}：{one.title}")
        self.competition = competition

    def clean_code(self) -> Any:
        entry = self.competition.entries.marked().filter(code=self.cleaned_data["code"].strip()).first()
        if entry is None:
            raise ValidationError("没有这个密号。", code="unknown_code")
        return entry


class AppealForm(forms.Form):
    entry = forms.ModelChoiceField(Result.objects.none(), label="选手", empty_label="请选择")
    raised_on = today_field("提出日期")
    text = forms.CharField(label="申诉内容", max_length=500, widget=forms.Textarea(attrs={"rows": 4}), help_text="写明申诉哪一项、为什么。")

    def __init__(self, *args: Any, competition: Competition, **options: Any) -> None:
        super().__init__(*args, **options)
        rows = Result.objects.filter(entry__competition=competition).select_related("entry__person").order_by("rank", "id")
        offer(self, "entry", rows, label=lambda one: f"{one.entry.person.name}（密号 {one.entry.code}，第 {one.rank} 名）")


class SettleAppealForm(forms.Form):
    upheld = forms.ChoiceField(label="结论", choices=[("no", "申诉不成立"), ("yes", "申诉成立")])
    finding = forms.CharField(label="处理结论和依据", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    aspect = forms.ModelChoiceField(
        Aspect.objects.none(), label="更正的评分项", required=False, empty_label="不更正分数", help_text="申诉成立并且要改分的才选。"
    )
    value = forms.DecimalField(label="更正为", min_value=0, max_digits=6, decimal_places=2, required=False)

    def __init__(self, *args: Any, competition: Competition, **options: Any) -> None:
        super().__init__(*args, **options)
        rows = Aspect.objects.filter(round__competition=competition).select_related("round").order_by("round__place", "place")
        offer(self, "aspect", rows, label=lambda one: f"{one.round.title}：{one.title}（满分 {one.full_text}）")


class TeamForm(forms.Form):
    """One choice for each of the first of the ranking."""

    CHOICES = (("", "不参加"), ("main", "正式队员"), ("spare", "替补"))
    reason = forms.CharField(
        label="不按名次的理由", max_length=300, required=False, help_text="名次在前的人没有选上时须写明，例如本人因故不能参加。"
    )

    def __init__(self, *args: Any, results: Iterable[Result], chosen: dict[int, str], reason: str = "", **options: Any) -> None:
        self.results = list(results)
        super().__init__(*args, **options)
        self.fields["reason"].initial = reason
        for one in self.results:
            label = f"第 {one.rank} 名 {one.entry.person.name}（{one.total} 分）"
            field = forms.ChoiceField(label=label, choices=self.CHOICES, required=False, initial=chosen.get(one.entry_id, ""))
            self.fields[f"entry_{one.entry_id}"] = field
        self.order_fields([*(f"entry_{one.entry_id}" for one in self.results), "reason"])

    def chosen(self, kind: str) -> list[Any]:
        return [one.entry for one in self.results if self.cleaned_data[f"entry_{one.entry_id}"] == kind]
