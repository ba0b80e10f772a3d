"""Whether a JSON document has the shape of a W3C Verifiable Credential 2.0, before anything in it is believed.

What only a full JSON-LD processor could tell (whether a type is defined by some context) is not judged: a foreign context is never fetched.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from .issuer import CONTEXT

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
LANGUAGE_VALUE = {"@value", "@language", "@direction"}
# Members whose values must say what they are; whether they must also be identified.
TYPED = {
    "credentialStatus": False,
    "credentialSchema": True,
    "termsOfUse": False,
    "evidence": False,
    "refreshService": False,
    "proof": False,
}


def problems(document: Any) -> list[str]:
    """What is wrong, as names of members; empty for a credential (VC Data Model 2.0 §4)."""
    if not isinstance(document, dict):
        return ["document"]
    return list(_problems(document))


def _problems(document: dict[str, Any]) -> Iterator[str]:
    contexts = _listed(document.get("@context"))
    if contexts[:1] != [CONTEXT] or not all(isinstance(one, dict) or _is_url(one) for one in contexts):
        yield "@context"
    if "VerifiableCredential" not in _types(document):
        yield "type"
    if not _is_identified(document.get("issuer")) or not _are_words(document.get("issuer")):
        yield "issuer"
    if "id" in document and not _is_url(document["id"]):
        yield "id"
    if not _are_words(document):
        yield "name"
    subjects = _listed(document.get("credentialSubject"))
    if not subjects or not all(isinstance(one, dict) and one and ("id" not in one or _is_url(one["id"])) for one in subjects):
        yield "credentialSubject"
    yield from _of_time(document)
    for member, identified in TYPED.items():
        for one in _listed(document.get(member)):
            if not isinstance(one, dict) or not _types(one) or (not _is_url(one.get("id")) if identified or "id" in one else False):
                yield member


def _types(holder: dict[str, Any]) -> list[str]:
    """The types, none when one of them is no text."""
    found = _listed(holder.get("type"))
    return found if all(isinstance(one, str) for one in found) else []


def _of_time(document: dict[str, Any]) -> Iterator[str]:
    moments = {}
    for member in ("validFrom", "validUntil"):
        if member in document:
            try:
                moments[member] = _instant(document[member])
            except ValueError:
                yield member
    if len(moments) == 2 and moments["validUntil"] < moments["validFrom"]:
        yield "validUntil"


def _instant(text: Any) -> float:
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        raise ValueError("no xsd:dateTimeStamp")
    return datetime.fromisoformat(text).timestamp()


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and bool(urlsplit(value).scheme) and not any(letter.isspace() for letter in value)


def _is_identified(value: Any) -> bool:
    return _is_url(value.get("id")) if isinstance(value, dict) else _is_url(value)


def _are_words(holder: Any) -> bool:
    """Whether name and description are text, or text with its language and direction (§11.1)."""
    found = [one for member in ("name", "description") if isinstance(holder, dict) for one in _listed(holder.get(member))]
    return all(isinstance(one, str) or (isinstance(one, dict) and "@value" in one and one.keys() <= LANGUAGE_VALUE) for one in found)
