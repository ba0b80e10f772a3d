"""How long the fault tests run: the short form with the suite, the long one by `make test-faults`. Every run prints its seed."""

import os
import random
from typing import NamedTuple

import pytest

# What they hold against the truth must be told when it differs.
pytest.register_assert_rewrite("faults.truth", "faults.imports")


class Measure(NamedTuple):
    kills: int
    restarts: int
    rows: int


LONG = os.environ.get("TONGXING_FAULTS") == "long"


@pytest.fixture(scope="session")
def measure() -> Measure:
    return Measure(kills=20, restarts=20, rows=100_000) if LONG else Measure(kills=3, restarts=2, rows=5_000)


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> random.Random:
    """Random moments; TONGXING_FAULTS_SEED repeats a run."""
    seed = int(os.environ.get("TONGXING_FAULTS_SEED") or random.SystemRandom().randrange(10**6))
    print(f"\n{request.node.name}: TONGXING_FAULTS_SEED={seed}")
    return random.Random(seed)
