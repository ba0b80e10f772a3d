"""Web processes share the work: one that has too much sends its clients to one that has nothing to do (config/gateway.py)."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tongxing.config.gateway import Crew, Gateway

THREADS = 2


class Answer(list[bytes]):
    def close(self) -> None:
        """As a response of Django has it."""


def answering(let_go: threading.Event) -> Callable[..., Answer]:
    def application(given: dict[str, Any], start: Callable[[str, list[tuple[str, str]]], object]) -> Answer:
        assert let_go.wait(30)
        start("200 OK", [("Content-Type", "text/plain")])
        return Answer([b"done"])

    return application


async def headers_of(gateway: Gateway) -> list[tuple[bytes, bytes]]:
    """The headers of one answer."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"method": "GET", "raw_path": b"/", "query_string": b"", "http_version": "1.1", "scheme": "http", "headers": []}
    await gateway(scope, receive, send)
    return list(sent[0]["headers"])


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[Callable[..., int]]:
    """Lets so many clients ask the first of two processes at once; how many of their connections are closed after the answer."""
    gateways: list[Gateway] = []

    def closed(clients: int, *, other_has: int, processes: int = 2) -> int:
        crew, let_go = Crew(processes), threading.Event()
        if processes > 1:
            crew.note(1, other_has)
        gateway = Gateway(answering(let_go), threads=THREADS, most_bytes=1_000, folder=tmp_path, crew=crew, number=0)
        gateways.append(gateway)

        async def ask() -> list[list[tuple[bytes, bytes]]]:
            asking = [asyncio.ensure_future(headers_of(gateway)) for _ in range(clients)]
            while gateway.in_hand < clients:
                await asyncio.sleep(0)
            assert crew.in_hand[0] == min(clients, 255)
            let_go.set()
            return await asyncio.gather(*asking)

        answers = asyncio.run(ask())
        assert crew.in_hand[0] == 0
        return sum((b"connection", b"close") in headers for headers in answers)

    yield closed
    for gateway in gateways:
        gateway.pool.shutdown()


def test_clients_go_to_a_process_that_is_free(crowd: Callable[..., int]) -> None:
    """All but those with whom nobody waits any more."""
    assert crowd(300, other_has=0) == 300 - THREADS - 1


def test_clients_stay_where_all_are_busy(crowd: Callable[..., int]) -> None:
    assert crowd(300, other_has=THREADS) == 0


def test_clients_stay_where_nobody_waits(crowd: Callable[..., int]) -> None:
    assert crowd(THREADS, other_has=0) == 0


def test_clients_stay_with_the_only_process(crowd: Callable[..., int]) -> None:
    assert crowd(300, other_has=0, processes=1) == 0
