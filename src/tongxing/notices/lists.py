"""The inbox and the outbox as list pages."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from tongxing.accounts.requests import user_of
from tongxing.core.listing import Bulk, Column, Filter, ListPage

from . import inbox as acts
from . import outbox as letters
from .models import Kind, Letter, LetterState, Notice

TONES = {"已超期": "red", "未读": "teal", "已办结": "green"}
LETTER_TONES = {LetterState.FAILED: "red", LetterState.SENT: "green"}


def _standing(notice: Notice) -> str:
    if notice.is_overdue():
        return "已超期"
    if notice.done_at:
        return "已办结"
    return "" if notice.read_at else "未读"


def _follow(notice: Notice) -> str | None:
    """Pressed, it is read and leads where it belongs; what leads nowhere and has been read is text."""
    return reverse("notices:follow", args=[notice.pk]) if notice.url or not notice.read_at else None


def _part(rows: Any, value: str, request: HttpRequest) -> Any:
    """Unread ones are what `rows` begins with; the other tabs begin with all of them."""
    return rows.open_todos() if value == "todo" else rows


class Inbox(ListPage):
    key = "notices.inbox"
    title = "消息与待办"
    intro = "点标题去办理，同时标为已读。"
    permission = "notices.use"
    export_permission = "notices.use"
    search_hint = "标题、内容"
    default_sort = "-at"
    page_size = 50
    above = "notices/inbox_head.html"
    empty = ("没有未读消息", "导入、催办和到期提醒会送到这里；看过的在“全部”里。", "", "")
    columns = (
        Column("title", "标题", value=lambda n: n.title, press=_follow, width=36),
        Column("standing", "状态", value=_standing, tone=lambda n: TONES.get(_standing(n), "grey"), width=10),
        Column("body", "内容", value=lambda n: n.body, width=48),
        Column("due", "办理期限", value=lambda n: n.due_on, sort="due_on"),
        Column("kind", "类别", value=lambda n: n.get_kind_display(), width=8),
        Column("at", "时间", value=lambda n: n.created_at, sort="id"),
        Column("read", "已读时间", value=lambda n: n.read_at, default=False),
        Column("done", "办结时间", value=lambda n: n.done_at, default=False),
    )
    filters = (
        Filter.custom("tab", "分类", (("todo", "待办"), ("all", "全部")), apply=_part, tabs="未读"),
        Filter.choice("kind", "类别", Kind.choices),
        Filter.days("at", "日期", field="created_at"),
    )
    bulk = (Bulk("标为已读", "notices:read-many"), Bulk("办结待办", "notices:finish-many"))

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        rows = Notice.objects.visible_to(request.user)
        return rows if request.GET.get("tab") in ("todo", "all") else rows.unread()

    def search(self, rows: QuerySet[Any], text: str, request: HttpRequest) -> QuerySet[Any]:
        return rows.filter(Q(title__icontains=text) | Q(body__icontains=text))

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"counts": acts.counts(user_of(request))}


class Outbox(ListPage):
    key = "notices.outbox"
    title = "邮件发件箱"
    intro = "系统发出的提醒邮件，可以预览和重发。"
    permission = "notices.outbox"
    export_permission = "notices.outbox"
    search_hint = "主题、收件邮箱"
    default_sort = "-at"
    above = "notices/outbox_head.html"
    empty = ("没有邮件", "系统发出的提醒邮件会列在这里。", "", "")
    columns = (
        Column("subject", "主题", value=lambda m: m.subject, link=lambda m: reverse("notices:letter", args=[m.pk]), width=36),
        Column("to", "收件邮箱", value=lambda m: m.to, sort="to", width=28),
        Column("state", "状态", value=lambda m: m.get_state_display(), tone=lambda m: LETTER_TONES.get(m.state, "grey"), sort="state"),
        Column("attempts", "已试次数", value=lambda m: m.attempts, sort="attempts", numeric=True),
        Column("at", "时间", value=lambda m: m.created_at, sort="id"),
        Column("error", "失败原因", value=lambda m: m.error, width=40),
        Column("sent", "发送时间", value=lambda m: m.sent_at, default=False),
        Column("next", "下次发送", value=lambda m: m.next_try_at if m.state == LetterState.WAITING else None, default=False),
        Column("by", "发起人", value=lambda m: m.queued_by, default=False),
    )
    filters = (
        Filter.choice("state", "状态", LetterState.choices, tabs="全部"),
        Filter.days("at", "日期", field="created_at"),
    )
    bulk = (Bulk("重新发送", "notices:resend-many"),)

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        return Letter.objects.visible_to(request.user).defer("body")

    def search(self, rows: QuerySet[Any], text: str, request: HttpRequest) -> QuerySet[Any]:
        return rows.filter(Q(subject__icontains=text) | Q(to__icontains=text))

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"can_send": letters.can_send()}
