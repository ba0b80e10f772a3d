"""Read a roster, judge its cells with plain Python, write the good rows into one indexed table. Nothing more."""

import csv
import hmac
import os
import re
from collections.abc import Iterator, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from python_calamine import CalamineWorkbook

from bench.case import Case
from bench.measuring.clock import Clock

from .connecting import connect, fetch, insert
from .tables import COLUMNS, make_table

ALPHABET = {character: number for number, character in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}
CODE_WEIGHTS = (*(3**place % 31 for place in range(17)), 1)
ID_WEIGHTS, ID_CHECK = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"
CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}")
IDENTITY, PHONE, DAY = re.compile(r"[1-9]\d{16}[\dX]"), re.compile(r"1[3-9]\d{9}"), re.compile(r"\d{4}-\d{2}-\d{2}")
Row = Sequence[Any]
TABLE_OF = {"enterprises": "enterprise", "coordinators": "person"}


def read(file: str) -> Iterator[Row]:
    """Rows below the headings, as the reader gives them."""
    if file.endswith(".xlsx"):
        rows: Iterator[Row] = iter(CalamineWorkbook.from_path(file).get_sheet_by_index(0).iter_rows())
    else:
        handle = Path(file).open(encoding="utf-8-sig", newline="")  # noqa: SIM115 - read to its end below
        rows = csv.reader(handle)
    next(rows)
    return rows


def _day(value: Any) -> date | None:
    if not value:
        return None
    if isinstance(value, date):
        return value
    if not DAY.fullmatch(value):
        raise ValueError(value)
    found = date.fromisoformat(value)
    if found.year > 2050:
        raise ValueError(value)
    return found


def _number(value: Any) -> float | None:
    if value in ("", None):
        return None
    found = float(value)
    if found < 0:
        raise ValueError(value)
    return found


def enterprise(row: Row) -> Row | None:
    """The values to write, or None for a row that must not be."""
    name, code, industry, employees, revenue, assets, year, township, address, legal, contact, phone, began, status, ended = row
    try:
        if not name or not CODE.fullmatch(code) or sum(ALPHABET[c] * w for c, w in zip(code, CODE_WEIGHTS, strict=True)) % 31:
            return None
        if phone and not PHONE.fullmatch(phone):
            return None
        heads = _number(employees)
        day, _ = _day(began), _day(ended)
        figures = (None if heads is None else int(heads), _number(revenue), _number(assets), int(float(year)))
    except (ValueError, KeyError):
        return None
    return (code, name, str(industry), *figures, township, address, legal, contact, phone, day, status)


class Vault:
    """AES-256-GCM and a keyed digest, as personal data needs."""

    def __init__(self) -> None:
        self.cipher, self.key = AESGCM(os.urandom(32)), os.urandom(32)

    def seal(self, text: str, place: bytes) -> str:
        nonce = os.urandom(12)
        return (nonce + self.cipher.encrypt(nonce, text.encode(), place)).hex()

    def index(self, text: str) -> str:
        return hmac.new(self.key, text.encode(), sha256).hexdigest()[:32]


def person(row: Row, vault: Vault) -> Row | None:
    name, number, _, phone, _, employer, post, _, level, certificate, issued, _, _, since = row
    try:
        if not name or not IDENTITY.fullmatch(number) or not PHONE.fullmatch(phone):
            return None
        if ID_CHECK[sum(int(c) * w for c, w in zip(number[:17], ID_WEIGHTS, strict=True)) % 11] != number[17]:
            return None
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        days = _day(issued), _day(since)
    except ValueError:
        return None
    sealed = vault.seal(number, b"id"), vault.seal(phone, b"phone")
    return (vault.index(number), name, *sealed, employer, post, level, certificate, *days)


def judged(case: Case) -> Iterator[Row]:
    """Good rows, each key once."""
    vault, seen = Vault(), set()
    judge = enterprise if case.facts["sheet"] == "enterprises" else lambda row: person(row, vault)
    for row in read(case.file):
        good = judge(row)
        if good is not None and good[0] not in seen:
            seen.add(good[0])
            yield good


def load(case: Case) -> dict[str, Any]:
    connection, name = connect(case), TABLE_OF[case.facts["sheet"]]
    make_table(connection, case, name)
    before = fetch(connection, case, f"SELECT count(*) FROM floor_{name}")[0][0]
    clock = Clock(case)
    insert(connection, case, f"floor_{name}", COLUMNS[name], judged(case))
    taken = clock.read()
    return {**taken, "rows": fetch(connection, case, f"SELECT count(*) FROM floor_{name}")[0][0] - before}


def check(case: Case) -> dict[str, Any]:
    clock = Clock(case)
    good = sum(1 for _ in judged(case))
    taken = clock.read()
    return {**taken, "value": case.rows / taken["value"], "good": good, "seconds": taken["value"]}


def only_read(case: Case) -> dict[str, Any]:
    """Nothing but the reader: what it holds is the least an import can hold."""
    return {"value": None, "rows": sum(1 for _ in read(case.file))}
