"""The pages of batches: upload, check, confirm, follow, mend, undo; and what the other area's officer sees."""

import errno
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from tongxing.audit.models import Entry
from tongxing.core import jobs
from tongxing.registry.models import Organisation
from tongxing.sheets import applying, checking, claims, tasks
from tongxing.sheets.models import Batch, BatchStatus, Line

pytestmark = pytest.mark.django_db
GOOD = "单位名称,所属镇街,从业人员数\n甲厂,克井镇,10\n乙厂,沁园街道,20\n"
BAD = GOOD + "丙厂,月球镇,30\n丁厂,克井镇,-1\n甲厂,克井镇,10\n"


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def upload(client: Client, text: str, sheet: str = "enterprises", name: str = "台账.csv") -> Any:
    return client.post(reverse("sheets:upload"), {"sheet": sheet, "file": SimpleUploadedFile(name, text.encode())})


def address(name: str, batch: Batch) -> str:
    return reverse(f"sheets:{name}", args=[batch.uid])


def test_upload_check_confirm(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    client = signed_in(cast.officer)
    assert client.get(reverse("sheets:upload")).status_code == 200
    answer = upload(client, BAD)
    batch = Batch.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, address("batch", batch))
    assert (batch.status, batch.new, batch.invalid, batch.duplicate, batch.area_code) == ("checked", 2, 2, 1, jiyuan.county.code)
    page = client.get(address("batch", batch)).content.decode()
    assert "有 3 行不合格" in page
    assert "月球镇" in page
    assert client.get(address("batch", batch) + "?kind=bad&code=negative").context["page"].paginator.count == 1
    client.post(address("apply", batch), {"mode": "good"})
    batch.refresh_from_db()
    assert (batch.status, batch.new) == ("applied", 2)
    assert Entry.objects.filter(act="sheets.apply").count() == 1


