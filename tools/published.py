"""What a page must show, and what it must not tell; each checker returns what is wrong."""

import re
import sys
import tempfile
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

# Attributes whose address a browser asks for by itself, and links that it follows by itself.
_ASKED = ("src", "srcset", "poster", "data", "background", "action", "formaction", "ping")
_FOLLOWED = ("stylesheet", "icon", "preload", "prefetch", "preconnect", "dns-prefetch", "manifest")
_FOLLOWED += ("modulepreload", "prerender")
# Types of scripts that a browser runs.
_RUN = ("", "text/javascript", "application/javascript", "module")
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


class Page(HTMLParser):
    """Collects what a page may ask another host for, the scripts in it, and its tags' handlers."""

    def __init__(self):
        super().__init__()
        self.asked, self.scripts, self.handlers = [], [], []
        self._code, self._open = False, None

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        followed = any(word in _FOLLOWED for word in given.get("rel", "").lower().split())
        for name, value in given.items():
            # A handler is a script, and a style may draw a picture.
            code = name.startswith("on") or name == "style"
            if name in _ASKED or code or (name == "href" and tag == "link" and followed):
                self._look(value)
        self.handlers += [value for name, value in attrs if name.startswith("on") and value]
        # Of other types a script is data.
        script = tag == "script" and given.get("type", "") in _RUN
        self._code = tag == "style" or script or given.get("type") == "importmap"
        if script and "src" not in given:
            self._open = []

    def handle_data(self, data):
        if self._code:
            self._look(re.sub(r"(?m)^\s*//.*$|/\*.*?\*/", "", data))
        if self._open is not None:
            self._open.append(data)

    def handle_endtag(self, tag):
        self._code = False
        if tag == "script" and self._open is not None:
            self.scripts.append("".join(self._open))
            self._open = None

    def _look(self, text):
        if not text.startswith("data:"):
            self.asked += _FOREIGN.findall(_NAMES.sub("", text))


@cache
def read_page(text):
    """A page as `Page` sees it; both who look for hosts and who look for scripts ask for it."""
    page = Page()
    page.feed(text)
    page.close()
    return page


def hosts_asked(text):
    """Addresses of other hosts that a page may ask: at once, later, on a click, out of sight."""
    return read_page(text).asked


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
