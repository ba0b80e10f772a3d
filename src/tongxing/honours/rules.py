"""Who may do what in the yearly selection."""

from typing import Any

from tongxing.accounts.models import User
from tongxing.audit.log import Actor
from tongxing.core import access
from tongxing.core.access import Allowed, Answer, Denied


def can_manage(by: Actor, area_code: int) -> Answer:
    """The bureau's officers of the area; the command line and jobs do everywhere."""
    if not isinstance(by, User) or by.may_at("honours.manage", area_code):
        return Allowed()
    return Denied("年度选树由所属区划的劳动关系科办理，您没有这项权限。")


def insist(answer: Answer, **details: Any) -> None:
    """What a rule denies is refused, by the clause of the selection."""
    access.insist(answer, **{"clause": "notice:3.3.1", **details})
