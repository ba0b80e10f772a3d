"""People and programs that write all the time, and remember what they were told is saved: the yardstick of every fault."""

import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from itertools import count
from typing import ClassVar
from urllib.parse import urlencode
from uuid import uuid4

from two_processes import Reply, Visitor

from tongxing.core.identifiers import credit_check_character, id_check_digit

from .house import OFFICER, PASSWORD

BOUNDARY = "tongxing-faults"
AREA = 419001100000
TOWNSHIP = "克井镇"
ROSTER_ROWS = 5
DIGITS = "零一二三四五六七八九"
HEADINGS = "单位名称,统一社会信用代码,行业,从业人员数,营业收入(万元),资产总额(万元),数据年度,所属镇街"


def credit_code(number: int) -> str:
    first = f"91419001MA{number:07d}"
    return first + credit_check_character(first)


def roster(first: int, rows: int) -> str:
    lines = (
        f"济源市第{number}机械有限公司,{credit_code(number)},3011,{10 + number % 900},5000,6000,2025,{TOWNSHIP}"
        for number in range(first, first + rows)
    )
    return "\n".join((HEADINGS, *lines, ""))


def multipart(file_name: str, text: str, **fields: str) -> tuple[bytes, str]:
    """Body and content type of a form with one file."""
    parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    parts.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{file_name}"\r\n\r\n{text}\r\n--{BOUNDARY}--\r\n')
    return "".join(parts).encode(), f"multipart/form-data; boundary={BOUNDARY}"


class Officer(Visitor):
    """Signed in; a form that cannot be opened is not sent."""

    def sign_in(self) -> None:
        assert "/desk/" in self.post("/account/login/", login=OFFICER, password=PASSWORD).url

    def fill_in(self, path: str, page: str = "", **fields: str) -> Reply:
        seen = self.get(page or path)
        return self.post_with(seen, path, **fields) if seen.status == 200 else seen

    def post_with(self, seen: Reply, path: str, **fields: str) -> Reply:
        """Send a form whose page was `seen` before."""
        data = urlencode({**fields, "csrfmiddlewaretoken": token_of(seen)}).encode()
        return self._ask(urllib.request.Request(self.address + path, data=data, headers={"Referer": self.address + path}))

    def upload(self, text: str, file_name: str) -> Reply:
        seen = self.get("/sheets/")
        body, kind = multipart(file_name, text, sheet="enterprises", csrfmiddlewaretoken=token_of(seen))
        headers = {"Content-Type": kind, "Referer": f"{self.address}/sheets/"}
        return self._ask(urllib.request.Request(f"{self.address}/sheets/", data=body, headers=headers))


def token_of(page: Reply) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    return found[1] if found else ""


@dataclass
class Written:
    """What one writer sent (`tried`) and what it was told is saved (`confirmed`); `answers` counts status codes, 0 for none at all."""

    tried: set[str] = field(default_factory=set)
    confirmed: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)

    def note(self, key: str, reply: Reply, *, saved: bool) -> None:
        self.answers[reply.status] += 1
        if saved:
            self.confirmed.add(key)
        elif reply.status == 503:
            if not is_clear(reply):
                self.unclear.append(reply.text[:2_000])
        else:
            self.wrong.append(f"{key}: {reply.status} {reply.url}\n{errors_of(reply)}")


def is_clear(reply: Reply) -> bool:
    """A page or a problem+json that says in Chinese what is the matter and what to do now."""
    if reply.text.startswith("{"):
        detail = json.loads(reply.text)
        return detail["status"] == 503 and detail["code"].startswith("database") and "请" in detail["detail"]
    return "数据库" in reply.text and "请" in reply.text and "tx-error-page" in reply.text


