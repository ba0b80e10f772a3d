"""Three pages that must open in a cellar: a reload without a line, what was typed there, and whose copy it is; in a real browser."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from browsing import keep, open_page, sign_in
from playwright.sync_api import Browser, Error, Page, expect

from tongxing.supervision.tests.test_visits import a_jpeg

pytestmark = [pytest.mark.browser, pytest.mark.slow]
COPY = "离线副本，保存于"
HELD = """async () => {
  const found = [];
  for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys()) found.push(new URL(request.url).pathname);
  return found;
}"""
OF_THE_VERSION_BEFORE = """async () => {
  const held = await caches.open("tx-offline:before:of:all");
  await held.put("/verify/", new Response("old", { headers: { "X-Saved-At": String(Date.now()) } }));
}"""
# The icon of the tab comes when it likes.
USED = """() => performance.getEntriesByType("resource").map((one) => new URL(one.name).pathname).filter((one) => one.startsWith("/static/") && !one.endsWith(".svg"))"""
OLDER = """async (hours) => {
  for (const name of await caches.keys()) if (name.includes(":of:")) {
    const held = await caches.open(name);
    for (const request of await held.keys()) {
      const copy = await held.match(request);
      const headers = new Headers(copy.headers);
      headers.set("X-Saved-At", String(Number(headers.get("X-Saved-At")) - hours * 3600 * 1000));
      await held.put(request, new Response(await copy.text(), { headers }));
    }
  }
}"""


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    opened = open_page(browser, address, width=375, height=812)
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    opened.context.close()
    assert wrong == []


def pages_kept(page: Page) -> list[str]:
    return [path for path in page.evaluate(HELD) if not path.startswith("/static/")]


def expect_kept(page: Page, paths: list[str]) -> None:
    """The worker does its work beside the page: it is waited for."""
    for _ in range(50):
        if sorted(pages_kept(page)) == sorted(paths):
            return
        page.wait_for_timeout(100)
    assert sorted(pages_kept(page)) == sorted(paths)


def wait_until_kept(page: Page) -> str:
    """The page and all its files lie on the device; gives the page's path."""
    path = str(page.evaluate("location.pathname"))
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    for _ in range(100):
        missing = {path, *page.evaluate(USED)} - set(page.evaluate(HELD))
        if not missing:
            return path
        page.wait_for_timeout(100)
    raise AssertionError(f"not kept: {missing}")


def open_taps(page: Page) -> str:
    sign_in(page, "demo-training_provider")
    page.goto("/training/?state=running")
    page.locator('tbody a[href^="/training/"]').first.click()
    page.locator(f'a[href$="/attendance/"]:has-text("{datetime.now(ZoneInfo("Asia/Shanghai")):%m-%d}")').first.click()
    expect(page.locator("#taps")).to_be_visible()
    return wait_until_kept(page)


def test_the_tap_list_opens_again_without_a_line_and_sends_once(page: Page) -> None:
    path = open_taps(page)
    people, state, sent = page.locator("#taps li[data-enrolment]"), page.locator("#tap-state"), []
    page.on("requestfinished", lambda asked: sent.append(asked.post_data) if asked.url.endswith("/sync/") else None)
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("[data-offline-copy]")).to_contain_text(COPY)
    people.nth(2).locator("label").nth(1).click()
    expect(state).to_contain_text("有 1 人的点名只存在这台设备上")
    expect(state).to_contain_text("可以刷新或重新打开本页")
    page.reload()
    expect(people.nth(2).locator("input").nth(1)).to_be_checked()
    expect(state).to_contain_text("有 1 人的点名只存在这台设备上")
    keep(page, "offline-taps")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.context.set_offline(False)
    expect(state).to_have_text("全部点名已保存到系统。", timeout=30_000)
    page.reload()
    expect(page.locator("[data-offline-copy]")).to_be_hidden()
    expect(people.nth(2).locator("input").nth(1)).to_be_checked()
    assert len(sent) == 1
    assert page.evaluate("location.pathname") == path


def test_what_was_not_sent_is_said_on_other_pages_until_its_own_has_sent_it(page: Page) -> None:
    open_taps(page)
    page.context.set_offline(True)
    page.locator("#taps li[data-enrolment]").nth(4).locator("label").nth(2).click()
    expect(page.locator("#tap-state")).to_contain_text("有 1 人的点名只存在这台设备上")
    other = page.context.new_page()
    page.close()
    other.context.set_offline(False)
    other.goto("/desk/")
    expect(other.locator("#toasts")).to_contain_text("还有没送到系统的点名")
    other.get_by_role("button", name="打开发送").click()
    expect(other.locator("#tap-state")).to_have_text("全部点名已保存到系统。", timeout=30_000)
    other.goto("/desk/")
    expect(other.locator("#toasts")).to_be_empty()


