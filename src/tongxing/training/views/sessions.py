"""Planning, moving and dropping sessions."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.registry.views.act_page import act_page, posted
from tongxing.training import sessions
from tongxing.training.forms.classes import SessionForm
from tongxing.training.forms.providers import ReasonForm

from .found import found_class, found_session, page_of


@requires("training.run")
def session_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    held = found_class(request, uid)
    form = SessionForm(posted(request), training_class=held)
    return act_page(
        request,
        form,
        run=lambda _: sessions.plan_session(held, by=user_of(request), **form.facts()),
        back=page_of(held),
        title=f"排课：{held.title}",
        done="已排课。",
        submit="排课",
        hint=f"课次应在 {held.starts_on} 至 {held.ends_on} 之间。教师、教室、学员的时间冲突会当场指出。",
    )


@requires("training.run")
def session_move(request: HttpRequest, uid: UUID) -> HttpResponse:
    session = found_session(request, uid)
    form = SessionForm(posted(request), training_class=session.training_class, session=session)
    return act_page(
        request,
        form,
        run=lambda v: sessions.move_session(session, by=user_of(request), reason=v["reason"], **form.facts()),
        back=page_of(session.training_class),
        watched=lambda: [session],
        title=f"调课：{session}",
        done="已调课。",
        submit="调课",
    )


@requires("training.run")
def session_drop(request: HttpRequest, uid: UUID) -> HttpResponse:
    session = found_session(request, uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: sessions.drop_session(session, by=user_of(request), reason=v["reason"]),
        back=page_of(session.training_class),
        title=f"删除课次：{session}",
        done="已删除这次课。",
        submit="删除课次",
    )
