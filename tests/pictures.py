"""Make the pictures of README and user guide from the demonstration: `python tests/pictures.py [folder]`."""

import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from browsing import chromium, demonstration, open_page, sign_in
from openpyxl import Workbook
from playwright.sync_api import Page

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "user" / "pictures"
DESK, PHONE = (1440, 900), (375, 740)
HEADINGS = (
    "单位名称",
    "统一社会信用代码",
    "行业",
    "从业人员数",
    "营业收入(万元)",
    "资产总额(万元)",
    "所属镇街",
    "地址",
    "联系人",
    "联系电话",
)
LINES = (
    (
        "济源市沁园机械制造有限公司",
        "91419001MA0000101C",
        "制造业",
        450,
        52000,
        30000,
        "沁园街道",
        "沁园街道文昌路 1 号",
        "王建国",
        "13800000001",
    ),
    ("济源市北海商贸有限公司", "", "批发业", "80人", 6000, 2000, "北海街道", "北海街道汤帝路 8 号", "李芳", "13800000002"),
    ("济源市天坛建材有限公司", "91419001MA00002025", "制造业", -5, 900, 800, "天坛街道", "天坛街道黄河路 3 号", "张伟", "13800000003"),
    ("济源市承留农业发展有限公司", "91419001MA0000303X", "农业", 35, 300, 500, "承留县", "承留镇承留村", "赵敏", "13800000004"),
    ("济源市轵城食品有限公司", None, "制造业", 60, 1500, 900, "轵城镇", "轵城镇工业路 5 号", "刘洋", "13800000005"),
    ("济源市轵城食品有限公司", None, "制造业", 60, 1500, 900, "轵城镇", "轵城镇工业路 5 号", "刘洋", "13800000005"),
    ("济源市五龙口旅游服务有限公司", "9141900IMA00004O4X", "住宿业", 120, 2600, 4000, "", "五龙口镇盘谷寺", "陈静", "13800000006"),
)


class Picture(NamedTuple):
    name: str
    path: str
    steps: Callable[[Page], object] = lambda page: None
    """What to press on the page before the picture is taken."""
    at: str = ""
    """What to scroll to the top of the picture."""
    width: int = DESK[0]
    height: int = DESK[1]


def phone(name: str, path: str, steps: Callable[[Page], object] = lambda page: None, at: str = "") -> Picture:
    return Picture(name, path, steps, at, *PHONE)


