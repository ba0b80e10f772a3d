"""A thousand clients that hold connections and say little must not lock others out of the running `tongxing web`."""

import re
import resource
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from two_processes import Visitor, web

from tongxing.config.gateway import CHUNK_BYTES

pytestmark = [pytest.mark.slow, pytest.mark.processes]
CROWD = 1_000
PATIENCE_SECONDS = 8
HEAD = b"POST /account/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
HOLDERS = {
    "says nothing": b"",
    "stops in the header": HEAD,
    "stops in the form": HEAD + b"Content-Length: 5000\r\n\r\nlogin=",
    "stops in a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n100\r\nlogin=",
    "does not read": b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
}


@pytest.fixture(scope="module")
def data(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(prepared, tmp_path_factory.mktemp("slow") / "var"))


@pytest.fixture(scope="module")
def address(data: Path) -> Iterator[str]:
    with web(data, "--workers", "2") as address:
        yield address


@contextmanager
def crowd(address: str, said: bytes) -> Iterator[list[socket.socket]]:
    """CROWD connections that sent `said` and then hold still."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(CROWD * 3, hard), hard))
    parts = urlsplit(address)
    try:
        with ExitStack() as open_ones:
            held = []
            for _ in range(CROWD):
                one = open_ones.enter_context(socket.create_connection((parts.hostname, parts.port), timeout=30))
                one.sendall(said)
                held.append(one)
            yield held
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("said", HOLDERS.values(), ids=HOLDERS.keys())
def test_others_are_served_meanwhile(address: str, said: bytes) -> None:
    visitor = Visitor(address)
    style = re.findall(r'href="(/static/vendor/[^"]+\.css)"', visitor.get("/account/login/").text)[0]
    with crowd(address, said.replace(b"%s", style.encode())):
        taken = []
        for number in range(5):
            began = time.monotonic()
            # Few wrong passwords: those of one address are counted.
            page = visitor.post("/account/login/", login=f"{began}", password="wrong") if number < 2 else visitor.get("/account/login/")
            taken.append(time.monotonic() - began)
            assert ("账号或密码不对" in page.text) == (number < 2)
    assert max(taken) < PATIENCE_SECONDS, taken


def test_a_form_that_comes_in_pieces_is_taken_in(address: str) -> None:
    """A bad line is slow, too, but goes on: what has come is kept."""
    form = b"number=S000041000001234000001&name=x"
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as one:
        head = f"POST /verify/look-up/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {len(form)}\r\n"
        one.sendall(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode())
        for at in range(0, len(form), 9):
            time.sleep(0.3)
            one.sendall(form[at : at + 9])
        answer = b"".join(iter(lambda: one.recv(65_536), b"")).decode()
    assert answer.startswith("HTTP/1.1 200")
    assert "没有找到编号和姓名都一致的证书" in answer


def test_a_large_file_comes_whole_every_time(address: str, data: Path) -> None:
    """A reader who is still there must not be taken for one who hung up."""
    largest = max((data / "static").rglob("*.js"), key=lambda file: file.stat().st_size)
    assert largest.stat().st_size > 3 * CHUNK_BYTES
    wanted = largest.read_bytes()
    for _ in range(20):
        with urlopen(f"{address}/static/{largest.relative_to(data / 'static')}") as answer:
            assert answer.read() == wanted
