"""Forms of the review and the meeting."""

from collections.abc import Sequence
from typing import Any

from django import forms

from tongxing.accounts.models import Grant, User
from tongxing.core.choosing import offer
from tongxing.registry.forms.people_fields import OrganisationField, today_field

from .deciding import Ballot, Present
from .empanelling import MOST_CRITERIA, Asked
from .models import Choice, Criterion, Kind, Mean, Meeting, Nomination, Party, Reviewer, Selection, Sight, Vote

ROWS = 12
TIES = 8


class CriteriaForm(forms.Form):
    """One section for each criterion; empty ones are left out."""

    def __init__(self, *args: Any, asked: Sequence[Asked], **options: Any) -> None:
        super().__init__(*args, **options)
        self.sections = []
        for place in range(1, MOST_CRITERIA + 1):
            first = asked[place - 1] if place <= len(asked) else Asked("", 0)
            names = (f"title_{place}", f"weight_{place}", f"guide_{place}")
            self.fields[names[0]] = forms.CharField(label="评分项", max_length=60, required=False, initial=first.title)
            self.fields[names[1]] = forms.IntegerField(
                label="权重（%）", min_value=1, max_value=100, required=False, initial=first.weight or None
            )
            self.fields[names[2]] = forms.CharField(label="评分要点", max_length=200, required=False, initial=first.guide)
            self.sections.append((f"第 {place} 项", names))

    def asked(self) -> list[Asked]:
        values = self.cleaned_data
        rows = range(1, MOST_CRITERIA + 1)
        return [
            Asked(values[f"title_{row}"], values[f"weight_{row}"] or 0, values[f"guide_{row}"])
            for row in rows
            if values[f"title_{row}"] or values[f"weight_{row}"]
        ]


class AppointForm(forms.Form):
    user = forms.ModelChoiceField(User.objects.none(), label="评审", empty_label="请选择", help_text="列出有选树评审岗位的账号。")
    party = forms.ChoiceField(label="代表", choices=Party.choices)

    def __init__(self, *args: Any, selection: Selection, viewer: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["organisation"] = OrganisationField(
            user=viewer, label="所在单位", required=False, help_text="用于核对回避；没有登记的单位可以不填。"
        )
        posts = Grant.objects.current().filter(role="reviewer")
        taken = Reviewer.objects.filter(selection=selection, left_on=None).values("user_id")
        offer(self, "user", User.objects.filter(pk__in=posts.values("user_id"), is_active=True).exclude(pk__in=taken).order_by("name"))


class PanelForm(forms.Form):
    each = forms.IntegerField(label="每份材料由几位评审", min_value=1, max_value=30, initial=3)
    mean = forms.ChoiceField(label="合分办法", choices=Mean.choices)
    sight = forms.ChoiceField(label="能否看他人评分", choices=Sight.choices, initial=Sight.NEVER)


class TiesForm(forms.Form):
    """What a reviewer declares: names with the tie to each, or nothing."""

    def __init__(self, *args: Any, reviewer: Reviewer, **options: Any) -> None:
        super().__init__(*args, **options)
        known = list(reviewer.relations.all())
        self.sections = []
        for place in range(1, max(TIES, len(known) + 2) + 1):
            first = known[place - 1] if place <= len(known) else None
            names = (f"name_{place}", f"tie_{place}")
            self.fields[names[0]] = forms.CharField(
                label="姓名或单位全称", max_length=120, required=False, initial=first.name if first else ""
            )
            self.fields[names[1]] = forms.CharField(label="关系", max_length=120, required=False, initial=first.tie if first else "")
            self.sections.append((f"第 {place} 项", names))

    def relations(self) -> list[tuple[str, str]]:
        rows = range(1, len(self.sections) + 1)
        return [(self.cleaned_data[f"name_{row}"], self.cleaned_data[f"tie_{row}"]) for row in rows if self.cleaned_data[f"name_{row}"]]


class ScoreForm(forms.Form):
    """One figure for each criterion and a comment; what is left empty is kept empty."""

    def __init__(self, *args: Any, criteria: Sequence[Criterion], **options: Any) -> None:
        super().__init__(*args, **options)
        self.criteria = criteria
        for one in criteria:
            self.fields[f"score_{one.pk}"] = forms.IntegerField(
                label=f"{one.title}（{one.weight}%）",
                min_value=0,
                max_value=100,
                required=False,
                help_text=one.guide,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )
        self.fields["comment"] = forms.CharField(label="评语", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 4}))

    def scores(self) -> dict[int, int | None]:
        return {one.pk: self.cleaned_data[f"score_{one.pk}"] for one in self.criteria}


