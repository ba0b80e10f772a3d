"""One search over the whole house: pages, organisations, people, certificates, in that order of speed and then of likelihood."""

import re
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest

from tongxing.accounts.requests import user_of
from tongxing.certificates.models import Certificate
from tongxing.core.identifiers import squeeze
from tongxing.registry.search import find

from .navigation import ENTRIES, address

LEAST = 2
TITLES = {"page": "页面", "organisation": "单位", "person": "人员", "certificate": "证书"}
_NUMBER = re.compile(r"[A-Z]?[0-9A-Z]{5,23}")


@dataclass(frozen=True)
class Found:
    kind: str
    title: str
    subtitle: str
    url: str


def find_all(text: str, request: HttpRequest, *, limit: int) -> list[tuple[str, list[Found]]]:
    """What `text` finds, under headings. Names from two characters, initials, ID numbers, credit codes, certificate numbers."""
    text = text.strip()
    if len(text) < LEAST:
        return []
    found = [*_pages(text, request), *_registered(text, request, limit), *_certificates(text, request, limit)]
    return [(TITLES[kind], list(rows)) for kind, rows in groupby(found, key=lambda one: one.kind)]


def _pages(text: str, request: HttpRequest) -> list[Found]:
    rows = [
        Found("page", entry.label, entry.group if entry.group != entry.label else "", address(entry.name))
        for entry in ENTRIES
        if text in entry.label and user_of(request).may(entry.permission)
    ]
    return [row for row in rows if row.url][:3]


def _registered(text: str, request: HttpRequest, limit: int) -> list[Found]:
    hits = find(text, user_of(request), limit=limit)
    rows = [Found(hit.kind, hit.title, hit.subtitle, hit.url) for hit in hits if hit.kind in TITLES]
    return sorted(rows, key=lambda row: row.kind)


def _certificates(text: str, request: HttpRequest, limit: int) -> list[Found]:
    number = squeeze(text)
    if not _NUMBER.fullmatch(number):
        return []
    rows = Certificate.objects.visible_to(user_of(request)).filter(number__startswith=number).select_related("person").order_by("number")
    page = "certificates:certificate"
    return [
        Found(
            "certificate", row.number, f"{row.person.name} · {row.get_level_display()} · {row.get_status_display()}", address(page, row.uid)
        )
        for row in rows[:limit]
    ]
