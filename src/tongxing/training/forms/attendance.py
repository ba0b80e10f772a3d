"""Forms about attendance."""

from django import forms

from tongxing.training.models import AttendanceState


class CorrectionForm(forms.Form):
    state = forms.ChoiceField(label="改为", choices=[("", "请选择"), *AttendanceState.choices])
    reason = forms.CharField(label="原因", max_length=200)


class TypedForm(forms.Form):
    codes = forms.CharField(
        label="行代码",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6, "inputmode": "text", "autocomplete": "off"}),
        help_text="照签到表逐个输入，用空格或换行分开。迟到、请假、缺课写在代码后面，例如 00142迟。",
    )
    rest_absent = forms.BooleanField(label="没有输入的学员记为缺课", required=False)


class SignInForm(forms.Form):
    """Who signs in without an account."""

    name = forms.CharField(label="姓名", max_length=64, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    last_four = forms.CharField(label="证件号后四位", max_length=4, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    code = forms.CharField(label="班级代码", max_length=8, widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
