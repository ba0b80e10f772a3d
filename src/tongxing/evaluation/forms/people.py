"""Naming a person by identity document and name: both must agree, so that nobody is found by guessing."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tongxing.core.identifiers import squeeze
from tongxing.registry.models import Person
from tongxing.registry.people import holder_of


class PersonFields(forms.Form):
    """`cleaned_data["person"]` is the registered person that both fields name."""

    name = forms.CharField(label="姓名", max_length=64)
    id_number = forms.CharField(
        label="证件号码", max_length=40, help_text="与登记册里的一致才能找到。", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("name") and values.get("id_number"):
            values["person"] = self._found(values["name"], values["id_number"])
        return values

    def _found(self, name: str, number: str) -> Person:
        person = holder_of(squeeze(number))
        if person is None or "".join(person.name.split()) != "".join(name.split()):
            raise ValidationError(
                "登记册里没有姓名和证件号都一致的人。请核对；还没有登记的，请先由所属镇街登记人员。", code="unknown_person"
            )
        return person
