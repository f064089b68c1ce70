"""Print the built site as one PDF, `_build/coherence-from-heat.pdf`: all pages, code and outputs.

The articles of all pages, in the order of the contents, become one page of HTML beside the site,
which a headless browser prints; links between the pages become links inside of it.
"""

import re
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urldefrag

import yaml
from bs4 import BeautifulSoup
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import browsers  # noqa: E402
from tools.build_book import toc_pages  # noqa: E402

ALL_PAGES = "_all_pages.html"
STYLE = """
.bd-article { max-width: none; }
section.page { break-before: page; }
.headerlink, .all-code, .figure-files, .claim-filter { display: none !important; }
"""
FOOTER = (
    '<div style="font-size: 8px; width: 100%; text-align: center">'
    '<span class="pageNumber"></span></div>'
)
# Some thousand formulas are laid out.
PATIENCE = 300_000


def place(page, fragment=""):
    """The id, in the one page, of a place of the site."""
    return re.sub(r"[^\w-]", "-", f"{page}--{fragment}" if fragment else page)


def resolved(page, link):
    """A link on a page as (page, fragment), or None where it leads elsewhere."""
    address, fragment = urldefrag(unquote(link))
    if re.match(r"[a-z]+:", address):
        return None
    parts = []
    for part in (
        (PurePosixPath(page).parent / address).parts if address else PurePosixPath(page).parts
    ):
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts), fragment


def gathered(html, pages):
    """The articles of all pages as one; `pages` are paths below the folder `html`."""
    # The head of a page that has formulas, if any has.
    texts = {page: (html / page).read_text(encoding="utf-8") for page in pages}
    source = next((page for page in pages if "mathjax/mathjax.css" in texts[page]), pages[0])
    head = BeautifulSoup(texts[source], "html.parser").head
    whole = BeautifulSoup("", "html.parser").new_tag("article", attrs={"class": "bd-article"})
    for page in pages:
        soup = BeautifulSoup(texts[page], "html.parser")
        article = soup.select_one("article.bd-article")
        for node in article.find_all(id=True):
            node["id"] = place(page, node["id"])
        for node in article.find_all(["a", "img"]):
            _redirect(node, "href" if node.name == "a" else "src", page, pages)
        for fold in article.find_all("details"):
            fold["open"] = ""
        for script in article.find_all("script"):
            script.decompose()
        for controls in article.select(".explore-controls"):
            # Nothing on paper moves.
            controls.decompose()
        section = soup.new_tag("section", attrs={"class": "page", "id": place(page)})
        section.append(article)
        article.unwrap()
        whole.append(section)
    for node in head.find_all(["link", "script"]):
        for key in ("href", "src"):
            if node.get(key):
                _redirect(node, key, source, pages)
    style = soup.new_tag("style")
    style.string = STYLE
    head.append(style)
    top = '<!DOCTYPE html><html data-theme="light" data-mode="light">'
    return f"{top}{head}<body>{whole}</body></html>"


def _redirect(node, key, page, pages):
    """Let an address of a page hold for the one page at the site's top."""
    link = node.get(key)
    target = resolved(page, link) if link and not link.startswith("data:") else None
    if target is None:
        return
    where, fragment = target
    node[key] = f"#{place(where, fragment)}" if where in pages and node.name == "a" else where


def print_pdf(html, pages, target):
    """Print the site in the folder `html` to the file `target`."""
    (html / ALL_PAGES).write_text(gathered(html, pages), encoding="utf-8")
    handler = partial(SimpleHTTPRequestHandler, directory=html)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**browsers.launch_args())
            # The pages have a policy each; this one is nobody's, and is only printed.
            page = browser.new_page(bypass_csp=True)
            page.set_default_timeout(PATIENCE)
            page.goto(f"http://127.0.0.1:{server.server_port}/{ALL_PAGES}")
            page.evaluate("document.fonts.ready.then(() => true)")
            page.pdf(
                path=target,
                format="A4",
                print_background=True,
                display_header_footer=True,
                header_template="<span></span>",
                footer_template=FOOTER,
                margin={side: "18mm" for side in ("top", "right", "bottom", "left")},
            )
            browser.close()
    finally:
        server.shutdown()
        (html / ALL_PAGES).unlink()


def main():
    html = ROOT / "_build" / "html"
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    target = ROOT / "_build" / "coherence-from-heat.pdf"
    print_pdf(html, [f"{page}.html" for page in toc_pages(toc)], target)
    print(f"The book is in {target}")


if __name__ == "__main__":
    main()
