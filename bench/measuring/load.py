"""A small load client of our own: keep-alive connections driven by one epoll loop, the same for floors and ours.

Each connection stands for one user: it has a loopback address of its own (127.x.y.z), because the public pages count requests by address,
and takes another one after `PER_USER` requests. So nothing of the product is switched off while it is measured.
"""

import selectors
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import NamedTuple

from .figures import latencies

PER_USER = 100
OK = b"HTTP/1.1 200"


class Request(NamedTuple):
    """`label` groups answer times; `cookie` is the session of whoever asks."""

    label: str
    path: str
    cookie: str = ""

    def encoded(self) -> bytes:
        cookie = f"Cookie: {self.cookie}\r\n" if self.cookie else ""
        return f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\n{cookie}\r\n".encode()


@dataclass
class Outcome:
    """Answer times in seconds by label, and what was not answered with 200."""

    taken: dict[str, list[float]] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def answers(self) -> int:
        return sum(map(len, self.taken.values()))

    def facts(self) -> dict[str, object]:
        everything = [seconds for series in self.taken.values() for seconds in series] or [0.0]
        by_label = {label: latencies(series) | {"answers": len(series)} for label, series in self.taken.items()}
        return {"per_second": self.answers / self.seconds, **latencies(everything), "errors": self.errors, "by_label": by_label}


class User:
    """One connection: sends, waits for the whole answer, notes the time, thinks, sends again."""

    def __init__(self, number: int, port: int, requests: Iterator[Request]) -> None:
        self.number, self.port, self.requests = number, port, requests
        self.sent, self.began, self.due = 0, 0.0, 0.0
        self.label, self.answer, self.wanted = "", bytearray(), -1
        self.socket = self.connect()

    def connect(self) -> socket.socket:
        address = next(_ADDRESSES) % 16_000_000 + 65_536
        made = socket.create_connection(
            ("127.0.0.1", self.port), timeout=30, source_address=(f"127.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}", 0)
        )
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.settimeout(None)
        return made

    def send(self, now: float) -> bool:
        """Sends the next request; True when a new connection had to be made for it."""
        fresh = bool(self.sent) and self.sent % PER_USER == 0
        if fresh:
            self.socket = self.connect()
        request = next(self.requests)
        self.label, self.began, self.wanted = request.label, now, -1
        self.answer.clear()
        self.socket.sendall(request.encoded())
        self.sent += 1
        return fresh

    def receive(self) -> bool:
        """Takes what has come; True when the answer is whole. An answer that is cut off raises ConnectionError."""
        part = self.socket.recv(262_144)
        if not part:
            raise ConnectionError("closed before the answer was whole")
        self.answer += part
        if self.wanted < 0:
            end = self.answer.find(b"\r\n\r\n")
            if end < 0:
                return False
            self.wanted = end + 4 + _length(bytes(self.answer[:end]))
        return len(self.answer) >= self.wanted


_ADDRESSES = count(1)


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    raise ConnectionError("an answer without content-length: " + head.split(b"\r\n")[0].decode())


def fire(
    port: int,
    source: Callable[[int], Iterator[Request]],
    *,
    users: int,
    seconds: float,
    warm_up: float = 2.0,
    think: tuple[float, float] = (0, 0),
) -> Outcome:
    """Let `users` ask for `seconds`, each pausing between answers for a time drawn from `think`; answers of the warm-up are not counted."""
    random, selector, outcome = Random(3), selectors.DefaultSelector(), Outcome(seconds=seconds)
    crowd = [User(number, port, source(number)) for number in range(users)]
    start = time.perf_counter()
    waiting = [(start + random.uniform(0, think[1]), user) for user in crowd]
    count_from, over = start + warm_up, start + warm_up + seconds
    while (now := time.perf_counter()) < over:
        due = [entry for entry in waiting if entry[0] <= now]
        if due:
            waiting = [entry for entry in waiting if entry[0] > now]
            for _, user in due:
                _start(user, selector, now)
        pause = min((moment for moment, _ in waiting), default=over) - time.perf_counter()
        for key, _ in selector.select(max(0.0, min(pause, over - now, 0.05))):
            if _take(key.data, selector, outcome, count_from):
                user, now = key.data, time.perf_counter()
                if think[1]:
                    selector.unregister(user.socket)
                    waiting.append((now + random.uniform(*think), user))
                else:
                    _start(user, selector, now)
    for user in crowd:
        user.socket.close()
    return outcome


def _start(user: User, selector: selectors.BaseSelector, now: float) -> None:
    old = user.socket
    fresh = user.send(now)
    if fresh:
        if old.fileno() in selector.get_map():
            selector.unregister(old)
        old.close()
    if user.socket.fileno() not in selector.get_map():
        selector.register(user.socket, selectors.EVENT_READ, user)


def _take(user: User, selector: selectors.BaseSelector, outcome: Outcome, count_from: float) -> bool:
    """True when an answer came to its end."""
    try:
        if not user.receive():
            return False
    except ConnectionError as error:
        outcome.errors[str(error)] = outcome.errors.get(str(error), 0) + 1
        selector.unregister(user.socket)
        user.socket.close()
        user.socket, user.sent = user.connect(), 0
        selector.register(user.socket, selectors.EVENT_READ, user)
        return True
    if time.perf_counter() >= count_from:
        if user.answer.startswith(OK):
            outcome.taken.setdefault(user.label, []).append(time.perf_counter() - user.began)
        else:
            status = f"{user.label} {user.answer[9:12].decode()}"
            outcome.errors[status] = outcome.errors.get(status, 0) + 1
    return True


def in_turn(requests: Sequence[Request]) -> Callable[[int], Iterator[Request]]:
    """Every user walks through the same requests, each from another place on."""

    def source(number: int) -> Iterator[Request]:
        at = number * 37
        while True:
            yield requests[at % len(requests)]
            at += 1

    return source
