"""Backup and restore: what was there comes back; what was touched, cut or belongs elsewhere is refused before anything changes."""

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from command_line import environment, tongxing

PASSPHRASE = {"TONGXING_BACKUP_PASSPHRASE": "drei-Birnen-im-Korb"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an account and an uploaded file, and its backup, with and without keys."""
    folder = tmp_path_factory.mktemp("backup")
    assert tongxing(folder / "var", "migrate").returncode == 0
    arguments = ("createuser", "wang", "--name", "王经办", "--role", "officer")
    assert tongxing(folder / "var", *arguments, TONGXING_PASSWORD="clay-river-9-lamp").returncode == 0
    (folder / "var" / "files" / "2026").mkdir(parents=True)
    (folder / "var" / "files" / "2026" / "roster.xlsx").write_bytes(bytes(range(256)) * 9000)
    for name, more in (("plain", []), ("with-keys", ["--with-keys"])):
        done = tongxing(folder / "var", "backup", folder / name, *more, "--json", **PASSPHRASE)
        assert done.returncode == 0, done.stderr
    return folder


def usernames(data: Path) -> list[str]:
    with closing(sqlite3.connect(data / "tongxing.sqlite3")) as database:
        return [name for (name,) in database.execute("SELECT username FROM accounts_user")]


def refusal(place: Path, data: Path, *arguments: str | Path, **more: str) -> str:
    shown = tongxing(data, "restore", *arguments, "--json", **{**PASSPHRASE, **more})
    assert shown.returncode == 2, shown.stderr
    assert not (data / "tongxing.sqlite3").exists()
    assert list(data.glob(".restore-*")) == []
    return str(json.loads(shown.stdout)["refused"]["code"])


def test_restore_brings_everything_back(place: Path, tmp_path: Path) -> None:
    done = tongxing(tmp_path / "new", "restore", place / "with-keys", **PASSPHRASE)
    assert done.returncode == 0, done.stderr
    assert usernames(tmp_path / "new") == ["wang"]
    restored = tmp_path / "new" / "files" / "2026" / "roster.xlsx"
    assert restored.read_bytes() == (place / "var" / "files" / "2026" / "roster.xlsx").read_bytes()
    assert (tmp_path / "new" / "keys" / "session.key").read_text() == (place / "var" / "keys" / "session.key").read_text()


def test_backup_shows_nothing_in_clear(place: Path) -> None:
    raw = (place / "with-keys").read_bytes()
    assert [word for word in (b"SQLite format", b"accounts_user", b"manifest") if word in raw] == []
    assert oct((place / "plain").stat().st_mode & 0o777) == "0o600"


def test_backup_without_keys_needs_the_keys_of_then(place: Path, tmp_path: Path) -> None:
    assert refusal(place, tmp_path / "new", place / "plain") == "other_keys"
    shutil.copytree(place / "var" / "keys", tmp_path / "second" / "keys")
    assert tongxing(tmp_path / "second", "restore", place / "plain", **PASSPHRASE).returncode == 0


def test_wrong_passphrase_is_refused(place: Path, tmp_path: Path) -> None:
    assert refusal(place, tmp_path / "new", place / "plain", TONGXING_BACKUP_PASSPHRASE="something-else-9") == "wrong_passphrase"


@pytest.mark.parametrize("harm", ["cut", "flipped", "appended", "other file"])
def test_damaged_backup_is_refused(place: Path, tmp_path: Path, harm: str) -> None:
    raw = bytearray((place / "with-keys").read_bytes())
    if harm == "cut":
        raw = raw[: len(raw) // 2]
    if harm == "flipped":
        raw[-2000] ^= 1
    if harm == "appended":
        raw += raw[-500:]
    if harm == "other file":
        raw = bytearray(b"PK\x03\x04 no backup")
    (tmp_path / "harmed").write_bytes(raw)
    assert refusal(place, tmp_path / "new", tmp_path / "harmed") in {"backup_damaged", "not_a_backup"}


def test_folder_with_data_is_refused_and_put_aside_by_force(place: Path, tmp_path: Path) -> None:
    data = tmp_path / "var"
    shutil.copytree(place / "var", data)
    with closing(sqlite3.connect(data / "tongxing.sqlite3")) as database:
        database.execute("UPDATE accounts_user SET username = 'later'")
        database.commit()
    assert tongxing(data, "restore", place / "plain", **PASSPHRASE).returncode == 2
    assert usernames(data) == ["later"]
    assert tongxing(data, "restore", place / "plain", "--force", **PASSPHRASE).returncode == 0
    assert usernames(data) == ["wang"]
    assert [usernames(folder) for folder in data.glob("before-restore-*")] == [["later"]]


def test_short_passphrase_and_existing_file_are_refused(place: Path, tmp_path: Path) -> None:
    assert tongxing(place / "var", "backup", tmp_path / "a", TONGXING_BACKUP_PASSPHRASE="short").returncode == 2
    assert tongxing(place / "var", "backup", place / "plain", **PASSPHRASE).returncode == 2


SEAL_ON = """
import django; django.setup()
import time
from tongxing.audit import log, sealing
until = time.monotonic() + 12
while time.monotonic() < until:
    log.record("areas.rename", by=log.COMMAND_LINE, object_type="areas.area", object_id=1, label="x")
    sealing.seal()
"""


def test_log_of_a_backup_taken_while_blocks_are_sealed_verifies(place: Path, tmp_path: Path) -> None:
    """The anchor of the backup is never ahead of its database: restored, the log must not look cut off."""
    data = Path(shutil.copytree(place / "var", tmp_path / "var"))
    sealer = subprocess.Popen([sys.executable, "-c", SEAL_ON], env=environment(data))
    try:
        time.sleep(3)
        made = tongxing(data, "backup", tmp_path / "busy", "--with-keys", **PASSPHRASE)
        assert sealer.poll() is None
    finally:
        sealer.wait(30)
    assert made.returncode == 0, made.stderr
    assert tongxing(tmp_path / "new", "restore", tmp_path / "busy", **PASSPHRASE).returncode == 0
    done = tongxing(tmp_path / "new", "audit", "verify", "--json")
    assert (done.returncode, json.loads(done.stdout)["findings"]) == (0, [])
    assert json.loads(done.stdout)["blocks"] > 1
