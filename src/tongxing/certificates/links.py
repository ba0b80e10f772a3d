"""The link of a certificate's QR code: signed, so that it cannot be guessed, and the same for everybody who scans it."""

from django.conf import settings
from django.core import signing
from django.db import connection
from django.urls import reverse

from tongxing.papers import qr
from tongxing.registry.models import Person

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
    return _one("uid", Certificate._meta.get_field("uid").get_db_prep_value(uid, connection))


def by_signed_number(number: str) -> tuple[Certificate, str] | None:
    """The certificate of a number that stood in a signed code, and its holder's name."""
    return _one("number", number)


def _one(column: str, value: str) -> tuple[Certificate, str] | None:
    # The busiest public pages: building this statement anew from the models would cost a third of the whole answer.
    table, holder = Certificate._meta.db_table, Person._meta.db_table
    statement = f"SELECT c.*, p.name AS holder FROM {table} c JOIN {holder} p ON p.id = c.person_id WHERE c.{column} = %s"  # noqa: S608 - names of models
    found = next(iter(Certificate.objects.raw(statement, [value])), None)
    return (found, str(found.__dict__["holder"])) if found else None


def qr_of(certificate: Certificate, base: str) -> str:
    """The QR code as an inline picture (data address); `base` is where the public reaches this installation."""
    address = (settings.PUBLIC_URL or base).rstrip("/") + link_of(certificate)
    return qr.data_address(address)
