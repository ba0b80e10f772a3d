"""What is handed out about certificates in the demonstration: drawn photos, a second key, a replaced certificate, credentials of which some ended."""

from datetime import date
from pathlib import Path

from tongxing.accounts.models import User
from tongxing.certificates.models import Certificate
from tongxing.certificates.register import replace_certificate
from tongxing.credentials import keys, statuses
from tongxing.credentials.models import SigningKey
from tongxing.credentials.photos import set_photo
from tongxing.papers.render.pdf import picture
from tongxing.registry.models import Person
from tongxing.subsidies.models import Claim

from .accounts import PREFIX
from .coordinators import BODY_CODE

PHOTOS, HANDED_OUT = 2, 12
# A head and shoulders that are nobody's, on white.
NOBODY = b"""
#set page(width: 500pt, height: 700pt, margin: 0pt, fill: white)
#place(bottom + center, dy: 130pt, ellipse(width: 430pt, height: 430pt, fill: rgb("%s")))
#place(top + center, dy: 330pt, rect(width: 110pt, height: 120pt, fill: rgb("e8c9ae")))
#place(top + center, dy: 130pt, ellipse(width: 220pt, height: 280pt, fill: rgb("f0d4bb")))
#place(top + center, dy: 105pt, ellipse(width: 240pt, height: 150pt, fill: rgb("2d2a28")))
#place(top + center, dy: 190pt, ellipse(width: 190pt, height: 130pt, fill: rgb("f0d4bb")))
"""
CLOTHES = (b"37506b", b"6b4a3a")


def build(users: dict[str, User], holder: Person, today: date) -> None:
    """`holder` is whose account is the coordinator's, so that one can download as such."""
    officer, admin = users[f"{PREFIX}officer"], users[f"{PREFIX}admin"]
    if not SigningKey.objects.exists():
        keys.rotate(by=admin, reason="正式使用前更换")
    valid = Certificate.objects.filter(status="valid").exclude(pk__in=Claim.objects.values("certificate"))
    valid = valid.select_related("person", "body").order_by("pk")
    own = list(valid.filter(person=holder)[:1])
    chosen = [*own, *valid.exclude(person=holder)[:HANDED_OUT]]
    statuses.entries_for([*chosen, *Certificate.objects.filter(status="void").order_by("pk")[:2]])
    for one, cloth in zip(chosen[:PHOTOS], CLOTHES, strict=True):
        set_photo(one.person, picture(NOBODY % cloth, root=Path(__file__).parent), by=officer)
    _replace(chosen[-1], officer, today)


def _replace(old: Certificate, officer: User, today: date) -> None:
    """The paper was printed with a wrong name, so the body gave another number on the same level."""
    prefix = f"{BODY_CODE}{today:%y}{old.level}"
    last = Certificate.objects.filter(number__startswith=prefix).order_by("-number").first()
    number = f"{prefix}{int(last.number[16:]) + 1 if last else 1:06d}"
    why = "证书上姓名印错，评价机构换发"
    replace_certificate(old, by=officer, reason=why, number=number, level=old.level, issued_on=today, body=old.body)
