"""What is done with a nomination: start it for somebody, tell it, hand it in, decide on it, take it back."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.honours import nominating, opining
from tongxing.honours.models import Nomination
from tongxing.honours.nomination_forms import OwnStartForm, StartForm, TellForm, WhyForm
from tongxing.honours.rules import can_nominate, insist
from tongxing.registry.models import Organisation, Person
from tongxing.registry.views.act_page import act_page, posted, uid_of

from .fetching import organisation_of, person_of
from .nominees import changeable, managed, nomination_of, open_selections, page, pressed

STARTED = "已建好草稿。接着写事迹、勾选材料，齐了再提交。"


def _start(request: HttpRequest, subject: Person | Organisation, back: str) -> HttpResponse:
    """For the offices: the year is chosen, then the draft is there."""
    user = user_of(request)
    insist(can_nominate(user, subject))
    selections = open_selections(user, subject.area_id)
    return act_page(
        request,
        StartForm(posted(request), selections=selections),
        run=lambda v: page(nominating.start_nomination(v["selection"], subject, by=user, reason=v["reason"])),
        back="",
        cancel_url=back,
        title=f"推荐：{subject.name}",
        hint="" if selections else "现在没有接受推荐的年度选树。",
        done=STARTED,
        submit="开始推荐",
        clause="notice:3.3.1",
        template="honours/start.html",
        selections=selections,
    )


@requires("honours.nominate")
def person_nominate(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _start(request, person_of(request, uid), reverse("honours:person", args=[uid]))


@requires("honours.nominate")
def organisation_nominate(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _start(request, organisation_of(request, uid), reverse("honours:organisation", args=[uid]))


@requires("honours.nominate")
def mine_new(request: HttpRequest) -> HttpResponse:
    """By an agent for the own organisation and who works there, or by the person."""
    user = user_of(request)
    selections = open_selections(user)
    return act_page(
        request,
        OwnStartForm(posted(request), user=user, selections=selections),
        run=lambda v: page(nominating.start_nomination(v["selection"], _subject(v["subject"]), by=user)),
        back="",
        cancel_url=reverse("honours:mine"),
        title="推荐",
        hint="" if selections else "现在没有接受推荐的年度选树。",
        done=STARTED,
        submit="开始推荐",
        clause="notice:3.3.1",
        template="honours/start.html",
        selections=selections,
    )


def _subject(key: str) -> Person | Organisation:
    """Whom a key of `own_subjects` names."""
    kind, _, uid = key.partition(":")
    if kind == "person":
        return get_object_or_404(Person.objects.standing(), uid=uid_of(uid))
    if kind == "organisation":
        return get_object_or_404(Organisation.objects.standing(), uid=uid_of(uid))
    raise Http404


@requires("honours.nominate")
def nomination_edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = changeable(request, uid)
    return act_page(
        request,
        TellForm(posted(request), nomination=row),
        run=lambda v: nominating.change_nomination(row, by=user_of(request), **v),
        back=page(row),
        title=f"写事迹：{row.subject.name}",
        hint=f"退回补正：{row.state_note}" if row.state == "returned" else "评审和报送都看这里写的。",
        done="已保存。",
        clause="notice:A1.3" if row.person_id else "notice:A2.3",
        watched=lambda: [row],
    )


@requires("honours.nominate")
@require_POST
def nomination_submit(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = changeable(request, uid)
    # Not watched: a watch would hold the nomination before the selection, the other way round than the act.
    return pressed(request, lambda: nominating.submit(row, by=user_of(request)), "推荐已提交，等待审核。", page(row))


def _decide(request: HttpRequest, row: Nomination, form: WhyForm, run: Any, **words: Any) -> HttpResponse:
    return act_page(request, form, run=run, back=page(row), watched=lambda: [row], **words)


@requires("honours.manage")
def nomination_return(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = managed(request, uid)
    return _decide(
        request,
        row,
        WhyForm(posted(request), label="要补正什么"),
        lambda v: nominating.return_nomination(row, by=user_of(request), **v),
        title=f"退回补正：{row.subject.name}",
        hint="推荐人收到消息，照写的补充后重新提交，编号不变。",
        done="已退回补正，并通知了推荐人。",
        submit="退回补正",
    )


@requires("honours.manage")
def nomination_accept(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What stands against it is said above the form: then a reason is asked."""
    row = managed(request, uid)
    against = "".join([opining.lacks_employer(row), *opining.doubts(row)])
    return _decide(
        request,
        row,
        WhyForm(posted(request), label="办理说明", optional=not opining.doubts(row)),
        lambda v: nominating.accept(row, by=user_of(request), note=v["reason"]),
        title=f"通过审核：{row.subject.name}",
        hint=against or f"资格按 {row.selection.judged_on} 的登记再核对一次；通过后进入评审，推荐人不能再改。",
        done="已通过审核，进入评审。",
        submit="通过审核",
    )


@requires("honours.manage")
def nomination_refuse(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = managed(request, uid)
    return _decide(
        request,
        row,
        WhyForm(posted(request), label="哪一条不符合"),
        lambda v: nominating.refuse(row, by=user_of(request), **v),
        title=f"不予通过：{row.subject.name}",
        hint="推荐到此结束；材料不齐的请用退回补正。",
        done="已不予通过，并通知了推荐人。",
        submit="不予通过",
    )


@requires("honours.nominate")
def nomination_withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = nomination_of(request, uid)
    own = nominating.is_own(user_of(request), row)
    if not own:
        row = managed(request, uid)
    return _decide(
        request,
        row,
        WhyForm(posted(request), optional=own),
        lambda v: nominating.withdraw(row, by=user_of(request), **v),
        title=f"撤回推荐：{row.subject.name}",
        hint="撤回以后这一年可以重新推荐。",
        done="推荐已撤回。",
        submit="撤回推荐",
    )
