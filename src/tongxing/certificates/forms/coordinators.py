"""登记协调员 in one form: the person, the posting, and a certificate where there is one."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tongxing.registry.forms.coordinators import FullTimeField
from tongxing.registry.forms.people import PersonFields
from tongxing.registry.forms.people_fields import OrganisationField, today_field
from tongxing.registry.models import Person

from .certificates import CertificateFields

NEEDED = ("number", "level", "issued_on")


class PostingFields(forms.Form):
    on = today_field("任职时间", help_text="自哪一天起，可以是以前的日期。")
    post = forms.CharField(label="职务", max_length=60, required=False)
    full_time = FullTimeField()
    status = forms.ChoiceField(label="登记为", choices=[("active", "在册"), ("candidate", "候选")], initial="active")
    remark = forms.CharField(label="备注", max_length=200, required=False)

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["organisation"] = OrganisationField(user=user, label="工作单位")


class PaperFields(CertificateFields):
    """A certificate that may be missing; when something of it is given, number, level and day must be."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in NEEDED:
            self.fields[field].required = False

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        given = [field for field in NEEDED if values.get(field)]
        if given and len(given) < 3:
            for field in NEEDED:
                if not values.get(field) and field not in self.errors:
                    self.add_error(field, ValidationError("登记证书时，编号、等级和发证日期都要填写。", code="required"))
        return values

    def paper_if_given(self) -> dict[str, Any]:
        """What `register_certificate` asks, or nothing when the paper's fields were left empty."""
        return self.paper() if self.cleaned_data["number"] else {}


POSTING = ("任职", ("organisation", "post", "on", "full_time", "status", "remark"))
CERTIFICATE = ("证书（没有可以不填，以后补登）", ("number", "level", "issued_on", "body_name", "doubt"))


class CoordinatorNewForm(PostingFields, PaperFields, PersonFields):
    """Somebody who does not stand in the register yet. The area is the host's. The draft never holds ID number or phone."""

    draft_key = "certificates.coordinator:new"

    sections = (("身份", ("name", "id_type", "id_number", "phone", "sex", "born_on", "education", "politics")), POSTING, CERTIFICATE)


class CoordinatorOfPersonForm(PostingFields, PaperFields):
    """Somebody who stands in the register, not yet as coordinator."""

    sections = (POSTING, CERTIFICATE)

    def __init__(self, *args: Any, person: Person, **options: Any) -> None:
        super().__init__(*args, **options)
        self.person = person


class MergeForm(forms.Form):
    keep = forms.UUIDField(widget=forms.HiddenInput)
    drop = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(label="依据", max_length=200, help_text="例如：电话核实为同一人，一条是换手机号前登记的。")
