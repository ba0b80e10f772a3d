"""What is kept below var/bench from one run to the next: templates and rosters, under a digest of everything they were made from."""

import fcntl
import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from bench.case import Case

PROJECT = Path(__file__).resolve().parent.parent
NOTES = "bench.json"


class Busy(Exception):
    """Another run works on the same databases: each would remove what the other measures on."""


# What a roster's bytes depend on: the generator, and the rules of the house that it asks for check digits and sizes.
GENERATOR = (
    *(f"bench/world/{name}.py" for name in ("divisions", "enterprises", "faults", "people", "rosters", "words")),
    "bench/preparing.py",
    "src/tongxing/core/identifiers.py",
    "src/tongxing/registry/size.py",
    "src/tongxing/registry/provisions.toml",
)
TEMPLATES = (
    *GENERATOR,
    "bench/world/filling.py",
    "bench/world/laying.py",
    "bench/floors/tables.py",
    "src/tongxing/*/migrations/*.py",
    "src/tongxing/*/data/*",
    "src/tongxing/*/*.toml",
)


def _state(patterns: Iterable[str]) -> str:
    digest = sha256()
    for pattern in patterns:
        for path in sorted(PROJECT.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def state_of_templates() -> str:
    """Changes when tables, base data or the generator do: then templates are made anew."""
    return _state(TEMPLATES)


def state_of_generator() -> str:
    """Changes when the generator does: then rosters are made anew."""
    return _state(GENERATOR)


@contextmanager
def alone(work: Path, size: str) -> Iterator[None]:
    """Holds the databases of a size for one run; raises Busy when another has them. The lock goes with the process."""
    work.mkdir(parents=True, exist_ok=True)
    with (work / f"{size}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"another run of size {size} works below {work}") from None
        yield


def newest(work: Path, name: str, state: str) -> Path:
    """The folder `<name>-<state>`, made; folders of the same name and another state are removed, or they would fill the disk."""
    wanted = work / f"{name}-{state}"
    for folder in work.glob(f"{name}-*"):
        if folder != wanted and folder.is_dir() and len(folder.name) == len(wanted.name):
            shutil.rmtree(folder)
    wanted.mkdir(parents=True, exist_ok=True)
    return wanted


def note(case: Case, step: str, **facts: Any) -> None:
    """Keep beside a template what making it took, because the next run finds it ready."""
    file = Path(case.data_dir) / NOTES
    file.write_text(json.dumps({**noted(file.parent), step: facts}))


def noted(folder: Path) -> dict[str, Any]:
    file = folder / NOTES
    found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return found
