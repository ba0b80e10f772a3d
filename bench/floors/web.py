"""Requests a second of the bare function and of the minimal Django project."""

from typing import Any

from bench.case import Case
from bench.measuring import servers
from bench.measuring.load import Request, fire, in_turn
from bench.ours import web

MINIMAL = "bench.floors.minimal.wsgi:application"


def verify_bare(case: Case) -> dict[str, Any]:
    requests = [Request("verify", f"/bare/{number}") for number in web.certificate_numbers()]
    return _fired(servers.wsgi("bench.floors.bare:application", port := servers.free_port()), port, requests, case)


def verify_minimal(case: Case) -> dict[str, Any]:
    return _fired(servers.wsgi(MINIMAL, port := servers.free_port()), port, web.verification_links(), case)


def list_minimal(case: Case) -> dict[str, Any]:
    return _fired(servers.wsgi(MINIMAL, port := servers.free_port()), port, web.list_requests(), case)


def _fired(command: list[str], port: int, requests: list[Request], case: Case) -> dict[str, Any]:
    with servers.serving(command, port):
        return web.answer(fire(port, in_turn(requests), users=web.CONNECTIONS, seconds=case.facts["seconds"]))
