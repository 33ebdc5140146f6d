"""A served run and a browser: Debian's Chromium, driven by Playwright."""

import os
import shutil
import socket
import threading
import time

import pytest
import uvicorn

from api.app import create_app
from api.jobs.handlers import handlers
from api.jobs.worker import Worker
from api.settings import Settings
from api.web.assets import bundle
from tests.pages_run import make_run

CHROMIUM = shutil.which("chromium")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]


@pytest.fixture(scope="session")
def chromium():
    if CHROMIUM is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("REQUIRE_BROWSER=1, but there is no chromium on this machine")
        pytest.skip("no chromium on this machine: browser journeys are skipped")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


SIZES = [pytest.param(1500, id="town"), pytest.param(None, id="region", marks=pytest.mark.full)]
"""Applicants of the served run, for ``parametrize("service", SIZES, indirect=True)``; None: a whole year."""


class Served:
    """A service on this machine, and its worker."""

    def __init__(self, app, address):
        self.app, self.address = app, address

    def work(self):
        state = self.app.state
        worker = Worker(state.store, handlers(), state.trail, state.settings, state.clock)
        while worker.run_once():
            pass


@pytest.fixture(scope="session")
def service(chromium, tmp_path_factory, request):
    """Serve a run on a free port."""
    folder = tmp_path_factory.mktemp("journeys")
    settings = Settings(data_dir=folder / "data")
    bundle(settings.data_dir / "cache")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = create_app(settings, run_folder=make_run(folder, getattr(request, "param", 1500)))
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield Served(app, f"http://127.0.0.1:{port}")
    server.should_exit = True
    thread.join(20)


class Watch:
    """What a page asked for and complained about."""

    def __init__(self, page, origin):
        self.elsewhere, self.complaints = [], []
        page.on("request", lambda request: self._asked(request.url, origin))
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _asked(self, url, origin):
        if not url.startswith((origin, "data:", "blob:")):
            self.elsewhere.append(url)

    def _said(self, message):
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def is_clean(self):
        assert self.elsewhere == []
        assert self.complaints == []


@pytest.fixture
def visit(chromium, service):
    """Open pages that are watched; give a function that makes a page."""
    contexts = []

    def open_page(**options):
        context = chromium.new_context(
            base_url=service.address, **({"viewport": {"width": 1280, "height": 900}} | options)
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        return page, Watch(page, service.address)

    yield open_page
    for context in contexts:
        context.close()
