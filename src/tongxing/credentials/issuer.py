"""Who signs, as the world finds it: the address of this installation, its `did:web` and the document behind it."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.http import HttpRequest

from tongxing.core.errors import Refused

from .encodings import multikey

CONTEXT = "https://www.w3.org/ns/credentials/v2"


def base_of(request: HttpRequest) -> str:
    """Where the public reaches this installation. What is signed names it for ever: in production it must be set, not guessed."""
    origins = [origin for origin in settings.CSRF_TRUSTED_ORIGINS if "*" not in origin]
    if settings.PUBLIC_URL or origins:
        return str(settings.PUBLIC_URL or origins[0]).rstrip("/")
    if settings.PRODUCTION:
        raise Refused("还没有设置公开网址（TONGXING_PUBLIC_URL），签出的凭证别人无法核验。请系统管理员设置后再试。", code="no_public_url")
    return request.build_absolute_uri("/").rstrip("/")


def did_of(base: str) -> str:
    """did:web:host (did:web method specification): the document stands at /.well-known/did.json, or under the path."""
    parts = urlsplit(base)
    return ":".join(["did:web", quote(parts.netloc, safe=""), *(quote(step, safe="") for step in parts.path.split("/") if step)])


def did_document(base: str, keys: dict[str, bytes]) -> dict[str, Any]:
    """The keys that may sign for this installation, as Multikeys (W3C Controlled Identifiers)."""
    did = did_of(base)
    methods = [
        {"id": f"{did}#{kid}", "type": "Multikey", "controller": did, "publicKeyMultibase": multikey(public)}
        for kid, public in keys.items()
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def moment(at: datetime) -> str:
    """An instant as xsd:dateTimeStamp, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
