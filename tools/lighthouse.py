"""Judge the built site by Lighthouse, from npm: first page, heaviest chapter, the ledger's index.

Needs Node.js, and the network for the first call, which fetches Lighthouse.
"""

import gzip
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
COMPRESSED = (".html", ".css", ".js", ".svg", ".json")
PERFORMANCE = {"desktop": 0.9, "mobile": 0.75}


class Compressing(SimpleHTTPRequestHandler):
    """A file server that compresses text, as hosts of such sites do, and tells of no request."""

    def log_message(self, *args):
        pass

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        body, kind = path.read_bytes(), self.guess_type(path.name)
        self.send_response(200)
        if path.suffix in COMPRESSED:
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


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
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Compressing, directory=html))
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