def errors_of(reply: Reply) -> str:
    found = re.findall(r'class="(?:tx-error|tx-errors|tx-error-page)[^>]*>(.*?)</div>', reply.text, flags=re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", " ".join(found))[:600] or reply.text[-600:]


class Writers:
    """Several kinds of writes at once, each by a thread, to the addresses in turn, until the block ends."""

    numbers: ClassVar[Iterator[int]] = count(1)
    # Several groups of writers come to one house, one after the other.
    codes_ever: ClassVar[set[str]] = set()

    def __init__(self, addresses: list[str], token: str) -> None:
        self.token = token
        self.organisations, self.people, self.contacts, self.rosters = Written(), Written(), Written(), Written()
        self.over = threading.Event()
        self.broken: list[BaseException] = []
        self.visitors = [Officer(address) for address in addresses]
        for visitor in self.visitors:
            visitor.sign_in()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._go_on, args=[kind], name=kind.__name__) for kind in (self._register, self._send)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join(120)
        if self.broken:
            raise self.broken[0]

    def _go_on(self, write: Callable[[Officer, int], None]) -> None:
        try:
            while not self.over.is_set():
                number = next(self.numbers)
                write(self.visitors[number % len(self.visitors)], number)
        except BaseException as error:  # noqa: BLE001 - shown by the thread of the test
            self.broken.append(error)

    def _try(self, written: Written, key: str, ask: Callable[[], Reply], saved: Callable[[Reply], bool]) -> Reply | None:
        written.tried.add(key)
        try:
            reply = ask()
        except (OSError, HTTPException):
            written.answers[0] += 1
            time.sleep(0.2)
            return None
        written.note(key, reply, saved=saved(reply))
        if reply.status >= 500:
            time.sleep(0.2)
        return reply

    def _register(self, officer: Officer, number: int) -> None:
        """An officer's forms: an organisation, a contact of it, a person."""
        facts = {"kind": "enterprise", "area": str(AREA), "industry": "3011", "employees": str(200 + number), "revenue": "5000"}
        code, made = credit_code(number), re.compile(r"/registry/organisations/[0-9a-f-]{36}/$")
        name = f"济源第{number}试验有限公司"
        reply = self._try(
            self.organisations,
            code,
            lambda: officer.fill_in(
                "/registry/organisations/new/", name=name, credit_code=code, assets="6000", figures_year="2025", **facts
            ),
            lambda found: bool(made.search(found.url)),
        )
        if reply and made.search(reply.url):
            home = reply.url.removeprefix(officer.address)
            contact = f"联系人{number}"
            self._try(
                self.contacts,
                contact,
                lambda: officer.fill_in(f"{home}contacts/new/", name=contact, phone="13800000000"),
                lambda found: found.url.endswith(home) and found.status == 200,
            )
        person = "王" + "".join(DIGITS[int(digit)] for digit in str(number))
        first = f"419001{1960 + number // 8000 % 40}{1 + number // 1000 % 8:02d}15{number % 1000:03d}"
        facts = {"name": person, "id_type": "resident", "id_number": first + id_check_digit(first), "sex": "0", "area": str(AREA)}
        self._try(
            self.people,
            person,
            lambda: officer.fill_in("/registry/people/new/", **facts),
            lambda found: bool(re.search(r"/registry/people/[0-9a-f-]{36}/$", found.url)),
        )

    def _send(self, officer: Officer, number: int) -> None:
        """Another program: a small roster under one key, sent again until an answer comes."""
        key, first = f"faults-{uuid4().hex}", 1_000_000 + number * 10
        body, kind = multipart("r.csv", roster(first, ROSTER_ROWS))
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key, "Content-Type": kind}
        request = urllib.request.Request(f"{officer.address}/api/v1/sheets/enterprises", data=body, headers=headers)
        for _ in range(60):
            reply = self._try(self.rosters, str(first), lambda: ask(request), lambda found: found.status == 200)
            if reply and reply.status in {409, 429}:
                # Said rightly: the key is still in work, or too many at once.
                self.rosters.wrong.pop()
            elif reply and reply.status < 500:
                return
            time.sleep(0.5)
        self.rosters.wrong.append(f"{first}: never taken")


def ask(request: urllib.request.Request) -> Reply:
    """One try. Who is told to come more slowly waits as long as the answer says, like any well-made program."""
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return Reply(answer.status, answer.read().decode(), answer.url)
    except urllib.error.HTTPError as error:
        with error:
            time.sleep(float(error.headers["Retry-After"]) if error.code == 429 else 0)
            return Reply(error.code, error.read().decode(), request.full_url)
