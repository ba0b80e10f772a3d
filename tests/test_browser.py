"""The main job in a real browser: a roster in, its bad lines explained, coverage and gaps out. Pictures are kept under artefacts/."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import keep, open_page, sign_in
from playwright.sync_api import Browser, Page, expect

from tongxing.supervision.tests.test_visits import a_jpeg

pytestmark = [pytest.mark.browser, pytest.mark.slow]
HEADINGS = "单位名称,统一社会信用代码,行业,从业人员数,营业收入(万元),资产总额(万元),所属镇街\n"
ROSTER = (
    HEADINGS
    + "济源浏览器测试有限公司,91419001MA44EX6T77,3011,400,50000,60000,克井镇\n济源坏行有限公司,91419001MA44EX6T70,3011,-4,1,1,无此镇\n"
)
PAGES = [
    "/desk/",
    "/desk/dashboard/",
    "/registry/organisations/",
    "/certificates/coordinators/",
    "/sheets/",
    "/targets/",
    "/targets/gaps/",
    "/training/",
    "/learning/lessons/",
    "/learning/questions/",
    "/learning/exams/",
    "/supervision/plans/",
    "/supervision/findings/",
    "/supervision/anomalies/",
    "/competitions/",
]


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    opened = open_page(browser, address)
    wrong: list[str] = []
    opened.on("response", lambda answer: wrong.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    opened.context.close()
    assert wrong == []


def test_roster_goes_in_and_the_bad_line_is_explained(page: Page, tmp_path: Path) -> None:
    (tmp_path / "企业名册.csv").write_text(ROSTER, encoding="utf-8")
    sign_in(page, "demo-officer")
    keep(page, "home")
    page.goto("/sheets/")
    page.locator('label[for="sheet-enterprises"]').click()
    page.locator("#id_file").set_input_files(tmp_path / "企业名册.csv")
    page.get_by_role("button", name="上传并检查").click()
    confirm = page.get_by_role("button", name="确认入库合格的 1 行")
    expect(confirm).to_be_visible(timeout=30_000)
    keep(page, "checked")
    confirm.click()
    expect(page.get_by_text("已入库").first).to_be_visible(timeout=30_000)
    keep(page, "applied")
    page.goto("/registry/organisations/?q=浏览器测试")
    expect(page.get_by_text("济源浏览器测试有限公司").first).to_be_visible()


@pytest.mark.parametrize("path", PAGES)
def test_page_is_accessible_and_fits_a_phone(browser: Browser, address: str, page: Page, path: str) -> None:
    sign_in(page, "demo-officer")
    page.goto(path)
    keep(page, path.strip("/").replace("/", "-") or "root")
    found = [f"{violation['id']}: {violation['nodes'][0]['html'][:120]}" for violation in Axe().run(page).response["violations"]]
    assert found == []
    page.set_viewport_size({"width": 375, "height": 812})
    page.goto(path)
    keep(page, f"phone-{path.strip('/').replace('/', '-')}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


@pytest.mark.parametrize("role", ["officer", "admin"])
def test_every_page_of_the_navigation_is_accessible_in_large_print(page: Page, role: str) -> None:
    sign_in(page, f"demo-{role}")
    links = page.locator(".tx-nav a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    faults: dict[str, object] = {}
    for path in [*links, "/notices/", "/accounts/me/"]:
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(path)
        page.evaluate("document.documentElement.classList.add('large-print')")
        found = [f"{violation['id']}: {violation['nodes'][0]['html'][:120]}" for violation in Axe().run(page).response["violations"]]
        page.set_viewport_size({"width": 375, "height": 812})
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if found or over:
            faults[path] = (found, over)
    assert len(links) > 5
    assert faults == {}


def test_report_is_handed_on_as_pdf_word_and_excel(page: Page) -> None:
    sign_in(page, "demo-officer")
    page.goto("/targets/")
    page.get_by_role("link", name="出定格报告").click()
    page.locator("main form .btn-primary").click()
    expect(page.get_by_text("内容与校验值一致")).to_be_visible()
    keep(page, "report")
    page.get_by_role("button", name="出具文书").click()
    keep(page, "paper")
    for name, start in (("下载 PDF", b"%PDF-"), ("下载 Word", b"PK"), ("下载 Excel", b"PK")):
        with page.expect_download() as download:
            page.get_by_text(name, exact=True).click()
        assert Path(download.value.path()).read_bytes().startswith(start), name


@pytest.mark.parametrize("path", ["/", "/verify/", "/verify/many/", "/verify/keys/", "/verify/offline/", "/official/"])
def test_public_page_works_without_script(browser: Browser, address: str, path: str) -> None:
    visitor = open_page(browser, address, script=False)
    answer = visitor.goto(path)
    assert answer is not None
    assert answer.status == 200
    expect(visitor.locator("h1").first).to_be_visible()
    keep(visitor, f"public-{path.strip('/').replace('/', '-') or 'home'}")
    visitor.context.close()


def test_code_and_credential_are_verified_without_a_network(page: Page, tmp_path: Path) -> None:
    sign_in(page, "demo-officer")
    page.goto("/certificates/?status=valid")
    page.locator('tbody a[href^="/certificates/"]').first.click()
    page.get_by_role("link", name="出具摘录、电子凭证").click()
    code = str(page.locator("#scanned").get_attribute("href"))
    with page.expect_download() as download:
        page.get_by_role("button", name="下载电子凭证").click()
    credential = Path(download.value.path()).read_text(encoding="utf-8")
    page.goto("/verify/offline/")
    page.context.set_offline(True)

    def verdict(text: str) -> str:
        page.locator("#offline-text").fill(text)
        page.locator("#offline-result").evaluate("held => { held.hidden = true; }")
        page.get_by_role("button", name="核验").click()
        page.locator("#offline-result").wait_for(state="visible")
        return page.locator("#offline-verdict").inner_text()

    good, bad = "签名有效，内容没有被改动", "不能采信"
    assert verdict(code) == good
    keep(page, "offline-code")
    # The fourth letter of the facts carries six bits of the number; the last one of the signature two bits that count and four that do not.
    at = code.index(".", code.index("/c/")) + 4
    assert verdict(code[:at] + ("A" if code[at] != "A" else "B") + code[at + 1 :]) == bad
    assert verdict(code[:-1] + chr(ord(code[-1]) ^ 1)) == bad
    assert verdict("https://example.org/c/x") == bad
    assert verdict(credential) == good
    assert verdict(credential.replace("四级", "三级", 1) if "四级" in credential else credential.replace("三级", "二级", 1)) == bad
    (tmp_path / "credential.json").write_text(credential, encoding="utf-8")
    page.locator("#offline-file").set_input_files(tmp_path / "credential.json")
    assert verdict("") == good
    page.context.set_offline(False)


def test_gap_opens_by_name(page: Page) -> None:
    sign_in(page, "demo-officer")
    page.goto("/targets/gaps/")
    page.locator("table tbody a").first.click()
    expect(page.locator("h1")).to_be_visible()
    keep(page, "gap")


def test_personal_number_stands_in_no_address_and_in_no_draft(page: Page) -> None:
    number, asked, bodies = "419001198505050012", [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("request", lambda request: bodies.append(request.post_data or "") if "draft" in request.url else None)
    sign_in(page, "demo-officer")
    page.goto("/registry/people/")
    page.locator("#filter-q").fill(number)
    page.locator("#filter-q").press("Enter")
    page.wait_for_url("**/registry/people/?*q=~*")
    page.goto("/desk/search/")
    page.locator("#search-q").fill(number)
    page.locator("#search-q").press("Enter")
    page.wait_for_url("**/desk/search/?q=*")
    page.goto("/certificates/coordinators/new/")
    page.locator("#id_id_number").fill(number)
    page.locator("#id_name").fill("某人")
    expect(page.get_by_text("草稿已保存").first).to_be_visible()
    assert [url for url in asked if number in url] == []
    assert [body for body in bodies if "%E6%9F%90" in body] != []
    assert [body for body in bodies if number in body] == []


def test_taps_made_without_a_line_are_kept_and_sent_later(page: Page) -> None:
    """Attendance on a telephone: what is not sent yet is said, and nothing is lost when the line comes back."""
    sign_in(page, "demo-training_provider")
    page.set_viewport_size({"width": 375, "height": 812})
    page.goto("/training/?state=running")
    page.locator('tbody a[href^="/training/"]').first.click()
    page.locator(f'a[href$="/attendance/"]:has-text("{datetime.now(ZoneInfo("Asia/Shanghai")):%m-%d}")').first.click()
    people = page.locator("#taps li[data-enrolment]")
    people.nth(0).locator("label").nth(0).click()
    expect(page.locator("#tap-state")).to_have_text("全部点名已保存到系统。")
    page.context.set_offline(True)
    people.nth(1).locator("label").nth(3).click()
    expect(page.locator("#tap-state")).to_contain_text("有 1 人的点名只存在这台设备上")
    page.context.set_offline(False)
    expect(page.locator("#tap-state")).to_have_text("全部点名已保存到系统。", timeout=30_000)
    keep(page, "taps")
    page.reload()
    chosen = [people.nth(number).locator("input:checked").get_attribute("value") for number in range(2)]
    assert chosen == ["present", "absent"]


def test_answers_survive_a_lost_line_and_a_reload(page: Page) -> None:
    sign_in(page, "demo-trainee")
    page.goto("/learning/")
    page.locator("li:has-text('人人可考') button").click()
    page.locator("fieldset").nth(0).locator("input").first.check()
    expect(page.locator("#paper-line")).to_have_text("答案已全部保存。")
    page.context.set_offline(True)
    page.locator("fieldset").nth(1).locator("input").first.check()
    expect(page.locator("#paper-line")).to_contain_text("有 1 题的答案还没有送到系统")
    page.wait_for_timeout(1_000)
    page.context.set_offline(False)
    page.reload()
    expect(page.locator("fieldset").nth(1).locator("input").first).to_be_checked()
    expect(page.locator("#paper-line")).to_have_text("答案已全部保存。", timeout=15_000)
    _reload_as_drawn_before_an_answer(page)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="交卷").click()
    expect(page.get_by_role("link", name="核对抽题")).to_be_visible()


def _reload_as_drawn_before_an_answer(page: Page) -> None:
    """The server drew the page while an answer was on its way: what arrived in between must stand on it all the same."""
    drawn = page.request.get(page.url)
    other = page.locator("fieldset").nth(1).locator("input").last
    other.check()
    expect(page.locator("#paper-line")).to_have_text("答案已全部保存。", timeout=15_000)
    page.wait_for_function("Object.values(localStorage).every((held) => !held.includes('false'))")
    page.route(page.url, lambda route: route.fulfill(response=drawn), times=1)
    page.reload()
    expect(other).to_be_checked()
    expect(page.locator("#paper-line")).to_have_text("答案已全部保存。")
    page.reload()
    expect(other).to_be_checked()


def test_a_lesson_goes_on_where_it_was_left_and_a_second_page_stops_both(page: Page) -> None:
    sign_in(page, "demo-trainee")
    page.goto("/learning/")
    lesson = page.locator('a[href^="/learning/study/"]', has_text="调解谈话四步")
    lesson.click()
    expect(page.locator("#study-line")).to_contain_text("学到 20 分 15 秒")
    page.get_by_role("button", name="开始计时").click()
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#study-words")).to_contain_text("同时打开了两个学习页面")
    other.close()


def test_a_visit_is_filled_and_photographed_without_a_line(page: Page, tmp_path: Path) -> None:
    """The checklist on a telephone: answers and pictures stay on the device, and reach the system once when the line is back."""
    picture = tmp_path / "现场.jpg"
    picture.write_bytes(a_jpeg())
    sign_in(page, "demo-inspector")
    page.set_viewport_size({"width": 375, "height": 812})
    page.goto("/supervision/mine/")
    page.locator("a.supervision-mine", has_text="检查中").first.click()
    items, state = page.locator(".supervision-item"), page.locator("#visit-state")
    page.context.set_offline(True)
    items.nth(10).locator("label", has_text="不符合").click()
    items.nth(10).locator("input.form-control").fill("只有一名监考")
    items.nth(11).locator("label", has_text="符合").first.click()
    items.nth(10).locator("input[type=file]").set_input_files(picture)
    expect(state).to_contain_text("2 项、1 张照片只存在这台设备上")
    keep(page, "visit-offline")
    page.context.set_offline(False)
    expect(state).to_have_text("已全部保存到系统。", timeout=30_000)
    page.reload()
    assert items.nth(10).locator("input:checked").get_attribute("value") == "unfit"
    assert items.nth(10).locator("input.form-control").input_value() == "只有一名监考"
    expect(items.nth(10).get_by_role("link", name="照片 1")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


@pytest.mark.parametrize("listed", ["/assessments/", "/public-notices/"])
def test_an_objection_is_written_on_a_phone(page: Page, listed: str) -> None:
    """The form of a public notice is no wider than a telephone's screen."""
    page.set_viewport_size({"width": 375, "height": 812})
    page.goto(listed)
    page.locator(f"main a[href^='{listed}']").first.click()
    expect(page.locator("textarea[name=text]")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
