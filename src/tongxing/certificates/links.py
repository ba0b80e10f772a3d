"""The link of a certificate's QR code: signed, so that it cannot be guessed, and the same for everybody who scans it."""

from django.conf import settings
from django.core import signing
from django.db import connection
from django.db.models import F, QuerySet
from django.urls import reverse

from tongxing.core.prepared import Prepared, Slot
from tongxing.papers import qr

from .models import Certificate

SALT = "tongxing.certificate"


def link_of(certificate: Certificate) -> str:
    """The path that the QR code opens; the page behind it shows the present status with the name masked."""
    return reverse("portal:verified", args=[signing.dumps(str(certificate.uid), salt=SALT)])


def by_token(token: str) -> tuple[Certificate, str] | None:
    """The certificate of a signed link and its holder's name, or None when the link was not made here."""
    try:
        uid = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return _with_holder(_by_uid(uid=Certificate._meta.get_field("uid").get_db_prep_value(uid, connection)))


def by_signed_number(number: str) -> tuple[Certificate, str] | None:
    """The certificate of a number that stood in a signed code, and its holder's name."""
    return _with_holder(_by_number(number=number))


def _certificates() -> QuerySet[Certificate]:
    return Certificate.objects.order_by().annotate(holder=F("person__name"))


# The busiest public pages: writing these statements anew would cost a third of the whole answer.
_by_uid = Prepared(Certificate, lambda: _certificates().filter(uid=Slot("uid")))
_by_number = Prepared(Certificate, lambda: _certificates().filter(number=Slot("number")))


def _with_holder(found: list[Certificate]) -> tuple[Certificate, str] | None:
    return (found[0], str(found[0].__dict__["holder"])) if found else None


def qr_of(certificate: Certificate, base: str) -> str:
    """The QR code as an inline picture (data address); `base` is where the public reaches this installation."""
    address = (settings.PUBLIC_URL or base).rstrip("/") + link_of(certificate)
    return qr.data_address(address)
