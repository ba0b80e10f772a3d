"""The workspace in a real Chromium: keyboard, selection, drafts, charts, 375 px, and axe."""

import os
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import chromium
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from tongxing.audit.log import COMMAND_LINE
from tongxing.registry.search import reindex_all
from tongxing.targets.base_data import load
from tongxing.targets.tests.world import coordinator, enterprise, posting

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tongxing.desk.tests.listing_urls"),
]
PASSWORD = "clay-river-9-lamp"
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 375, "height": 740}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright's loop runs in this thread; Django must not take the ORM calls of the fixtures for asynchronous ones.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with chromium() as started:
        yield started
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def world(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> SimpleNamespace:
    load(COMMAND_LINE)
    for number in range(30):
        enterprise(jiyuan.kejing, name=f"克井第{number:02}化工厂", employees=400 + number)
    posting(coordinator(jiyuan.kejing, "王伟", certified=True), enterprise(jiyuan.kejing, name="甲矿业"))
    reindex_all()
    return cast


@pytest.fixture
def server(live_server: Any) -> Any:
    """pytest-django serves found files only where staticfiles stands under its own name; here it has a configuration of the house."""
    live_server.thread.httpd.set_app(StaticFilesHandler(WSGIHandler()))
    return live_server


@pytest.fixture
def visit(browser: Browser, server: Any, client: Client, world: SimpleNamespace) -> Iterator[Any]:
    contexts = []

    def open_page(path: str, *, user: Any = None, size: dict[str, int] | None = None, **options: Any) -> Page:
        context = browser.new_context(viewport=size or WIDE, locale="zh-CN", **options)
        contexts.append(context)
        if user is not False:
            client.force_login(user or world.officer)
            context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server.url}])
        page = context.new_page()
        page.faults = []  # type: ignore[attr-defined]
        page.on("pageerror", lambda fault: page.faults.append(str(fault)))  # type: ignore[attr-defined]
        page.on("console", lambda line: page.faults.append(line.text) if line.type == "error" else None)  # type: ignore[attr-defined]
        page.goto(server.url + path)
        return page

    yield open_page
    for context in contexts:
        # The flush after the test must not meet a request that is still under way.
        for page in context.pages:
            page.wait_for_load_state("networkidle")
        context.close()
    patience = time.monotonic() + 5
    while time.monotonic() < patience and any(
        thread.name.startswith("Thread-") and "process_request_thread" in thread.name for thread in threading.enumerate()
    ):
        time.sleep(0.05)


