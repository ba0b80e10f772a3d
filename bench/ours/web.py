"""What the running server answers a second: the public verification, a list page, and 200 people at work."""

from collections.abc import Callable, Iterator
from importlib import import_module
from random import Random
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from bench import workload
from bench.case import Case
from bench.measuring import servers
from bench.measuring.clock import Clock
from bench.measuring.load import Request, fire, in_turn
from tongxing.accounts.models import Grant, User
from tongxing.areas.models import Area, Kind
from tongxing.certificates.links import link_of
from tongxing.certificates.models import Certificate
from tongxing.registry.models import Organisation, Person

CONNECTIONS = 50
# 200 people who read a page for one to three seconds; measured this many times as long as the jobs that ask without a pause.
USERS, THINK, LONGER = 200, (1.0, 3.0), 2.5
LINKS = 500


class Choice(NamedTuple):
    """Pages that people open, and how often compared with the others."""

    weight: int
    label: str
    paths: list[str]


def certificate_numbers() -> list[str]:
    return list(Certificate.objects.order_by("id").values_list("number", flat=True)[:LINKS])


def verification_links() -> list[Request]:
    return [Request("verify", link_of(certificate)) for certificate in Certificate.objects.order_by("id")[:LINKS]]


def list_requests() -> list[Request]:
    """The same page for everybody, each connection in a session of its own."""
    officer = workload.officer()
    return [Request("list", "/registry/organisations/", session(officer)) for _ in range(CONNECTIONS)]


def session(user: User) -> str:
    """The cookie of a session that `user` has just begun, as signing in leaves it."""
    store, now = import_module(settings.SESSION_ENGINE).SessionStore(), timezone.now().timestamp()
    store["started_at"] = store["seen_at"] = now
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"


def fired(case: Case, command: list[str], port: int, source: Callable[[int], Iterator[Request]], **how: Any) -> dict[str, Any]:
    """What the load client saw of a server; `cpu` is what the servers worked for each answer, the client not counted."""
    with servers.serving(command, port):
        clock = Clock(case)
        outcome = fire(port, source, **how)
        work = clock.read(times=max(1, outcome.whole), own=False)
    facts: dict[str, Any] = outcome.facts()
    return {**facts, "cpu": work["cpu"]}


def per_second(case: Case, command: list[str], port: int, requests: list[Request]) -> dict[str, Any]:
    facts = fired(case, command, port, in_turn(requests), users=CONNECTIONS, seconds=case.facts["seconds"])
    assert not facts["errors"], facts["errors"]
    return {"value": facts["per_second"], **facts}


def verify(case: Case) -> dict[str, Any]:
    return per_second(case, servers.ours(port := servers.free_port()), port, verification_links())


def list_page(case: Case) -> dict[str, Any]:
    return per_second(case, servers.ours(port := servers.free_port()), port, list_requests())


def mixed(case: Case) -> dict[str, Any]:
    """200 people who look at a page, read one to three seconds, and look at the next. The figure is p95 in milliseconds; errors are counted."""
    officers, shared, seconds = crowd(), open_to_all(), LONGER * case.facts["seconds"]
    # Four people to an account, each in a session of its own, as four browsers are.
    walks = []
    for number in range(USERS):
        user, area = officers[number % len(officers)]
        walks.append(walk(session(user), [*shared, *within(area)], number))
    command = servers.ours(port := servers.free_port())
    facts = fired(case, command, port, walks.__getitem__, users=USERS, seconds=seconds, warm_up=4, think=THINK)
    return {"value": facts["p95"], **facts}


def crowd() -> list[tuple[User, int]]:
    """Officers of provinces, cities and counties and of townships: each with the area of the grant."""
    random, crowd = Random(4), []
    kinds = ((Kind.PROVINCE, "officer", 5), (Kind.PREFECTURE, "officer", 15), (Kind.COUNTY, "officer", 20), (Kind.TOWN, "township", 10))
    for kind, role, number in kinds:
        codes = list(Area.objects.filter(kind=kind).values_list("code", flat=True))
        for code in random.sample(codes, min(number, len(codes))):
            user, _ = User.objects.get_or_create(username=f"bench-{code}", defaults={"name": f"经办{code}", "password": "!"})
            Grant.objects.get_or_create(user=user, role=role, area_id=code, defaults={"granted_by": "基准测试"})
            crowd.append((user, code))
    return crowd


def open_to_all() -> list[Choice]:
    """How often, as which label, which addresses."""
    names = [name[4:7] for name in Organisation.objects.values_list("name", flat=True)[:50]]
    return [
        Choice(3, "start page", ["/desk/"]),
        Choice(2, "dashboard", ["/desk/dashboard/"]),
        Choice(3, "organisations", ["/registry/organisations/", "/registry/organisations/?size=small"]),
        Choice(3, "people", ["/registry/people/"]),
        Choice(2, "coordinators", ["/certificates/coordinators/"]),
        Choice(3, "search", [f"/desk/search/?q={name}" for name in names]),
        Choice(2, "coverage", ["/targets/"]),
        Choice(2, "gaps", ["/targets/gaps/"]),
        Choice(2, "verification", [link.path for link in verification_links()[:20]]),
    ]


def within(area: int) -> list[Choice]:
    """Pages about what lies in the area; none where nothing does."""
    low, high = Area(code=area).span
    organisations, people = (
        list(model.objects.filter(area_id__gte=low, area_id__lte=high).values_list("uid", flat=True)[:20])
        for model in (Organisation, Person)
    )
    found = [
        Choice(1, "organisations", [f"/registry/organisations/?area={area}"]),
        Choice(3, "an organisation", [f"/registry/organisations/{uid}/" for uid in organisations]),
        Choice(2, "a person", [f"/registry/people/{uid}/" for uid in people]),
    ]
    return [choice for choice in found if choice.paths]


def walk(cookie: str, choices: list[Choice], number: int) -> Iterator[Request]:
    """The pages that one user opens, in a random order weighted by how often they are opened."""
    random, weights = Random(number), [choice.weight for choice in choices]
    while True:
        choice = random.choices(choices, weights)[0]
        yield Request(choice.label, random.choice(choice.paths), cookie)
