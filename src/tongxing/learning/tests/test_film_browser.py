"""A real film in a real Chromium: recorded, uploaded as a lesson, watched; what it earns, where it goes on, and that leaping ahead earns nothing."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from browsing import chromium
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from tongxing.audit.log import COMMAND_LINE
from tongxing.learning import authoring
from tongxing.learning.models import Lesson, Progress
from tongxing.training.models import OnlineCredit
from tongxing.training.tests.world import an_account

from .world import studied

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
SECONDS = 6
NEAR = 0.8
"""Seconds by which a player, its messages and the server may differ."""
RECORD = """
async (seconds) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
  const pen = canvas.getContext("2d");
  const began = performance.now();
  const drawing = setInterval(() => {
    const passed = (performance.now() - began) / 1000;
    pen.fillStyle = `hsl(${passed * 60} 60% 40%)`; pen.fillRect(0, 0, 320, 180);
    pen.fillStyle = "#fff"; pen.font = "60px sans-serif"; pen.fillText(passed.toFixed(1), 100, 110);
  }, 50);
  const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm;codecs=vp8" });
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const over = new Promise((done) => { recorder.onstop = done; });
  recorder.start();
  await new Promise((done) => setTimeout(done, seconds * 1000));
  recorder.stop();
  await over;
  clearInterval(drawing);
  const box = new DataTransfer();
  box.items.add(new File(parts, "第一课.webm", { type: "video/webm" }));
  document.querySelector('input[type="file"]').files = box.files;
}
"""


@pytest.fixture
def visit(live_server: Any, client: Client, settings: Any, tmp_path: Path) -> Iterator[Any]:
    """Open an address as somebody."""
    sealed = {"BACKEND": "tongxing.files.sealed.SealedStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": sealed}
    live_server.thread.httpd.set_app(StaticFilesHandler(WSGIHandler()))
    # Playwright's loop runs in this thread; Django must not take the ORM calls of the test for asynchronous ones.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with chromium() as started:

        def open_page(path: str, user: Any) -> Page:
            context = started.new_context(viewport={"width": 1000, "height": 800}, locale="zh-CN")
            client.force_login(user)
            context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
            page = context.new_page()
            page.goto(live_server.url + path)
            return page

        yield open_page
        for context in started.contexts:
            context.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    patience = time.monotonic() + 5
    while time.monotonic() < patience and any("process_request_thread" in thread.name for thread in threading.enumerate()):
        time.sleep(0.05)


def uploaded(visit: Any, world: SimpleNamespace, jiyuan: SimpleNamespace) -> Lesson:
    """A lesson of a film that the browser itself recorded, in the plan of the class."""
    page = visit(reverse("learning:lesson-new"), an_account("teacher", "officer", area=jiyuan.county))
    page.evaluate(RECORD, SECONDS)
    page.evaluate("([topic]) => { document.querySelector('[name=topic]').value = topic; }", [str(world.made.course.topics.first().pk)])
    page.locator("[name=kind]").select_option("video")
    page.locator("[name=title]").fill("录的课")
    page.locator("[name=minutes]").fill("1")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("录的课")
    lesson = Lesson.objects.get(title="录的课")
    authoring.plan_for_class(lesson, world.made, by=COMMAND_LINE)
    return lesson


def place(page: Page) -> float:
    return float(page.evaluate("document.getElementById('film').currentTime"))


def until(page: Page, true: str) -> None:
    """Wait for something to be true of the film; the page's policy forbids what Playwright would wait with."""
    patience = time.monotonic() + 10
    while not page.evaluate(f"(() => {{ const film = document.getElementById('film'); return {true}; }})()"):
        assert time.monotonic() < patience, true
        page.wait_for_timeout(50)


def ready(page: Page) -> None:
    until(page, "film.readyState >= 2")


def pressed(page: Page) -> dict[str, Any]:
    """Play or pause with the keyboard, as a viewer does; the server's answer to the report that follows."""
    page.locator("#film").focus()
    with page.expect_response(lambda answer: "/beat/" in answer.url) as heard:
        page.keyboard.press("Space")
    told: dict[str, Any] = heard.value.json()
    return told


def test_a_film_earns_what_was_watched_of_it(visit: Any, jiyuan: SimpleNamespace) -> None:
    world = studied(jiyuan)
    lesson = uploaded(visit, world, jiyuan)
    assert lesson.file is not None
    assert (lesson.file.content_type, abs(lesson.seconds - SECONDS) <= 1) == ("video/webm", True)

    page = visit(
        reverse("learning:study", args=[world.row.uid, lesson.uid]), an_account("t", "trainee", area=jiyuan.county, person=world.row.person)
    )
    ready(page)
    pressed(page)
    until(page, "film.currentTime >= 2.5")
    pressed(page)
    watched = place(page)
    row = Progress.objects.get(lesson=lesson)
    assert abs(row.earned_ms / 1000 - watched) < NEAR
    assert abs(row.furthest_ms / 1000 - watched) < NEAR

    page.evaluate("document.getElementById('film').currentTime = 5.5")
    until(page, "!film.seeking")
    assert place(page) < watched + NEAR, "sent back to where one was"
    earned = row.earned_ms
    row.refresh_from_db()
    assert (row.earned_ms, row.furthest_ms / 1000 < watched + NEAR) == (earned, True)

    page.reload()
    ready(page)
    assert abs(place(page) - watched) < NEAR, "goes on where one stopped"
    pressed(page)
    expect(page.locator("#study-line")).to_contain_text("学完了", timeout=10_000)
    row.refresh_from_db()
    assert row.done_at is not None
    assert abs(row.earned_ms / 1000 - lesson.seconds) < 1 + NEAR
    assert list(OnlineCredit.objects.values_list("enrolment", "minutes")) == [(world.row.pk, 1)]
