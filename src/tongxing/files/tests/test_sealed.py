"""Files lie sealed on the disk; clear copies are gone afterwards, even of a process that was killed."""

import io
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from tongxing.core.vault import VaultError
from tongxing.files import keeping, scratch, sealed

SECRET = b"41900119850101001X"


@pytest.fixture
def storage(tmp_path: Path) -> sealed.SealedStorage:
    return sealed.SealedStorage(location=tmp_path)


def test_the_house_stores_sealed() -> None:
    assert isinstance(default_storage, sealed.SealedStorage)


@pytest.mark.parametrize("size", [0, 1, sealed.CHUNK_BYTES - 1, sealed.CHUNK_BYTES, sealed.CHUNK_BYTES + 1, 3 * sealed.CHUNK_BYTES])
def test_what_is_stored_comes_back_and_does_not_lie_in_clear(storage: sealed.SealedStorage, size: int) -> None:
    plain = (SECRET * (size // len(SECRET) + 1))[:size]
    name = storage.save("sheets/a", ContentFile(plain))
    raw = Path(storage.path(name)).read_bytes()
    assert SECRET not in raw
    assert len(raw) > size
    assert storage.size(name) == size
    with storage.open(name) as stored:
        assert stored.read() == plain


@limits(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6), size=st.integers(0, 50))
def test_reading_anywhere_gives_the_plain_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, places: Any, size: int) -> None:
    monkeypatch.setattr(sealed, "CHUNK_BYTES", 7)
    plain = bytes(range(size))
    raw = io.BytesIO(b"".join(sealed.seal_stream(io.BytesIO(plain), "x")))
    reader, shown = io.BufferedReader(sealed.Unsealed(raw, "x")), io.BytesIO(plain)  # type: ignore[arg-type]
    for place, count in places:
        assert (reader.seek(place), reader.read(count)) == (shown.seek(place), shown.read(count))


def _damaged(data: bytes, how: str) -> bytes:
    tagged = sealed.CHUNK_BYTES + 16
    head = len(data) - (2 * tagged + 16 + 5)
    return {
        "a changed byte": data[:-40] + bytes([data[-40] ^ 1]) + data[-39:],
        "cut in a chunk": data[:-3],
        "cut between chunks": data[: head + 2 * tagged],
        "chunks swapped": data[:head] + data[head + tagged : head + 2 * tagged] + data[head : head + tagged] + data[head + 2 * tagged :],
        "no mark": b"clear" + data,
        "an unknown key": data[: len(sealed.MAGIC) + 1] + b"zz" + data[len(sealed.MAGIC) + 3 :],
        "only the mark": data[: len(sealed.MAGIC)],
    }[how]


@pytest.mark.parametrize(
    "how", ["a changed byte", "cut in a chunk", "cut between chunks", "chunks swapped", "no mark", "an unknown key", "only the mark"]
)
def test_a_damaged_file_does_not_open(storage: sealed.SealedStorage, how: str) -> None:
    name = storage.save("a", ContentFile(os.urandom(2 * sealed.CHUNK_BYTES) + b"12345"))
    path = Path(storage.path(name))
    path.write_bytes(_damaged(path.read_bytes(), how))
    with pytest.raises(VaultError):
        _read(storage, name)


def _read(storage: sealed.SealedStorage, name: str) -> bytes:
    with storage.open(name) as stored:
        return stored.read()


def test_a_file_laid_in_anothers_place_does_not_open(storage: sealed.SealedStorage) -> None:
    first, second = (storage.save(name, ContentFile(name.encode())) for name in ("a", "b"))
    Path(storage.path(first)).write_bytes(Path(storage.path(second)).read_bytes())
    with pytest.raises(VaultError), storage.open(first) as stored:
        stored.read()


def test_files_of_an_earlier_version_are_sealed_once(settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "tongxing.files.sealed.SealedStorage", "OPTIONS": {"location": tmp_path}},
    }
    old = tmp_path / "sheets" / "2026" / "a.csv"
    old.parent.mkdir(parents=True)
    old.write_bytes(SECRET)
    (old.parent / "b.csv.sealing").write_bytes(b"half")
    assert (keeping.seal_old(), keeping.seal_old()) == (1, 0)
    assert SECRET not in old.read_bytes()
    assert [path.name for path in old.parent.iterdir()] == ["a.csv"]
    with default_storage.open("sheets/2026/a.csv") as stored:
        assert stored.read() == SECRET


# --- clear copies ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def place(settings: Any, tmp_path: Path) -> Path:
    settings.SCRATCH_DIR = tmp_path / "scratch"
    return tmp_path / "scratch"


def test_a_clear_copy_is_its_owners_alone_and_goes_with_the_block(place: Path) -> None:
    with scratch.private_folder() as folder:
        (folder / "a").write_bytes(SECRET)
        assert (place.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o700, 0o700)
        scratch.sweep()
        assert (folder / "a").exists()
    assert list(place.iterdir()) == []


def test_what_a_killed_process_left_is_swept(place: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from django.conf import settings;"
        "settings.configure(SCRATCH_DIR=Path(sys.argv[1]));"
        "from tongxing.files import scratch\n"
        "with scratch.private_folder() as folder:\n"
        "    (folder / 'a').write_text('x'); print('there', flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script, str(place)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own interpreter and script
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        scratch.sweep()
        assert len(list(place.iterdir())) == 1
        process.kill()
    assert len(list(place.iterdir())) == 1
    scratch.sweep()
    assert list(place.iterdir()) == []


def test_copies_of_other_machines_are_swept_when_they_are_old(place: Path) -> None:
    young, old = (scratch.place() / f"elsewhere~{pid}~1~x" for pid in (1, 2))
    for path in (young, old):
        path.write_bytes(SECRET)
    os.utime(old, (0, time.time() - scratch.FOREIGN_SECONDS - 10))
    scratch.sweep()
    assert list(place.iterdir()) == [young]


def test_a_large_upload_waits_among_the_clear_copies(place: Path) -> None:
    upload = scratch.ScratchUpload("名册.xlsx", "text/csv", 0, None)
    upload.write(SECRET)
    assert [path.suffix for path in place.iterdir()] == [".upload"]
    assert isinstance(upload, File)
    upload.close()
    assert list(place.iterdir()) == []
