"""Places of a class when several processes give them out at once on one SQLite file; PostgreSQL is tested with threads beside the room."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import environment

pytestmark = [pytest.mark.slow, pytest.mark.processes]
APPLY = """
import django, sys; django.setup()
from tongxing.audit.log import COMMAND_LINE
from tongxing.registry.models import Person
from tongxing.training.enrolment import apply
from tongxing.training.models import TrainingClass
made = TrainingClass.objects.get()
for person in list(Person.objects.order_by("pk"))[int(sys.argv[1])::5]:
    apply(made, person, by=COMMAND_LINE)
"""
SET_UP = """
import django; django.setup()
from tongxing.areas.models import Area
from tongxing.registry.tests.people_factories import a_person
from tongxing.training.tests.world import a_class
county = Area.objects.get(code=419001000000)
a_class(county, capacity=10, admits_at_once=True)
for _ in range(50):
    a_person(county)
"""
COUNT = """
import django; django.setup()
from tongxing.training.models import Enrolment
rows = Enrolment.objects.filter(state="admitted").values_list("serial", flat=True)
print(sorted(rows), Enrolment.objects.filter(state="waiting").count())
"""


def test_places_are_never_given_twice_by_processes_on_one_file(prepared: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(prepared, tmp_path / "var"))

    def run(code: str, *arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", code, *arguments]
        return subprocess.Popen(command, env=environment(data), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def said(process: "subprocess.Popen[str]") -> str:
        words = process.communicate(timeout=300)[0]
        assert process.returncode == 0, words
        return words.strip()

    said(run(SET_UP))
    for process in [run(APPLY, str(number)) for number in range(5)]:
        said(process)
    assert said(run(COUNT)) == f"{list(range(1, 11))} 40"