def messy_roster(folder: Path) -> Path:
    """An enterprise roster as people write it: a title above, a footer below, and mistakes between."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (("2026 年企业名册",), (), HEADINGS, *LINES, ("合计", None, None, 740), ("填表人：王经办",)):
        sheet.append(line)
    path = folder / "企业名册.xlsx"
    book.save(path)
    return path


def check_roster(page: Page) -> None:
    """Take a messy roster to the page with its lines explained."""
    with tempfile.TemporaryDirectory() as folder:
        page.locator("#sheet-enterprises").check(force=True)
        page.locator('input[name="file"]').set_input_files(messy_roster(Path(folder)))
        page.get_by_role("button", name="上传并检查").click()
        page.wait_for_url("**/sheets/batches/**")
        page.locator(".sheets-decide").wait_for()


def follow(selector: str) -> Callable[[Page], object]:
    """Open the first link of this kind on the page."""

    def steps(page: Page) -> None:
        address = page.locator(selector).first.get_attribute("href")
        page.goto(str(address), wait_until="networkidle")

    return steps


def completion(page: Page) -> None:
    """The scores of the first class of the list."""
    address = page.locator('tbody a[href^="/training/"]').first.get_attribute("href")
    page.goto(f"{address}completion/", wait_until="load")


def online_side(page: Page, more: str = "") -> None:
    """The online side of the first class of the list."""
    address = str(page.locator('tbody a[href^="/training/"]').first.get_attribute("href"))
    page.goto(address.replace("/training/", "/learning/classes/").replace("classes/classes/", "classes/") + more, wait_until="networkidle")


def sit(page: Page) -> None:
    """Begin the examination that everybody may sit, and answer two questions."""
    page.locator("li:has-text('人人可考') button").click()
    page.locator("#paper-state").wait_for()
    for place in (0, 1):
        page.locator("fieldset").nth(place).locator("label").first.click()
    page.locator("#paper-line:has-text('答案已全部保存')").wait_for()


def todays_session(page: Page, end: str) -> None:
    """A page about the session of today in the class that is running."""
    follow('tbody a[href^="/training/"]')(page)
    today = datetime.now(ZoneInfo("Asia/Shanghai")).strftime("%m-%d")
    address = page.locator(f'a[href$="/attendance/"]:has-text("{today}")').first.get_attribute("href")
    page.goto(str(address).replace("/attendance/", end), wait_until="load")
    if end == "/attendance/":
        for number, place in ((0, 0), (1, 1), (2, 0), (3, 3)):
            page.locator("#taps li").nth(number).locator("label").nth(place).click()
        page.locator("#tap-state:has-text('全部点名已保存')").wait_for()


def open_tab(label: str, then: str = "") -> Callable[[Page], object]:
    """Open the first batch of the list, one of its tabs, and there the first link of a kind."""

    def steps(page: Page) -> None:
        follow('tbody a[href^="/evaluation/batches/"]')(page)
        page.locator("nav.tabs").get_by_role("link", name=label).click()
        page.wait_for_load_state("networkidle")
        if then:
            follow(then)(page)

    return steps


def last_selection(end: str, then: str = "") -> Callable[[Page], object]:
    """A page of the selection that stands last in the list: the one that was played to its end."""

    def steps(page: Page) -> None:
        address = page.locator("tbody tr").last.locator('a[href^="/honours/"]').first.get_attribute("href")
        page.goto(f"{address}{end}", wait_until="networkidle")
        if then:
            follow(then)(page)

    return steps


def freeze(page: Page) -> None:
    page.locator('input[name="on"]').fill("2026-09-30")
    page.get_by_role("button", name="定格", exact=True).click()
    page.wait_for_url("**/targets/reports/*-*/")


def hand_out(page: Page) -> Page:
    """The page of the first certificate from which extract and credential are handed out."""
    follow('tbody a[href^="/certificates/"]')(page)
    follow('a[href^="/credentials/of/"]')(page)
    return page


def verify_offline(page: Page) -> None:
    code = str(hand_out(page).locator("#scanned").get_attribute("href"))
    page.goto("/verify/offline/", wait_until="networkidle")
    page.locator("#offline-text").fill(code)
    page.get_by_role("button", name="核验").click()
    page.locator("#offline-result").wait_for(state="visible")


def verify_many(page: Page) -> None:
    """Made-up numbers: the register of the demonstration is not read out in public."""
    page.locator('textarea[name="lines"]').fill("S000041000001233000001 张晓明\nS000041000001233000002，李芳\n王建国")
    page.get_by_role("button", name="核验", exact=True).click()
    page.wait_for_url("**/look-up/")


PICTURES: dict[str, tuple[Picture, ...]] = {
    "": (
        Picture("sign-in", "/account/login/"),
        Picture("public", "/"),
        Picture("verify", "/verify/"),
        Picture("credentials-many", "/verify/many/", verify_many),
        Picture("credentials-official", "/official/"),
        Picture("honours-roll", "/honours-roll/"),
    ),
    "demo-officer": (
        Picture("home", "/desk/"),
        Picture("dashboard", "/desk/dashboard/"),
        Picture("import", "/sheets/"),
        Picture("batch", "/sheets/", check_roster),
        Picture("coverage", "/targets/"),
        Picture("units", "/targets/units/enterprises/?state=vacant"),
        Picture("unit", "/targets/units/enterprises/?state=certified", follow("td a[data-drawer]")),
        Picture("gaps", "/targets/gaps/"),
        Picture("gap", "/targets/gaps/", follow('tbody a[href^="/targets/gaps/"]')),
        Picture("organisations", "/registry/organisations/"),
        Picture("unplaced", "/registry/organisations/unplaced/"),
        Picture("coordinators", "/certificates/coordinators/"),
        Picture("person", "/certificates/coordinators/?status=active&level=any", follow('tbody a[href^="/registry/people/"]')),
        Picture("certificate", "/certificates/", follow('tbody a[href^="/certificates/"]')),
        Picture("credentials-handing-out", "/certificates/?status=valid", hand_out),
        Picture("credentials-offline", "/certificates/?status=valid", verify_offline),
        phone("credentials-scanned", "/certificates/?status=valid", lambda page: follow("#scanned")(hand_out(page))),
        Picture("spread", "/targets/spread/"),
        Picture("trend", "/targets/trend/"),
        Picture("report", "/targets/reports/new/", freeze),
        Picture("account", "/accounts/me/"),
        Picture("honours-plan", "/honours/", follow('tbody a[href^="/honours/"]')),
        Picture("honours-nomination", "/honours/nominations/?state=accepted", follow('tbody a[href^="/honours/nominations/"]')),
        Picture("honours-panel", "/honours/", last_selection("review/", 'a[href^="/honours/panels/"]')),
        Picture("honours-meeting", "/honours/", last_selection("meeting/")),
        Picture("honours-packs", "/honours/", last_selection("packs/")),
        Picture("competitions", "/competitions/", follow('tbody a[href^="/competitions/"]')),
    ),
    "demo-reviewer": (Picture("honours-score", "/honours/reviewing/", follow('tbody a[href^="/honours/reviewing/"]')),),
    "demo-admin": (Picture("credentials-keys", "/credentials/keys/"),),
    "demo-training": (
        Picture("training-classes", "/training/"),
        Picture("training-class", "/training/?state=running", follow('tbody a[href^="/training/"]')),
        Picture("training-completion", "/training/?state=finished", completion),
        Picture("learning-class", "/training/?state=running", online_side),
        Picture("learning-questions", "/learning/questions/"),
        Picture("learning-exam", "/learning/exams/?state=open", follow('tbody tr:last-child a[href^="/learning/exams/"]')),
        Picture("learning-feedback", "/training/?state=finished", lambda page: online_side(page, "feedback/")),
    ),
    "demo-training_provider": (
        Picture("training-code", "/training/?state=running", lambda page: todays_session(page, "/code/")),
        phone("training-taps", "/training/?state=running", lambda page: todays_session(page, "/attendance/")),
    ),
    "demo-trainee": (
        phone("training-own", "/training/own/"),
        phone("learning-own", "/learning/"),
        phone("learning-study", "/learning/", follow('a[href^="/learning/study/"] >> nth=1')),
        phone("learning-paper", "/learning/", sit),
        phone("learning-result", "/learning/", follow('a[href^="/learning/attempts/"] >> text=第一次模拟考试')),
    ),
    "demo-township": (
        phone("township-home", "/desk/"),
        phone("township-gaps", "/targets/gaps/"),
        phone("township-gap", "/targets/gaps/", follow('tbody a[href^="/targets/gaps/"]')),
    ),
    "demo-assessment": (
        Picture("evaluation-batches", "/evaluation/batches/"),
        Picture("evaluation-body", "/evaluation/bodies/", follow('tbody a[href^="/evaluation/bodies/"]')),
        Picture("evaluation-batch", "/evaluation/batches/?state=examined", follow('tbody a[href^="/evaluation/batches/"]')),
        Picture("evaluation-results", "/evaluation/batches/?state=published", open_tab("结果与异议")),
        Picture("supervision-plans", "/supervision/plans/"),
        Picture("supervision-plan", "/supervision/plans/?state=drawn", follow('tbody a[href^="/supervision/plans/"]')),
        Picture("supervision-findings", "/supervision/findings/"),
        Picture("supervision-anomalies", "/supervision/anomalies/"),
    ),
    "demo-inspector": (phone("supervision-visit", "/supervision/mine/", follow('a.supervision-mine:has-text("检查中")')),),
    "demo-assessment_body": (
        Picture(
            "evaluation-application", "/evaluation/batches/?state=announced&level=4", open_tab("报名", 'tbody a[href^="/evaluation/app"]')
        ),
        Picture("evaluation-seats", "/evaluation/batches/?state=fixed", open_tab("考场与座位")),
        Picture("evaluation-differences", "/evaluation/batches/?state=examined", open_tab("录分与核对")),
    ),
    "demo-scorer": (
        phone("evaluation-scores", "/evaluation/batches/?state=examined", open_tab("录分与核对", 'a[href*="/scores/practice/1/"]')),
    ),
    "demo-subsidy_handler": (
        Picture("subsidies-claims", "/subsidies/"),
        Picture("subsidies-finding", "/subsidies/?state=accepted&findings=open", follow('tbody a[href^="/subsidies/"]')),
        Picture("subsidies-notice", "/subsidies/rounds/", follow('tbody a[href^="/subsidies/rounds/"]')),
        Picture("subsidies-fund", "/subsidies/funds/", follow('tbody tr:last-child a[href^="/subsidies/funds/"]')),
    ),
    "demo-cashier": (Picture("subsidies-payment", "/subsidies/payments/", follow('tbody a[href^="/subsidies/payments/"]')),),
    "demo-coordinator": (phone("coordinator-home", "/desk/"), phone("coordinator-record", "/registry/own/")),
}


def settle(page: Page) -> None:
    """Charts are drawn when they come into sight: go down once, come back, and wait until the last one stands."""
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(300)
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_load_state("networkidle")
    page.wait_for_function("[...document.querySelectorAll('[data-chart]')].every(chart => chart.querySelector('canvas, svg'))")
    page.wait_for_timeout(1200)


def take(page: Page, picture: Picture, folder: Path) -> None:
    page.set_viewport_size({"width": picture.width, "height": picture.height})
    page.goto(picture.path, wait_until="networkidle")
    picture.steps(page)
    settle(page)
    if picture.at:
        page.locator(picture.at).first.evaluate("element => element.scrollIntoView()")
    page.screenshot(path=folder / f"{picture.name}.jpg", type="jpeg", quality=80)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, demonstration(Path(place) / "var") as address, chromium() as browser:
        for user, pictures in PICTURES.items():
            page = open_page(browser, address)
            if user:
                sign_in(page, user)
            for picture in pictures:
                take(page, picture, folder)
            page.context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
