"""Files of batches lie sealed, go after the days of the provision, and the batch tells so."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tongxing.audit.models import Entry
from tongxing.sheets import checking, retention
from tongxing.sheets.models import Batch, Line
from tongxing.sheets.uploads import upload

pytestmark = pytest.mark.django_db
TEXT = "单位名称,所属镇街,从业人员数\n甲厂,克井镇,10\n丙厂,月球镇,30\n"


@pytest.fixture
def batch(cast: SimpleNamespace) -> Batch:
    batch = upload("enterprises", SimpleUploadedFile("台账.csv", TEXT.encode()), name="台账.csv", by=cast.officer)
    return checking.check(batch, by=cast.officer)


def age(batch: Batch, days: int, **changes: Any) -> None:
    then = timezone.now() - timedelta(days=days)
    Batch.objects.filter(pk=batch.pk).update(**{"created_at": then, "finished_at": then, **changes})
    batch.refresh_from_db()


def test_the_roster_lies_sealed_and_leaves_no_clear_copy(batch: Batch) -> None:
    raw = Path(batch.file.path).read_bytes()
    assert "甲厂".encode() not in raw
    assert batch.new == 1
    assert list(settings.SCRATCH_DIR.iterdir()) == []


def test_a_roster_altered_on_the_disk_is_refused(batch: Batch, cast: SimpleNamespace) -> None:
    path = Path(batch.file.path)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    checking.check(batch, by=cast.officer)
    assert (batch.status, batch.refused_code) == ("refused", "file_unreadable")


@pytest.mark.parametrize("status", ["applied", "refused", "cancelled", "undone"])
def test_the_file_of_a_batch_that_is_done_goes_after_the_days(batch: Batch, cast: SimpleNamespace, status: str) -> None:
    path = Path(batch.file.path)
    age(batch, retention.keep_days() - 1, status=status)
    assert (retention.remove_old_files(), path.exists()) == (0, True)
    age(batch, retention.keep_days() + 1, status=status)
    assert (retention.remove_old_files(), retention.remove_old_files(), path.exists()) == (1, 0, False)
    batch.refresh_from_db()
    assert (batch.status, bool(batch.file), batch.rows, Line.objects.filter(batch=batch).count()) == (status, False, 2, 2)
    assert Entry.objects.filter(act="sheets.remove_file").count() == 1
    client = Client()
    client.force_login(cast.officer)
    assert "按保存期限删除" in client.get(reverse("sheets:batch", args=[batch.uid])).content.decode()
    refused = client.get(reverse("sheets:failed", args=[batch.uid]))
    assert (refused.status_code, "保存期限" in refused.content.decode()) == (409, True)


def test_a_batch_nobody_confirmed_is_given_up_and_a_paused_one_is_kept(batch: Batch) -> None:
    age(batch, retention.keep_days() + 1, status="paused")
    assert (retention.remove_old_files(), bool(batch.file)) == (0, True)
    age(batch, retention.keep_days() + 1, status="checked", finished_at=None)
    assert retention.remove_old_files() == 1
    batch.refresh_from_db()
    assert (batch.status, bool(batch.file)) == ("cancelled", False)


def test_a_run_that_was_broken_off_is_finished_by_the_next(batch: Batch) -> None:
    age(batch, retention.keep_days() + 1, status="applied")
    batch.file.storage.delete(batch.file.name)
    assert retention.remove_old_files() == 1
