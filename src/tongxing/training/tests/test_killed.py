"""Certificates in bulk and moving up from the waiting list, killed (SIGKILL) before each statement and pressed by many at once.

On a database of their own, SQLite or PostgreSQL: no number is given twice, none is left out, no place is given that the class does not have.
"""

import pytest

from tongxing.evaluation.tests import test_issuing_at_once as issuing

pytestmark = [pytest.mark.slow, pytest.mark.homes]
place = issuing.place
said = issuing.said
START = """
import django, itertools, json, os, signal, sys, threading
django.setup()
from django.db import connection, connections
from django.utils import timezone
from tongxing.areas.models import Area
from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.papers.models import NumberSeries, Paper
from tongxing.registry.tests.people_factories import a_person
from tongxing.training import enrolment
from tongxing.training.certifying import certify
from tongxing.training.models import Enrolment, TrainingClass
from tongxing.training.tests import world
from tongxing.training.tests.world import a_class, running_class

county = Area.objects.get(code=419001000000)
# Both scenes stand in one database: names that count up must not meet.
world._serial = itertools.count(int(sys.argv[1]))

def over(people):
    "A class whose people have completed it."
    made = running_class(county, people=people, sessions_planned=1).made
    made.enrolments.update(state="completed", completed_on=timezone.localdate(), hours=4)
    TrainingClass.objects.filter(pk=made.pk).update(state="finished")
    return TrainingClass.objects.get(pk=made.pk)

def certified(made):
    rows = made.enrolments.filter(paper__isnull=False)
    return {
        "numbers": sorted(int(number.rsplit("-", 1)[1]) for number in rows.values_list("paper__number", flat=True)),
        "papers": Paper.objects.count(),
        "last": sum(NumberSeries.objects.values_list("last", flat=True)),
        "logged": [Entry.objects.filter(act=act).count() for act in ("training.certify", "papers.issue")],
    }

def full(capacity, waiting):
    "A class with all places given and some who wait."
    made = a_class(county, capacity=capacity)
    rows = [enrolment.apply(made, a_person(county), by=COMMAND_LINE) for _ in range(capacity + waiting)]
    enrolment.admit(made, [row.pk for row in rows], by=COMMAND_LINE)
    return made, list(Enrolment.objects.filter(training_class=made).select_related("training_class").order_by("applied_at", "pk"))

def seated(made):
    rows = made.enrolments
    return {
        "held": sorted(rows.holding_places().values_list("serial", flat=True)),
        "waiting": rows.filter(state="waiting").count(),
        "left": sorted(rows.filter(state="withdrawn").exclude(serial=None).values_list("serial", flat=True)),
        "last": TrainingClass.objects.get(pk=made.pk).last_serial,
        "logged": [Entry.objects.filter(act=act, after__class=made.title).count() for act in ("training.withdraw", "training.promote")],
    }

def killed(act, stand):
    "How things stood before, and after each kill until the act got through."
    before, found = stand(), []
    connections.close_all()
    for last in range(1, 300):
        process = os.fork()
        if not process:
            child(act, last)
        status = os.waitpid(process, 0)[1]
        found.append([os.WTERMSIG(status), stand()])
        connections.close_all()
        if found[-1][1] != before:
            break
    return before, found

def together(jobs):
    "What each of the jobs said that began in one moment."
    start, words = threading.Barrier(len(jobs)), []
    def press(job):
        try:
            start.wait()
            words.append(job())
        except Refused as refused:
            words.append(refused.code)
        except BaseException as other:
            words.append(repr(other))
        finally:
            connections.close_all()
    threads = [threading.Thread(target=press, args=[job]) for job in jobs]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    return sorted(map(str, words))

def refusal(act):
    try:
        return act()
    except Refused as refused:
        return refused.code
"""
CERTIFICATES = (
    START
    + issuing.DYING
    + """
made, other = over(3), over(2)
before, runs = killed(lambda: certify(made, by=COMMAND_LINE), lambda: certified(made))
again = refusal(lambda: certify(made, by=COMMAND_LINE))
words = together([lambda: certify(other, by=COMMAND_LINE)] * 6)
print(json.dumps({"before": before, "runs": runs, "again": again, "words": words, "end": certified(other)}))
"""
)
PLACES = (
    START
    + issuing.DYING
    + """
made, rows = full(2, 3)
before, runs = killed(lambda: enrolment.withdraw(rows[0], by=COMMAND_LINE), lambda: seated(made))
again = refusal(lambda: enrolment.withdraw(rows[0], by=COMMAND_LINE))
crowd, people = full(5, 10)

def leave(row):
    enrolment.withdraw(row, by=COMMAND_LINE)
    return crowd.enrolments.holding_places().count() <= 5

# Those with a place leave all at once, and with them some who wait.
words = together([lambda row=row: leave(row) for row in [*people[:5], *people[12:]]])
print(json.dumps({"before": before, "runs": runs, "again": again, "words": words, "end": seated(crowd)}))
"""
)


def test_certificates_are_given_all_or_none_whenever_the_process_dies(place: dict[str, str]) -> None:
    found = said(CERTIFICATES, place, "1")
    *killed, done = found["runs"]
    assert found["before"] == {"numbers": [], "papers": 0, "last": 0, "logged": [0, 0]}
    assert len(killed) > 10
    assert [run for run in killed if run != [9, found["before"]]] == []
    assert done == [9, {"numbers": [1, 2, 3], "papers": 3, "last": 3, "logged": [1, 3]}]
    assert found["again"] == "nothing_to_certify", "killed after the commit it is done, and is not done twice"
    assert found["words"] == ["2", *["nothing_to_certify"] * 5]
    assert found["end"] == {"numbers": [4, 5], "papers": 5, "last": 5, "logged": [2, 5]}


def test_who_waits_moves_up_whole_or_not_at_all_and_no_place_is_given_twice(place: dict[str, str]) -> None:
    found = said(PLACES, place, "1000")
    *killed, done = found["runs"]
    assert found["before"] == {"held": [1, 2], "waiting": 3, "left": [], "last": 2, "logged": [0, 0]}
    assert len(killed) > 5
    assert [run for run in killed if run != [9, found["before"]]] == []
    assert done == [9, {"held": [2, 3], "waiting": 2, "left": [1], "last": 3, "logged": [1, 1]}]
    assert found["again"] == "wrong_state"
    assert found["words"] == ["True"] * 8
    end = found["end"]
    # Three of those who waited left without ever having had a number.
    assert (end["held"], end["waiting"], end["last"], end["logged"]) == ([6, 7, 8, 9, 10], 2, 10, [8, 5])
