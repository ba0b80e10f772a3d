"""Forms about questions and examinations."""

from typing import Any

from django import forms

from tongxing.core.choosing import offer
from tongxing.learning.banking import JUDGE, LETTERS, Facts, problems_of
from tongxing.learning.models import ANSWERED, Difficulty, Function, Kind
from tongxing.policy import provisions
from tongxing.registry.forms.people_fields import DayField
from tongxing.training.models import ClassState, CourseLevel, TrainingClass


class QuestionForm(forms.Form):
    """Options one to a line; the right letters beside them. A judgement has its options by itself."""

    kind = forms.ChoiceField(label="题型", choices=Kind.choices)
    function = forms.ChoiceField(label="职业功能", choices=Function.choices)
    levels = forms.MultipleChoiceField(label="适用等级", choices=CourseLevel.choices, widget=forms.CheckboxSelectMultiple)
    difficulty = forms.TypedChoiceField(label="难度", choices=Difficulty.choices, coerce=int)
    stem = forms.CharField(label="题干或案例材料", max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
    options = forms.CharField(
        label="选项",
        required=False,
        max_length=2400,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="一行一个，从 A 起。判断题和案例不填。",
    )
    right = forms.CharField(
        label="答案", required=False, max_length=10, help_text="选项字母，例如 A 或 ABD；判断题填“对”或“错”。案例不填。"
    )
    citation = forms.CharField(label="法律依据", max_length=200, required=False, help_text="例如：劳动合同法第十条")
    explanation = forms.CharField(label="解析", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, kind: str = "", of_case: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        chosen = self.fields["kind"]
        assert isinstance(chosen, forms.ChoiceField)
        if kind:
            chosen.choices = [(kind, Kind(kind).label)]
        elif of_case:
            chosen.choices = [(one.value, one.label) for one in ANSWERED]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors:
            for name, problem in problems_of(self.facts()):
                self.add_error(name, problem)
        return values

    def facts(self) -> Facts:
        values = self.cleaned_data
        options = tuple(line.strip() for line in values["options"].splitlines() if line.strip())
        right = "".join(sorted(set(values["right"].upper()) & set(LETTERS)))
        if values["kind"] == Kind.JUDGE:
            options, right = JUDGE, {"对": "A", "错": "B"}.get(values["right"].strip(), right)
        kept = {name: values[name] for name in ("kind", "function", "difficulty", "stem", "citation", "explanation")}
        return Facts(**kept, levels="".join(sorted(values["levels"])), options=options, right=right)


def initial_of(facts: Facts) -> dict[str, Any]:
    """A question as the form shows it."""
    is_judge = facts.kind == Kind.JUDGE
    return facts._asdict() | {
        "levels": list(facts.levels),
        "options": "" if is_judge else "\n".join(facts.options),
        "right": {"A": "对", "B": "错"}.get(facts.right, "") if is_judge else facts.right,
    }


class ExamForm(forms.Form):
    title = forms.CharField(label="名称", max_length=100)
    level = forms.TypedChoiceField(label="等级", choices=CourseLevel.choices, coerce=int, initial=4)
    training_class = forms.ModelChoiceField(
        TrainingClass.objects.none(),
        label="培训班",
        required=False,
        empty_label="不限班级，本地学员都能考",
        help_text="选了班级，只有该班学员能考。",
    )
    minutes = forms.IntegerField(label="时限（分钟）", min_value=1, max_value=600, initial=90)
    pass_percent = forms.IntegerField(label="合格线（%）", min_value=0, max_value=100)
    attempts = forms.IntegerField(label="每人可考次数", min_value=0, max_value=99, initial=0, help_text="0 为不限。")
    closes_on = DayField(label="截止日期", required=False, help_text="含当天；不填为长期开放。")

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["pass_percent"].initial = provisions.value("learning.pass_percent")
        held = TrainingClass.objects.visible_to(user).filter(state__in=(ClassState.APPROVED, ClassState.RUNNING, ClassState.FINISHED))
        own = user.scope("learning.teach").organisations
        if own:
            held = held.filter(provider__organisation_id__in=own)
            self.fields["training_class"].required = True
        offer(self, "training_class", held)


class LineForm(forms.Form):
    kind = forms.ChoiceField(label="题型", choices=Kind.choices)
    function = forms.ChoiceField(label="职业功能", choices=[("", "不限"), *Function.choices], required=False)
    difficulty = forms.TypedChoiceField(
        label="难度", choices=[("", "不限"), *Difficulty.choices], coerce=int, empty_value=None, required=False
    )
    count = forms.IntegerField(label="题数", min_value=1, max_value=300, help_text="案例按案例个数计。")
    points = forms.IntegerField(label="每题分数", min_value=1, max_value=100, help_text="案例为每小题分数。")
