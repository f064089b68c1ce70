"""Judge the built site by Lighthouse, from npm: first page, heaviest chapter, the ledger's index.

Needs Node.js, and the network for the first call, which fetches Lighthouse.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import browsers  # noqa: E402

PACKAGE = "lighthouse@12"
AT_LEAST = {"accessibility": 0.95, "best-practices": 0.95, "seo": 0.95}
PERFORMANCE = {"desktop": 0.9, "mobile": 0.75}


class Quiet(SimpleHTTPRequestHandler):
    """A file server that does not tell of each request."""

    def log_message(self, *args):
        pass


def heaviest_chapter(html):
    """The page of a notebook that has the most bytes."""
    pages = [html / p.relative_to(ROOT).with_suffix(".html") for p in ROOT.glob("book/**/*.ipynb")]
    return max(pages, key=lambda page: page.stat().st_size).relative_to(html).as_posix()


def scores(address, profile):
    """Lighthouse's scores of a page, from 0 to 1, by category."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "report.json"
        command = ["npx", "--yes", PACKAGE, address, "--quiet", "--output=json"]
        command += [f"--output-path={target}", "--chrome-flags=--no-sandbox --headless=new"]
        command += ["--preset=desktop"] if profile == "desktop" else []
        browser = {"CHROME_PATH": browsers.system_browser()} if browsers.system_browser() else {}
        subprocess.run(command, check=True, env={**os.environ, **browser})
        report = json.loads(target.read_text(encoding="utf-8"))
    return {name: category["score"] for name, category in report["categories"].items()}


def shortfalls(found, profile):
    """Which scores are below what is asked for."""
    asked = {**AT_LEAST, "performance": PERFORMANCE[profile]}
    return [
        f"{name} {found[name]:.2f} < {least}"
        for name, least in asked.items()
        if found[name] < least
    ]


def main():
    html = ROOT / "_build" / "html"
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=html))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    failed = False
    for page in ("book/intro.html", heaviest_chapter(html), "book/ledger.html"):
        for profile in PERFORMANCE:
            found = scores(f"http://127.0.0.1:{server.server_port}/{page}", profile)
            short = shortfalls(found, profile)
            failed |= bool(short)
            words = ", ".join(f"{name} {score:.2f}" for name, score in found.items())
            print(f"{page}, {profile}: {words}{'; ' + '; '.join(short) if short else ''}")
    server.shutdown()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
