"""Forms of the public notice, of objections, and of the papers for the province."""

from django import forms

from tongxing.registry.forms.people_fields import DayField, today_field

from .models import HonourLevel


class NoticeForm(forms.Form):
    title = forms.CharField(label="标题", max_length=120)
    text = forms.CharField(
        label="正文", required=False, widget=forms.Textarea(attrs={"rows": 5}), help_text="不要写证件号、手机号；发布前会自动检查。"
    )
    contact = forms.CharField(label="受理异议的联系方式", max_length=200, help_text="单位座机、邮箱和地址，不要写手机号。")
    attachment = forms.FileField(label="附件", required=False, help_text="docx、xlsx、PDF 或文本，逐字检查个人信息后才能公示。")


class SettleForm(forms.Form):
    upheld = forms.ChoiceField(label="结论", choices=[("", "请选择"), ("no", "异议不成立"), ("yes", "异议成立，终止推荐")])
    finding = forms.CharField(
        label="核查情况", max_length=500, widget=forms.Textarea(attrs={"rows": 4}), help_text="内部留存，用于答复提出人。"
    )
    published = forms.CharField(
        label="公开的处理结果", max_length=300, widget=forms.Textarea(attrs={"rows": 2}), help_text="登在公示页上，任何人都能看到。"
    )


class RaiseForm(forms.Form):
    number = forms.CharField(label="推荐编号", max_length=20)
    text = forms.CharField(label="异议内容和线索", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    name = forms.CharField(label="提出人", max_length=60, required=False)
    contact = forms.CharField(label="联系方式", max_length=100, required=False, help_text="加密保存，只用于答复。")


class SendForm(forms.Form):
    sent_on = today_field("报送日期")
    sent_how = forms.CharField(label="报送方式", max_length=120, help_text="例如：政务邮箱、机要、当面送交。")


class ReceiptForm(forms.Form):
    received_on = today_field("省级收到日期")
    receipt = forms.CharField(label="收件凭据", max_length=120, help_text="回执编号、收件人或邮件时间。")


class AnswerForm(forms.Form):
    gold = forms.ChoiceField(label="省级结果", choices=[("", "请选择"), ("yes", "评为省级金牌"), ("no", "没有入选")])
    awarded_on = today_field("结果日期")
    document = forms.CharField(label="文号", max_length=120, required=False)


class HonourForm(forms.Form):
    level = forms.ChoiceField(label="等次", choices=HonourLevel.choices)
    year = forms.IntegerField(label="年度", min_value=2000, max_value=2100)
    title = forms.CharField(label="称号", max_length=80)
    awarded_on = DayField(label="授予日期")
    awarded_by = forms.CharField(label="授予单位", max_length=120)
    document = forms.CharField(label="文号", max_length=120, required=False)
    deed = forms.CharField(label="公开的事迹", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class ConsentForm(forms.Form):
    consent = forms.CharField(
        label="照片公开同意书",
        max_length=120,
        required=False,
        help_text="写明同意的日期和形式，例如“2026-11-20 书面同意”；留空即撤回同意，不再公开照片。",
    )
