"""Forms of the yearly confirmation of organisations."""

from django import forms

from .people_fields import DayField


class RemindForm(forms.Form):
    due_on = DayField(label="完成期限", help_text="写进对方的待办。")
    note = forms.CharField(
        label="补充说明", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="例如联系人和电话。"
    )
