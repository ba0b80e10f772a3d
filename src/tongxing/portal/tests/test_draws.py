"""Inspection plans on the public pages: promised first, revealed afterwards, names masked, done again from the downloaded record."""

import json
from pathlib import Path
from types import SimpleNamespace

from click.testing import CliRunner
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tongxing.audit.log import COMMAND_LINE
from tongxing.cli.draws import draw_check
from tongxing.core.errors import Refused
from tongxing.supervision import drawing, planning, visiting
from tongxing.supervision.models import Draw, Plan, Visit
from tongxing.supervision.tests.world import a_body, a_plan, an_inspector, announced, drawn


def scene(jiyuan: SimpleNamespace) -> None:
    for name in ("张晓明", "欧阳修远"):
        an_inspector(jiyuan.county, name)
    for _ in range(3):
        a_body(jiyuan.county)


def read(client: Client, plan: Plan) -> str:
    return client.get(reverse("portal:draw", args=[plan.uid])).content.decode()


def published(jiyuan: SimpleNamespace, number: int = 1) -> Plan:
    visits = drawn(jiyuan.county, number=number)
    for visit in visits:
        visiting.cancel_visit(visit, by=COMMAND_LINE, reason="停用")
    return drawing.publish(visits[0].plan, by=COMMAND_LINE)


def test_the_promise_is_public_at_once_and_the_result_only_afterwards(client: Client, jiyuan: SimpleNamespace) -> None:
    scene(jiyuan)
    draft = a_plan(jiyuan.county, title="不公开的草稿")
    visit = drawn(jiyuan.county)[0]
    draw, page = Draw.objects.get(), read(client, visit.plan)
    assert (draw.seed_digest in page, draw.candidates_digest in page, draw.beacon in page) == (True, True, True)
    assert (visit.place in page, draw.secret in page, "张*明" in page) == (False, False, False)
    assert client.get(reverse("portal:draw", args=[draft.uid])).status_code == 404
    assert "不公开的草稿" not in client.get(reverse("portal:draws")).content.decode()
    visiting.cancel_visit(visit, by=COMMAND_LINE, reason="停用")
    drawing.publish(visit.plan, by=COMMAND_LINE)
    page = read(client, visit.plan)
    assert (visit.place in page, draw.secret in page, "张*明" in page, "没有检查" in page) == (True, True, True, True)
    assert "张晓明" not in page


def test_a_plan_that_was_given_up_after_its_promise_stays_public(client: Client, jiyuan: SimpleNamespace) -> None:
    scene(jiyuan)
    plan = announced(jiyuan.county).plan
    planning.cancel_plan(plan, by=COMMAND_LINE, reason="督导员不足")
    assert "督导员不足" in read(client, plan)


def test_anybody_does_the_draw_again_from_the_downloaded_record(client: Client, jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    scene(jiyuan)
    plan = published(jiyuan)
    answer = client.get(reverse("portal:draw-record", args=[plan.uid, 1]))
    record = tmp_path / "record.json"
    record.write_bytes(answer.content)
    assert "张" not in answer.content.decode()
    run = CliRunner().invoke(draw_check, [str(record)], standalone_mode=False)
    assert (run.return_value, "复算一致" in run.output) == (0, True)
    held = json.loads(record.read_text(encoding="utf-8"))
    for forged in ({"secret": held["secret"] + "0"}, {"result": []}):
        record.write_text(json.dumps(held | forged), encoding="utf-8")
        run = CliRunner().invoke(draw_check, [str(record), "--json"], standalone_mode=False)
        assert run.return_value == 1


def test_a_record_that_is_not_published_says_so(client: Client, jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    scene(jiyuan)
    plan = announced(jiyuan.county).plan
    record = tmp_path / "record.json"
    record.write_bytes(client.get(reverse("portal:draw-record", args=[plan.uid, 1])).content)
    run = CliRunner().invoke(draw_check, [str(record)], standalone_mode=False)
    assert isinstance(run.exception, Refused)
    assert run.exception.code == "not_published"


def test_a_page_asks_as_much_for_three_as_for_one(client: Client, jiyuan: SimpleNamespace) -> None:
    scene(jiyuan)
    counts = []
    for number in (1, 3):
        plan = published(jiyuan, number)
        with CaptureQueriesContext(connection) as queries:
            read(client, plan)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert Visit.objects.count() == 4
