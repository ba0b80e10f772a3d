"""Between granian and Django: a request is taken in whole before a thread works on it, and an answer leaves as fast as its reader reads.

Django works in threads, and there are few of them. A client that sends its form a byte at a time, or reads a large file slowly, is waited for
in the event loop and holds none (tests/test_slow_clients.py).

A kept connection stays with the process that happened to take it, and nothing spreads connections evenly: one process may hold all of them
while another has nothing to do. So the processes tell each other how much they have in hand, and one in which requests wait, while another has
a thread to spare, closes the connection after its answer; the client opens the next one, and whoever is free takes it (tests/test_sharing.py).
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from mmap import mmap
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import unquote_to_bytes

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Header = tuple[bytes, bytes]

SILENCE_SECONDS = 30
"""A body may pause this long, and from then on must have come at `LEAST_RATE` bytes a second on average: a bad mobile line does."""
LEAST_RATE = 500
IN_MEMORY_BYTES = 1024 * 1024
CHUNK_BYTES = 256 * 1024


class Cut(Exception):
    """The request did not arrive whole; `status` is what is answered, 0 when nobody is left to answer."""

    def __init__(self, status: int, text: str = "") -> None:
        super().__init__(text)
        self.status, self.text = status, text


class Crew:
    """How many requests each web process has in hand; memory that all of them see. A figure may be old by a moment, as it only advises."""

    def __init__(self, processes: int) -> None:
        self.in_hand = mmap(-1, processes)

    def note(self, process: int, requests: int) -> None:
        self.in_hand[process] = min(requests, 255)

    def least_of_others(self, process: int) -> int:
        return min((requests for other, requests in enumerate(self.in_hand[:]) if other != process), default=255)


class Gateway:
    """An ASGI application around a WSGI one (PEP 3333) that answers with Django's response objects.

    `threads` work at the same time; a body of more than `most_bytes` is refused; larger ones lie, without a name, in `folder`. This is the
    process `number` of `crew`.
    """

    def __init__(
        self, application: Callable[..., Any], *, threads: int, most_bytes: int, folder: Path, crew: Crew | None = None, number: int = 0
    ) -> None:
        self.application, self.most_bytes, self.folder = application, most_bytes, folder
        self.threads, self.crew, self.number, self.in_hand = threads, crew or Crew(1), number, 0
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="page")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        headers = joined(scope["headers"])
        try:
            with await self.taken_in(headers, receive) as body, self.at_work():
                status, sent, content = await loop.run_in_executor(self.pool, self.answered, environ(scope, headers, body))
        except Cut as cut:
            if cut.status:
                await refuse(cut, send)
            return
        if self.better_elsewhere():
            sent.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": status, "headers": sent})
        if isinstance(content, bytes):
            await send({"type": "http.response.body", "body": content, "more_body": False})
        else:
            await self.stream(content, receive, send)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Count a request as in hand; only the event loop counts, so no lock is needed."""
        self.in_hand += 1
        self.crew.note(self.number, self.in_hand)
        try:
            yield
        finally:
            self.in_hand -= 1
            self.crew.note(self.number, self.in_hand)

    def better_elsewhere(self) -> bool:
        """Whether requests wait here while another process has a thread to spare."""
        return self.in_hand > self.threads and self.crew.least_of_others(self.number) < self.threads

    async def taken_in(self, headers: dict[bytes, bytes], receive: Receive) -> IO[bytes]:
        """The whole body, at its beginning; raises `Cut` when it is too long, comes too slowly, or stops."""
        body: IO[bytes] = SpooledTemporaryFile(IN_MEMORY_BYTES, dir=str(self.folder))  # noqa: SIM115 - the caller closes it
        if b"content-length" not in headers and b"transfer-encoding" not in headers:
            return body
        try:
            await self._fill(body, headers, receive)
        except BaseException:
            body.close()
            raise
        body.seek(0)
        return body

    async def _fill(self, body: IO[bytes], headers: dict[bytes, bytes], receive: Receive) -> None:
        wanted = headers.get(b"content-length", b"0")
        size, more, now = 0, wanted != b"0" or b"transfer-encoding" in headers, asyncio.get_running_loop().time
        began = now()
        while more:
            if max(size, int(wanted)) > self.most_bytes:
                raise Cut(413, "上传的内容太大。请拆分后再传。")
            patience = min(SILENCE_SECONDS, began + SILENCE_SECONDS + size / LEAST_RATE - now())
            try:
                message = await asyncio.wait_for(receive(), patience)
            except TimeoutError:
                raise Cut(408, "网络太慢，请求没有收完。请重试。") from None
            if message["type"] == "http.disconnect":
                raise Cut(0)
            size += body.write(message.get("body", b""))
            more = message.get("more_body", False)

    def answered(self, given: dict[str, Any]) -> tuple[int, list[Header], Any]:
        """Runs in a thread of the pool: status, headers, and the content, which is bytes or, when it streams, the response."""
        begun: list[Any] = []
        response = self.application(given, lambda status, headers: begun.extend((status, headers)))
        sent = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in begun[1]]
        if getattr(response, "streaming", False):
            return int(begun[0][:3]), sent, response
        try:
            return int(begun[0][:3]), sent, b"".join(response)
        finally:
            response.close()

    async def stream(self, response: Any, receive: Receive, send: Send) -> None:
        """Pieces of a file, each read in a thread and sent before the next is read; stops when the reader is gone."""
        loop, pieces = asyncio.get_running_loop(), iter(response)
        gone = asyncio.ensure_future(hung_up(receive))
        try:
            while not gone.done() and (piece := await loop.run_in_executor(self.pool, _several, pieces)):
                sending = asyncio.ensure_future(send({"type": "http.response.body", "body": piece, "more_body": True}))
                await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not gone.done():
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()
            await loop.run_in_executor(self.pool, response.close)


async def hung_up(receive: Receive) -> None:
    """Returns when the reader is gone. A request without a body still has an empty piece of one to tell of."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _several(pieces: Iterable[bytes]) -> bytes:
    """Small pieces together, up to CHUNK_BYTES; nothing at the end."""
    found = bytearray()
    with suppress(StopIteration):
        while len(found) < CHUNK_BYTES:
            found += next(pieces)  # type: ignore[call-overload]
    return bytes(found)


def joined(headers: Iterable[Header]) -> dict[bytes, bytes]:
    """One value per header. Names with an underscore are dropped: in a WSGI environment they would pass for those with a hyphen."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if b"_" in name:
            continue
        parting = b"; " if name == b"cookie" else b","
        found[name] = found[name] + parting + value if name in found else value
    return found


def environ(scope: Scope, headers: dict[bytes, bytes], body: IO[bytes]) -> dict[str, Any]:
    """The WSGI environment of an ASGI request whose body has come."""
    server, client = scope.get("server") or ("", 0), scope.get("client") or ("", 0)
    found = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"].partition(b"?")[0]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": str(client[0]),
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        key = name.decode("latin-1").upper().replace("-", "_")
        found[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value.decode("latin-1")
    if "HTTP_TRANSFER_ENCODING" in found:
        found["CONTENT_LENGTH"] = str(body.seek(0, 2))
        body.seek(0)
    return found


async def refuse(cut: Cut, send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": cut.status, "headers": headers})
    await send({"type": "http.response.body", "body": cut.text.encode(), "more_body": False})
