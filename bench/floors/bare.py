"""Certificate verification without any framework: one WSGI function, one query, one line of text."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench.case import Case

from .connecting import connect, fetch

SQL = """SELECT c.number, c.level, c.issued_on, c.body_name, c.status, p.name
FROM certificates_certificate c JOIN registry_person p ON p.id = c.person_id WHERE c.number = ?"""
case = Case(
    "postgresql" if os.environ.get("TONGXING_DATABASE_URL") else "sqlite",
    os.environ["TONGXING_DATA_DIR"],
    os.environ["TONGXING_DATABASE_URL"],
)
held: list[Any] = []


def application(environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], Any]) -> Iterable[bytes]:
    """`/bare/<number>`: the connection is made by the worker's first request."""
    if not held:
        held.append(connect(case))
    found = fetch(held[0], case, SQL, (Path(environ["PATH_INFO"]).name,))
    body = " ".join(map(str, found[0])).encode() if found else b""
    start_response(
        "200 OK" if found else "404 Not Found", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    )
    return [body]
