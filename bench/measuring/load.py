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

from .answers import Answer
from .figures import latencies

PER_USER = 100
OK = 200
# Whoever waits longer than this when the measurement ends counts as an error: nobody's answer time would say so.
PATIENCE = 5.0
LOOK = 1.0


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
    """Answer times in seconds by label, what was not answered with 200, and `whole` answers, those of the warm-up included."""

    taken: dict[str, list[float]] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    whole: int = 0
    seconds: float = 0.0

    def blame(self, what: str) -> None:
        self.errors[what] = self.errors.get(what, 0) + 1

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
        self.sent, self.began = 0, 0.0
        self.label, self.answer = "", Answer()
        self.socket = self.connect()

    def connect(self) -> socket.socket:
        address = next(_ADDRESSES) % 16_000_000 + 65_536
        made = socket.create_connection(
            ("127.0.0.1", self.port), timeout=30, source_address=(f"127.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}", 0)
        )
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.settimeout(None)
        return made

    def send(self, now: float) -> None:
        """Sends the next request, over a new connection when the old one was closed or has been used long enough."""
        if self.answer.closes or (self.sent and self.sent % PER_USER == 0):
            self.reconnect()
        request = next(self.requests)
        self.label, self.began, self.answer = request.label, now, Answer()
        try:
            self.socket.sendall(request.encoded())
        except ConnectionError:
            # Closed while nobody asked, as a server may: a browser opens another connection too.
            self.reconnect()
            self.socket.sendall(request.encoded())
        self.sent += 1

    def reconnect(self) -> None:
        old, self.socket = self.socket, self.connect()
        old.close()

    def receive(self) -> bool:
        """Takes what has come; True when the answer is whole. An answer that is cut off raises ConnectionError."""
        part = self.socket.recv(262_144)
        if part:
            return self.answer.take(part)
        if not self.answer.end():
            raise ConnectionError("closed before the answer was whole")
        return True


_ADDRESSES = count(1)


def fire(
    port: int,
    source: Callable[[int], Iterator[Request]],
    *,
    users: int,
    seconds: float,
    warm_up: float = 2.0,
    think: tuple[float, float] = (0, 0),
    until: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Let `users` ask for `seconds`, each pausing between answers for a time drawn from `think`; answers of the warm-up are not counted.

    Ends earlier when `until` says so, which is asked every `LOOK` seconds between answers: it must be quick.
    """
    random, selector, outcome = Random(3), selectors.DefaultSelector(), Outcome(seconds=seconds)
    crowd = [User(number, port, source(number)) for number in range(users)]
    start = time.perf_counter()
    waiting = [(start + random.uniform(0, think[1]), user) for user in crowd]
    count_from, ending = start + warm_up, _Ending(start + warm_up + seconds, until)
    while (now := time.perf_counter()) < (over := ending.at(now)):
        due = [entry for entry in waiting if entry[0] <= now]
        if due:
            waiting = [entry for entry in waiting if entry[0] > now]
            for _, user in due:
                _start(user, selector, now)
        pause = min((moment for moment, _ in waiting), default=over) - time.perf_counter()
        for key, _ in selector.select(max(0.0, min(pause, over - now, 0.05))):
            user = key.data
            if not _take(user, outcome, count_from):
                continue
            now = time.perf_counter()
            if think[1]:
                selector.unregister(user.socket)
                waiting.append((now + random.uniform(*think), user))
            else:
                _start(user, selector, now)
    over, idle = ending.at(now), {user.number for _, user in waiting}
    for user in crowd:
        if user.number not in idle and over - user.began > PATIENCE:
            outcome.blame(f"{user.label} unanswered after {PATIENCE} s")
        user.socket.close()
    return outcome


class _Ending:
    """When it is over: after a time, or when somebody says so, who is asked now and then."""

    def __init__(self, over: float, until: Callable[[], bool]) -> None:
        self.over, self.until, self.look_at = over, until, time.perf_counter() + LOOK

    def at(self, now: float) -> float:
        if self.look_at < now < self.over:
            if self.until():
                self.over = now
            self.look_at = time.perf_counter() + LOOK
        return self.over


def _start(user: User, selector: selectors.BaseSelector, now: float) -> None:
    """Send the next request and listen on whichever socket it went out."""
    old = user.socket
    user.send(now)
    held = selector.get_map()
    if user.socket is not old and any(key.fileobj is old for key in held.values()):
        selector.unregister(old)
    if user.socket.fileno() not in held:
        selector.register(user.socket, selectors.EVENT_READ, user)


def _take(user: User, outcome: Outcome, count_from: float) -> bool:
    """True when an answer came to its end, good or bad."""
    try:
        if not user.receive():
            return False
    except ConnectionError as error:
        outcome.blame(f"{user.label} {error}")
        user.answer.closes = True
        return True
    outcome.whole += 1
    if user.answer.status != OK:
        outcome.blame(f"{user.label} {user.answer.status}")
    elif time.perf_counter() >= count_from:
        outcome.taken.setdefault(user.label, []).append(time.perf_counter() - user.began)
    return True


def in_turn(requests: Sequence[Request]) -> Callable[[int], Iterator[Request]]:
    """Every user walks through the same requests, each from another place on."""
    step = max(1, len(requests) // 50)

    def source(number: int) -> Iterator[Request]:
        at = number * step
        while True:
            yield requests[at % len(requests)]
            at += 1

    return source
