"""What may be done with certificates, and where."""

from tongxing.accounts.models import User
from tongxing.audit.log import Actor
from tongxing.core.access import Allowed, Answer, Denied


def can_edit_at(by: Actor, area_code: int) -> Answer:
    """Whether `by` keeps certificates of people of this area; the command line and jobs do everywhere."""
    if not isinstance(by, User) or by.may_at("certificates.edit", area_code):
        return Allowed()
    return Denied("持证人不在您的管辖范围内，请交由所属区划的经办办理。")
