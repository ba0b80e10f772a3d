"""The forms of the room."""

from django import forms

from .models import Mode


class UploadForm(forms.Form):
    """Which sheet, and the file."""

    sheet = forms.ChoiceField(label="导入表", widget=forms.RadioSelect)
    file = forms.FileField(label="文件", help_text="xlsx、xls 或 csv；列的顺序不限，表头上方有标题也没关系。", allow_empty_file=True)

    def __init__(self, *args: object, choices: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["sheet"].choices = choices  # type: ignore[attr-defined]
        self.fields["file"].widget.attrs |= {"accept": ".xlsx,.xls,.xlsm,.csv,.txt,.tsv,.et", "class": "form-control"}


class ApplyForm(forms.Form):
    mode = forms.ChoiceField(label="方式", choices=Mode.choices)


class UndoForm(forms.Form):
    reason = forms.CharField(label="撤销理由", max_length=200, error_messages={"required": "请写明为什么撤销这批数据。"})
