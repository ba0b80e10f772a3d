"""Who may hand out what is signed about a certificate, and who may set a photo."""

from tongxing.accounts.models import User
from tongxing.audit.log import Actor
from tongxing.certificates.models import Certificate
from tongxing.certificates.rules import can_edit_at
from tongxing.core.access import Allowed, Answer, Denied
from tongxing.registry.models import Person


def can_hand_out(by: Actor, certificate: Certificate) -> Answer:
    """Whoever keeps certificates of the holder's area, and the holder."""
    if is_own(by, certificate.person):
        return Allowed()
    return can_edit_at(by, certificate.person.area_id)


def can_print_clear(by: Actor, certificate: Certificate) -> Answer:
    """The document's number in clear on the paper: whoever may reveal it there; a holder knows it anyway."""
    if is_own(by, certificate.person) or not isinstance(by, User) or by.may_at("registry.reveal", certificate.person.area_id):
        return Allowed()
    return Denied("您的岗位不能查看这些持证人的完整证件号码。请去掉用途说明，按遮盖的号码打印。")


def can_set_photo(by: Actor, person: Person) -> Answer:
    """Whoever keeps certificates there: a holder brings the photo, an officer looks at it."""
    return can_edit_at(by, person.area_id)


def is_own(by: Actor, person: Person) -> bool:
    return isinstance(by, User) and by.person_id == person.pk and by.may("registry.own_record")
