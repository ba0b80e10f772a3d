"""The signing keys: list, exchange, withdraw."""

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.credentials import keys
from tongxing.credentials.models import KeyState, SigningKey
from tongxing.registry.views.act_page import act_page, posted

TONES = {KeyState.CURRENT: "green", KeyState.RETIRED: "grey", KeyState.WITHDRAWN: "red"}


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=200, help_text="会显示在公钥页面上，任何人都能看到。")


class KeyList(ListPage):
    key = "credentials.keys"
    title = "签名密钥"
    intro = "证书登记摘录和电子凭证用它签名。私钥加密存放在数据库里，随备份保存；打开它的密钥环另行保管。"
    permission = "credentials.keys"
    default_sort = "-since"
    empty = ("还没有密钥", "第一次出具摘录或电子凭证时自动生成，也可以现在生成。", "credentials:key-rotate", "生成或更换密钥")
    columns = (
        Column("kid", "密钥编号", value=lambda key: key.kid),
        Column("state", "状态", value=lambda key: key.get_state_display(), tone=lambda key: TONES[KeyState(key.state)], width=30),
        Column("since", "启用", value=lambda key: key.since, sort="since"),
        Column("ended", "停用", value=lambda key: key.ended_at),
        Column("reason", "原因", value=lambda key: key.reason, width=30),
        Column(
            "withdraw",
            "办理",
            value=lambda key: "撤销" if key.state == KeyState.RETIRED else "",
            link=lambda key: reverse("credentials:key-withdraw", args=[key.uid]) if key.state == KeyState.RETIRED else None,
            width=8,
        ),
    )
    filters = (Filter.choice("state", "状态", KeyState.choices),)
    actions = (("更换密钥", "credentials:key-rotate", "credentials.keys"),)

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        return SigningKey.objects.all()


@requires("credentials.keys")
def key_rotate(request: HttpRequest) -> HttpResponse:
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: keys.rotate(by=user_of(request), reason=v["reason"]),
        back=reverse("credentials:keys"),
        title="更换签名密钥",
        done="已更换，今后用新密钥签名；原来签的仍可核验。请确认备份照常进行。",
        submit="更换密钥",
        hint="定期更换或怀疑泄露时办理。原密钥停用后继续公布公钥；确认泄露的，更换以后再撤销它。",
    )


@requires("credentials.keys")
def key_withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = get_object_or_404(SigningKey, uid=uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: keys.withdraw(found, by=user_of(request), reason=v["reason"]),
        back=reverse("credentials:keys"),
        watched=lambda: [found],
        title=f"撤销签名密钥 {found.kid}",
        done="已撤销，它签的摘录和电子凭证一律不再采信。",
        submit="撤销密钥",
        hint="只在私钥可能被别人得到时办理，不能恢复。用它签过的摘录和凭证要重新出具。",
    )
