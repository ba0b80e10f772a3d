"""What may be done with organisations, and where: asked by acts, pages and templates alike. People's rules stand in `rules_people`."""

from tongxing.accounts.models import User
from tongxing.audit.log import Actor
from tongxing.core.access import Allowed, Answer, Denied, insist

from .models.organisations import STATUS_MOVES, Organisation, StatusMove
from .rules_people import can_edit_at

__all__ = ["can_edit_at", "can_edit_organisation", "can_merge_organisations", "can_reveal_contact", "insist", "status_moves"]


def can_edit_organisation(by: Actor, organisation: Organisation) -> Answer:
    if organisation.merged_into_id:
        return Denied("这条单位记录已并入另一条，请修改保留的那一条。")
    return can_edit_at(by, organisation.area_id)


def can_merge_organisations(by: Actor, *organisations: Organisation) -> Answer:
    if not isinstance(by, User) or all(by.may_at("registry.merge", organisation.area_id) for organisation in organisations):
        return Allowed()
    return Denied("合并两条单位记录需要两处都在您的合并权限内，请交由示范区经办办理。")


def can_reveal_contact(by: Actor, organisation: Organisation) -> Answer:
    if isinstance(by, User) and by.may_at("registry.reveal", organisation.area_id):
        return Allowed()
    return Denied("您的岗位不能查看联系人的完整电话。")


def status_moves(organisation: Organisation, by: Actor) -> list[StatusMove]:
    """The moves that stand open to `by`: the buttons of the organisation's page."""
    if not can_edit_organisation(by, organisation):
        return []
    return [move for move in STATUS_MOVES if organisation.status in move.sources]
