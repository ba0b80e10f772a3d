"""Who may open which address of training."""

from types import SimpleNamespace
from typing import Any

from tongxing.core.tests.matrix import PUBLIC, Row
from tongxing.registry.models import Organisation
from tongxing.registry.tests.access_people import someone
from tongxing.training import classes, providers
from tongxing.training.models import Provider
from tongxing.training.signing_in import token_of

from .world import COMMAND_LINE, TODAY, a_class, a_course, a_session, trainees

READ = "officer township union federation training assessment subsidy_handler subsidy_approver cashier leader auditor"
VIEW = f"{READ} training_provider"
RUN = "officer training training_provider"
MANAGE = "officer training"
OWN = "coordinator trainee"
SEND = "agent"
ORGANISATION = 999_999


def school(jiyuan: SimpleNamespace) -> Provider:
    """The provider that the agent of the matrix acts for."""
    if found := Provider.objects.filter(organisation_id=ORGANISATION).first():
        return found
    firm = Organisation.objects.create(pk=ORGANISATION, name="济源职校", name_key="济源职校", kind="training", area=jiyuan.kejing)
    provider = providers.register_provider(firm, by=COMMAND_LINE)
    for year in (TODAY.year, TODAY.year + 1):
        providers.set_eligibility(provider, year, [4, 3], by=COMMAND_LINE)
    return provider


def _class(jiyuan: SimpleNamespace) -> Any:
    return a_class(jiyuan.kejing, provider=school(jiyuan))


def one(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": _class(jiyuan).uid}


def announced(jiyuan: SimpleNamespace) -> dict[str, Any]:
    made = _class(jiyuan)
    classes.announce_class(made, by=COMMAND_LINE, open_for_all=True)
    return {"uid": made.uid}


def session(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": a_session(_class(jiyuan)).uid}


def signing(jiyuan: SimpleNamespace) -> dict[str, Any]:
    held = a_session(_class(jiyuan))
    return {"uid": held.uid, "token": token_of(held)}


def marked(jiyuan: SimpleNamespace) -> dict[str, Any]:
    made = _class(jiyuan)
    return {"uid": a_session(made).uid, "person": trainees(made, 1)[0].uid}


def enrolled(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": trainees(_class(jiyuan), 1)[0].uid}


def provider(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": school(jiyuan).uid}


def trainer(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": providers.add_trainer(school(jiyuan), by=COMMAND_LINE, name="张老师").uid}


def room(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": providers.add_room(school(jiyuan), by=COMMAND_LINE, name="一号", seats=40).uid}


def course(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": a_course().uid}


ACCESS: dict[str, Row] = {
    "training:classes": Row(VIEW),
    "training:class-new": Row(RUN),
    "training:people": Row(VIEW),
    "training:admit": Row(RUN, method="post", own=302, other=302),
    "training:enrolment": Row(VIEW, enrolled, other=404),
    "training:refuse": Row(RUN, enrolled, other=404),
    "training:withdraw": Row(RUN, enrolled, other=404),
    "training:funding": Row(RUN, enrolled, other=404),
    "training:providers": Row(VIEW),
    "training:provider-new": Row(MANAGE),
    "training:provider": Row(VIEW, provider, other=404),
    "training:eligibility": Row(MANAGE, provider, other=404),
    "training:trainer-new": Row(RUN, provider, other=404),
    "training:room-new": Row(RUN, provider, other=404),
    "training:trainer-retire": Row(RUN, trainer, other=404),
    "training:room-retire": Row(RUN, room, other=404),
    "training:courses": Row(VIEW),
    "training:course-new": Row(MANAGE),
    # Courses are the same for everybody; the act refuses whoever does not hold the whole programme.
    "training:course": Row(VIEW, course),
    "training:course-edit": Row(MANAGE, course),
    "training:course-retire": Row(MANAGE, course),
    "training:own": Row(OWN),
    # A class that is announced is there for everybody who takes part in the programme; the matrix's accounts are nobody's.
    "training:own-class": Row(OWN, announced),
    "training:own-apply": Row(OWN, announced, method="post", own=409, other=409),
    "training:own-withdraw": Row(OWN, announced, method="post", own=404, other=404),
    "training:send-list": Row(SEND),
    "training:send": Row(SEND, announced),
    "training:send-new": Row(SEND, announced),
    "training:decline": Row(SEND, announced, own=404, other=404),
    "training:session-move": Row(RUN, session, other=404),
    "training:session-drop": Row(RUN, session, other=404),
    "training:attendance": Row(VIEW, session, other=404),
    "training:attendance-take": Row(RUN, session, method="post", own=302, other=404),
    # No taps in it: judged before anything is looked up.
    "training:attendance-sync": Row(RUN, session, method="post", own=400, other=404),
    "training:attendance-correct": Row(RUN, marked, other=404),
    "training:attendance-upload": Row(RUN, one, other=404),
    "training:attendance-table": Row(RUN, one, other=404),
    "training:sheet-print": Row(RUN, session, other=404),
    "training:sheet-type": Row(RUN, session, other=404),
    "training:code": Row(RUN, session, other=404),
    # Whoever scans the code that hangs on the wall; it holds for some seconds.
    "training:sign-in": Row(PUBLIC, signing),
    "training:completion": Row(VIEW, one, other=404),
    "training:scores": Row(RUN, one, method="post", own=409, other=404),
    "training:complete": Row(RUN, one, method="post", own=409, other=404),
    "training:certificates": Row(VIEW, one, own=409, other=404),
    "training:certificates-issue": Row(MANAGE, one, method="post", own=409, other=404),
    "training:archive": Row(VIEW, one, other=404),
    "training:calendar": Row(VIEW, one, other=404),
    "training:own-calendar": Row(OWN, one, own=404, other=404),
    "training:of-person": Row(READ, someone, other=404),
    "training:transcript": Row(READ, someone, own=409, other=404),
    "training:class": Row(VIEW, one, other=404),
    "training:class-edit": Row(RUN, one, other=404),
    "training:class-announce": Row(RUN, one, method="post", data={"open": "1"}, own=302, other=404),
    "training:class-file": Row(RUN, one, other=404),
    "training:class-return": Row(MANAGE, one, other=404),
    "training:class-approve": Row(MANAGE, one, other=404),
    "training:class-start": Row(RUN, one, other=404),
    "training:class-finish": Row(RUN, one, other=404),
    "training:class-archive": Row(MANAGE, one, other=404),
    "training:class-postpone": Row(RUN, one, other=404),
    "training:class-cancel": Row(RUN, one, other=404),
    "training:session-new": Row(RUN, one, other=404),
    "training:person-add": Row(RUN, one, other=404),
}
