"""Objections that anybody may raise against a name on show, of subsidies and of evaluation results alike."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest

from tongxing.audit.log import SystemActor
from tongxing.core.errors import Refused
from tongxing.core.limits import allow, client_of

CITIZEN = SystemActor("公众")


class ObjectionForm(forms.Form):
    """`reference` is what stands in the line of the list: a serial number or a ticket."""

    reference = forms.CharField(label="名单中的受理号", max_length=20)
    text = forms.CharField(label="异议内容和线索", max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))
    name = forms.CharField(label="您的姓名", max_length=60, required=False, help_text="可以不填；留下姓名和联系方式便于答复")
    contact = forms.CharField(label="联系方式", max_length=100, required=False, help_text="加密保存，只用于答复，不会公开")


class ResultObjectionForm(ObjectionForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reference"].label = "名单中的准考证号"


def received(request: HttpRequest, form: ObjectionForm, enter: Callable[[dict[str, Any]], None]) -> bool:
    """Whether the objection was entered; otherwise the form says why not. Five an hour from one address."""
    if not form.is_valid():
        return False
    allow("portal.objection", client_of(request), most=5, seconds=3600)
    try:
        enter(dict(form.cleaned_data))
    except Refused as refused:
        form.add_error(None, refused.message)
        return False
    return True
