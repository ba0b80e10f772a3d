"""Chance that can be repeated: what a test draws (identifiers, keys, salts, draws by lot) follows from its name.

A short number that by luck stands in an identifier makes a test fail once in a hundred runs, on another machine and never again. With
the bytes of the operating system taken from a seed, a run is the same everywhere; `TONGXING_CHANCE=7 make test` draws another one.
Processes that a test starts or forks keep the chance of the operating system.
"""

import os
import random

import pytest

_real = os.urandom
SEED = os.environ.get("TONGXING_CHANCE", "0")


class _Chance:
    """Bytes from a seed, for the process that installed it."""

    def __init__(self) -> None:
        self.owner, self.drawn = os.getpid(), random.Random(SEED)

    def __call__(self, size: int, /) -> bytes:
        return self.drawn.randbytes(size) if os.getpid() == self.owner else _real(size)


_chance = _Chance()


def install() -> None:
    """From now on `uuid4`, `secrets` and `os.urandom` of this process draw from the seed."""
    patch = pytest.MonkeyPatch()
    patch.setattr(os, "urandom", _chance)
    # SystemRandom, and with it `secrets`, keeps the name that it imported.
    patch.setattr(random, "_urandom", _chance)


def begin(name: str) -> None:
    """The bytes of the test of this name, whatever ran before it."""
    _chance.drawn = random.Random(f"{SEED} {name}")
    random.seed(f"{SEED} {name}")
