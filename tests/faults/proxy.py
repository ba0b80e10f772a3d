"""A TCP proxy between the house and PostgreSQL that passes, stalls, slows, drops or refuses, as a bad network does."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CHUNK = 16 * 1024


class Proxy:
    """Listens on `port` and leads to `target`; the methods are called from the thread of the test."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self._delay = 0.0
        self._bytes_per_second = 0
        self._stalled = False
        self._open: set[asyncio.StreamWriter] = set()
        self._flows: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._do(self._listen())

    def stop(self) -> None:
        self.cut()
        self._do(self._cancel())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        """Reset every connection and refuse new ones."""
        self._do(self._close(reset=True))

    def drop(self) -> None:
        """Reset every connection; new ones are taken."""
        self._do(self._close(reset=True))
        self._do(self._listen())

    def stall(self) -> None:
        """Take connections and bytes, and hand on none of them."""
        self._stalled = True

    def slow(self, *, delay: float, bytes_per_second: int) -> None:
        """Each way `delay` seconds late, and no faster than so many bytes."""
        self._delay, self._bytes_per_second = delay, bytes_per_second

    def mend(self) -> None:
        """Everything as it should be again."""
        self._stalled, self._delay, self._bytes_per_second = False, 0.0, 0
        self._do(self._listen())

    def _do(self, work: "asyncio.Future[None] | object") -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(20)  # type: ignore[arg-type]

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self, *, reset: bool) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._open):
            if reset:
                # Closing with no time to linger sends RST, not FIN.
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            writer.transport.abort()
        self._open.clear()

    async def _cancel(self) -> None:
        for flow in list(self._flows):
            flow.cancel()
        await asyncio.gather(*self._flows, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            on_reader, on_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, on_writer}
        for source, sink in ((reader, on_writer), (on_reader, writer)):
            flow = asyncio.ensure_future(self._flow(source, sink))
            self._flows.add(flow)
            flow.add_done_callback(self._flows.discard)

    async def _flow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                while self._stalled:
                    await asyncio.sleep(0.02)
                if self._bytes_per_second:
                    await asyncio.sleep(self._delay + len(data) / self._bytes_per_second)
                writer.write(data)
                await writer.drain()
        self._open.discard(writer)
        with suppress(OSError):
            writer.close()


@contextmanager
def proxy(target: int) -> Iterator[Proxy]:
    one = Proxy(target)
    one.start()
    try:
        yield one
    finally:
        one.stop()
