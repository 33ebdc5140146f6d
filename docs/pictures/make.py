"""Make the pictures of README and docs: ``python docs/pictures/make.py RUN``; needs Chromium and a finished run."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent


def report(run: Path) -> None:
    """Photograph the top of the shortfall report in both languages' shared layout."""
    browser_path = shutil.which("chromium")
    if browser_path is None:
        sys.exit("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1180, "height": 1500})
        page.goto((run / "report" / "report.html").resolve().as_uri())
        page.screenshot(path=HERE / "report.png", clip={"x": 0, "y": 0, "width": 1180, "height": 1500})
        browser.close()


if __name__ == "__main__":
    report(Path(sys.argv[1]))