def test_what_the_system_has_taken_stands_in_the_copy(page: Page) -> None:
    open_taps(page)
    people = page.locator("#taps li[data-enrolment]")
    people.nth(3).locator("label").nth(0).click()
    expect(page.locator("#tap-state")).to_have_text("全部点名已保存到系统。")
    page.wait_for_timeout(4_000)
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("[data-offline-copy]")).to_contain_text(COPY)
    expect(people.nth(3).locator("input").nth(0)).to_be_checked()


def test_a_visit_goes_on_after_a_reload_without_a_line(page: Page, tmp_path: Path) -> None:
    picture = tmp_path / "现场.jpg"
    picture.write_bytes(a_jpeg())
    sign_in(page, "demo-inspector")
    page.goto("/supervision/mine/")
    page.locator("a.supervision-mine", has_text="检查中").first.click()
    wait_until_kept(page)
    items, state = page.locator(".supervision-item"), page.locator("#visit-state")
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("[data-offline-copy]")).to_contain_text(COPY)
    items.nth(12).locator("label", has_text="不符合").click()
    items.nth(12).locator("input[type=file]").set_input_files(picture)
    expect(state).to_contain_text("1 项、1 张照片只存在这台设备上")
    # Letters that no field has been left after.
    items.nth(12).locator("input.form-control").press_sequentially("灭火器过期")
    page.reload()
    expect(items.nth(12).locator("input.form-control")).to_have_value("灭火器过期")
    expect(items.nth(12).get_by_text("照片已存在本机，等待发送")).to_be_visible()
    keep(page, "offline-visit")
    page.context.set_offline(False)
    expect(state).to_have_text("已全部保存到系统。", timeout=30_000)
    page.reload()
    assert items.nth(12).locator("input:checked").get_attribute("value") == "unfit"
    expect(items.nth(12).locator("input.form-control")).to_have_value("灭火器过期")
    expect(items.nth(12).get_by_role("link", name=re.compile("照片"))).to_have_count(1)


def test_the_verifier_opens_again_without_a_line(page: Page) -> None:
    page.goto("/verify/offline/")
    wait_until_kept(page)
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("[data-offline-copy]")).to_contain_text(COPY)
    page.locator("#offline-text").fill("a.b.c")
    page.get_by_role("button", name="核验").click()
    expect(page.locator("#offline-verdict")).to_have_text("不能采信")
    keep(page, "offline-verifier")


def test_nothing_but_these_pages_and_their_files_is_kept(page: Page) -> None:
    path = open_taps(page)
    for other in ("/desk/", "/training/", "/notices/", "/verify/"):
        page.goto(other)
    expect_kept(page, [path])
    page.context.set_offline(True)
    with pytest.raises(Error):
        page.goto("/desk/")


def test_a_copy_is_gone_after_signing_out_even_without_a_line(page: Page) -> None:
    path = open_taps(page)
    page.goto("/desk/")
    page.locator("details.tx-person summary").click()
    page.locator("form[data-sign-out] button").click()
    page.wait_for_url(re.compile("//[^/]+/$"))
    expect_kept(page, [])
    page.context.set_offline(True)
    with pytest.raises(Error):
        page.goto(path)


def test_a_copy_is_gone_when_somebody_else_signs_in_and_is_never_theirs(page: Page) -> None:
    path = open_taps(page)
    page.context.clear_cookies()
    expect_kept(page, [path])
    sign_in(page, "demo-inspector")
    expect_kept(page, [])
    answer = page.goto(path)
    assert answer is not None
    assert answer.status in {403, 404}
    expect_kept(page, [])


def test_a_copy_is_gone_when_the_server_no_longer_opens_the_page(page: Page) -> None:
    path = open_taps(page)
    page.context.clear_cookies()
    page.goto(path)
    page.wait_for_url("**/account/login/**")
    expect_kept(page, [])


def test_a_copy_is_good_for_a_day(page: Page) -> None:
    path = open_taps(page)
    page.evaluate(OLDER, 23)
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("[data-offline-copy]")).to_contain_text(COPY)
    page.evaluate(OLDER, 2)
    with pytest.raises(Error):
        page.goto(path)


def test_a_new_version_throws_the_old_copies_away(page: Page) -> None:
    path = open_taps(page)
    page.evaluate(OF_THE_VERSION_BEFORE)
    expect_kept(page, ["/verify/", path])
    page.evaluate("async () => { for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister(); }")
    page.reload()
    wait_until_kept(page)
    expect_kept(page, [path])
