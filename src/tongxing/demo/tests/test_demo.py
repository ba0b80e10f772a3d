"""The demonstration: built whole and cleared whole."""

import re
from collections import deque
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.models import Grant, User
from tongxing.areas.models import Area
from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.certificates.models import Certificate
from tongxing.core.errors import Refused
from tongxing.core.identifiers import clean_credit_code, clean_resident_id
from tongxing.demo import build
from tongxing.demo.accounts import PREFIX
from tongxing.gazetteer import base_data as divisions
from tongxing.registry.models import Coordinator, Organisation, Person, StatusPeriod
from tongxing.sheets.models import Batch
from tongxing.targets import base_data as targets
from tongxing.targets import freezing
from tongxing.targets.figures import figures
from tongxing.targets.models import Exemption, FrozenReport, Gap, Target

pytestmark = pytest.mark.slow
LINK = re.compile(r'<a [^>]*href="(/[^"#]*)')
FACTS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")


@pytest.fixture(scope="module")
def demonstration(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, int]]:
    """Built once, because it takes long; what a test does to it is undone with the test's own savepoint."""
    with django_db_blocker.unblock(), transaction.atomic():
        divisions.load(COMMAND_LINE)
        targets.load(COMMAND_LINE)
        yield build.build(by=COMMAND_LINE)
        transaction.set_rollback(True)


@pytest.fixture
def built(demonstration: dict[str, int], db: None, settings: Any) -> dict[str, int]:
    settings.DEMO = True
    return demonstration


def test_it_holds_what_a_bureau_has_and_gaps_of_every_kind(built: dict[str, int]) -> None:
    assert built["organisations"] == 2_034
    assert built["coordinators"] == 300
    rows = {row.key: row for row in figures(419001000000)}
    for key in ("enterprises", "tripartite", "areas", "small"):
        assert rows[key].covered > 0, key
        assert rows[key].vacant > 0, key
    assert rows["enterprises"].exempt == 1
    assert rows["enterprises"].certified < rows["enterprises"].covered
    assert {exemption.state for exemption in Exemption.objects.all()} == {"approved", "requested"}
    assert set(Coordinator.objects.values_list("status", flat=True)) == {"active", "candidate", "suspended", "left"}
    assert set(Certificate.objects.values_list("level", flat=True)) == {1, 2, 3, 4}
    assert Gap.objects.filter(closed_on=None).count() == sum(row.vacant for row in rows.values() if row.vacant)


@pytest.mark.once
@pytest.mark.parametrize("role", ["officer", "auditor", "agent", "assessment_body", "scorer", "inspector"])
def test_no_page_offers_its_reader_a_shut_door(built: dict[str, int], client: Client, role: str) -> None:
    """From the start page along every link, one address of each form."""
    client.force_login(User.objects.get(username=f"{PREFIX}{role}"))
    waiting, seen, shut = deque([("", reverse("desk:home"))]), set(), []
    while waiting:
        source, address = waiting.popleft()
        form = FACTS.sub("#", address.partition("=")[0])
        if form in seen or address.startswith("/static/"):
            continue
        seen.add(form)
        answer = client.get(address)
        if answer.status_code not in {200, 302}:
            shut.append((answer.status_code, source, address))
        elif answer.streaming:
            b"".join(answer.streaming_content)  # read to the end, nothing is left open
        elif answer.headers.get("Content-Type", "").startswith("text/html"):
            waiting.extend((address, unescape(link)) for link in LINK.findall(answer.content.decode()))
    assert shut == []
    assert len(seen) > 20


def test_a_roster_with_faults_stands_among_the_batches(built: dict[str, int]) -> None:
    batch = Batch.objects.get()
    assert (batch.rows, batch.new, batch.invalid, batch.duplicate, batch.status) == (8, 3, 4, 1, "applied")
    assert batch.by_name == "王经办（demo-officer）"


def test_everything_in_it_is_well_formed_and_nobodys(built: dict[str, int]) -> None:
    for person in Person.objects.all()[:40]:
        facts = clean_resident_id(person.id_number)
        assert (facts.born, facts.sex) == (person.born_on, person.sex)
        assert facts.number.startswith("419099")
    for code in Organisation.objects.exclude(credit_code=None).values_list("credit_code", flat=True)[:200]:
        assert clean_credit_code(code)[8:11] == "DEM"
    open_periods = StatusPeriod.objects.filter(until=None).values_list("coordinator_id", "status")
    assert dict(open_periods) == dict(Coordinator.objects.values_list("id", "status"))


def test_it_is_cleared_whole_and_the_log_stays(built: dict[str, int]) -> None:
    freezing.freeze(Area.objects.get(code=419001000000), timezone.localdate(), title="试用", by=COMMAND_LINE)
    entries = Entry.objects.count()
    build.clear(by=COMMAND_LINE)
    for model in (Organisation, Person, Coordinator, Certificate, Gap, FrozenReport):
        assert not model.objects.exists()
    assert not User.objects.filter(username__startswith=PREFIX).exists()
    assert not Grant.objects.exists()
    assert Target.objects.count() == 7
    assert Area.objects.count() == 21
    assert Entry.objects.count() == entries + 1
    assert not build.stands()
    with pytest.raises(Refused):
        build.clear(by=COMMAND_LINE)


def test_the_button_asks_for_the_word_and_then_clears(client: Client, built: dict[str, int]) -> None:
    client.force_login(User.objects.get(username="demo-officer"))
    address = reverse("demo:clear")
    assert client.get(address).status_code == 200
    assert client.post(address, {"word": "清除"}).status_code == 200
    assert Organisation.objects.exists()
    answer = client.post(address, {"word": "清除演示数据"})
    assert answer.status_code == 302
    assert not Organisation.objects.exists()
    assert Entry.objects.filter(act="demo.clear").get().actor_name == "王经办（demo-officer）"
