"""Searching by a personal number without writing it into an address: the number travels as a sealed token (`?q=~…`).

Pages ask `query_text` for what was typed. A script fetches the token before it sends a search; where no script runs, the first answer
leads to the address with the token, so that neither history, links, saved views nor exports ever hold the number.
"""

import re

from django.http import HttpRequest

from .identifiers import squeeze
from .vault import VaultError, masked_within, seal, unseal

MARK = "~"
CONTEXT = "core|query"
LONGEST = 60
_DOCUMENT = re.compile(r"[A-Z]{1,2}\d{7,10}", re.ASCII)


def is_personal(text: str) -> bool:
    """Whether a search text holds a resident ID or mobile number, or is the number of a passport or permit."""
    number = squeeze(text)
    return masked_within(number) != number or bool(_DOCUMENT.fullmatch(number))


def sealed_query(text: str) -> str:
    """The text as it may stand in an address; anything but a personal number stays as it is."""
    return MARK + seal(text.strip()[:LONGEST], CONTEXT) if is_personal(text) else text


def query_text(request: HttpRequest, key: str = "q") -> str:
    """What was typed into the search field of this request; a token that does not open searches for nothing."""
    text = request.GET.get(key, "").strip()
    if not text.startswith(MARK):
        return text
    try:
        return unseal(text.removeprefix(MARK), CONTEXT)
    except VaultError:
        return ""
