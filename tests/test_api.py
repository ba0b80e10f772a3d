"""The interface for other programs: tokens, lists, errors, uploads; and its description as a snapshot."""

import json
import os
import re
import time
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.utils import timezone

from tongxing.api.models import Answered, Token
from tongxing.api.tokens import issue, revoke
from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.core import afterwards, stalls
from tongxing.core.errors import Refused
from tongxing.core.outages import AWAY
from tongxing.core.processes import this_process
from tongxing.registry.models import Coordinator, Organisation, Person, Posting
from tongxing.registry.models.fields import VaultColumn
from tongxing.registry.tests.rosters import credit_code
from tongxing.sheets.models import Batch

SNAPSHOT = Path(__file__).parent / "openapi.json"
ROSTER = "单位名称,统一社会信用代码,行业,从业人员数,营业收入(万元),所属镇街\n济源甲公司,91419001MA44EX6T77,3011,400,50000,克井镇\n"


def client_of(user: Any, *scopes: str) -> Client:
    _, secret = issue(user, name="测试程序", scopes=scopes or ("read",), until=None, by=COMMAND_LINE)
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def reader(cast: SimpleNamespace) -> Client:
    return client_of(cast.officer)


@pytest.fixture
def sender(cast: SimpleNamespace) -> Client:
    return client_of(cast.officer, "sheets")


def make_organisations(area: Any, *names: str) -> list[Organisation]:
    return [Organisation.objects.create(name=name, name_key=name, kind="enterprise", area=area, no_code_reason="测试") for name in names]


def test_openapi_is_the_one_that_was_promised(client: Client) -> None:
    """A change here changes what other programs rely on: look at the difference, then run with TONGXING_UPDATE_SNAPSHOT=1."""
    found = client.get("/api/v1/openapi.json").json()
    assert found["openapi"].startswith("3.1")
    if os.environ.get("TONGXING_UPDATE_SNAPSHOT"):
        SNAPSHOT.write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert found == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_token_is_kept_as_a_digest_only(cast: SimpleNamespace) -> None:
    token, secret = issue(cast.officer, name="程序", scopes=["read"], until=None, by=cast.admin)
    assert secret not in json.dumps(list(Token.objects.values()), default=str)
    assert Entry.objects.filter(act="api.issue_token").values_list("actor_name", "object_id").get() == ("管理员（admin）", str(token.pk))


@pytest.mark.parametrize("scopes", [[], ["write"]])
def test_token_of_unknown_scope_is_refused(cast: SimpleNamespace, scopes: list[str]) -> None:
    with pytest.raises(Refused):
        issue(cast.officer, name="程序", scopes=scopes, until=None, by=cast.admin)


@pytest.mark.parametrize("end", ["revoked", "expired", "disabled", "unknown"])
def test_token_that_ended_opens_nothing(cast: SimpleNamespace, end: str) -> None:
    token, secret = issue(cast.officer, name="程序", scopes=["read"], until=None, by=COMMAND_LINE)
    if end == "revoked":
        revoke(token, by=COMMAND_LINE)
    if end == "expired":
        Token.objects.update(until=timezone.localdate() - timedelta(days=1))
    if end == "disabled":
        type(cast.officer).objects.filter(pk=cast.officer.pk).update(is_active=False)
    answer = Client(headers={"Authorization": f"Bearer {secret}{'x' if end == 'unknown' else ''}"}).get("/api/v1/areas")
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (401, "application/problem+json", "unauthenticated")


def test_session_of_the_browser_is_no_token(client: Client, cast: SimpleNamespace) -> None:
    client.force_login(cast.officer)
    assert client.get("/api/v1/areas").status_code == 401


def test_scope_is_asked(reader: Client) -> None:
    answer = reader.post("/api/v1/sheets/enterprises", {"file": SimpleUploadedFile("a.csv", b"x")})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_lists_show_the_own_area_page_by_page(reader: Client, jiyuan: SimpleNamespace) -> None:
    make_organisations(jiyuan.kejing, "甲", "乙", "丙")
    make_organisations(jiyuan.other_street, "外地")
    first = reader.get("/api/v1/organisations?limit=2").json()
    second = reader.get(f"/api/v1/organisations?limit=2&cursor={first['next']}").json()
    assert [row["name"] for row in first["items"] + second["items"]] == ["甲", "乙", "丙"]
    assert second["next"] is None


