"""Who may do what in supervision: the bureau by area, an inspector on the own visits, a body for itself, and never the same person for two steps."""

from typing import Any

from tongxing.accounts.models import User
from tongxing.audit.log import Actor
from tongxing.core import access
from tongxing.core.access import Allowed, Answer, Denied

from .models import Finding, Sanction, Visit


def _may(by: Actor, permission: str, area_code: int, organisation_id: int | None = None) -> bool:
    """Users by their grants over the area or for the body; the command line and jobs do everywhere."""
    if not isinstance(by, User):
        return True
    scope = by.scope(permission)
    return scope.covers(area_code) or organisation_id in scope.organisations


def can_manage(by: Actor, area_code: int) -> Answer:
    if _may(by, "supervision.manage", area_code):
        return Allowed()
    return Denied("质量督导由所属区划的评价管理或劳动关系科办理，您没有这项权限。")


def goes(by: Actor, visit: Visit) -> bool:
    """Whether the account is one of those who were sent."""
    return by.pk is not None and visit.inspectors.filter(inspector__user_id=by.pk).exists()


def can_fill(by: Actor, visit: Visit) -> Answer:
    if isinstance(by, User) and by.may("supervision.inspect") and goes(by, visit):
        return Allowed()
    return Denied("检查表由派去的督导员本人填写和签字。您不在这次检查的人员里，请联系安排检查的同事。")


def can_open_photos(by: Actor, visit: Visit) -> Answer:
    """Photos show people and papers: those who went, who run supervision there, and who audits."""
    if _may(by, "supervision.plans", visit.area_id) or goes(by, visit):
        return Allowed()
    return Denied("现场照片里有人像和考务材料，您的岗位不能打开。需要时请联系安排检查的同事。")


def can_sign_for_body(by: Actor, visit: Visit) -> Answer:
    """The body's own agent, or one of the inspectors who records that the person present signed or refused."""
    if _may(by, "supervision.answer", 0, visit.organisation_id) or can_fill(by, visit):
        return Allowed()
    return Denied("被检查方的签字由该机构经办或现场督导员登记。")


def can_answer(by: Actor, organisation_id: int) -> Answer:
    if isinstance(by, User) and organisation_id in by.scope("supervision.answer").organisations:
        return Allowed()
    return Denied("整改答复和陈述申辩由被检查机构的经办提交。您不是这家机构的经办。")


def can_recheck(by: Actor, finding: Finding) -> Answer:
    """The bureau or who was there; never who answered."""
    if by.pk is not None and by.pk == finding.answered_by_id:
        return Denied("提交整改答复的人不能复查，请交同事办理。")
    if can_manage(by, finding.area_id) or (finding.visit and can_fill(by, finding.visit)):
        return Allowed()
    return Denied("复查由所属区划的评价管理或原检查的督导员办理。")


def can_decide(by: Actor, sanction: Sanction) -> Answer:
    """By the leader; not by whoever proposed it, and not by an inspector of the visits it rests on."""
    if not _may(by, "supervision.sanction", sanction.area_id):
        return Denied("处理决定由分管领导作出，您没有这项权限。")
    if by.pk is not None and by.pk == sanction.proposed_by_id:
        return Denied("提出处理的人不能自己作决定，请交分管领导办理。")
    visits = Visit.objects.filter(findings__sanctions=sanction)
    if by.pk is not None and visits.filter(inspectors__inspector__user_id=by.pk).exists():
        return Denied("参加过这次检查的人不能作处理决定，请交其他领导办理。")
    return Allowed()


def insist(answer: Answer, **details: Any) -> None:
    """What a rule denies is refused, by the clause of evaluation."""
    access.insist(answer, **{"clause": "notice:3.1.4", **details})