def test_all_or_nothing_is_refused_with_bad_lines_and_the_batch_stays(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    client = signed_in(cast.officer)
    upload(client, BAD)
    batch = Batch.objects.get()
    answer = client.post(address("apply", batch), {"mode": "all"})
    batch.refresh_from_db()
    assert (answer.status_code, batch.status) == (409, "checked")
    assert client.post(address("apply", batch), {"mode": "some"}).status_code == 400


def test_bad_lines_come_back_as_a_workbook_that_can_be_handed_in_again(
    jiyuan: SimpleNamespace, cast: SimpleNamespace, tmp_path: Path
) -> None:
    client = signed_in(cast.officer)
    upload(client, BAD)
    answer = client.get(address("failed", Batch.objects.get()))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert len(rows) == 4
    assert [row[-3:] for row in rows[1:3]] == [["丙厂", "月球镇", "30"], ["丁厂", "克井镇", "-1"]]
    again = client.post(reverse("sheets:upload"), {"sheet": "enterprises", "file": SimpleUploadedFile("退回.xlsx", answer.content)})
    second = Batch.objects.first()
    assert again["Location"] == address("batch", second)
    assert (second.status, second.rows, second.invalid) == ("checked", 3, 2)


def test_failed_lines_go_to_the_uploader_alone(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    upload(signed_in(cast.township), BAD.replace("沁园街道", "克井镇"))
    batch = Batch.objects.get()
    officer = signed_in(cast.officer)
    assert officer.get(address("batch", batch)).status_code == 200
    assert officer.get(address("failed", batch)).status_code == 404
    assert officer.post(address("apply", batch), {"mode": "good"}).status_code == 403


def test_the_other_countys_officer_sees_nothing(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    upload(signed_in(cast.officer), GOOD)
    batch, other = Batch.objects.get(), signed_in(cast.other)
    assert [other.get(address(name, batch)).status_code for name in ("batch", "progress", "failed")] == [404] * 3
    assert [other.post(address(name, batch)).status_code for name in ("apply", "cancel", "check", "pause", "continue", "undo")] == [404] * 6
    assert "台账.csv" not in other.get(reverse("sheets:batches")).content.decode()
    assert "台账.csv" not in other.get(reverse("sheets:upload")).content.decode()


def test_undo_asks_for_a_reason_and_takes_back(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    client = signed_in(cast.officer)
    upload(client, GOOD)
    batch = Batch.objects.get()
    client.post(address("apply", batch), {"mode": "all"})
    assert client.post(address("undo", batch)).status_code == 400
    assert client.post(address("undo", batch), {"reason": "传错了文件"}).status_code == 302
    batch.refresh_from_db()
    assert (batch.status, batch.undone_reason) == ("undone", "传错了文件")
    assert "传错了文件" in client.get(address("batch", batch)).content.decode()


def test_cancelled_batch_writes_nothing(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    client = signed_in(cast.officer)
    upload(client, GOOD)
    batch = Batch.objects.get()
    client.post(address("cancel", batch))
    assert client.post(address("apply", batch), {"mode": "all"}).status_code == 409
    batch.refresh_from_db()
    assert batch.status == "cancelled"


def test_unreadable_file_says_why(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    client = signed_in(cast.officer)
    answer = upload(client, "", name="空.csv")
    assert (answer.status_code, Batch.objects.count()) == (422, 0)
    assert "空" in answer.content.decode()
    upload(client, "这里没有表头\n随便写的\n", name="乱.csv")
    batch = Batch.objects.get()
    assert batch.status == "refused"
    assert batch.refused_message in client.get(address("batch", batch)).content.decode()


@pytest.mark.parametrize(
    "sheet",
    ["enterprises", "organisations", "coordinators", "certificates", "assignments", "applications", "scores", "attendance", "questions"],
)
def test_template_reads_back_as_a_file_without_lines(jiyuan: SimpleNamespace, cast: SimpleNamespace, sheet: str) -> None:
    client = signed_in(cast.officer)
    content = client.get(reverse("sheets:template", args=[sheet])).content
    client.post(reverse("sheets:upload"), {"sheet": sheet, "file": SimpleUploadedFile("模板.xlsx", content)})
    batch = Batch.objects.get()
    assert (batch.status, batch.refused_code, batch.unknown_headings) == ("refused", "header_only", [])


def test_lists_ask_as_often_with_three_batches_as_with_one(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    client = signed_in(cast.officer)
    counts = []
    for _ in range(3):
        upload(client, BAD)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(reverse("sheets:batches"))
        counts.append(len(queries))
    assert counts[0] == counts[2]


def test_batch_page_asks_as_often_with_many_lines(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    client = signed_in(cast.officer)
    counts = []
    for number in (1, 30):
        upload(client, "单位名称,所属镇街\n" + "".join(f"厂{place},月球镇\n" for place in range(number)))
        with CaptureQueriesContext(connection) as queries:
            client.get(address("batch", Batch.objects.first()))
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- broken off, paused, stalled --------------------------------------------------------------------------------------------
def test_paused_batch_goes_on_where_it_stopped(jiyuan: SimpleNamespace, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "CHUNK_ROWS", 2)
    client = signed_in(cast.officer)
    upload(client, "单位名称,所属镇街\n" + "".join(f"厂{place},克井镇\n" for place in range(6)) + "厂1,克井镇\n")
    batch = Batch.objects.get()

    def pause_after_two(done: int) -> None:
        if done == 4:
            applying.pause(batch, by=cast.officer)

    applying.apply(batch, by=cast.officer, progress=pause_after_two)
    assert (batch.status, batch.chunks.filter(applied=True).count()) == ("paused", 2)
    assert "继续入库" in client.get(address("batch", batch)).content.decode()
    client.post(address("continue", batch))
    batch.refresh_from_db()
    assert (batch.status, batch.new, batch.same, batch.duplicate) == ("applied", 6, 0, 1)
    assert Line.objects.filter(fate="duplicate").count() == 1


def test_a_worker_told_to_stop_leaves_the_batch_to_the_next(
    jiyuan: SimpleNamespace, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (checking, applying):
        monkeypatch.setattr(module, "CHUNK_ROWS", 2)
    worker = SimpleNamespace(running=True)
    monkeypatch.setattr(jobs, "_at_work", worker)
    upload(signed_in(cast.officer), "单位名称,所属镇街\n" + "".join(f"厂{place},克井镇\n" for place in range(6)))
    batch = Batch.objects.get()
    assert (batch.status, batch.new) == ("checked", 6)

    def stop_after_two(done: int) -> None:
        worker.running = False

    with pytest.raises(jobs.HandedOn):
        checking.check(batch, by=cast.officer, progress=stop_after_two)
    assert (batch.status, batch.worker, batch.refused_message) == ("uploaded", "", "")
    worker.running = True
    tasks.check_batch.call(batch.pk)
    batch.refresh_from_db()
    with pytest.raises(jobs.HandedOn):
        applying.apply(batch, by=cast.officer, progress=stop_after_two)
    assert (batch.status, batch.worker, batch.refused_message, Organisation.objects.count()) == ("paused", "", "", 2)
    worker.running = True
    tasks.apply_batch.call(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.new, Organisation.objects.count()) == ("applied", 6, 6)


def test_stalled_batch_is_picked_up(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    upload(signed_in(cast.officer), GOOD)
    batch = Batch.objects.get()
    host = claims.socket.gethostname()[:40]
    Batch.objects.update(status=BatchStatus.APPLYING, confirmed=True, worker=f"{host}:999999999:1:dead")
    batch.refresh_from_db()
    assert claims.is_stalled(batch)
    assert "中途停了下来" in signed_in(cast.officer).get(address("batch", batch)).content.decode()
    tasks.pick_up_stalled()
    batch.refresh_from_db()
    assert (batch.status, batch.new) == ("applied", 2)


def test_undo_that_was_broken_off_leaves_the_batch_as_it_was(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    client = signed_in(cast.officer)
    upload(client, GOOD)
    batch = Batch.objects.get()
    applying.apply(batch, by=cast.officer)
    Batch.objects.update(status=BatchStatus.UNDOING, worker=f"{claims.socket.gethostname()[:40]}:999999999:1:dead")
    tasks.pick_up_stalled()
    batch.refresh_from_db()
    assert (batch.status, batch.worker, batch.refused_message[:9]) == ("applied", "", "撤销意外中断，没有")
    client.post(address("undo", batch), {"reason": "导错了文件"})
    batch.refresh_from_db()
    assert batch.status == "undone"


def test_batch_that_somebody_works_on_is_left_alone(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    client = signed_in(cast.officer)
    upload(client, GOOD)
    batch = Batch.objects.get()
    with claims.claimed(batch, "apply"):
        assert not claims.is_stalled(batch)
        assert "HX-Refresh" not in client.get(address("progress", batch)).headers
        assert client.post(address("continue", batch)).status_code == 409
    batch.refresh_from_db()
    assert (batch.status, batch.refused_message) == ("paused", claims.BROKEN_OFF)


def test_claim_that_the_database_went_away_under_is_let_go_when_it_is_back(
    jiyuan: SimpleNamespace, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process lives on: nobody would ever take the batch for stalled."""
    upload(signed_in(cast.officer), GOOD)
    batch, left = Batch.objects.get(), []
    monkeypatch.setattr(claims, "see_to", left.append)
    with pytest.raises(OperationalError), claims.claimed(batch, "apply"):
        raise OperationalError
    assert claims.is_alive(batch)
    left[0]()
    assert (batch.status, batch.worker, batch.refused_message) == ("paused", "", claims.BROKEN_OFF)


def test_a_full_disk_is_named_on_the_batch(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    upload(signed_in(cast.officer), GOOD)
    batch = Batch.objects.get()
    with pytest.raises(OSError, match="full"), claims.claimed(batch, "apply"):
        raise OSError(errno.ENOSPC, "full")
    assert (batch.status, batch.refused_message) == ("paused", claims.NO_ROOM)


def test_continuing_never_confirms_a_batch_that_waits(client: Client, cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    """What waits for a person's word is not applied by the button that goes on with broken-off work."""
    for status in ("checked", "applied", "refused", "cancelled", "undone"):
        batch = Batch.objects.create(
            sheet="enterprises",
            file_name="x.csv",
            sha256="0" * 64,
            by_name="王经办",
            user=cast.officer,
            area_code=jiyuan.county.code,
            status=status,
        )
        client.force_login(cast.officer)
        assert client.post(reverse("sheets:continue", args=[batch.uid])).status_code == 409
        batch.refresh_from_db()
        assert batch.status == status
