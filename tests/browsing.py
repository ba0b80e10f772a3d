"""A demonstration that really runs, and a Chromium that looks at it; shared by the browser tests and the pictures."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from command_line import environment
from playwright.sync_api import Browser, Page, sync_playwright

PASSWORD = "tongxing-demo-2026"
ARTEFACTS = Path(__file__).resolve().parent.parent / "artefacts"
START_SECONDS = 180


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def demonstration(data: Path) -> Iterator[str]:
    """Start `tongxing run` with demonstration data in `data`; yields its address."""
    port, log = free_port(), data.parent / "server.log"
    command = [sys.executable, "-m", "tongxing", "run", "--port", str(port)]
    with log.open("w") as out:
        server = subprocess.Popen(command, env=environment(data, TONGXING_DEMO="1"), stdout=out, stderr=out)
        try:
            deadline = time.monotonic() + START_SECONDS
            while "同行已启动" not in log.read_text():
                if server.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(log.read_text())
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(40)


@contextmanager
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        raise RuntimeError("没有找到 Chromium。请执行：apt-get install chromium chromium-driver fonts-noto-cjk")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


def open_page(browser: Browser, address: str, *, width: int = 1280, height: int = 800, script: bool = True) -> Page:
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        java_script_enabled=script,
    )
    context.set_default_timeout(20_000)
    return context.new_page()


def sign_in(page: Page, username: str) -> None:
    page.goto("/account/login/")
    page.locator('input[name="login"]').fill(username)
    page.locator('input[name="password"]').fill(PASSWORD)
    page.locator('input[name="password"]').press("Enter")
    page.wait_for_url("**/desk/**")


def keep(page: Page, name: str) -> None:
    """Keep a picture of the page as an artefact of the test run."""
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)
