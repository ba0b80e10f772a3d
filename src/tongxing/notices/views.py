"""What is done with notices and letters, and the counter in the page head; the lists themselves are in `lists.py`."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.listing import selected

from . import inbox as acts
from . import outbox as letters
from .lists import Inbox, Outbox
from .models import Letter, Notice


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


@require_POST
@requires("notices.use")
def read_many(request: HttpRequest) -> HttpResponse:
    number = acts.mark_read(selected(request, Inbox).values_list("pk", flat=True), by=user_of(request))
    messages.success(request, f"已把 {number} 条标为已读。" if number else "选中的消息都已经读过。")
    return redirect(f"{reverse('notices:inbox')}?{request.GET.urlencode()}")


@require_POST
@requires("notices.use")
def finish_many(request: HttpRequest) -> HttpResponse:
    number = acts.finish_many(selected(request, Inbox).values_list("pk", flat=True), by=user_of(request))
    messages.success(request, f"已办结 {number} 件待办。" if number else "选中的消息里没有未办结的待办。")
    return redirect(f"{reverse('notices:inbox')}?{request.GET.urlencode()}")


@require_POST
@requires("notices.outbox")
def resend_many(request: HttpRequest) -> HttpResponse:
    number = letters.resend_many(selected(request, Outbox).values_list("pk", flat=True), by=user_of(request))
    messages.success(request, f"{number} 封邮件已放回待发送。" if number else "选中的邮件都在等待发送，不需要重发。")
    return redirect(f"{reverse('notices:outbox')}?{request.GET.urlencode()}")


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
