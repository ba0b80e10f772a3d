"""Who may do what with gaps and exemptions, used by acts, views and templates alike."""

from django.conf import settings

from tongxing.accounts.models import User
from tongxing.audit.log import Actor
from tongxing.core.access import Allowed, Answer, Denied

from .models import Exemption


def _may_at(by: Actor, permission: str, area_code: int) -> bool:
    """Users by their grants; the command line and the system are trusted by whoever runs them."""
    return by.may_at(permission, area_code) if isinstance(by, User) else True


def can_chase(by: Actor, *area_codes: int) -> Answer:
    if all(_may_at(by, "targets.chase", code) for code in area_codes):
        return Allowed()
    return Denied("其中有不在您管理范围内的缺口。请只选择本辖区的缺口。")


def can_decide(by: Actor, exemption: Exemption) -> Answer:
    """The one who asked never decides (design §1: two steps, two people)."""
    if not _may_at(by, "targets.exempt", exemption.area_code):
        return Denied("您的岗位不能审批这个区划的免设申请。请交有审批权限的同事办理。")
    if by.pk is not None and by.pk == exemption.requested_by_id:
        return Denied("申请人不能审批自己的申请。请交另一位有审批权限的同事办理。")
    return Allowed()


def can_revoke(by: Actor, exemption: Exemption) -> Answer:
    if _may_at(by, "targets.exempt", exemption.area_code):
        return Allowed()
    return Denied("您的岗位不能收回这个区划的免设。请交有审批权限的同事办理。")


def can_freeze(by: Actor, area_code: int) -> Answer:
    if _may_at(by, "targets.freeze", area_code):
        return Allowed()
    return Denied("您的岗位不能为这个区划出具定格报告。请交有权限的经办出具。")


def can_define(by: Actor) -> Answer:
    """Targets hold for the whole installation: who changes them must hold the whole programme."""
    if _may_at(by, "policy.edit", settings.PROGRAMME_AREA):
        return Allowed()
    return Denied("建设目标由主管全域的经办维护，您的管理范围不含全域。请联系主管科室。")
