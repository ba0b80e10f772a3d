"""Answers with a length, in chunks and to the end of the connection, cut at every place; and a server that gives all of them."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from bench.measuring.answers import Answer
from bench.measuring.load import Request, fire, in_turn

LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;name=x\r\n\r\n\r\n\r\n\r\n0\r\n\r\n"
TRAILERS = b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"
NO_BODY = b"HTTP/1.1 304 Not Modified\r\n\r\n"
TO_THE_END = b"HTTP/1.1 200 OK\r\nX: y\r\n\r\nhello"


@pytest.mark.parametrize("whole", [LENGTH, CHUNKS, TRAILERS, NO_BODY])
def test_an_answer_is_whole_with_its_last_byte(whole: bytes) -> None:
    for cut in range(1, len(whole)):
        answer = Answer()
        assert not answer.take(whole[:cut]), whole[:cut]
        assert answer.take(whole[cut:])
        assert not answer.closes
    answer = Answer()
    assert [answer.take(bytes([byte])) for byte in whole] == [False] * (len(whole) - 1) + [True]
    assert bytes(answer.bytes) == whole


def test_an_answer_without_length_ends_with_the_connection() -> None:
    answer = Answer()
    assert not answer.take(TO_THE_END)
    assert answer.end()
    assert (answer.status, answer.closes) == (200, True)


@pytest.mark.parametrize("cut_off", [b"", b"HTTP/1.1 200", LENGTH[:-1], CHUNKS[:-1], TRAILERS[:-3]])
def test_an_answer_that_is_cut_off_is_no_answer(cut_off: bytes) -> None:
    answer = Answer()
    answer.take(cut_off)
    assert not answer.end()


def test_a_server_that_closes_says_so() -> None:
    answer = Answer()
    assert answer.take(LENGTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
    assert answer.closes


@pytest.fixture
def port() -> Iterator[int]:
    """Answers in four ways by path: /length, /chunks, /end (and closes), /cut (closes too early); /never does not answer."""
    listening = socket.create_server(("127.0.0.1", 0))
    ways = {b"/length": LENGTH, b"/chunks": CHUNKS, b"/end": TO_THE_END, b"/cut": LENGTH[:-2], b"/never": b""}

    def serve(connection: socket.socket) -> None:
        with connection, suppress(ConnectionError):  # a client whose time is up hangs up
            while asked := connection.recv(4_096):
                path = asked.split(b" ")[1]
                connection.sendall(ways[path])
                if path in {b"/end", b"/cut"}:
                    return

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()


@pytest.mark.parametrize("think", [(0.0, 0.0), (0.001, 0.002)])
def test_the_load_client_takes_every_kind_of_answer(port: int, think: tuple[float, float]) -> None:
    requests = [Request(name, f"/{name}") for name in ("length", "chunks", "end")]
    facts = fire(port, in_turn(requests), users=6, seconds=0.4, warm_up=0.0, think=think).facts()
    assert facts["errors"] == {}
    assert facts["by_label"].keys() == {"length", "chunks", "end"}  # type: ignore[attr-defined]


def test_what_is_cut_off_or_never_answered_is_an_error(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.measuring.load.PATIENCE", 0.1)
    requests = [Request("cut", "/cut"), Request("never", "/never")]
    facts = fire(port, in_turn(requests), users=2, seconds=0.4, warm_up=0.0).facts()
    assert facts["errors"] == {"cut closed before the answer was whole": 1, "never unanswered after 0.1 s": 2}
