"""What several processes on one database must share: locks, counts, keys, the last administrator, the sealed log. On a SQLite file."""

import json
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from command_line import environment, tongxing
from two_processes import Visitor, two

pytestmark = [pytest.mark.slow, pytest.mark.processes]
PASSWORD = "clay-river-9-lamp"
LOGIN = "/account/login/"
ROLES = (("officer", "officer"), ("first", "admin"), ("second", "admin"), ("clerk", "officer"))
WRITERS, SEALERS, ENTRIES = 3, 2, 40
WRITE = f"""
import django; django.setup()
from tongxing.audit import log
for number in range({ENTRIES}):
    log.record("areas.rename", by=log.COMMAND_LINE, object_type="areas.area", object_id=number, label="克井镇")
"""
SEAL = """
import django; django.setup()
import sys
from pathlib import Path
from tongxing.audit import sealing
while not Path(sys.argv[1]).exists():
    sealing.seal()
sealing.seal()
"""


@pytest.fixture(scope="module")
def peopled(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(prepared, tmp_path_factory.mktemp("two") / "var"))
    for username, role in ROLES:
        made = tongxing(folder, "createuser", username, "--name", username, "--role", role, TONGXING_PASSWORD=PASSWORD)
        assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="module")
def data(peopled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(peopled, tmp_path_factory.mktemp("shared") / "var"))


@pytest.fixture(scope="module")
def addresses(data: Path) -> Iterator[tuple[str, str]]:
    # The second factor would stand before every page of the administrators; no demonstration data is written by `web`.
    with two(data, TONGXING_DEMO="1") as started:
        yield started


def at_once(*jobs: Callable[[], object]) -> list[object]:
    """The results of `jobs`, all started at the same moment."""
    start, results = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(number: int) -> None:
        start.wait()
        results[number] = jobs[number]()  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(results)


def said(text: str) -> str:
    return "locked" if "已锁定" in text else "wrong" if "账号或密码不对" in text else "in"


def test_the_lock_counts_tries_at_both_processes(addresses: tuple[str, str]) -> None:
    def tried(number: int) -> Callable[[], str]:
        visitor = Visitor(addresses[number % 2])
        visitor.get(LOGIN)
        return lambda: said(visitor.post(LOGIN, login="clerk", password=f"wrong-{number}").text)

    assert Counter(at_once(*(tried(number) for number in range(8)))) == {"wrong": 5, "locked": 3}
    for address in addresses:
        assert said(Visitor(address).post(LOGIN, login="CLERK", password=PASSWORD).text) == "locked"
        assert said(Visitor(address).post(LOGIN, login="first", password=PASSWORD).text) == "in"


def test_sign_out_at_one_process_ends_the_session_at_the_other(addresses: tuple[str, str]) -> None:
    visitor = Visitor(addresses[0])
    visitor.post(LOGIN, login="officer", password=PASSWORD)
    elsewhere = Visitor(addresses[1], Cookie="; ".join(f"{cookie.name}={cookie.value}" for cookie in visitor.cookies))
    assert "/accounts/me/" in elsewhere.get("/accounts/me/").url
    visitor.post("/account/logout/")
    assert LOGIN in elsewhere.get("/accounts/me/").url


def test_two_administrators_cannot_disable_each_other_at_once(addresses: tuple[str, str], data: Path) -> None:
    visitors = [Visitor(address) for address in addresses]
    for visitor, username in zip(visitors, ("first", "second"), strict=True):
        visitor.post(LOGIN, login=username, password=PASSWORD)
    numbers = {"first": 2, "second": 3}
    at_once(
        lambda: visitors[0].post(f"/accounts/users/{numbers['second']}/disable/", page="/accounts/me/", reason="调离"),
        lambda: visitors[1].post(f"/accounts/users/{numbers['first']}/disable/", page="/accounts/me/", reason="调离"),
    )
    ask = "import django; django.setup()\nfrom tongxing.accounts.models import User\n"
    ask += "print(sorted(User.objects.filter(is_active=True).values_list('username', flat=True)))"
    left = subprocess.run([sys.executable, "-c", ask], env=environment(data), capture_output=True, text=True, check=True).stdout
    assert left.strip() in {"['clerk', 'first', 'officer']", "['clerk', 'officer', 'second']"}


def test_verification_is_counted_over_both_processes(addresses: tuple[str, str]) -> None:

    def ask(number: int) -> Callable[[], list[int]]:
        visitor = Visitor(addresses[number % 2])
        return lambda: [visitor.post("/verify/look-up/", "/verify/", number="S000041000001234000001", name="x").status for _ in range(9)]

    answers = Counter(status for statuses in at_once(*(ask(number) for number in range(4))) for status in statuses)  # type: ignore[attr-defined]
    assert answers == {200: 30, 429: 6}


def test_one_key_loads_one_roster_at_both_processes(addresses: tuple[str, str], data: Path) -> None:
    made = tongxing(data, "createtoken", "officer", "--name", "x", "--scope", "sheets", "--scope", "read", "--json")
    bearer = f"Bearer {json.loads(made.stdout)['token']}"
    roster = "单位名称,统一社会信用代码,行业,从业人员数,所属镇街\n济源甲公司,91419001MA44EX6T77,3011,400,克井镇\n"
    body = f'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n{roster}\r\n--x--\r\n'.encode()
    headers = {"Authorization": bearer, "Idempotency-Key": "one-roster", "Content-Type": "multipart/form-data; boundary=x"}

    def send(number: int) -> Callable[[], tuple[int, object]]:
        request = Request(f"{addresses[number % 2]}/api/v1/sheets/enterprises", data=body, headers=headers)

        def ask() -> tuple[int, object]:
            try:
                with urlopen(request, timeout=60) as answer:
                    return answer.status, json.load(answer)["batch"]
            except OSError as error:
                return error.code, None  # type: ignore[attr-defined]

        return ask

    answers = at_once(*(send(number) for number in range(6)))
    last = send(0)()
    assert {status for status, _ in answers} <= {200, 409}  # type: ignore[misc]
    assert {batch for status, batch in answers if status == 200} == {last[1]}  # type: ignore[misc]
    with urlopen(Request(f"{addresses[1]}/api/v1/organisations", headers={"Authorization": bearer}), timeout=60) as found:
        assert [row["name"] for row in json.load(found)["items"]] == ["济源甲公司"]


def test_sealing_while_other_processes_write(peopled: Path, tmp_path: Path) -> None:
    """Writers never lose an entry to the sealers, and every entry is sealed exactly once."""
    data = Path(shutil.copytree(peopled, tmp_path / "var"))
    before = json.loads(tongxing(data, "audit", "verify", "--json").stdout)
    stop = tmp_path / "stop"

    def start(script: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, "-c", script, str(stop)], env=environment(data), stderr=subprocess.PIPE)

    sealers = [start(SEAL) for _ in range(SEALERS)]
    writers = [start(WRITE) for _ in range(WRITERS)]
    ends = [(process.communicate(timeout=90)[1], process.returncode) for process in writers]
    stop.touch()
    ends += [(process.communicate(timeout=90)[1], process.returncode) for process in sealers]
    assert ends == [(b"", 0)] * (WRITERS + SEALERS)
    done = tongxing(data, "audit", "verify", "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["findings"], report["unsealed"]) == (0, [], 0)
    assert report["entries"] - before["entries"] - before["unsealed"] == WRITERS * ENTRIES
