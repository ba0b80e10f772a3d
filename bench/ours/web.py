"""What the running server answers a second: the public verification, a list page, and 200 people at work."""

from collections.abc import Iterator
from importlib import import_module
from random import Random
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from bench import workload
from bench.case import Case
from bench.measuring import servers
from bench.measuring.load import Outcome, Request, fire, in_turn
from tongxing.accounts.models import Grant, User
from tongxing.areas.models import Area, Kind
from tongxing.certificates.links import link_of
from tongxing.certificates.models import Certificate
from tongxing.registry.models import Organisation, Person

CONNECTIONS, SECONDS = 50, 6.0
USERS, MIXED_SECONDS, THINK = 200, 15.0, (1.0, 3.0)
LINKS = 500


def certificate_numbers() -> list[str]:
    return list(Certificate.objects.order_by("id").values_list("number", flat=True)[:LINKS])


def verification_links() -> list[Request]:
    return [Request("verify", link_of(certificate)) for certificate in Certificate.objects.order_by("id")[:LINKS]]


def list_requests() -> list[Request]:
    return [Request("list", "/registry/organisations/", session(workload.officer()))]


def session(user: User) -> str:
    """The cookie of a session that `user` has just begun."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"


def answer(outcome: Outcome) -> dict[str, Any]:
    facts: dict[str, Any] = outcome.facts()
    assert not facts["errors"], facts["errors"]
    return {"value": facts["per_second"], **facts}


def verify(case: Case) -> dict[str, Any]:
    port = servers.free_port()
    with servers.serving(servers.ours(port), port):
        return answer(fire(port, in_turn(verification_links()), users=CONNECTIONS, seconds=SECONDS))


def list_page(case: Case) -> dict[str, Any]:
    port = servers.free_port()
    with servers.serving(servers.ours(port), port):
        return answer(fire(port, in_turn(list_requests()), users=CONNECTIONS, seconds=SECONDS))


def mixed(case: Case) -> dict[str, Any]:
    """200 people who look at a page, read one to three seconds, and look at the next. The figure is p95 in milliseconds; errors are counted."""
    port = servers.free_port()
    crowd = [(session(user), area) for user, area in _crowd()]
    with servers.serving(servers.ours(port), port):
        outcome = fire(
            port, lambda number: _walk(*crowd[number % len(crowd)], number), users=USERS, seconds=MIXED_SECONDS, warm_up=4, think=THINK
        )
    facts: dict[str, Any] = outcome.facts()
    return {"value": facts["p95"], **facts}


def _crowd() -> list[tuple[User, int]]:
    """Officers of provinces, cities and counties and of townships: each with the area of the grant."""
    random, crowd = Random(4), []
    kinds = ((Kind.PROVINCE, "officer", 5), (Kind.PREFECTURE, "officer", 15), (Kind.COUNTY, "officer", 20), (Kind.TOWN, "township", 10))
    for kind, role, number in kinds:
        codes = list(Area.objects.filter(kind=kind).values_list("code", flat=True))
        for code in random.sample(codes, number):
            user, _ = User.objects.get_or_create(username=f"bench-{code}", defaults={"name": f"经办{code}", "password": "!"})
            Grant.objects.get_or_create(user=user, role=role, area_id=code, defaults={"granted_by": "基准测试"})
            crowd.append((user, code))
    return crowd


def _walk(cookie: str, area: int, number: int) -> Iterator[Request]:
    """The pages that one user opens, in a random order weighted by how often they are opened."""
    random = Random(number)
    links, names = verification_links()[:20], [name[4:7] for name in Organisation.objects.values_list("name", flat=True)[:50]]
    organisations = list(
        Organisation.objects.filter(area_id__gte=Area(code=area).span[0], area_id__lte=Area(code=area).span[1]).values_list(
            "uid", flat=True
        )[:20]
    )
    people = list(
        Person.objects.filter(area_id__gte=Area(code=area).span[0], area_id__lte=Area(code=area).span[1]).values_list("uid", flat=True)[:20]
    )
    choices: list[tuple[int, str, list[str]]] = [
        (3, "start page", ["/desk/"]),
        (2, "dashboard", ["/desk/dashboard/"]),
        (4, "organisations", ["/registry/organisations/", "/registry/organisations/?size=small", f"/registry/organisations/?area={area}"]),
        (3, "people", ["/registry/people/"]),
        (2, "coordinators", ["/certificates/coordinators/"]),
        (3, "search", [f"/desk/search/?q={name}" for name in names]),
        (2, "coverage", ["/targets/"]),
        (2, "gaps", ["/targets/gaps/"]),
        (3, "an organisation", [f"/registry/organisations/{uid}/" for uid in organisations]),
        (2, "a person", [f"/registry/people/{uid}/" for uid in people]),
        (2, "verification", [link.path for link in links]),
    ]
    open_to = [choice for choice in choices if choice[2]]
    while True:
        _, label, paths = random.choices(open_to, [weight for weight, _, _ in open_to])[0]
        yield Request(label, random.choice(paths), cookie)
