"""What a page must show, and what it must not tell; each checker returns what is wrong."""

import re
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

# Attributes whose address a browser asks for by itself, and links that it follows by itself.
_ASKED = ("src", "srcset", "poster", "data", "background", "action", "formaction", "ping")
_FOLLOWED = ("stylesheet", "icon", "preload", "prefetch", "preconnect", "dns-prefetch", "manifest")
_FOLLOWED += ("modulepreload", "prerender")
_FOREIGN = re.compile(r"(?:\bwss?:|\bhttps?:)?(?:\\?/){2}[\w-]+(?:\.[\w-]+)+[^\s\"'<>)\\]*")
# Names of XML's languages, which look like addresses.
_NAMES = re.compile(r"http://www\.w3\.org/(?:\d{4}/svg|\d{4}/xlink|\d{4}/xhtml|XML/\d{4}/\w+)")


def cell_problems(notebook):
    """Cells that name a figure and show no image, or that write to stderr."""
    problems = []
    for number, cell in enumerate(notebook["cells"]):
        outputs = cell.get("outputs", [])
        figure = cell.get("metadata", {}).get("mystnb", {}).get("figure")
        shown = {kind for output in outputs for kind in output.get("data", {})}
        if figure and not any(kind.startswith("image/") for kind in shown):
            problems.append(f"cell {number} names {figure.get('name')}, and shows no image")
        for output in outputs:
            if output.get("name") == "stderr":
                text = "".join(output.get("text", "")).strip()
                problems.append(f"cell {number} writes to stderr: {text[:200]}")
    return problems


def machine_folders(root):
    """Folders of this machine whose names are nobody else's business."""
    folders = {root, Path(sys.prefix), Path.home(), Path(tempfile.gettempdir())}
    # The top of the file system, where a container may have its home, is in every path.
    return sorted(str(folder) for folder in folders if folder != Path(folder.anchor))


def paths_told(text, folders):
    """The absolute paths in a text that begin with one of some folders."""
    # Not inside an address or another path; JSON and JavaScript write a backslash twice.
    starts = "|".join(re.escape(f).replace(r"\\", r"\\{1,2}") for f in folders)
    return re.findall(rf"(?<![\w./:-])(?:file://)?(?:{starts})[/\\][\w./\\-]*", text)


class _Asks(HTMLParser):
    """Collects what a page, or a script in it, may ask another host for."""

    def __init__(self):
        super().__init__()
        self.found, self._code = [], False

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        followed = any(word in _FOLLOWED for word in given.get("rel", "").lower().split())
        for name, value in given.items():
            # A handler is a script, and a style may draw a picture.
            code = name.startswith("on") or name == "style"
            if name in _ASKED or code or (name == "href" and tag == "link" and followed):
                self._look(value)
        # Of other types a script is data.
        runs = given.get("type", "") in ("", "text/javascript", "module", "importmap")
        self._code = tag == "style" or (tag == "script" and runs)

    def handle_data(self, data):
        if self._code:
            self._look(re.sub(r"(?m)^\s*//.*$|/\*.*?\*/", "", data))

    def handle_endtag(self, tag):
        self._code = False

    def _look(self, text):
        if not text.startswith("data:"):
            self.found += _FOREIGN.findall(_NAMES.sub("", text))


def hosts_asked(page):
    """Addresses of other hosts that a page may ask: at once, later, on a click, out of sight."""
    asks = _Asks()
    asks.feed(page)
    asks.close()
    return asks.found


def page_problems(site, folders):
    """Published files that tell a path of this machine, and pages that ask another host."""
    files = [path for kind in ("*.html", "*.js", "*.ipynb", "*.md") for path in site.rglob(kind)]
    problems = []
    for path in sorted(files):
        for told in paths_told(path.read_text(encoding="utf-8", errors="replace"), folders):
            problems.append(f"{path.relative_to(site).as_posix()} tells a path: {told}")
    for path in sorted(site.rglob("*.html")):
        for address in hosts_asked(path.read_text(encoding="utf-8")):
            problems.append(f"{path.relative_to(site).as_posix()} asks another host: {address}")
    return problems
