"""Who may do which step of a claim: handler, approver and cashier are different people (design §1)."""

from tongxing.accounts.models import User
from tongxing.audit.log import Actor
from tongxing.core.access import Allowed, Answer, Denied

from .models import Claim

WORDS = {
    "subsidies.claim": "申请补贴",
    "subsidies.handle": "受理和预审补贴",
    "subsidies.approve": "审批补贴",
    "subsidies.pay": "拨付和对账",
}


def may_at(by: Actor, permission: str, area_code: int) -> Answer:
    """Whether `by` holds the permission over the area. The command line may do nothing with money."""
    if isinstance(by, User) and by.may_at(permission, area_code):
        return Allowed()
    return Denied(f"您的岗位不能在该区划{WORDS[permission]}。如工作需要，请联系系统管理员授权。")


def is_other(by: Actor, *ids: int | None, step: str) -> Answer:
    """Whether `by` had no hand in the steps whose actors are named."""
    if by.pk is None or by.pk in ids:
        return Denied(f"同一人不能既{step}。请交由另一位同事办理。")
    return Allowed()


def can_claim_for(by: Actor, area_code: int, organisation_id: int | None = None, person_id: int | None = None) -> Answer:
    """A handler of the area; an organisation for itself, by whoever acts for it; the person for himself."""
    if not isinstance(by, User):
        return Denied("补贴申请须由有账号的人员提交。")
    scope = by.scope("subsidies.claim")
    if scope.covers(area_code) or (organisation_id and organisation_id in scope.organisations):
        return Allowed()
    if person_id and by.person_id == person_id and by.may("registry.own_record"):
        return Allowed()
    return Denied("只能为本人、本单位或由所属区划的补贴经办提交申请。")


def can_handle(by: Actor, claim: Claim) -> Answer:
    return may_at(by, "subsidies.handle", claim.area_id)


def can_approve(by: Actor, claim: Claim) -> Answer:
    """Who approves had no hand in handling or claiming."""
    allowed = may_at(by, "subsidies.approve", claim.area_id)
    return allowed and is_other(by, claim.handled_by_id, claim.opened_by_id, step="申请、受理又审批")


def can_reveal(by: Actor, claim: Claim) -> Answer:
    """Bank accounts in clear: whoever handles or pays."""
    return may_at(by, "subsidies.handle", claim.area_id) or may_at(by, "subsidies.pay", claim.area_id)
