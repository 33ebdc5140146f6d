"""Every page of a finished run, warm: how fast one worker answers and how much it sends.

``python -m benchmarks.pages RUN [--data DIR] [--times 20]``: starts the service on the run folder, signs in as the
office, asks for each page a few times first and then measures. A line a page, slowest last; exit 1 where a page is over
the limits: 300 ms at the 95th percentile, 300 kB sent without style, script and the chart bundle.
"""

from __future__ import annotations

import argparse
import gzip
import html
import re
import subprocess
import sys
import tempfile
import time
from http.cookiejar import CookieJar
from pathlib import Path
from statistics import median, quantiles
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

PORT = 8765
ADDRESS = f"http://127.0.0.1:{PORT}"
LIMIT_SECONDS, LIMIT_BYTES = 0.3, 300_000
HEADERS = {"Accept": "text/html", "Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"}
PAGES = (
    *("/", "/demand", "/demand?level=route", "/demand?municipality=Stockholm", "/homes", "/flows", "/replay"),
    *("/seats", "/scenarios", "/round", "/public", "/desk", "/applicants", "/audit", "/administration", "/account"),
)


def ask(browser: OpenerDirector, path: str, data: dict[str, str] | None = None) -> tuple[bytes, str]:
    """Ask for a page; give what was sent, and the page as text."""
    body = urlencode(data).encode() if data is not None else None
    with browser.open(Request(ADDRESS + path, body, HEADERS), timeout=120) as answer:  # noqa: S310 - our own address
        sent = answer.read()
        packed = answer.headers.get("Content-Encoding") == "gzip"
    return sent, (gzip.decompress(sent) if packed else sent).decode()


def signed_in() -> OpenerDirector:
    """Sign in as the office with a ready account."""
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    page = ask(browser, "/sign-in")[1]
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    ask(browser, "/sign-in/local", {name: html.unescape(value) for name, value in hidden} | {"subject": "office"})
    return browser


def addresses(browser: OpenerDirector) -> list[str]:
    """Give the pages, with the route that has most reserves and one of its applicants."""
    route = re.search(r'href="(/routes/[^"?]+)', ask(browser, "/demand?level=route&sort=-reserves")[1])
    path = route[1] if route is not None else "/demand"
    people = re.findall(r'href="(/applicants/[^"?]+)', ask(browser, path)[1])
    own = [people[-1], f"{people[-1]}?view=applicant", f"{people[-1]}/letter.pdf"] if people else []
    return [*PAGES, path, *(one for one in own if not one.endswith(".pdf"))]


def measure(times: int) -> int:
    """Measure every page and print a table; give how many are over a limit."""
    browser = signed_in()
    lines = []
    for path in addresses(browser):
        start = time.perf_counter()
        ask(browser, path)
        first = time.perf_counter() - start
        ask(browser, path)
        seconds, sent = [], b""
        for _ in range(times):
            start = time.perf_counter()
            sent = ask(browser, path)[0]
            seconds.append(time.perf_counter() - start)
        lines.append((quantiles(seconds, n=20)[-1], median(seconds), first, len(sent), path))
    print(f"{'p95 ms':>8}{'median':>8}{'first':>8}{'kB':>7}  page")
    over = 0
    for p95, middle, first, size, path in sorted(lines):
        bad = p95 >= LIMIT_SECONDS or size >= LIMIT_BYTES
        over += bad
        mark = "  over the limit" if bad else ""
        print(f"{p95 * 1000:8.0f}{middle * 1000:8.0f}{first * 1000:8.0f}{size / 1000:7.0f}  {path}{mark}")
    return over


def main() -> int:
    """Start the service, measure, end it."""
    options = argparse.ArgumentParser(description="Measure every page of a finished run.")
    options.add_argument("run", type=Path)
    options.add_argument("--data", type=Path, help="data folder; a run loaded there before is not loaded again")
    options.add_argument("--times", type=int, default=20)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as fresh:
        command = [str(Path(sys.executable).parent / "admissions"), "serve", "--no-worker", "--port", str(PORT)]
        command += ["--run", str(given.run), "--data", str(given.data or fresh)]
        service = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while service.poll() is None:
                try:
                    ask(build_opener(), "/health/live")
                    return min(1, measure(given.times))
                except URLError:
                    time.sleep(0.5)
            sys.exit("the service did not start")
        finally:
            service.terminate()
            service.wait()


if __name__ == "__main__":
    sys.exit(main())
