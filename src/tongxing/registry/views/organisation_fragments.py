"""Fragments that the form asks for while somebody types: the size decision, likely doubles, the industry picker."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tongxing.core.access import requires
from tongxing.core.identifiers import clean_credit_code
from tongxing.core.values import clean_amount, clean_count
from tongxing.registry.industry import clean_industry, nearest, path_of
from tongxing.registry.organisation_doubles import likely_doubles
from tongxing.registry.size import STANDARD, SizeDecision, decide


def _count(raw: str) -> int | None:
    try:
        return clean_count(raw) if raw.strip() else None
    except ValidationError:
        return None


def _amount(raw: str) -> Decimal | None:
    try:
        return clean_amount(raw) if raw.strip() else None
    except ValidationError:
        return None


def _industry(raw: str) -> str:
    try:
        return clean_industry(raw)
    except ValidationError:
        return ""


def _decision(request: HttpRequest) -> SizeDecision:
    read = request.GET.get
    return decide(
        read("kind", ""),
        _industry(read("industry", "")),
        _count(read("employees", "")),
        _amount(read("revenue", "")),
        _amount(read("assets", "")),
    )


@requires("registry.edit")
@require_GET
def size_preview(request: HttpRequest) -> HttpResponse:
    """What the rule says of the figures typed so far."""
    return render(request, "registry/organisation_size_decision.html", {"decision": _decision(request), "standard": STANDARD})


@requires("registry.edit")
@require_GET
def doubles(request: HttpRequest) -> HttpResponse:
    """Organisations that are, or look like, the one being typed."""
    name, raw = request.GET.get("name", "")[:200], request.GET.get("credit_code", "")[:40]
    try:
        code = clean_credit_code(raw) if raw else ""
    except ValidationError:
        code = ""
    but = request.GET.get("but", "")
    found = likely_doubles(name, code, request.user, but=int(but) if but.isdecimal() and len(but) < 19 else None)
    return render(request, "registry/organisation_doubles.html", {"doubles": found})


@requires("registry.edit")
@require_GET
def industry_picker(request: HttpRequest) -> HttpResponse:
    """What was understood of the industry, proposals for the datalist, and the size decision that follows."""
    text = request.GET.get("industry", "")[:80]
    code = _industry(text)
    context = {"path": path_of(code), "code": code, "proposals": nearest(text), "text": text, "decision": _decision(request)}
    return render(request, "registry/organisation_industry.html", context | {"standard": STANDARD, "live": True})
