"""The link of a certificate's QR code: signed, so that it cannot be guessed, and the same for everybody who scans it."""

import segno
from django.conf import settings
from django.core import signing
from django.urls import reverse

from .models import Certificate

SALT = "tongxing.certificate"


def link_of(certificate: Certificate) -> str:
    """The path that the QR code opens; the page behind it shows the present status with the name masked."""
    return reverse("portal:verified", args=[signing.dumps(str(certificate.uid), salt=SALT)])


def by_token(token: str) -> Certificate | None:
    """The certificate of a signed link, or None when the link was not made here."""
    try:
        uid = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return Certificate.objects.select_related("person", "replaced_by").filter(uid=uid).first()


def qr_of(certificate: Certificate, base: str) -> str:
    """The QR code as an inline picture (data address); `base` is where the public reaches this installation."""
    address = (settings.PUBLIC_URL or base).rstrip("/") + link_of(certificate)
    return str(segno.make(address, error="m").svg_data_uri(scale=4, border=2))
