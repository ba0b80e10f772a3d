"""What commands print: JSON for machines, aligned lines for people, a progress bar on a terminal only."""

import json
import os
import sys
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import click

from tongxing.core.errors import Refused


def as_json(value: Any) -> None:
    """One line of JSON. What is neither plain nor a mapping but can be walked becomes an array, written as it is walked."""
    for part in _parts(value):
        click.echo(part, nl=False)
    click.echo()


def _parts(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and any(_is_long(held) for held in value.values()):
        for number, (key, held) in enumerate(value.items()):
            yield f"{', ' if number else '{'}{json.dumps(key, ensure_ascii=False)}: "
            yield from _parts(held)
        yield "}"
    elif _is_long(value):
        yield "["
        for number, held in enumerate(value):
            yield (", " if number else "") + json.dumps(held, ensure_ascii=False, default=_plain)
        yield "]"
    else:
        yield json.dumps(value, ensure_ascii=False, default=_plain)


def _is_long(value: Any) -> bool:
    """A collection of our own that lies on disk: more than anybody would hold as a list."""
    return isinstance(value, Collection) and not isinstance(value, str | list | tuple | dict | set | frozenset | bytes)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    lines = [list(headings), *[["" if cell is None else str(cell) for cell in row] for row in rows]]
    widths = [max(width(line[column]) for line in lines) for column in range(len(headings))]
    for line in lines:
        click.echo("  ".join(cell + " " * (size - width(cell)) for cell, size in zip(line, widths, strict=True)).rstrip())


def secret(variable: str, question: str, *, confirm: bool) -> str:
    """A password from the environment, else asked on the terminal; refuses where there is neither."""
    given = os.environ.get(variable)
    if given:
        return given
    if not sys.stdin.isatty():
        raise Refused(f"没有终端可以询问{question}。请用环境变量 {variable} 给出。", code="no_terminal")
    return str(click.prompt(question, hide_input=True, confirmation_prompt="再输一遍" if confirm else False))


@contextmanager
def progress(label: str) -> Iterator[Callable[..., None]]:
    """Yield `tell(done, total=None)`; on a terminal a bar (a running number while the total is unknown), elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr, show_eta=False, item_show_func=lambda done: done) as bar:

        def tell(done: int, total: int | None = None) -> None:
            bar.length = max(total or done + 1, 1)
            bar.update(done - bar.pos, str(done) if total is None else None)

        yield tell
