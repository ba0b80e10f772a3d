"""Twenty officers press “抽取” at the same moment, each with another figure: one draw comes out, with its visits, and agrees with its record."""

import pytest

from tongxing.evaluation.tests import test_issuing_at_once as issuing

pytestmark = [pytest.mark.slow, pytest.mark.homes]
place = issuing.place
AT_ONCE = 20
TOGETHER = """
import django, json, sys, threading
django.setup()
from django.db import connections
from django.utils import timezone
from tongxing.areas.models import Area
from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.supervision.drawing import draw, verified
from tongxing.supervision.models import Draw, Plan, Visit
from tongxing.supervision.tests.world import a_scene, announced

county = Area.objects.get(code=419001000000)
a_scene(county, bodies=4)
plan = announced(county, number=3).plan
Plan.objects.update(beacon_on=timezone.localdate())
start, said = threading.Barrier(int(sys.argv[1])), []

def press(number):
    try:
        start.wait()
        said.append(len(draw(plan, by=COMMAND_LINE, beacon=str(number))))
    except Refused as refused:
        said.append(refused.code)
    except BaseException as other:
        said.append(repr(other))
    finally:
        connections.close_all()

threads = [threading.Thread(target=press, args=[number]) for number in range(int(sys.argv[1]))]
for thread in threads: thread.start()
for thread in threads: thread.join()
logged = Entry.objects.filter(act="supervision.draw").count()
print(json.dumps({"said": sorted(map(str, said)), "visits": Visit.objects.count(), "faults": verified(Draw.objects.get()), "logged": logged}))
"""


def test_of_many_officers_one_draws(place: dict[str, str]) -> None:
    found = issuing.said(TOGETHER, place, str(AT_ONCE))
    assert found == {"said": ["3"] + ["wrong_state"] * (AT_ONCE - 1), "visits": 3, "faults": [], "logged": 1}
