"""Public verification of a paper: by its number, or by comparing the hash of a file. No name of a person is shown."""

import hashlib
import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.utils import timezone

from .models import Copy, Paper

_NUMBER = re.compile(r"(?:同行)?[-－—]?(\d{4})[-－—](\d{1,6})")


class Proof(NamedTuple):
    """What anybody may know of a paper. `agrees`: None when there was nothing to compare."""

    number: str
    title: str
    day: date
    digest: str
    agrees: bool | None


def _proof(paper: Paper, agrees: bool | None) -> Proof:
    return Proof(paper.number, paper.title, timezone.localtime(paper.made_at).date(), paper.digest, agrees)


def by_number(number: str, printed: str = "") -> Proof | None:
    """The paper of a number; `printed` are the first letters of the digest that stands on it (at least eight, to count)."""
    match = _NUMBER.fullmatch("".join(number.split()))
    if match is None:
        return None
    paper = Paper.objects.defer("content").filter(number=f"同行-{match[1]}-{int(match[2]):06d}").first()
    if paper is None:
        return None
    letters = "".join(printed.split()).lower()
    return _proof(paper, None if not letters else len(letters) >= 8 and paper.digest.startswith(letters))


def by_file(chunks: Iterable[bytes]) -> Proof | None:
    """The paper that a file is an unchanged copy of."""
    seen = hashlib.sha256()
    for chunk in chunks:
        seen.update(chunk)
    copy = Copy.objects.select_related("paper").defer("paper__content").filter(sha256=seen.hexdigest()).first()
    return _proof(copy.paper, True) if copy else None
