"""Many at once, on a database of their own (a file of SQLite, or one on the server of the tests): one first key; each certificate one place."""

import pytest

from tongxing.evaluation.tests import test_issuing_at_once as issuing

pytestmark = [pytest.mark.slow, pytest.mark.homes]
place = issuing.place
START = """
import django, json, sys, threading
django.setup()
from django.db import connections
from tongxing.areas.models import Area
from tongxing.credentials import keys
from tongxing.credentials.models import SigningKey, StatusEntry, StatusList
from tongxing.credentials.statuses import entries_for
from tongxing.credentials.tests.scene import a_certificate

def at_once(job, number):
    start, found = threading.Barrier(number), [None] * number
    def run(place):
        try:
            start.wait()
            found[place] = job(place)
        except BaseException as other:
            found[place] = repr(other)
        finally:
            connections.close_all()
    threads = [threading.Thread(target=run, args=[place]) for place in range(number)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    return found
"""
KEYS = (
    START
    + """
SigningKey.objects.all().delete()
found = at_once(lambda place: keys.signer().kid, int(sys.argv[1]))
print(json.dumps({"answers": len(found), "kids": sorted(set(found)), "kept": list(SigningKey.objects.values_list("kid", flat=True))}))
"""
)
PLACES = (
    START
    + """
area, number = Area.objects.get(code=419001100000), int(sys.argv[1])
shared = [a_certificate(area) for _ in range(20)]
own = [[a_certificate(area) for _ in range(10)] for _ in range(number)]
keys.signer()

def job(place):
    drawn = entries_for([*shared, *own[place]])
    return [drawn[one.pk].index for one in shared]

found = at_once(job, number)
places = StatusEntry.objects.values("list", "index").distinct().count()
print(json.dumps({
    "agree": len({str(one) for one in found}), "wrong": [one for one in found if not isinstance(one, list)],
    "entries": StatusEntry.objects.count(), "places": places, "lists": StatusList.objects.count(),
}))
"""
)


def test_of_many_who_sign_first_one_makes_the_key(place: dict[str, str]) -> None:
    found = issuing.said(KEYS, place, "6")
    assert found["answers"] == 6
    assert found["kids"] == found["kept"]
    assert len(found["kids"]) == 1


def test_places_are_given_once_while_many_draw(place: dict[str, str]) -> None:
    """Eight threads draw for the same twenty certificates and for their own, from few places: each certificate gets one, each place one owner."""
    assert issuing.said(PLACES, place, "8") == {"agree": 1, "wrong": [], "entries": 100, "places": 100, "lists": 1}
