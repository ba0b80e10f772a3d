"""Our `migrate` leaves the same tables, indexes and constraints as Django's own, which draws every related model anew at every step."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import environment

pytestmark = [pytest.mark.slow, pytest.mark.processes]
MIGRATE = """
import sys, django
django.setup()
from importlib import import_module
from django.core.management import call_command
call_command(import_module(sys.argv[1]).Command(), verbosity=0)
"""


def schema(data: Path, module: str) -> list[tuple[str, str, str | None]]:
    """What stands in the database after the `migrate` of this module."""
    data.mkdir()
    done = subprocess.run([sys.executable, "-c", MIGRATE, module], env=environment(data), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(data / "tongxing.sqlite3") as database:
        return database.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()


def test_the_schema_is_that_of_djangos_own_migrate(tmp_path: Path) -> None:
    ours = schema(tmp_path / "ours", "tongxing.core.management.commands.migrate")
    assert len(ours) > 500
    assert ours == schema(tmp_path / "djangos", "django.core.management.commands.migrate")
