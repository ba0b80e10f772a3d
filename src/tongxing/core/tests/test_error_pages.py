"""What went wrong is said in Chinese, with what to do now, whatever else is broken."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client


def read(answer: Any) -> tuple[int, str]:
    text = answer.content.decode()
    return answer.status_code, text[text.index("<h1>") + 4 : text.index("</h1>")].strip()


def test_a_page_that_is_not_there(client: Client, cast: SimpleNamespace) -> None:
    client.force_login(cast.officer)
    assert read(client.get("/nowhere/")) == (404, "没有找到")


def test_a_page_of_another_role_names_the_way_back(client: Client, cast: SimpleNamespace) -> None:
    client.force_login(cast.reviewer)
    answer = client.get("/registry/people/")
    assert read(answer) == (403, "没有权限")
    assert "回到今日待办" in answer.content.decode()


def test_too_many_fields_are_refused_with_what_to_do(client: Client, cast: SimpleNamespace, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
    client.force_login(cast.officer)
    answer = client.post("/desk/views/save/", {f"a{number}": "1" for number in range(20)})
    assert read(answer) == (413, "内容太多")
    assert "分几次提交" in answer.content.decode()


def test_a_foreign_host_is_told_so(client: Client, settings: Any) -> None:
    answer = client.get("/desk/", headers={"Host": "elsewhere.example"})
    assert read(answer) == (400, "网址不对")


def test_an_address_of_a_button_opened_as_a_link(client: Client, cast: SimpleNamespace) -> None:
    client.force_login(cast.officer)
    answer = client.get("/desk/large-print/")
    assert read(answer) == (405, "没有办成")
    assert answer["Allow"] == "POST"


@pytest.mark.django_db
def test_the_page_of_an_error_needs_no_database(cast: SimpleNamespace) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(cast.officer)

    def broken(*_: Any) -> None:
        raise DatabaseError("gone")

    with connection.execute_wrapper(broken):
        answer = client.get("/desk/")
    assert read(answer) == (500, "系统出错")
    assert answer["X-Request-Id"] in answer.content.decode() or "请联系管理员" in answer.content.decode()
