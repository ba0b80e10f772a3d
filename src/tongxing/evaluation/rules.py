"""Who may do what in evaluation: by area (the bureau's officers), by assessment body (its agents and scorers), or for oneself."""

from typing import Any

from tongxing.accounts.models import User
from tongxing.audit.log import Actor
from tongxing.core import access
from tongxing.core.access import Allowed, Answer, Denied
from tongxing.registry.models import Person
from tongxing.registry.rules_people import person_holds_post

from .models import Application, AssessmentBatch


def _may(by: Actor, permission: str, area_code: int, organisation_id: int | None = None) -> bool:
    """Users by their grants over the area or the body; the command line and jobs do everywhere."""
    if not isinstance(by, User):
        return True
    scope = by.scope(permission)
    return scope.covers(area_code) or organisation_id in scope.organisations


def can_keep_body(by: Actor, area_code: int) -> Answer:
    """Scope, sites and staff of a body are the bureau's to enter: a body does not widen its own scope (notice:3.1.4)."""
    if _may(by, "evaluation.bodies", area_code):
        return Allowed()
    return Denied("评价机构的等级范围、考点和考评人员由人社部门登记，该机构不在您的管辖范围内，请交由所属区划的评价管理办理。")


def can_suspend(by: Actor, area_code: int) -> Answer:
    """Suspending a body is a decision of those who supervise it, not of those who keep its record."""
    if _may(by, "evaluation.suspend", area_code):
        return Allowed()
    return Denied("暂停和解除评价由负责质量督导决定的人办理，您没有这项权限。")


def can_manage(by: Actor, batch: AssessmentBatch) -> Answer:
    if _may(by, "evaluation.edit", batch.area_id, batch.organisation_id):
        return Allowed()
    return Denied("这个评价批次不归您办理，请交由该评价机构的经办或所属区划的评价管理办理。")


def can_plan(by: Actor, area_code: int, organisation_id: int) -> Answer:
    if _may(by, "evaluation.edit", area_code, organisation_id):
        return Allowed()
    return Denied("您不能为这家评价机构安排批次，请交由该机构的经办或所属区划的评价管理办理。")


def can_score(by: Actor, batch: AssessmentBatch) -> Answer:
    if _may(by, "evaluation.score", batch.area_id, batch.organisation_id):
        return Allowed()
    return Denied("您没有这个批次的分数录入权限，请联系评价机构安排。")


def can_issue(by: Actor, batch: AssessmentBatch) -> Answer:
    """Publishing results and issuing enter the public and the register: the bureau's step, not the body's."""
    if _may(by, "evaluation.issue", batch.area_id):
        return Allowed()
    return Denied("公示结果、处理异议和发证由人社部门的评价管理办理，请联系所属区划的评价管理。")


def can_apply_for(by: Actor, person: Person, batch: AssessmentBatch) -> Answer:
    """The person, the agent of an organisation where the person holds a post today, or whoever manages the batch."""
    if can_manage(by, batch) or not isinstance(by, User):
        return Allowed()
    if by.person_id == person.pk and by.may("registry.own_record"):
        return Allowed()
    own = by.scope("registry.own_organisation").organisations
    if own and person_holds_post(person, own):
        return Allowed()
    return Denied("只能为本人或本单位在职的协调员报名。请核对姓名和证件号，或由本人登录报名。")


def can_change(by: Actor, application: Application) -> Answer:
    """Evidence and withdrawal: the same people as could apply."""
    return can_apply_for(by, application.person, application.batch)


def can_open_evidence(by: Actor, application: Application) -> Answer:
    """Evidence names people in full: the managers of the batch, the person, and whoever may read personal data there."""
    if can_manage(by, application.batch) or _may(by, "registry.reveal", application.batch.area_id):
        return Allowed()
    if isinstance(by, User) and by.person_id == application.person_id:
        return Allowed()
    return Denied("报名材料里有完整的个人信息，您的岗位不能打开。需要时请联系评价机构。")


def insist(answer: Answer, **details: Any) -> None:
    """What a rule denies is refused, by the clause of evaluation."""
    access.insist(answer, **{"clause": "notice:3.1.4", **details})
