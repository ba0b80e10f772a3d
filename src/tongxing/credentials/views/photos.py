"""A holder's photo."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from tongxing.accounts.requests import user_of
from tongxing.certificates.models import Certificate
from tongxing.core.access import insist, requires
from tongxing.credentials.photos import MOST_BYTES, set_photo
from tongxing.credentials.rules import can_set_photo
from tongxing.registry.views.act_page import act_page


class PhotoForm(forms.Form):
    photo = forms.FileField(
        label="照片",
        help_text=f"白底近半年一寸照，JPG 或 PNG，短边至少 295 像素，不超过 {MOST_BYTES >> 20} MB。保存时裁成一寸并去掉拍摄信息，加密存放。",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png", "class": "form-control"}),
    )


@requires("certificates.edit")
def photo(request: HttpRequest, uid: UUID) -> HttpResponse:
    """For the holder of the certificate `uid`."""
    rows = Certificate.objects.visible_to(user_of(request)).select_related("person")
    found = get_object_or_404(rows, uid=uid)
    insist(can_set_photo(user_of(request), found.person))
    form = PhotoForm(request.POST, request.FILES) if request.method == "POST" else PhotoForm()
    return act_page(
        request,
        form,
        run=lambda v: set_photo(found.person, v["photo"], by=user_of(request)),
        back=reverse("credentials:of-certificate", args=[found.uid]),
        title=f"录入照片：{found.person.name}",
        done="照片已保存，下次出具摘录时使用。",
        submit="保存照片",
        hint="请核对照片是不是本人。新照片代替原来的，原来的留存备查。",
    )
