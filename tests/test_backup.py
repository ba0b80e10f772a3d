"""Backup, restore and drill, on the database of the run: what was there comes back row by row; what was touched, cut or belongs elsewhere is
refused before anything changes; a full disk leaves nothing half-done; writers are not disturbed.
"""

import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from homes import PASSPHRASE, SERVER, Home, builder

pytestmark = [pytest.mark.slow, pytest.mark.homes]
Build = Callable[[], Home]


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    with builder(tmp_path_factory.mktemp("homes")) as made:
        yield made


KEEP = """
import django; django.setup()
from tongxing.audit import log, sealing
from tongxing.files.store import keep
keep(b"%PDF-1.4\\n" + bytes(range(256)) * 9000, name="a.pdf", purpose="papers.proof", by=log.COMMAND_LINE, area_code=None)
sealing.seal()
"""


@pytest.fixture(scope="module")
def home(build: Build) -> Home:
    """An installation with an account, an uploaded file and a sealed log, and its backups, with and without keys."""
    made = build()
    assert made.run("migrate").returncode == 0
    arguments = ("createuser", "wang", "--name", "王经办", "--role", "officer")
    assert made.run(*arguments, TONGXING_PASSWORD="clay-river-9-lamp").returncode == 0
    subprocess.run([sys.executable, "-c", KEEP], env=made.environment(), check=True)
    for name, more in (("plain", []), ("with-keys", ["--with-keys"])):
        done = made.run("backup", made.data / name, *more, "--json")
        assert done.returncode == 0, done.stderr
        (made.data / f"{name}.json").write_text(done.stdout)
    return made


def usernames(home: Home) -> list[str]:
    return [name for (name,) in home.ask("SELECT username FROM accounts_user")]


def refusal(there: Home, *arguments: str | Path, **more: str) -> str:
    shown = there.run("restore", *arguments, "--json", **more)
    assert shown.returncode == 2, shown.stderr
    assert there.is_untouched()
    return str(json.loads(shown.stdout)["refused"]["code"])


def test_restore_elsewhere_brings_every_row_and_file_back(home: Home, build: Build) -> None:
    there = build()
    done = there.run("restore", home.data / "with-keys", "--json")
    assert done.returncode == 0, done.stderr
    made, restored = json.loads((home.data / "with-keys.json").read_text()), json.loads(done.stdout)
    assert restored["tables"] == made["tables"]
    assert made["tables"]["accounts_user"]["rows"] == 1
    assert usernames(there) == ["wang"]
    stored = {path.relative_to(home.data): path.read_bytes() for path in (home.data / "files").rglob("*") if path.is_file()}
    assert {path.relative_to(there.data): path.read_bytes() for path in (there.data / "files").rglob("*") if path.is_file()} == stored
    assert len(stored) == 1
    assert there.run("inspect").returncode == 0
    # What follows works: counters of keys, triggers, the log.
    assert there.run("createuser", "later", "--name", "李", "--role", "officer", TONGXING_PASSWORD="clay-river-9-lamp").returncode == 0
    assert there.run("audit", "verify").returncode == 0


def test_restore_prints_rows_and_sums(home: Home, build: Build) -> None:
    shown = build().run("restore", home.data / "with-keys")
    tables = json.loads((home.data / "with-keys.json").read_text())["tables"]
    assert [line.split() for line in shown.stdout.splitlines() if line.startswith("accounts_user ")] == [
        ["accounts_user", str(tables["accounts_user"]["rows"]), tables["accounts_user"]["hash"]]
    ]
    assert "逐表相同" in shown.stdout


def test_backup_shows_nothing_in_clear(home: Home) -> None:
    raw = (home.data / "with-keys").read_bytes()
    assert [word for word in (b"SQLite format", b"accounts_user", b"files/", PASSPHRASE.encode()) if word in raw] == []
    assert oct((home.data / "plain").stat().st_mode & 0o777) == "0o600"


def test_backup_without_keys_needs_the_keys_of_then(home: Home, build: Build, tmp_path: Path) -> None:
    """The escrow: one person holds the backup, another the keys; a machine that has neither is brought up from both."""
    there = build()
    assert refusal(there, home.data / "plain") == "other_keys"
    other = {"TONGXING_BACKUP_PASSPHRASE": "zwei-Quitten-am-Baum"}
    assert home.run("backup", "--keys-only", tmp_path / "keys.backup", **other).returncode == 0
    assert refusal(there, tmp_path / "keys.backup") == "wrong_passphrase"
    assert there.run("restore", tmp_path / "keys.backup", **other).returncode == 0
    assert there.run("restore", tmp_path / "keys.backup", **other).returncode == 2
    assert there.run("restore", home.data / "plain").returncode == 0
    assert there.run("inspect").returncode == 0


def test_wrong_passphrase_is_refused(home: Home, build: Build) -> None:
    assert refusal(build(), home.data / "plain", TONGXING_BACKUP_PASSPHRASE="something-else-9") == "wrong_passphrase"