@pytest.mark.parametrize("path", ["organisations", "coordinators", "gaps"])
def test_lists_are_narrowed_to_an_area(reader: Client, jiyuan: SimpleNamespace, path: str) -> None:
    make_organisations(jiyuan.kejing, "甲")
    make_organisations(jiyuan.park, "乙")
    items = reader.get(f"/api/v1/{path}?area={jiyuan.kejing.code}").json()["items"]
    assert [row["name"] for row in items] == (["甲"] if path == "organisations" else [])


def test_cursor_that_makes_no_sense_is_refused(reader: Client) -> None:
    answer = reader.get("/api/v1/areas?cursor=***")
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


def test_personal_data_is_masked(reader: Client, jiyuan: SimpleNamespace) -> None:
    person = Person(name="张三", area=jiyuan.kejing)
    person.id_number_sealed = VaultColumn.sealed_for(Person, "id_number_sealed", person.uid, "419001199001011234")
    person.phone_sealed = VaultColumn.sealed_for(Person, "phone_sealed", person.uid, "13800138000")
    person.save()
    Coordinator.objects.create(person=person, area=jiyuan.kejing)
    row = reader.get("/api/v1/coordinators").json()["items"][0]
    assert (row["id_masked"], row["phone_masked"]) == ("419001********1234", "138****8000")


