"""What the house tests share: the rooms, their addresses, their files."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

PROJECT = Path(__file__).resolve().parent.parent
PACKAGE = PROJECT / "src" / "tongxing"
ROOMS = [name.removeprefix("tongxing.") for name in settings.INSTALLED_APPS if name.startswith("tongxing.") and name.count(".") == 1]


class Address(NamedTuple):
    """One URL pattern: its full name, its view, the names of its arguments."""

    name: str
    route: str
    view: object
    arguments: frozenset[str]


def addresses() -> list[Address]:
    return list(_walk(get_resolver(), "", (), frozenset()))


def _walk(resolver: URLResolver, route: str, spaces: tuple[str, ...], arguments: frozenset[str]) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        here, found = route + str(entry.pattern), arguments | frozenset(entry.pattern.converters)
        if isinstance(entry, URLResolver):
            space = (*spaces, entry.namespace) if entry.namespace else spaces
            yield from _walk(entry, here, space, found)
        elif isinstance(entry, URLPattern):
            yield Address(":".join((*spaces, entry.name or here)), here, entry.callback, found)


def is_public(view: object) -> bool:
    return bool(getattr(view, "tongxing_public", False))


def sources() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)


class Function(NamedTuple):
    name: str
    lines: int


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield Function(f"{path.relative_to(PACKAGE)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
