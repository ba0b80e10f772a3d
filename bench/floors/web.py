"""Requests a second of the bare function and of the minimal Django project."""

from typing import Any

from bench.case import Case
from bench.measuring import servers
from bench.measuring.load import Request
from bench.ours import web

MINIMAL = "bench.floors.minimal.wsgi:application"


def verify_bare(case: Case) -> dict[str, Any]:
    requests = [Request("verify", f"/bare/{number}") for number in web.certificate_numbers()]
    return web.per_second(case, servers.wsgi("bench.floors.bare:application", port := servers.free_port()), port, requests)


def verify_minimal(case: Case) -> dict[str, Any]:
    return web.per_second(case, servers.wsgi(MINIMAL, port := servers.free_port()), port, web.verification_links())


def list_minimal(case: Case) -> dict[str, Any]:
    return web.per_second(case, servers.wsgi(MINIMAL, port := servers.free_port()), port, web.list_requests())
