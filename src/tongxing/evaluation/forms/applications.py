"""Forms about applications: who, what the conditions ask for, evidence, the checker's words."""

from typing import Any

from django import forms

from tongxing.accounts.models import User
from tongxing.core.choosing import offer
from tongxing.evaluation.models import Application, EvidenceKind, School, Schooling
from tongxing.registry.forms.conduct import document_picker
from tongxing.registry.models import Person, Posting

from .people import PersonFields


class ClaimedFields(forms.Form):
    """What an applicant says of himself; certificates are not asked, they stand in the register."""

    years = forms.IntegerField(
        label="从事本职业或相关职业年限", min_value=0, max_value=60, initial=0, help_text="算到报名截止日，只数满年。"
    )
    schooling = forms.ChoiceField(label="就读情况", choices=Schooling.choices)
    school = forms.ChoiceField(label="学校类别", choices=School.choices)
    related_field = forms.BooleanField(label="所学是本专业或相关专业（劳动与社会保障、人力资源管理、法学等）", required=False)
    reserve_technician = forms.BooleanField(label="有预备技师证书", required=False)

    CLAIMED = ("years", "schooling", "school", "related_field", "reserve_technician")

    def claimed(self) -> dict[str, Any]:
        return {field: self.cleaned_data[field] for field in self.CLAIMED}


class NamedForm(PersonFields, ClaimedFields):
    """By whoever manages the batch."""

    field_order = ("name", "id_number")


class OwnForm(ClaimedFields):
    """By the person."""


class StaffForm(ClaimedFields):
    """By an organisation's agent: one of the coordinators who hold a post there today."""

    person = forms.ModelChoiceField(Person.objects.none(), label="报名人", empty_label="请选择")
    field_order = ("person",)

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        own = user.scope("registry.own_organisation").organisations
        posted = Posting.objects.filter(organisation_id__in=own, until=None).values("coordinator__person_id")
        offer(self, "person", Person.objects.filter(pk__in=posted).order_by("name"))


class CorrectForm(ClaimedFields):
    def __init__(self, *args: Any, application: Application, **options: Any) -> None:
        options["initial"] = {field: getattr(application, field) for field in self.CLAIMED}
        super().__init__(*args, **options)


class EvidenceForm(forms.Form):
    kind = forms.ChoiceField(label="材料", choices=EvidenceKind.choices)
    upload = forms.FileField(label="文件", help_text="PDF、照片或 Word；加密保存，打开会留痕。", widget=document_picker())


class CheckForm(forms.Form):
    note = forms.CharField(label="审核意见", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))
