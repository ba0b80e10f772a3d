import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.models import Grant
from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.files.models import StoredFile
from tongxing.files.store import clean_name, keep

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def archive(*names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return target.getvalue()


def read(answer) -> bytes:
    """The whole body; the client closes the file at its end without closing the database connection of the test."""
    return b"".join(answer.streaming_content)


XLSX = archive("[Content_Types].xml", "xl/workbook.xml")


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }
    return tmp_path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", XLSX),
        ("a.XLSX", XLSX),
        ("a.docx", archive("[Content_Types].xml", "word/document.xml")),
        ("a.xls", OLE),
        ("a.csv", "姓名,电话\n".encode("gb18030")),
        ("a.csv", "姓名,电话\n".encode("utf-16")),
        ("a.csv", "\ufeff姓名,电话\n".encode()),
        ("a.csv", "姓名\n".encode() * 200_000),
        ("a.pdf", b"%PDF-1.7\n"),
        ("a.png", PNG),
        ("a.jpg", b"\xff\xd8\xff\xe0"),
        ("a.zip", archive("读我.txt")),
        ("a.ofd", archive("OFD.xml")),
    ],
)
def test_keep_takes_what_is_what_it_says(db, name, content):
    file = keep(content, name=name, purpose="tests.file", by=COMMAND_LINE, area_code=None)
    with file.open() as stored:
        assert stored.read() == content
    assert (file.size, len(file.sha256)) == (len(content), 64)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xlsx", b"", "file_empty"),
        ("a.xlsx", b"PK\x03\x04 broken", "file_content"),
        ("a.xlsx", "姓名\n".encode(), "file_content"),
        ("a.xlsx", OLE, "file_content"),
        ("a.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "file_encrypted"),
        ("a.xlsx", archive("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), "file_macro"),
        ("a.xls", b"<html><table>", "file_content"),
        ("a.csv", b"  <svg onload=alert(1)>", "file_content"),
        ("a.csv", b"MZ\x90\0\x03", "file_content"),
        ("a.csv", b"a,b\0c", "file_content"),
        ("a.png", b"<html>", "file_content"),
        ("a.zip", archive("setup.exe"), "file_content"),
        ("a.exe", b"MZ", "file_type"),
        ("a.svg", b"<svg>", "file_type"),
        ("a.html", b"<html>", "file_type"),
        ("a", b"x", "file_type"),
        ("...", b"x", "file_name"),
    ],
)
def test_keep_refuses_what_is_not_what_it_says(db, name, content, code):
    with pytest.raises(Refused) as refused:
        keep(content, name=name, purpose="tests.file", by=COMMAND_LINE, area_code=None)
    assert refused.value.code == code
    assert StoredFile.objects.count() == 0


def test_keep_refuses_what_is_too_large(db, settings):
    settings.UPLOAD_LIMIT_BYTES = 10
    with pytest.raises(Refused) as refused:
        keep(SimpleUploadedFile("a.csv", b"12345678901"), name="a.csv", purpose="tests.file", by=COMMAND_LINE, area_code=None)
    assert refused.value.code == "file_too_large"


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("../../etc/名册.xlsx", "名册.xlsx"),
        ("C:\\桌面\\名册.xlsx", "名册.xlsx"),
        ("名\u202e册\x00.xlsx", "名册.xlsx"),
        ("长" * 200 + ".xlsx", "长" * 115 + ".xlsx"),
    ],
)
def test_clean_name(raw, name):
    assert clean_name(raw) == name


def test_keep_never_overwrites(db, storage: Path):
    first = keep(b"1", name="a.csv", purpose="tests.file", by=COMMAND_LINE, area_code=None)
    second = keep(b"2", name="a.csv", purpose="tests.file", by=COMMAND_LINE, area_code=None)
    assert first.stored_as != second.stored_as
    assert "a.csv" not in first.stored_as
    assert sum(1 for path in storage.rglob("*") if path.is_file()) == 2


def test_visible_to_owner_and_holders_over_the_area(cast, jiyuan):
    mine = keep(b"1", name="a.csv", purpose="tests.file", by=cast.officer, area_code=None)
    town = keep(b"2", name="b.csv", purpose="tests.file", by=cast.officer, area_code=jiyuan.kejing.code)
    open_to_readers = keep(
        b"3", name="c.csv", purpose="tests.file", by=cast.officer, area_code=jiyuan.kejing.code, opens_with="registry.view"
    )
    street = keep(b"4", name="d.csv", purpose="tests.file", by=COMMAND_LINE, area_code=jiyuan.qinyuan.code)

    def seen(user):
        return set(StoredFile.objects.visible_to(user))

    assert seen(cast.officer) == {mine, town, open_to_readers, street}
    assert seen(cast.township) == {town, open_to_readers}
    assert seen(cast.leader) == {open_to_readers}
    for user in (cast.other, cast.reviewer, cast.agent, cast.coordinator, cast.nobody):
        assert seen(user) == set()


def test_visible_to_nobody_after_the_grant_ended(cast):
    file = keep(b"1", name="a.csv", purpose="tests.file", by=cast.officer, area_code=None)
    Grant.objects.filter(user=cast.officer).update(until=timezone.localdate() - timedelta(days=1))
    assert file not in StoredFile.objects.visible_to(cast.officer)


def test_download_is_an_attachment_and_others_leave_a_read_entry(client, cast, jiyuan):
    file = keep("姓名".encode(), name="名册.csv", purpose="tests.file", by=cast.officer, area_code=jiyuan.kejing.code)
    client.force_login(cast.officer)
    answer = client.get(reverse("files:download", args=[file.uid]))
    assert read(answer) == "姓名".encode()
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert Entry.objects.filter(act="files.download").count() == 0
    client.force_login(cast.township)
    read(client.get(reverse("files:download", args=[file.uid])))
    entry = Entry.objects.get(act="files.download")
    assert (entry.actor_id, entry.object_label, entry.area_code) == (cast.township.pk, "名册.csv", jiyuan.kejing.code)


def test_download_of_another_area_is_not_found(client, cast, jiyuan):
    file = keep(b"1", name="a.csv", purpose="tests.file", by=cast.officer, area_code=jiyuan.kejing.code)
    client.force_login(cast.other)
    assert client.get(reverse("files:download", args=[file.uid])).status_code == 404


@pytest.mark.parametrize(("name", "content", "shown"), [("a.png", PNG, "inline"), ("a.csv", b"1", "attachment")])
def test_download_inline_only_when_safe(client, cast, name, content, shown):
    file = keep(content, name=name, purpose="tests.file", by=cast.officer, area_code=None)
    client.force_login(cast.officer)
    answer = client.get(reverse("files:download", args=[file.uid]), {"inline": "1"})
    read(answer)
    assert answer["Content-Disposition"].split(";")[0] == shown
