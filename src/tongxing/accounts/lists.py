"""The list of accounts."""

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from tongxing.core.listing import Column, Filter, ListPage

from .models import Grant, User
from .roles import CHOICES


def _roles(user: Any) -> str:
    return "、".join(dict.fromkeys(f"{'代' if grant.on_behalf_of_id else ''}{grant.get_role_display()}" for grant in user.shown_grants))


def _areas(user: Any) -> str:
    return "、".join(dict.fromkeys(str(grant.area) if grant.area else "单位" for grant in user.shown_grants))


def _holding(rows: QuerySet[Any], value: str, request: HttpRequest) -> QuerySet[Any]:
    if value == "none":
        return rows.filter(~Exists(Grant.objects.current().filter(user=OuterRef("pk"))))
    return rows.filter(Exists(Grant.objects.current().filter(user=OuterRef("pk"), role=value)))


def _signed_in(rows: QuerySet[Any], value: str, request: HttpRequest) -> QuerySet[Any]:
    return rows.filter(last_login__isnull=value == "no")


class UserList(ListPage):
    key = "accounts.users"
    title = "账号与授权"
    permission = "accounts.view"
    export_permission = "accounts.manage"
    search_hint = "姓名、账号、岗位名称"
    default_sort = "username"
    empty = ("还没有账号", "给同事开设账号并授予岗位。", "accounts:user-new", "开设账号")
    columns = (
        Column("name", "姓名", value=lambda user: user.name, link=lambda user: reverse("accounts:user", args=[user.pk]), sort="name"),
        Column("username", "账号", value=lambda user: user.username, sort="username"),
        Column("job", "岗位名称", value=lambda user: user.job),
        Column("roles", "授予的岗位", value=_roles),
        Column("areas", "范围", value=_areas),
        Column(
            "state",
            "状态",
            value=lambda user: "启用" if user.is_active else "停用",
            tone=lambda user: "green" if user.is_active else "grey",
            sort="is_active",
        ),
        Column("last_login", "最近登录", value=lambda user: user.last_login, sort="last_login"),
    )
    filters = (
        Filter.flag("active", "启用", field="is_active"),
        Filter.custom("role", "岗位", [("none", "没有岗位"), *CHOICES], apply=_holding),
        Filter.custom("signed_in", "登录", (("yes", "登录过"), ("no", "从未登录")), apply=_signed_in),
    )
    actions = (("开设账号", "accounts:user-new", "accounts.manage"),)

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        current = Prefetch("grants", Grant.objects.current().select_related("area"), to_attr="shown_grants")
        rows: QuerySet[Any] = User.objects.visible_to(request.user).prefetch_related(current)
        return rows

    def search(self, rows: QuerySet[Any], text: str, request: HttpRequest) -> QuerySet[Any]:
        return rows.filter(Q(name__icontains=text) | Q(username__icontains=text) | Q(job__icontains=text))
