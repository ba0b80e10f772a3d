"""When a backup is due, what stays, what is deleted, who is told."""

import os
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tongxing.audit.models import Entry
from tongxing.backups import making, places, retention, schedule
from tongxing.backups.models import Backup, Drill, State
from tongxing.backups.sealed import SealedWriter
from tongxing.backups.standing import standing
from tongxing.core import vault
from tongxing.core.errors import Refused
from tongxing.desk.chores import chores

PASSPHRASE = "drei-Birnen-im-Korb"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path, monkeypatch):
    settings.DATA_DIR, settings.KEY_DIR, settings.BACKUP_DIR = tmp_path, tmp_path / "keys", tmp_path / "backups"
    settings.SCRATCH_DIR = tmp_path / "scratch"
    settings.BACKUP_DIR.mkdir()
    vault.ring()
    monkeypatch.delenv("TONGXING_BACKUP_PASSPHRASE", raising=False)
    return settings.BACKUP_DIR


def local(*facts):
    return datetime(*facts, tzinfo=timezone.get_default_timezone())


def written(folder, day, *, scheduled=True, ring=None):
    """A sealed file with the header of an automatic backup of that day, and its row."""
    path = folder / f"tongxing-{day:%Y%m%d-%H%M%S}.backup"
    with path.open("wb") as file:
        SealedWriter(file, PASSPHRASE, {"ring": ring or places.ring_fingerprint(), "scheduled": scheduled}).close()
    Backup.objects.create(
        name=path.name,
        folder=str(folder),
        scheduled=scheduled,
        state=State.DONE,
        started_at=day,
        verified_at=timezone.now(),
        size=1,
    )
    return path


def test_days_weeks_and_months_each_keep_their_newest():
    names = [f"tongxing-{local(2026, 11, 22, 2) - timedelta(days=day):%Y%m%d-%H%M%S}.backup" for day in range(100)]
    kept = sorted(retention.to_keep(names, daily=3, weekly=3, monthly=3))
    # 22, 21, 20 November; the last days of the three newest ISO weeks (22, 15, 8 November); of the three newest months.
    assert [name[9:17] for name in kept] == ["20260930", "20261031", "20261108", "20261115", "20261120", "20261121", "20261122"]
    assert retention.to_keep(names, daily=0, weekly=0, monthly=0) == set()


@pytest.mark.django_db
def test_only_own_automatic_backups_are_deleted_and_never_the_newest_good_one(folder, monkeypatch):
    monkeypatch.setattr(retention, "value", lambda key: 0)
    days = [local(2026, 11, day, 2) for day in (1, 2, 3)]
    old, drilled, newest = (written(folder, day) for day in days)
    by_hand = written(folder, local(2026, 10, 1, 2), scheduled=False)
    foreign = written(folder, local(2026, 10, 2, 2), ring="0" * 16)
    stranger = folder / "tongxing-20260101-020000.backup"
    stranger.write_bytes(b"not ours at all")
    Drill.objects.create(backup_name=drilled.name, state=State.DONE)
    assert retention.remove_old() == 1
    assert sorted(folder.iterdir()) == sorted([drilled, newest, by_hand, foreign, stranger])
    assert Backup.objects.get(name=old.name).state == State.REMOVED
    assert Entry.objects.get(act="backups.remove").object_label == old.name


@pytest.mark.django_db
def test_a_backup_is_due_once_a_day_at_its_hour():
    at = local(2026, 11, 22, 1, 59)
    Backup.objects.create(name="a", folder="x", scheduled=True, state=State.DONE, started_at=local(2026, 11, 21, 2, 3))
    assert not schedule.backup_is_due(at)
    assert schedule.backup_is_due(at + timedelta(minutes=2))
    failed = Backup.objects.create(name="b", folder="x", scheduled=True, state=State.FAILED, started_at=at + timedelta(minutes=2))
    assert not schedule.backup_is_due(at + timedelta(minutes=30))
    assert schedule.backup_is_due(at + timedelta(minutes=63))
    failed.state = State.DONE
    failed.save(update_fields=["state"])
    assert not schedule.backup_is_due(at + timedelta(minutes=63))