@pytest.mark.parametrize("path", ["/desk/", "/desk/dashboard/", "/desk/big-screen/", "/desk/search/?q=化工", "/test/list/", "/test/form/"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visit: Any, path: str, scheme: str) -> None:
    page = visit(path, color_scheme=scheme)
    page.wait_for_load_state("networkidle")
    for box in page.locator(".chart").all():
        box.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    found = Axe().run(page)
    assert [(v["id"], v["nodes"][0]["html"][:160]) for v in found.response["violations"]] == []
    assert page.faults == []


@pytest.mark.parametrize("path", ["/desk/", "/desk/dashboard/", "/desk/search/?q=化工", "/test/list/", "/test/form/"])
def test_a_phone_never_scrolls_sideways(visit: Any, path: str) -> None:
    page = visit(path, size=PHONE)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert [(v["id"], v["nodes"][0]["html"][:160]) for v in Axe().run(page).response["violations"]] == []
    expect(page.get_by_role("navigation", name="手机快捷栏")).to_be_visible()


def test_the_cards_of_a_phone_stand_two_in_a_row_and_are_no_taller_than_their_words(visit: Any) -> None:
    page = visit("/desk/dashboard/", size=PHONE)
    boxes = [card.bounding_box() for card in page.locator(".desk-card").all()]
    assert len(boxes) == 7
    assert {round(box["width"]) for box in boxes[:6]} == {round(boxes[0]["width"])}
    assert boxes[6]["width"] > 1.9 * boxes[0]["width"]
    assert max(box["height"] for box in boxes) < 320


@pytest.mark.parametrize("size", [{"width": 1920, "height": 1080}, {"width": 1366, "height": 768}])
def test_the_big_screen_shows_everything_without_scrolling(visit: Any, size: dict[str, int]) -> None:
    page = visit("/desk/big-screen/", size=size)
    page.wait_for_selector(".chart-canvas svg")
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [size["width"], size["height"]]
    bottoms = [card.bounding_box() for card in page.locator(".desk-pictures .card, .desk-tile").all()]
    assert max(box["y"] + box["height"] for box in bottoms) <= size["height"]


def test_pictures_out_of_sight_are_drawn_before_somebody_prints(visit: Any) -> None:
    page = visit("/desk/dashboard/")
    expect(page.locator(".chart-canvas svg")).to_have_count(page.locator(".chart[data-source]").count())


def test_the_palette_opens_with_ctrl_k_and_enter_opens_what_is_found(visit: Any) -> None:
    page = visit("/desk/")
    page.keyboard.press("Control+k")
    page.keyboard.type("化工")
    expect(page.locator("#palette-results [role=option]").first).to_be_visible()
    assert [(v["id"], v["nodes"][0]["html"][:160]) for v in Axe().run(page).response["violations"]] == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/registry/organisations/**")


def test_shift_click_ticks_a_range_and_the_bar_counts(visit: Any) -> None:
    page = visit("/test/list/")
    expect(page.locator("[data-selection-bar]")).to_be_hidden()
    boxes = page.locator('input[name="ids"]')
    boxes.nth(2).click()
    boxes.nth(8).click(modifiers=["Shift"])
    expect(page.locator("[data-selected-count]")).to_have_text("7")
    page.get_by_label("选择全部符合条件的 31 条").check()
    page.get_by_role("button", name="批量处理").click()
    expect(page.locator("body")).to_contain_text("克井第29化工厂")


def test_filters_and_order_load_in_place_and_stand_in_the_address(visit: Any) -> None:
    page = visit("/test/list/")
    page.get_by_role("link", name="从业人员").click()
    page.wait_for_url("**sort=employees")
    page.get_by_role("searchbox", name="搜索", exact=True).fill("第03")
    page.get_by_role("searchbox", name="搜索", exact=True).press("Enter")
    expect(page.locator(".tx-count")).to_contain_text("共 1 条")
    assert "sort=employees" in page.url
    page.get_by_role("link", name="搜索：第03").click()
    expect(page.locator(".tx-count")).to_contain_text("共 31 条")
    page.go_back()
    expect(page.locator(".tx-count")).to_contain_text("共 1 条")


def test_a_filter_takes_several_values_by_keyboard(visit: Any) -> None:
    page = visit("/test/list/?kind=enterprise&kind=social")
    kinds = page.get_by_role("group", name="类别")
    kinds.locator("summary").focus()
    page.keyboard.press("Enter")
    boxes = kinds.get_by_role("checkbox", checked=True)
    expect(boxes).to_have_count(2)
    kinds.get_by_role("checkbox", name="企业", exact=True).focus()
    page.keyboard.press("Space")
    expect(page.locator(".tx-count")).to_contain_text("共 0 条")
    assert page.url.endswith("?kind=social")
    expect(kinds.locator("[data-several-text]")).to_have_text("其他协调劳动关系社会组织")
    assert [(v["id"], v["nodes"][0]["html"][:160]) for v in Axe().run(page).response["violations"]] == []
    page.get_by_label("区划").select_option(label="\u3000克井镇")
    expect(page.get_by_role("link", name="类别：其他协调劳动关系社会组织")).to_be_visible()
    page.keyboard.press("Escape")


def test_the_list_works_without_scripts(visit: Any) -> None:
    page = visit("/test/list/", java_script_enabled=False)
    page.locator("#filter-q").fill("甲矿")
    page.get_by_role("button", name="筛选").click()
    expect(page.locator(".tx-count")).to_contain_text("共 1 条")
    page.get_by_label("选择 甲矿业").check()
    page.get_by_role("button", name="批量处理").click()
    expect(page.locator("body")).to_contain_text("甲矿业")


def test_a_form_judges_while_typing_and_keeps_a_draft(visit: Any) -> None:
    page = visit("/test/form/")
    code = page.get_by_label("统一社会信用代码")
    code.press_sequentially("91410100MA40ABCD1")
    expect(code).to_have_value("91 410100 MA40ABCD1")
    expect(page.locator("#id_credit_code_live")).to_have_text("还差 1 位")
    page.get_by_label("名称").fill("没有写完的单位")
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.get_by_role("button", name="接着填").click()
    expect(page.get_by_label("名称")).to_have_value("没有写完的单位")


def test_focus_goes_to_the_error_summary_and_from_there_to_the_field(visit: Any) -> None:
    page = visit("/test/form/")
    page.get_by_role("button", name="登记").click()
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    assert [(v["id"], v["nodes"][0]["html"][:160]) for v in Axe().run(page).response["violations"]] == []
    summary.get_by_role("link").first.click()
    expect(page.get_by_label("名称")).to_be_focused()


def test_a_chart_shows_its_table_at_one_press(visit: Any) -> None:
    page = visit("/desk/dashboard/?target=enterprises")
    box = page.locator('.chart[data-chart="stack"]').first
    box.get_by_role("button", name="看数据表").click()
    expect(box.get_by_role("row", name="克井镇 1 0 30")).to_be_visible()


def test_the_navigation_folds_and_remembers(visit: Any) -> None:
    page = visit("/desk/")
    page.get_by_role("button", name="收起导航").click()
    page.reload()
    assert "is-narrow" in page.locator("body").get_attribute("class")


def test_the_first_tab_reaches_the_skip_link(visit: Any) -> None:
    page = visit("/desk/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def sign_in_again(page: Page) -> None:
    page.get_by_label("账号").fill("officer")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def test_the_session_warns_before_it_ends_and_can_be_kept(visit: Any, settings: Any) -> None:
    settings.SESSION_IDLE_MINUTES = 0.2
    page = visit("/test/form/")
    page.get_by_label("名称").fill("没有写完的单位")
    toast = page.locator(".tx-toast")
    expect(toast).to_contain_text("自动退出", timeout=9_000)
    toast.get_by_role("button", name="继续使用").click()
    expect(toast).to_have_count(0)
    page.wait_for_timeout(7_000)
    # Twelve seconds of idleness have passed since the page was opened, but not since it was kept.
    expect(toast).to_contain_text("自动退出")
    expect(toast).to_contain_text("登录已结束", timeout=10_000)
    expect(page.get_by_label("名称")).to_have_value("没有写完的单位")


def test_a_page_without_a_form_gives_way_to_the_sign_in_page(visit: Any, settings: Any) -> None:
    settings.SESSION_IDLE_MINUTES = 0.05
    page = visit("/test/form/")
    page.wait_for_url("**/account/login/?next=/test/form/", timeout=10_000)
    expect(page.get_by_text("登录已过期")).to_be_visible()


@pytest.mark.parametrize("sent", [False, True])
def test_what_was_typed_comes_back_after_signing_in_again(visit: Any, settings: Any, sent: bool) -> None:
    page = visit("/test/form/")
    page.get_by_label("名称").fill("没有写完的单位")
    settings.SESSION_IDLE_MINUTES = 0
    page.wait_for_timeout(300)
    if sent:
        page.get_by_role("button", name="登记").click()
    else:
        page.once("dialog", lambda dialog: dialog.accept())
        page.reload()
    expect(page.get_by_text("登录已过期")).to_be_visible()
    settings.SESSION_IDLE_MINUTES = 60
    sign_in_again(page)
    page.wait_for_url("**/test/form/")
    page.get_by_role("button", name="接着填").click()
    expect(page.get_by_label("名称")).to_have_value("没有写完的单位")


def test_a_draft_is_never_offered_to_another_user_of_the_computer(visit: Any, world: Any) -> None:
    page = visit("/test/form/")
    page.get_by_label("名称").fill("没有写完的单位")
    page.wait_for_timeout(200)
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("form[data-sign-out]").evaluate("form => form.requestSubmit()")
    page.wait_for_url(lambda url: "/test/form/" not in url)
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('tx-draft'))") == []
