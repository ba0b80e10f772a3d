"""Verification in bulk: right answers, nothing kept, nothing to be guessed."""

from datetime import date
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.certificates.models import Certificate
from tongxing.certificates.register import void_certificate
from tongxing.core.models import LimitedUse
from tongxing.credentials.tests.scene import a_certificate
from tongxing.files.models import StoredFile
from tongxing.policy.amending import add_version
from tongxing.portal import bulk, verification


@pytest.fixture(autouse=True)
def fresh_counts() -> Any:
    caches["process"].clear()
    yield
    caches["process"].clear()


@pytest.fixture
def one(jiyuan: SimpleNamespace) -> Certificate:
    return a_certificate(jiyuan.kejing, name="欧阳修远")


def states(client: Client, text: str) -> list[str]:
    answer = client.post(reverse("portal:look-up-many"), {"lines": text})
    assert answer.status_code == 200, answer.content.decode()
    return [row.state for row, _ in answer.context["rows"]]


def test_lines_are_read_in_either_order_and_with_any_mark_between() -> None:
    number = "S000041000001233000001"
    text = f"{number} 张三\n李四，{number}\n\n{number}\t阿依古丽·买买提\n{number}\n王五"
    assert [(line.place, line.name, bool(line.flaw)) for line in bulk.pasted(text)] == [
        (1, "张三", False),
        (2, "李四", False),
        (4, "阿依古丽·买买提", False),
        (5, "", True),
        (6, "王五", True),
    ]


def test_each_state_is_told_and_a_miss_says_nothing_more(client: Client, one: Certificate, jiyuan: SimpleNamespace) -> None:
    ended = void_certificate(
        a_certificate(jiyuan.kejing, name="王五"), by=COMMAND_LINE, reason="替考", ground="improper", on=date(2025, 2, 3)
    )
    text = f"{one.number.lower()} 欧阳 修远\n{one.number} 欧阳修\nS000041000001233777777 欧阳修远\n{ended.number} 王五\n什么"
    answer = client.post(reverse("portal:look-up-many"), {"lines": text})
    rows = [row for row, _ in answer.context["rows"]]
    assert [row.state for row in rows] == ["valid", "no_match", "no_match", "void", "unreadable"]
    assert rows[1][3:] == rows[2][3:]
    assert (rows[3].ground, rows[3].ended_on) == ("不符合条件或以不正当手段取得", date(2025, 2, 3))
    assert "替考" not in answer.content.decode()


def test_nothing_of_the_list_is_kept_and_the_log_has_counts_only(client: Client, one: Certificate) -> None:
    file = SimpleUploadedFile("名单.csv", f"证书编号,姓名\n{one.number},欧阳修远\nS000041000001233777777,赵六\n".encode("gb18030"))
    answer = client.post(reverse("portal:look-up-many"), {"file": file})
    assert [row.state for row, _ in answer.context["rows"]] == ["valid", "no_match"]
    assert not StoredFile.objects.exists()
    entry = Entry.objects.get(act="portal.verify_many")
    assert entry.after == {"行数": 2, "有效": 1, "不符": 1}
    assert (entry.actor_name, entry.object_id, entry.reason) == ("公众", "", "")
    assert not any(one.number in str(use.key) for use in LimitedUse.objects.all())


def test_a_workbook_is_read_and_one_comes_back_without_formulas(client: Client, one: Certificate) -> None:
    book = Workbook()
    book.active.append(["序号", "持证人姓名", "证书号码"])
    book.active.append([1, "欧阳修远", one.number])
    book.active.append([2, '=HYPERLINK("x")', "S000041000001233777777"])
    book.active.append([3, "@SUM(1)", "-2+3"])
    buffer = BytesIO()
    book.active["B3"].data_type = "s"
    book.save(buffer)
    answer = client.post(reverse("portal:look-up-many"), {"file": SimpleUploadedFile("名单.xlsx", buffer.getvalue())})
    made = client.post(reverse("portal:many-workbook"), {"answers": answer.context["carried"]})
    sheet = load_workbook(BytesIO(made.content)).active
    rows = list(sheet.iter_rows(min_row=3))
    assert rows[0][3].value == "有效"
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} == {"s"}
    assert all(cell.quotePrefix for row in rows for cell in row)
    assert "=HYPERLINK" in rows[1][2].value


def test_a_workbook_takes_only_what_we_said(client: Client, db: None) -> None:
    assert client.post(reverse("portal:many-workbook"), {"answers": "forged"}).status_code == 422


def test_too_many_too_often_and_too_many_misses_are_refused(client: Client, one: Certificate) -> None:
    url, line = reverse("portal:look-up-many"), f"{one.number} 欧阳修远\n"
    assert client.post(url, {"lines": line * 201}).status_code == 413
    assert client.post(url, {"lines": ""}).status_code == 409
    assert [client.post(url, {"lines": line}).status_code for _ in range(11)] == [200] * 10 + [429]
    LimitedUse.objects.all().delete()
    assert [client.post(url, {"lines": line * 200}).status_code for _ in range(6)] == [200] * 5 + [429]
    LimitedUse.objects.all().delete()
    miss = f"{one.number} 别人\n" * 150
    assert [client.post(url, {"lines": miss}).status_code for _ in range(3)] == [200, 200, 429]


def test_the_limits_are_policy(client: Client, one: Certificate) -> None:
    add_version("credentials.bulk_lines", 2, valid_from=date(2026, 1, 1), source="内部规定", by=COMMAND_LINE)
    assert client.post(reverse("portal:look-up-many"), {"lines": f"{one.number} 欧阳修远\n" * 3}).status_code == 413


def test_the_number_of_queries_does_not_depend_on_lines_or_on_what_is_in_them(
    client: Client, one: Certificate, jiyuan: SimpleNamespace
) -> None:
    others = [a_certificate(jiyuan.kejing, name="孙七") for _ in range(5)]
    wrong, unknown = f"{one.number} 别人", "S000041000001233777777 别人"
    right = "\n".join(f"{other.number} 孙七" for other in others)
    counts = []
    for text in (wrong, unknown, f"{wrong}\n" * 150, right):
        with CaptureQueriesContext(connection) as queries:
            bulk.verify(bulk.pasted(text), who="10.0.0.1")
        counts.append(len(queries))
    # Where nothing missed, the misses are not counted.
    assert counts[0] == counts[1] == counts[2] == counts[3] + 1


def test_an_unknown_number_takes_the_same_work_as_a_wrong_name(one: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    """One statement that reads a row for either, and both comparisons, whatever the first one says."""
    compared: list[tuple[bytes, bytes]] = []
    original = verification.compare_digest
    monkeypatch.setattr(verification, "compare_digest", lambda a, b: compared.append((a, b)) or original(a, b))
    unknown = "S000041000001233777777"
    asked = []
    for number, name in ((one.number, "别人"), (unknown, "别人"), (unknown, "欧阳修远"), (unknown, verification.NOBODY), (one.number, "")):
        with CaptureQueriesContext(connection) as queries:
            assert verification.by_number_and_name(number, name) is None
        asked.append(len(queries))
    assert asked == [1] * 5
    assert len(compared) == 10
    assert [type(row) for row in verification.looked_up([one.number, unknown])] == [Certificate, Certificate]


def test_an_empty_register_answers_too(db: None) -> None:
    assert verification.by_number_and_name("S000041000001233777777", verification.NOBODY) is None
    assert verification.looked_up([]) == []
