"""Forms about scores, objections and results."""

from typing import Any

from django import forms

from tongxing.evaluation.models import AssessmentBatch, Candidate, Part
from tongxing.evaluation.passing import parts_of
from tongxing.evaluation.scoring import clean_score
from tongxing.registry.forms.people_fields import today_field


class ScoreField(forms.CharField):
    """A score or 缺考; empty stays empty."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(max_length=8, **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return clean_score(text) if text else None


class ResolveForm(forms.Form):
    value = ScoreField(label="核定分数", help_text="0 至 100；没有参加的填“缺考”。")
    reason = forms.CharField(label="核对依据", max_length=200, help_text="例如：对照评分表第 3 页。")


class ObjectionForm(forms.Form):
    raised_on = today_field("提出日期")
    raised_by = forms.CharField(label="提出人", max_length=60, help_text="匿名的写“匿名”。")
    contact = forms.CharField(label="联系方式", max_length=100, required=False, help_text="加密保存，只用于答复。")
    text = forms.CharField(label="异议内容", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class AnswerForm(forms.Form):
    """The objection does not hold."""

    answer = forms.CharField(label="核查结论", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class UpholdForm(AnswerForm):
    """The objection holds: which part, and the score that it should have been."""

    part = forms.ChoiceField(label="更正的科目", choices=())
    value = ScoreField(label="更正后的分数")
    field_order = ("part", "value", "answer")

    def __init__(self, *args: Any, batch: AssessmentBatch, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["part"].choices = [(part.value, Part(part).label) for part in parts_of(batch.level)]  # type: ignore[attr-defined]


def score_name(candidate: Candidate) -> str:
    """The name of a candidate's field on the page of scores."""
    return f"s{candidate.pk}"
