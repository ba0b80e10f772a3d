"""The access matrix: every address x every role x own / another area gives the answer that its room's table states.

Each room has `tests/access.py` with `ACCESS`; allauth's addresses stand in `access_allauth.py`. An address in no table fails, and so does a
row for an address that is gone. Every question is asked inside a savepoint, so that a POST of one role is not seen by the next.
"""

from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from access_allauth import ALLAUTH
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from house import PACKAGE, ROOMS, addresses, is_public

from tongxing.accounts.models import Grant, User
from tongxing.accounts.roles import ROLES
from tongxing.api.models import Scope
from tongxing.api.tokens import issue
from tongxing.audit.log import COMMAND_LINE
from tongxing.core.tests.matrix import PUBLIC, SIGNED_IN, Row
from tongxing.targets.gaps import catch_up

pytestmark = pytest.mark.slow
ORGANISATION = 999_999
SIGN_IN_ANSWERS = {301, 302, 401}


def tables() -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for room in ROOMS:
        if (PACKAGE / room / "tests" / "access.py").exists():
            table: dict[str, Row] = import_module(f"tongxing.{room}.tests.access").ACCESS
            assert not rows.keys() & table.keys(), f"{room} lists addresses of another table"
            rows |= table
    return rows


ROWS = tables()
ADDRESSES = {address.name: address for address in addresses()}
KNOWN = ROWS.keys() | ALLAUTH.keys()


def test_every_address_stands_in_a_table() -> None:
    assert sorted(ADDRESSES.keys() - KNOWN) == []


def test_every_row_belongs_to_an_address() -> None:
    assert sorted(KNOWN - ADDRESSES.keys()) == []


def test_public_addresses_are_those_marked_public() -> None:
    stated = {name for name, row in ROWS.items() if row.roles == PUBLIC}
    marked = {name for name, address in ADDRESSES.items() if is_public(address.view)}
    assert stated == marked


def test_rows_name_roles_that_exist() -> None:
    named = {role for row in ROWS.values() if row.roles not in {PUBLIC, SIGNED_IN} for role in row.roles.split()}
    assert named - ROLES.keys() == set()


class Asking(Client):
    """Asks and reads the status; the test client would besides keep a copy of every template's context."""

    def request(self, **request: Any) -> Any:
        return self.handler(self._base_environ(**request))


class Refusal(Exception):
    """Ends a savepoint: nothing that a question changed stays."""


def _user(username: str, role: str, jiyuan: SimpleNamespace, other: bool) -> User:
    user = User.objects.create_user(username, "matrix-lamp-7", name=username[:60])
    if role:
        by_organisation = ROLES[role].by_organisation
        area = jiyuan.other if other else jiyuan.county
        Grant.objects.create(
            user=user,
            role=role,
            area=None if by_organisation else area,
            organisation_id=ORGANISATION + other if by_organisation else None,
            granted_by="测试",
        )
    return user


@pytest.fixture
def clients(jiyuan: SimpleNamespace) -> dict[tuple[str, bool], Client]:
    """One signed-in client for each role in Jiyuan and in another county, one without a grant, one anonymous."""
    found: dict[tuple[str, bool], Client] = {("", False): Asking()}
    for role in ["nobody", *ROLES]:
        for other in (False, True):
            user = _user(f"matrix-{role}-{other}", "" if role == "nobody" else role, jiyuan, other)
            _, secret = issue(user, name="matrix", scopes=Scope.values, until=None, by=COMMAND_LINE)
            client = Asking(headers={"Authorization": f"Bearer {secret}"})
            client.force_login(user)
            _begin(client)
            found[role, other] = client
    return found


def _begin(client: Client) -> None:
    """As after the first page: else every question would write the session's beginning once more, and lose it with its savepoint."""
    session = client.session
    session["started_at"] = session["seen_at"] = timezone.now().timestamp()
    session.save()


def _ask(client: Client, row: Row, address: str) -> int:
    try:
        with transaction.atomic():
            answer = getattr(client, row.method)(address, row.data or {})
            if getattr(answer, "streaming", False):
                # Closing it would end the database connection of the savepoint; read to the end, nothing is left open.
                b"".join(answer.streaming_content)
            raise Refusal
    except Refusal:
        return int(answer.status_code)


def _expected(row: Row, role: str, other: bool) -> set[int]:
    stated = row.other if other else row.own
    if row.roles == PUBLIC:
        return {row.own}
    if role == "":
        return SIGN_IN_ANSWERS
    if row.roles == SIGNED_IN:
        return {stated, 403} if role == "nobody" else {stated}
    if role in row.roles.split():
        return {stated}
    # A role that may not: refused, or, where any role may ask for its own objects, told that there is no such object.
    return {403, 404}


def _wrong(row: Row, address: str, clients: dict[tuple[str, bool], Client]) -> Iterator[str]:
    for (role, other), client in clients.items():
        status, expected = _ask(client, row, address), _expected(row, role, other)
        if status not in expected:
            place = "another county" if other else "Jiyuan"
            yield f"{role or 'anonymous'} of {place}: {status} instead of {sorted(expected)}"


@pytest.mark.parametrize("room", sorted({name.partition(":")[0] for name in ROWS}))
def test_addresses_of_a_room_answer_as_their_rows_say(room: str, jiyuan: SimpleNamespace, clients: Any) -> None:
    """One world for a room: what an address needs is made inside a savepoint and gone before the next."""
    wrong: dict[str, list[str]] = {}
    for name in sorted(name for name in ROWS.keys() & ADDRESSES.keys() if name.partition(":")[0] == room):
        row = ROWS[name]
        with suppress(Refusal), transaction.atomic():
            arguments = row.kwargs(jiyuan) if row.kwargs else {}
            # As the worker does every minute: else each question would count the county anew, and lose it with its savepoint.
            catch_up()
            wrong[name] = list(_wrong(row, reverse(name, kwargs=arguments), clients))
            raise Refusal
    assert {name: answers for name, answers in wrong.items() if answers} == {}


def test_sign_in_pages_answer_as_stated(clients: Any) -> None:
    for name in sorted(ALLAUTH):
        with suppress(Refusal), transaction.atomic():
            _asked_at_sign_in(name, clients)
            raise Refusal


def _asked_at_sign_in(name: str, clients: Any) -> None:
    # Auditors and administrators must have a second factor; what they meet without one is tested in accounts.
    address = reverse(name, kwargs=ALLAUTH[name].kwargs)
    answers = {role: client.get(address).status_code for (role, _), client in clients.items() if role in {"", "nobody", "township"}}
    expected = dict.fromkeys(("nobody", "township"), ALLAUTH[name].signed_in)
    assert (name, answers) == (name, {"": ALLAUTH[name].anonymous, **expected})
