"""What every test may use: the fixed cast (house-style §12). The settings of the tests: `tongxing.config.testing`."""

import fcntl
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import chance
import pytest
from hypothesis import HealthCheck, settings

# Property tests hold rules against many facts; how long one takes says something about the machine and nothing about the rule.
settings.register_profile("rules", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("rules")
SHARED = Path(__file__).resolve().parent.parent / "shared"
PASSWORD = "clay-river-9-lamp"


def pytest_configure(config: pytest.Config) -> None:
    chance.install()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    chance.begin(item.nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    skip = pytest.mark.skip(reason="the reading material ../shared is absent")
    for item in items:
        if "shared" in item.keywords and not SHARED.exists():
            item.add_marker(skip)
        if not _asks_the_database(item):
            item.add_marker("once")
    # A long module that begins last is worked on alone.
    long = {item.path for item in items if "slow" in item.keywords}
    items.sort(key=lambda item: item.path not in long)


def _asks_the_database(item: pytest.Item) -> bool:
    """pytest-django shuts the database to a test without a fixture of it; `homes` start commands on the one that the suite runs on."""
    names = {"db", "transactional_db", "live_server", "django_db", "homes"}
    return not names.isdisjoint(getattr(item, "fixturenames", ())) or not names.isdisjoint(mark.name for mark in item.iter_markers())


LEFT = "database sessions left open"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, request: pytest.FixtureRequest) -> Iterator[None]:
    """A session that a test left open would keep PostgreSQL from dropping the test database: it is ended here and told of at the end."""
    yield
    from django.db import connection

    if connection.vendor == "postgresql":
        # pytest-django, too, hands the database out test by test.
        with request.getfixturevalue("django_db_blocker").unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid, state, backend_start::text, query, pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            left = [f"{pid} {state} since {since}: {query[:200]}" for pid, state, since, query, _ in cursor.fetchall()]
        getattr(request.config, "workeroutput", {})[LEFT] = left


def pytest_testnodedown(node: Any) -> None:
    _left.extend(getattr(node, "workeroutput", {}).get(LEFT, []))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for line in _left:
        terminalreporter.write_line(f"{LEFT}: {line}", yellow=True)


_left: list[str] = []


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_log() -> Iterator[None]:
    """Tests with `transaction=True` empty the tables afterwards; triggers on what never changes forbid that: lifted for the flush alone."""
    from django.db import connection
    from django.test import TransactionTestCase

    from tongxing.audit import triggers as of_the_log
    from tongxing.targets import triggers as of_reports

    flush = TransactionTestCase._fixture_teardown

    def lifted(case: TransactionTestCase) -> None:
        for triggers in (of_the_log, of_reports):
            triggers.drop(connection)
        try:
            flush(case)
        finally:
            for triggers in (of_the_log, of_reports):
                triggers.create(connection)

    TransactionTestCase._fixture_teardown = lifted
    yield
    TransactionTestCase._fixture_teardown = flush


@pytest.fixture(scope="session", autouse=True)
def _fast() -> Iterator[None]:
    """For the whole session, so that what a module makes once is made under the same settings."""
    from django.conf import settings
    from django.test import override_settings

    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        # The second factor has tests of its own; everywhere else it would stand before every page of auditors and administrators.
        SECOND_FACTOR_REQUIRED=False,
        TASKS={"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}},
        STORAGES={**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
    ):
        yield


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a demonstration answers that runs for the module."""
    from browsing import demonstration

    with demonstration(tmp_path_factory.mktemp("demonstration") / "var") as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real Chromium; playwright's loop runs in this thread until the module ends."""
    from browsing import chromium

    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as the first start leaves it, on SQLite: made once a run, whatever number of workers; who writes into it takes a copy."""
    from command_line import tongxing

    own = tmp_path_factory.getbasetemp()
    home = (own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own) / "prepared"
    with home.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "done").exists():
            done = tongxing(home / "var", "run", "--prepare-only")
            assert done.returncode == 0, done.stderr
            (home / "done").touch()
    return home / "var"


@pytest.fixture
def shared() -> Path:
    return SHARED


@pytest.fixture
def jiyuan(db: None) -> SimpleNamespace:
    """Two counties: Jiyuan (419001) with a town, a street and a park, and another county that must never be seen."""
    from tongxing.areas.models import Area, Kind

    def area(code: int, name: str, kind: str, parent: "Area | None") -> "Area":
        return Area.objects.update_or_create(
            code=code, defaults={"name": name, "short_name": name, "kind": kind, "parent": parent, "valid_from": date(2000, 1, 1)}
        )[0]

    henan = area(410000000000, "河南省", Kind.PROVINCE, None)
    city = area(419000000000, "省直辖县级行政区划", Kind.PREFECTURE, henan)
    county = area(419001000000, "济源示范区", Kind.COUNTY, city)
    other = area(410102000000, "中原区", Kind.COUNTY, henan)
    return SimpleNamespace(
        henan=henan,
        county=county,
        kejing=area(419001100000, "克井镇", Kind.TOWN, county),
        qinyuan=area(419001001000, "沁园街道", Kind.STREET, county),
        park=area(419001901000, "玉川片区", Kind.PARK, county),
        other=other,
        other_street=area(410102001000, "林山寨街道", Kind.STREET, other),
    )


@pytest.fixture
def cast(jiyuan: SimpleNamespace) -> SimpleNamespace:
    """Officer, township (克井镇), other (another county's officer), reviewer, agent, coordinator, leader, auditor, admin, nobody."""
    from tongxing.accounts.models import Grant, User

    def user(username: str, name: str, role: str = "", area: object = None, organisation_id: int | None = None) -> "User":
        person = User.objects.create_user(username, PASSWORD, name=name)
        if role:
            Grant.objects.create(
                user=person, role=role, area=area, organisation_id=organisation_id, since=date(2020, 1, 1), granted_by="测试"
            )
        return person

    return SimpleNamespace(
        officer=user("officer", "王经办", "officer", jiyuan.county),
        township=user("township", "克井专员", "township", jiyuan.kejing),
        other=user("other", "外地经办", "officer", jiyuan.other),
        reviewer=user("reviewer", "评审员", "reviewer", jiyuan.county),
        agent=user("agent", "单位经办", "agent", None, 999_999),
        coordinator=user("coordinator", "协调员", "coordinator", None, 999_999),
        leader=user("leader", "领导", "leader", jiyuan.county),
        auditor=user("auditor", "审计", "auditor", jiyuan.county),
        admin=user("admin", "管理员", "admin", jiyuan.county),
        nobody=user("nobody", "无岗位"),
    )