class ReopenForm(forms.Form):
    assignment = forms.ChoiceField(label="哪一份评分")
    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["assignment"].choices = [("", "请选择"), *choices]  # type: ignore[attr-defined]


class BarForm(forms.Form):
    reviewer = forms.ModelChoiceField(Reviewer.objects.none(), label="评审", empty_label="请选择")
    nomination = forms.ModelChoiceField(Nomination.objects.none(), label="推荐", empty_label="请选择")
    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, selection: Selection, nominations: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "reviewer", Reviewer.objects.filter(selection=selection, left_on=None).select_related("user"))
        offer(self, "nomination", nominations)


class MeetingForm(forms.Form):
    held_on = today_field("会议日期")
    place = forms.CharField(label="地点", max_length=120)
    chair = forms.CharField(label="主持人", max_length=60)
    minutes = forms.CharField(label="会议纪要", required=False, widget=forms.Textarea(attrs={"rows": 6}))

    def __init__(self, *args: Any, meeting: Meeting | None, **options: Any) -> None:
        if meeting:
            options["initial"] = {name: getattr(meeting, name) for name in ("held_on", "place", "chair", "minutes")}
        super().__init__(*args, **options)
        known = meeting.present if meeting else []
        self.sections: list[tuple[str, tuple[str, ...]]] = [("", ("held_on", "place", "chair", "minutes"))]
        for place in range(1, max(ROWS, len(known) + 2) + 1):
            first = known[place - 1] if place <= len(known) else {"name": "", "party": "", "body": ""}
            names = (f"name_{place}", f"party_{place}", f"body_{place}")
            self.fields[names[0]] = forms.CharField(label="姓名", max_length=60, required=False, initial=first["name"])
            self.fields[names[1]] = forms.ChoiceField(
                label="代表", required=False, choices=[("", "请选择"), *Party.choices], initial=first["party"]
            )
            self.fields[names[2]] = forms.CharField(label="单位", max_length=120, required=False, initial=first["body"])
            self.sections.append((f"参会人员 {place}", names))

    def clean(self) -> dict[str, Any]:
        for row in range(1, len(self.sections)):
            if self.cleaned_data.get(f"name_{row}") and not self.cleaned_data.get(f"party_{row}"):
                self.add_error(f"party_{row}", "请选择代表哪一方。")
        return self.cleaned_data

    def present(self) -> list[Present]:
        values = self.cleaned_data
        rows = range(1, len(self.sections))
        return [Present(values[f"name_{row}"], values[f"party_{row}"], values[f"body_{row}"]) for row in rows if values[f"name_{row}"]]


class VotesForm(forms.Form):
    """One section for each nominee."""

    def __init__(
        self, *args: Any, nominees: Sequence[Nomination], known: dict[int, Vote], places: dict[int, int | None], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.nominees = nominees
        self.sections = []
        for one in nominees:
            vote, names = known.get(one.pk), tuple(f"{part}_{one.pk}" for part in ("agree", "against", "abstain", "choice", "reason"))
            for name, label in zip(names[:3], ("同意", "不同意", "弃权"), strict=True):
                first = getattr(vote, name.partition("_")[0]) if vote else None
                self.fields[name] = forms.IntegerField(label=label, min_value=0, max_value=60, initial=first)
            self.fields[names[3]] = forms.ChoiceField(
                label="结论", choices=[("", "请选择"), *Choice.choices], initial=vote.choice if vote else ""
            )
            self.fields[names[4]] = forms.CharField(
                label="与名次不一致的原因", max_length=300, required=False, initial=vote.reason if vote else ""
            )
            place = places.get(one.pk)
            told = f"评审第 {place} 名" if place else "没有评分"
            self.sections.append((f"{one}（{Kind(one.kind).label}，{told}）", names))

    def ballots(self) -> dict[int, Ballot]:
        values = self.cleaned_data
        return {
            one.pk: Ballot(*(values[f"{part}_{one.pk}"] for part in ("agree", "against", "abstain", "choice", "reason")))
            for one in self.nominees
        }


class CloseForm(forms.Form):
    reason = forms.CharField(
        label="名额说明",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="少于规定名额时必填，写进会议纪要。",
    )
