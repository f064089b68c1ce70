"""A browser, and the built site on a plain file server, under a path that is not the root."""

import io
import os
import re
import sys
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from playwright.sync_api import Error, expect

from tools import browsers

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"
# Many a site works at the root only, because its links are absolute.
BASE = "/some/base/"


@pytest.fixture
def tell(record_property):
    """Print a line when all tests are done: what a worker prints by itself is seen by nobody."""
    return lambda line: record_property("told", line)


def pytest_terminal_summary(terminalreporter):
    reports = [r for kind in ("passed", "failed") for r in terminalreporter.stats.get(kind, [])]
    lines = [text for report in reports for name, text in report.user_properties if name == "told"]
    if lines:
        terminalreporter.section("measured")
        terminalreporter.write("\n".join(lines) + "\n")


@pytest.fixture(scope="session")
def browser_type_launch_args():
    return browsers.launch_args()


class _Handler(SimpleHTTPRequestHandler):
    def translate_path(self, path):
        if not path.startswith(BASE):
            return os.devnull + "/outside"
        return super().translate_path(path.removeprefix(BASE[:-1]))

    def log_message(self, *args):
        pass


class _Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        # A window that goes to another page hangs up on what it has not yet got.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@pytest.fixture(scope="session")
def serve():
    """A function that serves a folder under `BASE` and returns the address of its top."""
    servers = []

    def start(folder):
        server = _Server(("127.0.0.1", 0), partial(_Handler, directory=folder))
        # The argument is how often it looks whether to stop, in seconds.
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}{BASE}"

    yield start
    for server in servers:
        server.shutdown()


@pytest.fixture(scope="session")
def site(serve):
    """The address of the built site."""
    if not SITE.is_dir():
        pytest.fail("There is no site under _build/html: run `make site` or `make book`.")
    return serve(SITE)


# Milliseconds: two browsers, each with the ledger's thousand formulas, share two cores.
PATIENCE = 120_000
# Playwright's own five seconds for a condition are too few for a page that waits for its turn.
expect.set_options(timeout=PATIENCE)


class Visit:
    """One page in the browser, with everything that went wrong while it loaded."""

    def __init__(self, page, folder, host):
        self.page, self.folder, self.host = page, Path(folder), host
        self.console, self.foreign, self.failed = [], [], []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.on("response", self._on_response)
        page.on("requestfailed", lambda request: self.failed.append(request.url))
        page.route(re.compile(f"^(?!data:|{re.escape(host)})"), self._on_foreign)

    def _on_console(self, message):
        if message.type == "error":
            self.console.append(message.text)

    def _on_response(self, response):
        if response.status >= 400:
            self.failed.append(f"{response.status} {response.url}")

    def _on_foreign(self, route):
        self.foreign.append(route.request.url)
        route.abort()

    def go(self, address):
        """Open another address; what went wrong before is forgotten."""
        for seen in (self.console, self.foreign, self.failed):
            seen.clear()
        self.page.goto(address)
        self.settle()

    def wait(self, condition, milliseconds=PATIENCE):
        """Until an expression is true in the page; whether it is.

        The driver's own waiting evaluates text inside of the page, which the page's policy forbids.
        """
        end = time.monotonic() + milliseconds / 1000
        while not (held := self._is(condition)) and time.monotonic() < end:
            self.page.wait_for_timeout(20)
        return held

    def _is(self, condition):
        try:
            return self.page.evaluate(f"Boolean({condition})")
        except Error:
            # The page has just led to another one.
            return False

    def settle(self):
        """Wait until scripts and fonts are in place."""
        # A page that only leads to another one is not what is to be looked at.
        assert self.wait(
            "document.readyState === 'complete'"
            " && !document.querySelector('meta[http-equiv=refresh]')"
        )
        # All of the page is looked at, not only what a reader has come near to.
        self.page.evaluate(
            """document.head.append(Object.assign(document.createElement('style'),
                {textContent: '* { content-visibility: visible !important }'})) || true"""
        )
        self.page.evaluate("document.fonts.ready.then(() => true)")
        # What a script does when the fonts have come, it has done two frames later.
        self.page.evaluate(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )


def ground_and_ink(picture):
    """Brightness of a picture's ground, and of its lightest ink, as seen, from 0 to 255."""
    pixels = plt.imread(io.BytesIO(picture.screenshot()))[..., :3].mean(axis=-1) * 255
    return np.percentile(pixels[2:-2, 2:-2], [50, 99.5])


def open_page(browser, address, folder=SITE, **options):
    """Open a page in a context of its own, which the caller closes."""
    options.setdefault("viewport", {"width": 1280, "height": 900})
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    host = address[: address.index(BASE)] + "/"
    result = Visit(context.new_page(), folder, host)
    result.go(address)
    return result


@pytest.fixture
def visit(browser, serve):
    """A function that opens a page: `visit(address, folder, **context_options)` -> `Visit`."""
    visits = []

    def opened(address, folder=SITE, **options):
        visits.append(open_page(browser, address, folder, **options))
        return visits[-1]

    yield opened
    for visit in visits:
        visit.page.context.close()
