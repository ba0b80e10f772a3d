"""Money under pressure on a SQLite file: fifty at once, and a process that is killed between any two steps."""

import json
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from command_line import environment, tongxing

from tongxing.subsidies.tests.rush import EXPECTED

pytestmark = [pytest.mark.slow, pytest.mark.processes]
KILLS = 6


def play(folder: Path, what: str, *more: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tongxing.subsidies.tests.rush", what, *more]
    variables = {**environment(folder), "DJANGO_SETTINGS_MODULE": "tongxing.config.settings"}
    return subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def answered(folder: Path, what: str) -> Any:
    process = play(folder, what)
    said, complaint = process.communicate(timeout=300)
    assert process.returncode == 0, complaint.decode()[-3000:]
    return json.loads(said)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("money") / "var"
    done = tongxing(folder, "run", "--prepare-only")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def data(prepared: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(prepared, tmp_path / "var"))


def test_fifty_at_once(data: Path) -> None:
    assert answered(data, "rush") == EXPECTED


def test_killed_between_any_two_steps_nothing_is_lost_or_paid_twice(data: Path, tmp_path: Path) -> None:
    answered(data, "prepare")
    chance, begun = random.Random(7), tmp_path / "begun"
    for _ in range(KILLS):
        begun.unlink(missing_ok=True)
        process = play(data, "walk", str(begun))
        while not begun.exists() and process.poll() is None:
            time.sleep(0.01)
        time.sleep(chance.uniform(0.02, 0.6))
        process.kill()
        process.communicate()
        assert answered(data, "verify")["wrong"] == []
    process = play(data, "walk", str(begun))
    _, complaint = process.communicate(timeout=300)
    assert process.returncode == 0, complaint.decode()[-3000:]
    found = answered(data, "verify")
    assert (found["wrong"], found["paid"], found["claims"]) == ([], found["certificates"], 6)
