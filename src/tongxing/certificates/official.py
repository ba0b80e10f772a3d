"""The official look-up sites (facts §2), as policy says today. Public pages ask at every request, so a process asks policy once a minute."""

from typing import NamedTuple

from django.core.cache import caches

from tongxing.policy import provisions

KEPT_SECONDS = 60


class Sites(NamedTuple):
    """Where certificates and assessment bodies are looked up nationally, what such an address ends with, and on what ground we say so."""

    certificates: list[str]
    bodies: list[str]
    domain: str
    source: str
    confirmed: bool


def sites() -> Sites:
    own = caches["process"]
    found: Sites | None = own.get("certificates.official")
    if found is None:
        found = _read()
        own.set("certificates.official", found, timeout=KEPT_SECONDS)
    return found


def _read() -> Sites:
    listed = provisions.provision("certificates.official_sites")
    bodies, domain = provisions.value("certificates.official_body_sites"), provisions.value("certificates.official_domain")
    return Sites(listed.value.split(), bodies.split(), domain, listed.source, listed.confirmed)