def test_damaged_backups_are_refused(home: Home, build: Build, tmp_path: Path) -> None:
    whole = (home.data / "with-keys").read_bytes()
    flipped = bytearray(whole)
    flipped[-2000] ^= 1
    harmed = {
        "cut": (whole[: len(whole) // 2], "backup_damaged"),
        "cut short": (whole[:-1], "backup_damaged"),
        "header only": (whole[:100], "backup_damaged"),
        "flipped": (bytes(flipped), "backup_damaged"),
        "appended": (whole + whole[-500:], "backup_damaged"),
        "other file": (b"PK\x03\x04 no backup", "not_a_backup"),
        "empty": (b"", "not_a_backup"),
    }
    there = build()
    for name, (raw, code) in harmed.items():
        (tmp_path / "harmed").write_bytes(raw)
        assert (name, refusal(there, tmp_path / "harmed")) == (name, code)
        assert there.run("restore", tmp_path / "harmed", "--verify").returncode == 2


def test_verify_changes_nothing(home: Home, build: Build) -> None:
    there = build()
    done = there.run("restore", home.data / "with-keys", "--verify", "--json")
    assert (done.returncode, json.loads(done.stdout)["status"]) == (0, "verified")
    assert there.is_untouched()


def test_place_with_data_is_refused_and_put_aside_by_force(home: Home, build: Build) -> None:
    there = build()
    assert there.run("restore", home.data / "with-keys").returncode == 0
    there.ask("UPDATE accounts_user SET username = 'later'")
    assert there.run("restore", home.data / "plain").returncode == 2
    assert usernames(there) == ["later"]
    assert there.run("restore", home.data / "plain", "--force").returncode == 0
    assert usernames(there) == ["wang"]
    aside = max(there.data.glob("before-restore-*"))
    if there.url:
        schema = aside.name.replace("-", "_")
        assert there.ask(f"SELECT username FROM {schema}.accounts_user") == [("later",)]
    else:
        assert usernames(Home(aside, "")) == ["later"]
    assert len([path for path in (aside / "files").rglob("*") if path.is_file()]) == 1


def test_service_that_is_running_is_not_restored_under(home: Home, build: Build) -> None:
    there = build()
    assert there.run("restore", home.data / "with-keys").returncode == 0
    there.ask(
        "INSERT INTO core_workerlife (worker_id, host, pid, started_at, seen_at) VALUES "
        + ("('w', 'h', 1, now(), now())" if there.url else "('w', 'h', 1, datetime('now'), datetime('now'))")
    )
    shown = there.run("restore", home.data / "with-keys", "--force", "--json")
    assert json.loads(shown.stdout)["refused"]["code"] == "service_running"


def test_short_passphrase_and_existing_file_are_refused(home: Home, tmp_path: Path) -> None:
    assert home.run("backup", tmp_path / "a", TONGXING_BACKUP_PASSPHRASE="short").returncode == 2
    assert home.run("backup", home.data / "plain").returncode == 2


def limited(home: Home, *arguments: str | Path, most: int) -> "subprocess.CompletedProcess[str]":
    """The command where no file may grow beyond `most` bytes: to a program much like a full disk."""
    return subprocess.run(
        [sys.executable, "-m", "tongxing", *map(str, arguments), "--json"],
        env=home.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
    )


def test_full_disk_leaves_nothing_half_done(home: Home, build: Build, tmp_path: Path) -> None:
    database = 0 if home.url else (home.data / "tongxing.sqlite3").stat().st_size
    # On SQLite once while the database is copied, and once while the sealed file is written (it holds the uploaded file, too).
    for most in (300_000,) if home.url else (database // 2,):
        shown = limited(home, "backup", tmp_path / "never", most=most)
        assert (shown.returncode, json.loads(shown.stdout)["refused"]["code"]) == (2, "disk_full"), shown.stderr
        assert list(tmp_path.iterdir()) == []
        assert list((home.data / "scratch").glob("*")) == []
    there = build()
    there.data.mkdir()
    shown = limited(there, "restore", home.data / "with-keys", most=200_000)
    assert (shown.returncode, json.loads(shown.stdout)["refused"]["code"]) == (2, "disk_full"), shown.stderr
    assert there.is_untouched()


WRITE_ON = """
import django; django.setup()
import sys, time
from pathlib import Path
from django.db import transaction
from tongxing.accounts.models import User
from tongxing.audit import log, sealing
stop, n = Path(sys.argv[1]), 0
while not stop.exists():
    n += 1
    with transaction.atomic():
        User.objects.create(username=f"left-{sys.argv[2]}-{n}", name="左")
        log.record("areas.rename", by=log.COMMAND_LINE, object_type="areas.area", object_id=n, label="x" * 200)
        User.objects.create(username=f"right-{sys.argv[2]}-{n}", name="右")
    if n % 5 == 0:
        sealing.seal()
"""


def test_backup_under_load_is_of_one_moment(home: Home, build: Build, tmp_path: Path) -> None:
    """Two writers all the while: every transaction is there whole or not at all, the log verifies, rows are as the backup said, none waits."""
    busy = build()
    assert busy.run("restore", home.data / "with-keys").returncode == 0
    stop = tmp_path / "stop"
    writers = [subprocess.Popen([sys.executable, "-c", WRITE_ON, str(stop), str(number)], env=busy.environment()) for number in (1, 2)]
    try:
        deadline = time.monotonic() + 60
        while len(usernames(busy)) < 10 and time.monotonic() < deadline:
            time.sleep(0.2)
        before = len(usernames(busy))
        made = busy.run("backup", tmp_path / "busy", "--with-keys", "--json")
        after = len(usernames(busy))
        assert [writer.poll() for writer in writers] == [None, None]
    finally:
        stop.touch()
        for writer in writers:
            assert writer.wait(60) == 0
    assert made.returncode == 0, made.stderr
    there = build()
    done = there.run("restore", tmp_path / "busy", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["tables"] == json.loads(made.stdout)["tables"]
    names = {name for name in usernames(there) if name != "wang"}
    assert {name.replace("left", "right") for name in names if name.startswith("left")} == {
        name for name in names if name.startswith("right")
    }
    assert before <= len(names) + 1 < after
    verified = there.run("audit", "verify", "--json")
    assert (verified.returncode, json.loads(verified.stdout)["findings"]) == (0, [])
    assert json.loads(verified.stdout)["blocks"] > 1


def test_drill_proves_the_newest_backup_and_leaves_nothing(home: Home, build: Build) -> None:
    there = build()
    assert there.run("restore", home.data / "with-keys").returncode == 0
    assert json.loads(there.run("drill", "--json").stdout)["refused"]["code"] == "no_backup"
    assert json.loads(there.run("backup", "--scheduled", "--json").stdout)["status"] == "applied"
    assert json.loads(there.run("backup", "--scheduled", "--json").stdout)["status"] == "not_due"
    assert (there.data / "backups" / "恢复说明.txt").exists()
    done = there.run("drill", "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["status"], report["findings"]) == (0, "applied", []), done.stderr
    assert report["tables"]["accounts_user"]["rows"] == 1
    assert report["seen"]["files_opened"] == 1
    assert report["seconds"]["total"] >= report["seconds"]["restore"] > 0
    assert list(there.data.glob(".drill-*")) == []
    if there.url:
        assert there.ask("SELECT datname FROM pg_database WHERE datname LIKE 'tongxing_drill_%'") == []
    assert there.ask("SELECT state FROM backups_drill") == [("done",)]
    assert json.loads(there.run("drill", "--scheduled", "--json").stdout)["status"] == "not_due"


def test_drill_finds_a_damaged_backup_and_wrong_keys(home: Home, build: Build, tmp_path: Path) -> None:
    shutil.copyfile(home.data / "plain", tmp_path / "cut.backup")
    with (tmp_path / "cut.backup").open("r+b") as file:
        file.truncate(200_000)
    done = home.run("drill", tmp_path / "cut.backup", "--json")
    assert (done.returncode, json.loads(done.stdout)["status"]) == (1, "findings")
    stranger = build()
    assert stranger.run("migrate").returncode == 0
    done = home.run("drill", home.data / "plain", "--keys", stranger.data / "keys", "--json")
    assert done.returncode == 1
    assert "密钥" in json.loads(done.stdout)["findings"][0]


def test_interrupted_restore_lets_nothing_start_until_it_is_done_again(home: Home, build: Build) -> None:
    there = build()
    assert there.run("restore", home.data / "with-keys").returncode == 0
    (there.data / "restore.unfinished").write_text("before-restore-20261122-020000")
    (there.data / "before-restore-20261122-020000").mkdir()
    (there.data / "files").rename(there.data / "before-restore-20261122-020000" / "files")
    for command in (["worker", "--once"], ["run", "--prepare-only"], ["backup"]):
        assert there.run(*command).returncode == 2
    assert there.run("restore", home.data / "with-keys").returncode == 0
    assert there.run("inspect").returncode == 0
    assert not (there.data / "restore.unfinished").exists()
    assert len(list((there.data / "before-restore-20261122-020000" / "files").rglob("*"))) > 0


@pytest.mark.skipif(not SERVER, reason="PostgreSQL only")
def test_without_pg_dump_our_own_copy_does_it(home: Home, build: Build, tmp_path: Path) -> None:
    made = home.run("backup", tmp_path / "copied", "--with-keys", "--json", TONGXING_PG_DUMP="none")
    assert made.returncode == 0, made.stderr
    there = build()
    done = there.run("restore", tmp_path / "copied", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["tables"] == json.loads(made.stdout)["tables"]
    assert there.run("inspect").returncode == 0
    assert there.run("createuser", "later", "--name", "李", "--role", "officer", TONGXING_PASSWORD="clay-river-9-lamp").returncode == 0
    # The database still refuses to alter the log: triggers are on again.
    with pytest.raises(Exception, match="append-only"):
        there.ask("DELETE FROM audit_entry")
    assert there.ask("SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'") == [(0,)]
    assert home.run("backup", tmp_path / "x", "--json", TONGXING_PG_DUMP="/bin/true").returncode == 2
