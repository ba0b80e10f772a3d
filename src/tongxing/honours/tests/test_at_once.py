"""Many nominations handed in at the same moment get numbers without gap and double; of many who start the same one, one does. Both databases."""

import pytest

from tongxing.evaluation.tests import test_issuing_at_once as issuing

pytestmark = [pytest.mark.slow, pytest.mark.homes]
place = issuing.place
AT_ONCE = 16
START = """
import django, json, sys, threading
django.setup()
from django.db import connections
from tongxing.areas.models import Area
from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.honours.models import Nomination, Selection
from tongxing.honours.nominating import start_nomination, submit
from tongxing.honours.tests.world import a_draft, a_member, a_selection
from tongxing.registry.tests.people_factories import a_person, an_organisation

county, town = Area.objects.get(code=419001000000), Area.objects.get(code=419001100000)
selection = Selection.objects.filter(year=2026).first() or a_selection(county)
said = []

def together(acts):
    start = threading.Barrier(len(acts))
    def press(act):
        try:
            start.wait()
            said.append(act())
        except Refused as refused:
            said.append(refused.code)
        except BaseException as other:
            said.append(repr(other))
        finally:
            connections.close_all()
    threads = [threading.Thread(target=press, args=[act]) for act in acts]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
"""
SUBMIT = (
    START
    + """
drafts = [a_draft(selection, a_member(an_organisation(town)).person) for _ in range(int(sys.argv[1]) // 2)]
together([lambda row=row: submit(row, by=COMMAND_LINE).number for row in [*drafts, *drafts]])
given = sorted(Nomination.objects.filter(selection=selection).exclude(number="").values_list("number", flat=True))
print(json.dumps({"said": sorted(said), "given": given, "logged": Entry.objects.filter(act="honours.submit").count()}))
"""
)
SAME = (
    START
    + """
person = a_person(town)
together([lambda: "started" if start_nomination(selection, person, by=COMMAND_LINE) else "" for _ in range(int(sys.argv[1]))])
print(json.dumps({"said": sorted(said), "rows": Nomination.objects.filter(person=person).count()}))
"""
)


def test_numbers_have_no_gap_and_no_double(place: dict[str, str]) -> None:
    """Eight drafts, each handed in twice at once."""
    found = issuing.said(SUBMIT, place, str(AT_ONCE))
    numbers = [f"TJ2026-{serial:03d}" for serial in range(1, AT_ONCE // 2 + 1)]
    assert found == {"said": numbers + ["wrong_state"] * (AT_ONCE // 2), "given": numbers, "logged": AT_ONCE // 2}


def test_of_many_who_start_the_same_one_does(place: dict[str, str]) -> None:
    found = issuing.said(SAME, place, str(AT_ONCE))
    assert found == {"said": ["exists"] * (AT_ONCE - 1) + ["started"], "rows": 1}
