"""Two web processes on one data folder, and a small browser without pages, for tests of what processes must share."""

import http.cookiejar
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from browsing import free_port
from command_line import environment

START_SECONDS = 60


class Reply(NamedTuple):
    status: int
    text: str
    url: str


class Visitor:
    """Keeps cookies; sends forms with their token."""

    def __init__(self, address: str, **headers: str) -> None:
        self.address = address
        self.headers = headers
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> Reply:
        return self._ask(urllib.request.Request(self.address + path, headers=self.headers))

    def post(self, path: str, page: str = "", **fields: str) -> Reply:
        """Send `fields` to `path` with the token of `page` (where it differs)."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(page or path).text)
        data = urlencode({**fields, "csrfmiddlewaretoken": token[1] if token else ""}).encode()
        return self._ask(urllib.request.Request(self.address + path, data=data, headers={"Referer": self.address + path, **self.headers}))

    def _ask(self, request: urllib.request.Request) -> Reply:
        try:
            with self.opener.open(request, timeout=60) as answer:
                return Reply(answer.status, answer.read().decode(), answer.url)
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, error.read().decode(), request.full_url)


@contextmanager
def web(data: Path, *options: str, **more: str) -> Iterator[str]:
    """`tongxing web` without a supervisor or a worker; yields its address."""
    port = free_port()
    with (data.parent / f"web-{port}.log").open("w") as log:
        command = [sys.executable, "-m", "tongxing", "web", "--port", str(port), *options]
        server = subprocess.Popen(command, env=environment(data, **more), stdout=log, stderr=log)
        address = f"http://127.0.0.1:{port}"
        try:
            deadline = time.monotonic() + START_SECONDS
            while not _answers(address):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(Path(log.name).read_text())
                time.sleep(0.2)
            yield address
        finally:
            server.terminate()
            server.wait(40)


def _answers(address: str) -> bool:
    try:
        return Visitor(address).get("/account/login/").status == 200
    except OSError:
        return False


@contextmanager
def two(data: Path, **more: str) -> Iterator[tuple[str, str]]:
    with ExitStack() as stack:
        yield stack.enter_context(web(data, **more)), stack.enter_context(web(data, **more))