def test_coordinators_cost_the_same_queries_for_one_and_three(
    reader: Client, jiyuan: SimpleNamespace, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    host = make_organisations(jiyuan.kejing, "甲")[0]

    def add(name: str) -> None:
        one = Coordinator.objects.create(person=Person.objects.create(name=name, area=jiyuan.kejing), area=jiyuan.kejing)
        Posting.objects.create(coordinator=one, organisation=host, since="2024-01-01")

    add("一")
    reader.get("/api/v1/coordinators")
    with django_assert_max_num_queries(20) as counted:
        reader.get("/api/v1/coordinators")
    add("二")
    add("三")
    with django_assert_num_queries(len(counted)):
        answer = reader.get("/api/v1/coordinators").json()
    assert [row["name"] for row in answer["items"]] == ["一", "二", "三"]


def test_coverage_of_the_own_area_only(reader: Client, jiyuan: SimpleNamespace) -> None:
    assert reader.get(f"/api/v1/coverage?area={jiyuan.kejing.code}").json()["name"] == "克井镇"
    assert reader.get(f"/api/v1/coverage?area={jiyuan.other_street.code}").status_code == 404


def test_too_many_requests_are_told_to_wait(reader: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr("tongxing.core.limits.time", SimpleNamespace(time=lambda: now))  # no minute ends in between
    settings.API_REQUESTS_PER_MINUTE = 2
    answers = [reader.get("/api/v1/areas") for _ in range(4)]
    assert [answer.status_code for answer in answers][-1] == 429
    assert int(answers[-1]["Retry-After"]) > 0


def send(sender: Client, key: str, text: str = ROSTER, query: str = "") -> Any:
    file = SimpleUploadedFile("企业.csv", text.encode())
    return sender.post(f"/api/v1/sheets/enterprises{query}", {"file": file}, headers={"Idempotency-Key": key})


def test_check_judges_and_stores_nothing(sender: Client, jiyuan: SimpleNamespace) -> None:
    answer = send(sender, "", query="?check=true")
    assert (answer.status_code, answer.json()["status"], Organisation.objects.count()) == (200, "checked", 0)


def test_same_key_loads_once_and_answers_twice(sender: Client, jiyuan: SimpleNamespace) -> None:
    first, second = send(sender, "roster-2026-11-22"), send(sender, "roster-2026-11-22")
    assert first.json()["status"] == "applied"
    assert (first.json(), first.status_code) == (second.json(), second.status_code)
    assert (Organisation.objects.count(), first.json()["new"]) == (1, 1)


def test_key_of_a_request_that_died_is_taken_over_after_a_while(sender: Client, jiyuan: SimpleNamespace) -> None:
    first = send(sender, "roster-2026-11-22")
    Answered.objects.update(status=None, answer=None)
    assert send(sender, "roster-2026-11-22").json()["code"] == "in_progress"
    Answered.objects.update(at=timezone.now() - timedelta(hours=1))
    again = send(sender, "roster-2026-11-22")
    assert (again.status_code, again.json()["same"], first.json()["new"], Organisation.objects.count()) == (200, 1, 1, 1)
    assert send(sender, "roster-2026-11-22").json() == again.json()


def test_key_of_a_process_that_died_here_is_taken_over_at_once(sender: Client, jiyuan: SimpleNamespace) -> None:
    send(sender, "roster-2026-11-22")
    host = this_process().partition(":")[0]
    Answered.objects.update(status=None, answer=None, process=f"{host}:{2**22 + 1}:1")
    again = send(sender, "roster-2026-11-22")
    assert (again.status_code, again.json()["same"]) == (200, 1)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_away_at_any_commit_of_a_roster_keeps_nobody_waiting(
    sender: Client, jiyuan: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It commits and the answer is lost, or does not and the next look fails: the same request again loads the roster, once."""
    sender.raise_request_exception = False
    real, looks = BaseDatabaseWrapper.commit, Batch.refresh_from_db
    left = [0]

    def last() -> bool:
        left[0] -= 1
        return left[0] == 0

    def commit(wrapper: BaseDatabaseWrapper) -> None:
        real(wrapper)
        if last():
            raise OperationalError("server closed the connection unexpectedly")

    def look(batch: Batch, *arguments: Any, **named: Any) -> None:
        if last():
            raise OperationalError("server closed the connection unexpectedly")
        looks(batch, *arguments, **named)

    monkeypatch.setattr(BaseDatabaseWrapper, "commit", commit)
    monkeypatch.setattr(Batch, "refresh_from_db", look)
    said = []
    for number in range(1, 40):
        first = 50_000 + number
        left[0], key, text = (
            number,
            f"roster-{number:08d}",
            ROSTER.replace("甲", str(first)).replace("91419001MA44EX6T77", credit_code(first)),
        )
        said.append(send(sender, key, text).status_code)
        reached, left[0] = left[0] <= 0, 0
        # What the outage left to be written down: here at once, instead of by a thread a second later.
        afterwards.catch_up()
        again = send(sender, key, text)
        assert (again.status_code, again.json()["status"]) == (200, "applied"), number
        assert Organisation.objects.filter(name=f"济源{first}公司").count() == 1
        if not reached:
            break
    assert (said[-1], set(said), said.count(503) > 4) == (200, {200, 503}, True), "who is told that it failed, and who that it is saved"


def test_a_database_that_is_away_is_a_problem_that_says_what_to_do(reader: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(stalls.WATCH, "away", True)
    answer = reader.get("/api/v1/areas")
    assert (answer.status_code, answer["Content-Type"], answer["Retry-After"]) == (503, "application/problem+json", "5")
    assert (answer.json()["code"], answer.json()["detail"]) == ("database_away", AWAY.looking)


def test_long_chinese_file_name_is_no_error(sender: Client, jiyuan: SimpleNamespace) -> None:
    file = SimpleUploadedFile(f"{'企' * 200}.csv", ROSTER.encode())
    answer = sender.post("/api/v1/sheets/enterprises?check=true", {"file": file})
    assert (answer.status_code, answer.json()["status"]) == (200, "checked")


def test_key_of_another_request_is_refused(sender: Client, jiyuan: SimpleNamespace) -> None:
    send(sender, "roster-2026-11-22")
    answer = send(sender, "roster-2026-11-22", ROSTER.replace("甲", "乙"))
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")


def test_post_without_a_key_is_refused(sender: Client, jiyuan: SimpleNamespace) -> None:
    assert send(sender, "").json()["code"] == "no_idempotency_key"


def test_refused_file_answers_the_contract(sender: Client, jiyuan: SimpleNamespace) -> None:
    answer = send(sender, "empty-file-1", "单位名称\n")
    assert (answer.status_code, answer.json()["status"], Organisation.objects.count()) == (422, "refused", 0)


LONG = "9" * 40


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", f"areas?parent={LONG}", 422, "invalid"),
        ("get", f"organisations?area={LONG}", 422, "invalid"),
        ("get", "organisations?area=-7", 422, "invalid"),
        ("get", "organisations?kind=bogus", 422, "invalid"),
        ("get", "organisations?limit=0", 422, "invalid"),
        ("get", f"organisations?cursor={LONG}{LONG}", 422, "invalid"),
        ("get", "coverage", 422, "invalid"),
        ("get", f"coverage?area={LONG}", 422, "invalid"),
        ("get", "coverage?area=419001000000&on=2026-02-30", 422, "invalid"),
        ("get", "gaps?target=%00", 422, "invalid"),
        ("get", f"areas/{LONG}", 404, "not_found"),
        ("get", "areas/abc", 404, "not_found"),
        ("get", "organisations/123", 404, "not_found"),
        ("get", "no-such-list", 404, "not_found"),
        ("put", "areas", 405, "method_not_allowed"),
        ("post", "organisations", 405, "method_not_allowed"),
        ("get", "sheets/enterprises", 405, "method_not_allowed"),
    ],
)
def test_bad_requests_are_problems_in_chinese(reader: Client, method: str, path: str, status: int, code: str) -> None:
    answer = getattr(reader, method)(f"/api/v1/{path}")
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (status, "application/problem+json", code)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in answer.json()["detail"])
    assert ("Allow" in answer) == (status == 405)


def test_wrong_parameters_are_named_with_what_would_do(reader: Client) -> None:
    answer = reader.get("/api/v1/organisations?limit=900&size=huge").json()
    assert answer["detail"] == "请求不合要求：size 只能是 large、medium、small、micro、unknown、unclassified；limit 不能大于 200。"
    assert {row["field"]: row["code"] for row in answer["errors"]} == {"size": "enum", "limit": "less_than_equal"}


def test_body_that_is_no_form_is_a_problem(sender: Client) -> None:
    headers = {"Idempotency-Key": "roster-2026-11-22"}
    answers = [
        sender.post("/api/v1/sheets/enterprises", b"rubbish", content_type="multipart/form-data", headers=headers),
        sender.post("/api/v1/sheets/enterprises", b"{}", content_type="application/json", headers=headers),
    ]
    assert [(answer.status_code, answer["Content-Type"]) for answer in answers] == [
        (400, "application/problem+json"),
        (422, "application/problem+json"),
    ]


def test_a_fault_is_a_problem_that_tells_nothing_of_the_inside(cast: SimpleNamespace, settings: Any, monkeypatch: Any) -> None:
    client = client_of(cast.officer)
    client.raise_request_exception = False
    monkeypatch.setattr("tongxing.api.reading.figures", lambda *_: 1 / 0)
    answer = client.get("/api/v1/coverage?area=419001000000")
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (500, "application/problem+json", "error")
    assert "division" not in answer.content.decode()


def test_openapi_holds_together(client: Client) -> None:
    """Every reference leads somewhere, every placeholder is a parameter, names are unique, every operation tells its errors."""
    found = client.get("/api/v1/openapi.json").json()
    operations = [(path, operation) for path, methods in found["paths"].items() for operation in methods.values()]
    wanted = set(re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(found)))
    assert wanted <= set(found["components"]["schemas"])
    names = [operation["operationId"] for _, operation in operations]
    assert sorted(set(names)) == sorted(names)
    for path, operation in operations:
        named = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
        assert set(re.findall(r"{(\w+)}", path)) == named
        errors = {status for status, answer in operation["responses"].items() if "application/problem+json" in answer["content"]}
        assert {"401", "403", "404", "422", "429"} <= errors
        assert set(operation["security"][0]) <= set(found["components"]["securitySchemes"])