@pytest.mark.django_db
def test_a_second_backup_at_the_same_time_is_refused_and_a_lost_one_gives_way(tmp_path):
    running = Backup.objects.create(name="a", folder="x")
    with pytest.raises(Refused, match="正在进行"):
        making.make(tmp_path / "b", passphrase=PASSPHRASE, by=schedule.SYSTEM)
    Backup.objects.filter(pk=running.pk).update(seen_at=timezone.now() - timedelta(hours=1))
    making.give_up_lost()
    assert Backup.objects.get(pk=running.pk).state == State.FAILED


@pytest.mark.django_db
def test_without_a_passphrase_nothing_is_done_and_the_button_says_why(cast, client):
    schedule.run_due()
    assert not Backup.objects.exists()
    client.force_login(cast.admin)
    assert client.post(reverse("backups:make")).status_code == 302
    row = Backup.objects.get()
    assert (row.state, "TONGXING_BACKUP_PASSPHRASE_FILE" in row.message) == (State.FAILED, True)


@pytest.mark.django_db
def test_an_unreadable_passphrase_file_is_said(settings, tmp_path):
    settings.BACKUP_PASSPHRASE_FILE = str(tmp_path / "none")
    with pytest.raises(Refused, match="读不到备份口令文件"):
        places.known_passphrase()
    (tmp_path / "none").write_text(PASSPHRASE + "\n")
    assert places.known_passphrase() == PASSPHRASE


@pytest.mark.django_db
def test_what_a_killed_restore_left_in_clear_is_removed(settings):
    for name, age in ((".restore-old", 30), (".drill-old", 30), (".restore-now", 0), ("files", 30)):
        (settings.DATA_DIR / name).mkdir()
        then = (timezone.now() - timedelta(hours=age)).timestamp()
        os.utime(settings.DATA_DIR / name, (then, then))
    schedule.run_due()
    assert sorted(path.name for path in settings.DATA_DIR.iterdir() if path.name not in {"keys", "backups"}) == [".restore-now", "files"]


def shown(user, rf):
    request = rf.get("/")
    request.user = user
    return [(line.count, line.text, line.tone) for line in chores(request) if line.url == reverse("backups:backups")]


@pytest.mark.django_db
def test_the_start_page_of_administrators_warns(cast, rf):
    assert shown(cast.admin, rf) == [(1, "件要紧的事：还没有做过备份", "red")]
    assert shown(cast.officer, rf) == []
    now = timezone.now()
    Backup.objects.create(name="a", folder="x", state=State.DONE, started_at=now - timedelta(hours=40), verified_at=now)
    Backup.objects.create(name="b", folder="x", state=State.FAILED, started_at=now - timedelta(hours=16))
    assert shown(cast.admin, rf) == [(40, "小时没有成功的备份", "red"), (1, "次备份没有成功", "red"), (1, "项恢复演练该做了", "amber")]
    Backup.objects.create(name="c", folder="x", state=State.DONE, started_at=now, verified_at=now)
    Drill.objects.create(backup_name="c", state=State.FAILED)
    assert shown(cast.admin, rf) == [(1, "次恢复演练没有通过", "red")]
    Drill.objects.create(backup_name="c", state=State.DONE, started_at=now + timedelta(seconds=1))
    assert shown(cast.admin, rf) == []
    assert not standing().is_late


@pytest.mark.django_db
def test_only_who_looks_after_the_whole_programme_sees_backups(cast, jiyuan):
    Backup.objects.create(name="a", folder="x")
    assert Backup.objects.visible_to(cast.admin).count() == 1
    cast.admin.grants.update(area=jiyuan.kejing)
    assert Backup.objects.visible_to(type(cast.admin).objects.get(pk=cast.admin.pk)).count() == 0


@pytest.mark.django_db
def test_the_page_takes_the_same_queries_for_one_and_three_rows(cast, client):
    client.force_login(cast.admin)
    client.get(reverse("backups:backups"))
    asked = []
    for name in ("a", "b", "c"):
        Backup.objects.create(name=name, folder="x", state=State.FAILED, message="磁盘写满了")
        with CaptureQueriesContext(connection) as queries:
            page = client.get(reverse("backups:backups"))
        assert "磁盘写满了" in page.content.decode()
        asked.append(len(queries))
    assert asked[0] == asked[2]
