"""Sealing and verifying: every way to tamper is done here past the triggers, and must be found."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from tongxing.audit import anchor, guarding, log, sealing, triggers
from tongxing.audit.models import Block, Entry
from tongxing.audit.verification import verify


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA_DIR, settings.KEY_DIR = tmp_path, tmp_path / "keys"
    return tmp_path


@pytest.fixture
def sealed(db, monkeypatch):
    """Six entries in three blocks."""
    monkeypatch.setattr(sealing, "BLOCK_SIZE", 2)
    for number in range(6):
        write(number)
    assert sealing.seal() == 3


def write(number: int) -> Entry:
    return log.record(
        "areas.rename",
        by=log.COMMAND_LINE,
        object_type="areas.area",
        object_id=number,
        label="克井镇",
        after={"名称": f"{number}镇", "a": 1.5},
    )


def tamper(statement: str, *parameters: object) -> None:
    """What an intruder with full rights in the database can do."""
    triggers.drop(connection)
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
    triggers.create(connection)


def found() -> set[tuple[str, int | None, int | None]]:
    return {(finding.kind, finding.block, finding.entry) for finding in verify().findings}


def ids() -> list[int]:
    return list(Entry.objects.order_by("id").values_list("id", flat=True))


def test_an_untouched_log_verifies(sealed):
    report = verify()
    assert (bool(report), report.blocks, report.entries, report.unsealed, report.findings) == (True, 3, 6, 0, [])
    assert [mark.number for mark in anchor.marks()] == [1, 2, 3]
    assert sealing.seal() == 0


def test_verify_of_the_newest_blocks_only(sealed):
    report = verify(last=2)
    assert (bool(report), report.blocks, report.first_block) == (True, 2, 2)


def test_an_altered_entry_is_named(sealed):
    third = ids()[2]
    tamper("UPDATE audit_entry SET actor_name = %s WHERE id = %s", "别人", third)
    assert found() == {("altered", 2, third)}


def test_altered_content_is_named(sealed):
    first = ids()[0]
    tamper("UPDATE audit_entry SET after = %s WHERE id = %s", '{"名称": "别的镇"}', first)
    assert found() == {("altered", 1, first)}


def test_a_missing_entry_is_named(sealed):
    last = ids()[5]
    tamper("DELETE FROM audit_entry WHERE id = %s", last)
    assert found() == {("missing", 3, last)}


def test_an_inserted_entry_is_named(sealed):
    entry = write(9)
    tamper("UPDATE audit_entry SET block_id = 2 WHERE id = %s", entry.pk)
    assert found() == {("inserted", 2, entry.pk)}


def test_an_entry_moved_to_another_block_is_found_in_both(sealed):
    second = ids()[1]
    tamper("UPDATE audit_entry SET block_id = 2 WHERE id = %s", second)
    assert found() == {("missing", 1, second), ("inserted", 2, second)}


def test_reordered_entries_are_named(sealed):
    first, second = ids()[:2]
    tamper("UPDATE audit_entry SET object_id = CASE id WHEN %s THEN '1' ELSE '0' END WHERE id IN (%s, %s)", first, first, second)
    assert found() == {("altered", 1, first), ("altered", 1, second)}


def test_a_missing_block_is_found(sealed):
    tamper("UPDATE audit_entry SET block_id = NULL WHERE block_id = 2")
    tamper("DELETE FROM audit_block WHERE number = 2")
    assert found() == {("block_missing", 2, None)}


def test_a_cut_off_tail_is_found(sealed):
    tamper("DELETE FROM audit_entry WHERE block_id = 3")
    tamper("DELETE FROM audit_block WHERE number = 3")
    assert found() == {("tail_cut", 3, None)}
    write(7)
    sealing.seal()
    assert found() == {("anchor", 3, None)}


def test_an_altered_block_is_found(sealed):
    tamper("UPDATE audit_block SET sealed_at = %s WHERE number = 3", timezone.now() - timedelta(days=9))
    assert found() == {("block_altered", 3, None)}


def test_a_block_remade_without_the_key_is_found(sealed, settings, folder):
    """An intruder who rewrites the last block and its hash with a key of their own."""
    entry = Entry.objects.filter(block=3).order_by("id")[0]
    tamper("UPDATE audit_entry SET reason = 'x' WHERE id = %s", entry.pk)
    block = Block.objects.get(number=3)
    digests = [sealing.digest(row, b"guess") for row in block.entries.order_by("id")]
    tamper("UPDATE audit_block SET hash = %s WHERE number = 3", sealing.block_hash(block, digests, b"guess"))
    assert found() == {("altered", 3, entry.pk), ("anchor", 3, None)}


def test_a_lost_or_altered_anchor_is_found(sealed):
    lines = anchor.path().read_text().splitlines()
    anchor.path().write_text("\n".join([lines[0], "rubbish", lines[2]]) + "\n")
    assert found() == {("anchor", 2, None), ("anchor", None, None)}
    anchor.path().unlink()
    assert found() == {("anchor", None, None)}


def test_late_entries_are_found(db):
    write(1)
    assert found() == set()
    tamper("UPDATE audit_entry SET at = %s", timezone.now() - timedelta(minutes=31))
    assert found() == {("late", None, None)}


def test_lost_triggers_are_found(sealed):
    triggers.drop(connection)
    assert {finding.kind for finding in verify().findings} == {"trigger"}
    triggers.create(connection)
    assert verify()


def test_lost_triggers_come_back_and_the_log_says_so(sealed):
    assert guarding.restore(log.COMMAND_LINE) == 0
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER audit_entry_no_update" + (" ON audit_entry" if connection.vendor == "postgresql" else ""))
    assert found() == {("trigger", None, None)}
    assert guarding.restore(log.COMMAND_LINE) == 1
    assert found() == set()
    assert Entry.objects.get(act="audit.restore_triggers").before == {"缺失": ["audit_entry_no_update"]}


def test_a_lost_key_stops_sealing(sealed, folder: Path):
    (folder / "keys" / "audit.key").unlink()
    write(9)
    with pytest.raises(ImproperlyConfigured):
        sealing.seal()


def test_the_anchor_catches_up_after_a_crash(sealed):
    anchor.path().write_text(anchor.path().read_text().splitlines()[0] + "\n")
    write(9)
    sealing.seal()
    assert [mark.number for mark in anchor.marks()] == [1, 2, 3, 4]
    assert verify()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET reason = 'x'",
        "UPDATE audit_entry SET block_id = NULL",
        "UPDATE audit_entry SET block_id = 1",
        "DELETE FROM audit_entry",
        "UPDATE audit_block SET entry_count = 9",
        "DELETE FROM audit_block",
    ],
)
def test_the_database_refuses(sealed, statement):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert verify()


def test_the_database_refuses_replacing(sealed):
    first = ids()[0]
    if connection.vendor == "sqlite":
        statement = f"INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry WHERE id = {first}"  # noqa: S608
    else:
        statement = "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE audit_entry"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_sealing_while_writers_write():
    """Writers never wait for the sealer, and every entry is sealed exactly once. In-memory SQLite knows no second connection."""
    if connection.vendor == "sqlite":
        pytest.skip("one connection only; tests/test_two_processes.py does this with a file")
    done = threading.Event()

    def run() -> None:
        try:
            for number in range(60):
                write(number)
        finally:
            connection.close()

    def seal_on() -> None:
        try:
            while not done.is_set():
                sealing.seal()
        finally:
            connection.close()

    writers = [threading.Thread(target=run) for _ in range(3)]
    sealers = [threading.Thread(target=seal_on) for _ in range(2)]
    for thread in [*writers, *sealers]:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in sealers:
        thread.join()
    sealing.seal()
    report = verify()
    assert (report.findings, report.entries, report.unsealed) == ([], 180, 0)
