"""Inbox, to-dos, the counter in the page head, and the administrator's outbox."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires

from . import inbox as acts
from . import outbox as letters
from .models import Letter, LetterState, Notice

PER_PAGE = 30
TABS = (("unread", "未读"), ("todo", "待办"), ("all", "全部"))
STATES = (("", "全部"), *LetterState.choices)


@require_GET
@requires("notices.use")
def inbox(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    tab = request.GET.get("tab", "unread")
    rows = Notice.objects.visible_to(user)
    if tab == "todo":
        rows = rows.open_todos().order_by("due_on", "id")
    elif tab != "all":
        tab, rows = "unread", rows.unread()
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "notices/inbox.html", {"page": page, "tab": tab, "tabs": TABS, "counts": acts.counts(user)})


@require_GET
@requires("notices.use")
def counter(request: HttpRequest) -> HttpResponse:
    """The number in the page head; asked for again and again in the background, so it does not keep a session alive."""
    return render(request, "notices/counter.html", {"counts": acts.counts(user_of(request))})


@require_POST
@requires("notices.use")
def follow(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Mark a notice read and go where it leads."""
    user = user_of(request)
    notice = get_object_or_404(Notice.objects.visible_to(user), pk=notice_id)
    acts.mark_read([notice.pk], by=user)
    return redirect(notice.url or "notices:inbox")


@require_POST
@requires("notices.use")
def read_all(request: HttpRequest) -> HttpResponse:
    number = acts.mark_all_read(by=user_of(request))
    messages.success(request, f"已把 {number} 条标为已读。")
    return redirect("notices:inbox")


@require_POST
@requires("notices.use")
def finish(request: HttpRequest, notice_id: int) -> HttpResponse:
    user = user_of(request)
    acts.finish(get_object_or_404(Notice.objects.visible_to(user), pk=notice_id), by=user)
    messages.success(request, "待办已办结。")
    return redirect(f"{reverse('notices:inbox')}?tab=todo")


@require_GET
@requires("notices.outbox")
def outbox(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    rows = Letter.objects.visible_to(request.user)
    if state in LetterState.values:
        rows = rows.filter(state=state)
    page = Paginator(rows.defer("body"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "state": state, "states": STATES, "can_send": letters.can_send()}
    return render(request, "notices/outbox.html", context)


@require_GET
@requires("notices.outbox")
def letter(request: HttpRequest, letter_id: int) -> HttpResponse:
    row = get_object_or_404(Letter.objects.visible_to(request.user), pk=letter_id)
    return render(request, "notices/letter.html", {"letter": row, "can_send": letters.can_send()})


@require_POST
@requires("notices.outbox")
def resend(request: HttpRequest, letter_id: int) -> HttpResponse:
    user = user_of(request)
    row = letters.resend(get_object_or_404(Letter.objects.visible_to(user), pk=letter_id), by=user)
    when = "一分钟内重发" if letters.can_send() else "配好邮件服务器后发出"
    messages.success(request, f"“{row.subject}”已放回待发送，{when}。")
    return redirect("notices:letter", letter_id=row.pk)
