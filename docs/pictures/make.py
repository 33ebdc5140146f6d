"""Make the pictures of README and docs: ``python docs/pictures/make.py RUN``; needs Chromium and a finished run.

The service is started on the run in demo mode, in a data folder of its own, and asked as anybody on this machine would.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
PORT = 8764
ADDRESS = f"http://127.0.0.1:{PORT}"
WIDTH = 1180
LONGEST_WAIT = 600
"""Seconds for a run to be loaded, and for a scenario to be simulated."""


@dataclass(frozen=True)
class Picture:
    """A picture of a page: its file, its address, how much of it, and where the top of the cut is."""

    name: str
    path: str
    height: int
    start: str = ""


PICTURES = (
    Picture("demand", "/demand?lang=en", 1400),
    Picture("rounds", "/replay?lang=en", 1320),
    Picture("seats", "/seats?lang=en", 1150, "#value"),
)


def report(browser: Browser, run: Path) -> None:
    """Photograph the top of the shortfall report."""
    page = browser.new_page(viewport={"width": WIDTH, "height": 1500})
    page.goto((run / "report" / "report.html").resolve().as_uri())
    page.screenshot(path=HERE / "report.png", clip={"x": 0, "y": 0, "width": WIDTH, "height": 1500})
    page.close()


@contextmanager
def service(run: Path) -> Iterator[None]:
    """Serve the run, with a worker, for as long as pictures are taken."""
    with tempfile.TemporaryDirectory() as data:
        command = [str(Path(sys.executable).parent / "admissions"), "serve", "--port", str(PORT), "--data", data]
        command += ["--run", str(run)]
        started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - ours
        try:
            _wait(started)
            yield
        finally:
            started.terminate()
            started.wait()


def _wait(started: subprocess.Popen[bytes]) -> None:
    for _ in range(LONGEST_WAIT):
        if started.poll() is not None:
            sys.exit("The service did not start.")
        try:
            with urlopen(f"{ADDRESS}/health/live", timeout=5):  # noqa: S310 - our own address
                return
        except URLError:
            time.sleep(1)
    sys.exit("The service does not answer.")


def drawn(page: Page) -> None:
    """Wait until every chart is drawn."""
    for figure in page.locator("figure").all():
        figure.scroll_into_view_if_needed()
        figure.locator(".drawing svg").wait_for()
    page.evaluate("window.scrollTo(0, 0)")


def take(page: Page, picture: Picture) -> None:
    """Photograph a page from the top, or from a place of it."""
    if picture.path:
        page.goto(ADDRESS + picture.path)
    drawn(page)
    top = page.locator(picture.start).first.bounding_box() if picture.start else None
    start = int(top["y"]) if top is not None else 0
    height = min(picture.height, int(page.evaluate("document.documentElement.scrollHeight")) - start)
    clip = {"x": 0, "y": start, "width": WIDTH, "height": height}
    page.screenshot(path=HERE / f"{picture.name}.png", full_page=True, clip=clip)


def sign_in(page: Page, name: str) -> None:
    """Sign in with a ready account."""
    page.goto(f"{ADDRESS}/sign-in?lang=en")
    page.get_by_role("button", name=re.compile(name)).click()
    page.wait_for_url(f"{ADDRESS}/**")


def scenario(page: Page) -> None:
    """Lay thirty seats on the two routes where most are short, run it, and photograph editor and result."""
    page.goto(f"{ADDRESS}/demand?level=route&sort=-first_choice_shortage")
    links = [one.get_attribute("href") or "" for one in page.locator("tbody th a").all()[:2]]
    routes = [link.partition("?")[0].rpartition("/")[2] for link in links]
    page.goto(f"{ADDRESS}/scenarios?lang=en")
    page.locator("#name").fill("Thirty more seats where most are short")
    page.keyboard.press("Enter")
    page.get_by_text("Paste from Excel").first.click()
    page.locator("#pasted").fill("\n".join(f"{route}\t+15" for route in routes))
    page.locator("button[value=save]").first.click()
    page.locator("table.editing").wait_for()
    page.locator("#years").fill("20")
    page.locator("#run ~ form button").first.click()
    page.locator('#jobs a[href*="/result"]').wait_for(timeout=LONGEST_WAIT * 1000)
    take(page, Picture("scenario", "", 900))
    page.locator('#jobs a[href*="/result"]').first.click()
    page.wait_for_url("**/result**")
    take(page, Picture("comparison", "", 1400))


def main(run: Path) -> None:
    """Make every picture."""
    browser_path = shutil.which("chromium")
    if browser_path is None:
        sys.exit("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as started, service(run):
        browser = started.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        report(browser, run)
        page = browser.new_page(viewport={"width": WIDTH, "height": 900})
        page.set_default_timeout(60_000)
        sign_in(page, "Anders Analyst")
        for picture in PICTURES:
            take(page, picture)
        scenario(page)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
