"""Forms of a nomination: whom and for which year, what is told, evidence, opinions, visits, decisions."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.core.choosing import offer
from tongxing.core.clauses import cited
from tongxing.registry.forms.people_fields import DayField, today_field
from tongxing.registry.models import Organisation, Person, Posting
from tongxing.registry.models.coordinators import holds_on

from . import keeping
from .gathering import SOCIAL
from .models import Nomination, NominationState, Opinion, Selection
from .nominating import LONGEST_STORY, LONGEST_SUMMARY

COVERED_HELP = "照片里的号码系统看不出来：请先遮盖证件号、手机号和银行卡号，再勾选。"
UPLOAD_HELP = "Word（docx）、Excel、PDF 或照片，里面不能有证件号、手机号和银行卡号；扫描件请存成照片。加密保存，打开留痕。"
MOST_SUBJECTS = 300


def picker() -> forms.ClearableFileInput:
    """A phone offers its camera for these kinds."""
    return forms.ClearableFileInput(attrs={"accept": ".docx,.xlsx,.xls,.pdf,.txt,.csv,.png,.jpg,.jpeg"})


class StartForm(forms.Form):
    """For a subject that is known already."""

    selection = forms.ModelChoiceField(Selection.objects.none(), label="年度选树", empty_label=None)
    reason = forms.CharField(label="补报原因", max_length=300, required=False, help_text="推荐申报结束以后补报，须写明原因。")

    def __init__(self, *args: Any, selections: Iterable[Selection], **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "selection", Selection.objects.filter(pk__in=[one.pk for one in selections]))


class OwnStartForm(forms.Form):
    """For an agent: the own organisation and who works there; for a coordinator: the person itself."""

    selection = forms.ModelChoiceField(Selection.objects.none(), label="年度选树", empty_label=None)
    subject = forms.ChoiceField(label="推荐谁")

    def __init__(self, *args: Any, user: User, selections: Iterable[Selection], **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "selection", Selection.objects.filter(pk__in=[one.pk for one in selections]))
        subjects = self.fields["subject"]
        assert isinstance(subjects, forms.ChoiceField)
        subjects.choices = own_subjects(user)


def own_subjects(user: User) -> list[tuple[str, str]]:
    """Whom somebody without a view of the selection may recommend, as key and words."""
    found = [(f"person:{one.uid}", f"本人：{one.name}") for one in Person.objects.standing().filter(pk=user.person_id or 0)]
    own = user.scope("registry.own_organisation").organisations
    bodies = Organisation.objects.standing().filter(pk__in=own, kind__in=SOCIAL).order_by("name")
    found += [(f"organisation:{one.uid}", f"本单位：{one.name}") for one in bodies]
    posts = Posting.objects.filter(holds_on(timezone.localdate()), organisation_id__in=own, coordinator__person__merged_into=None)
    people = posts.exclude(coordinator__person_id=user.person_id or 0).order_by("coordinator__person__name").distinct()
    named = people.values_list("coordinator__person__uid", "coordinator__person__name", "organisation__name")[:MOST_SUBJECTS]
    return [*found, *((f"person:{uid}", f"{name}（{where}）") for uid, name, where in named)]


class TellForm(forms.Form):
    """What is claimed and told."""

    deeds = forms.MultipleChoiceField(label="符合的业绩条件", widget=forms.CheckboxSelectMultiple, required=False)
    summary = forms.CharField(
        label="简要事迹",
        max_length=LONGEST_SUMMARY,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=f"{LONGEST_SUMMARY} 字以内，报送表和公示用；可以先留空，提交前写齐。不写证件号、手机号和银行卡号。",
    )
    story = forms.CharField(
        label="主要事迹",
        required=False,
        widget=forms.Textarea(attrs={"rows": 14, "maxlength": LONGEST_STORY}),
        help_text=f"{LONGEST_STORY} 字以内，分段写清时间、做法、成效。",
    )
    front_line = forms.BooleanField(label="在企业、镇街一线从事这项工作", required=False)

    def __init__(self, *args: Any, nomination: Nomination, **options: Any) -> None:
        fields = ("deeds", "summary", "story", "front_line")
        options["initial"] = {field: getattr(nomination, field) for field in fields}
        super().__init__(*args, **options)
        deeds = self.fields["deeds"]
        assert isinstance(deeds, forms.MultipleChoiceField)
        deeds.choices = [(clause, f"{cited(clause)} {title}") for clause, title in keeping.deeds_of(nomination)]
        if nomination.person_id is None:
            del self.fields["front_line"]


def cited_clauses(nomination: Nomination) -> list[tuple[str, str]]:
    """What a piece of the dossier may prove, with the clause as people cite it."""
    return [(clause, f"{cited(clause)} {title}") for clause, title in keeping.clauses_of(nomination)]


class FileForm(forms.Form):
    label = forms.CharField(label="材料名称", max_length=200, help_text="例如“2026 年调解台账（节选）”。")
    clause = forms.ChoiceField(label="证明哪一项", required=False)
    upload = forms.FileField(label="文件", help_text=UPLOAD_HELP, widget=picker())
    covered = forms.BooleanField(label="照片里的个人号码已遮盖", required=False, help_text=COVERED_HELP)

    def __init__(self, *args: Any, nomination: Nomination, **options: Any) -> None:
        super().__init__(*args, **options)
        clauses = self.fields["clause"]
        assert isinstance(clauses, forms.ChoiceField)
        clauses.choices = [("", "不专门证明某一项"), *cited_clauses(nomination)]


class OpinionForm(forms.Form):
    origin = forms.ChoiceField(label="出具单位类别", choices=Opinion.From.choices)
    body = forms.CharField(label="出具单位", max_length=120)
    agrees = forms.TypedChoiceField(
        label="结论", choices=[("1", "同意推荐"), ("0", "不同意推荐")], coerce=lambda value: value == "1", widget=forms.RadioSelect
    )
    text = forms.CharField(label="意见", max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text="照原文写。")
    given_on = today_field("出具日期")
    upload = forms.FileField(label="意见原件", required=False, help_text=UPLOAD_HELP, widget=picker())
    covered = forms.BooleanField(label="照片里的个人号码已遮盖", required=False, help_text=COVERED_HELP)


class VisitForm(forms.Form):
    visited_on = DayField(label="走访日期", initial=timezone.localdate)
    place = forms.CharField(label="地点", max_length=120)
    visitors = forms.CharField(label="走访人", max_length=120, help_text="逐个写姓名，用顿号隔开。")
    met = forms.CharField(label="见到的人", max_length=120, required=False)
    findings = forms.CharField(label="核实情况", max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))
    confirmed = forms.TypedChoiceField(
        label="结论", choices=[("1", "材料属实"), ("0", "材料不属实")], coerce=lambda value: value == "1", widget=forms.RadioSelect
    )
    reason = forms.CharField(label="仍留在评审的原因", max_length=300, required=False, help_text="已进入评审而材料不属实时填写。")
    upload = forms.FileField(label="走访记录", required=False, help_text=UPLOAD_HELP, widget=picker())
    covered = forms.BooleanField(label="照片里的个人号码已遮盖", required=False, help_text=COVERED_HELP)

    def __init__(self, *args: Any, nomination: Nomination, **options: Any) -> None:
        super().__init__(*args, **options)
        if nomination.state != NominationState.ACCEPTED:
            del self.fields["reason"]


class WhyForm(forms.Form):
    """A reason of a decision; for one's own withdrawal, or where nothing stands against, it may stay empty."""

    reason = forms.CharField(label="原因", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, label: str = "原因", optional: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].label, self.fields["reason"].required = label, not optional
