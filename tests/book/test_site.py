"""Every page of the built site in a headless browser.

A checker takes a `Visit` and returns what is wrong with the page, in words. Each has a page that
is broken on purpose, at the end of this file, to show that it sees what it is there to see.
"""

import gzip
import html
import os
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import public_api
import pytest
from axe_playwright_python.sync_playwright import Axe
from book_search import GREEK, BookSearch

from tools.browsers import browser_is_installed

from .conftest import BASE, ROOT, SITE, ground_and_ink, open_page

pytestmark = [
    pytest.mark.site,
    pytest.mark.skipif(
        not browser_is_installed() and "CI" not in os.environ,
        reason="no browser: install Chromium, or run `.venv/bin/playwright install chromium`",
    ),
]

# The front page only forwards to the book's first page, and what a server shows where no page is
# has nothing of the theme: they have tests of their own.
PAGES = sorted(
    str(path.relative_to(SITE))
    for path in SITE.rglob("*.html")
    if path not in (SITE / "index.html", SITE / "404.html") and "_static" not in path.parts
)
CHAPTERS = {path.stem for path in (ROOT / "book").glob("**/*.ipynb")}
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
DARK = {"color_scheme": "dark"}


def console_errors(visit):
    return [f"console: {text}" for text in visit.console]


def foreign_requests(visit):
    return [f"another host was asked: {url}" for url in visit.foreign]


def failed_requests(visit):
    return [f"not served: {url}" for url in visit.failed if url not in visit.foreign]


RAW_MATHEMATICS = re.compile(
    r"\$[^$\n]+\$|\\[(\[][^\n]*|\\(?:begin|frac|bar|sqrt|langle|rangle|gamma)\b"
)


def raw_mathematics(visit):
    """TeX that was left in the text, failed, or used a macro that does not exist."""
    text = visit.page.evaluate(
        """() => {
            const copy = document.body.cloneNode(true);
            copy.querySelectorAll('pre, code, script, style, textarea, mjx-container')
                .forEach(node => node.remove());
            return copy.textContent;
        }"""
    )
    found = [f"raw mathematics: {match.group()}" for match in RAW_MATHEMATICS.finditer(text)]
    # MathJax prints an unknown macro in red, under its own name, and reports no error.
    found += visit.page.evaluate(
        """() => [...document.querySelectorAll('mjx-container')]
            .filter(node => node.querySelector('mjx-merror, merror, [data-mjx-error]')
                || /\\\\[A-Za-z]/.test(node.textContent))
            .map(node => `failed mathematics: ${node.textContent}`)"""
    )
    found += visit.page.evaluate(
        """() => [...document.querySelectorAll('.math')]
            .filter(node => !node.querySelector('mjx-container'))
            .map(node => `mathematics not rendered: ${node.textContent.slice(0, 80)}`)"""
    )
    return found


class _Ids(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = {"", "top"}

    def handle_starttag(self, tag, attrs):
        self.found.update(value for name, value in attrs if name in ("id", "name") and value)


@cache
def _ids(path):
    parser = _Ids()
    parser.feed(path.read_text(encoding="utf-8"))
    return parser.found


def broken_links(visit):
    """Internal links whose file or anchor does not exist."""
    links = visit.page.evaluate("() => [...document.querySelectorAll('a[href]')].map(a => a.href)")
    top = visit.host.rstrip("/") + BASE
    broken = []
    for link in set(links):
        if not link.startswith(visit.host):
            continue
        address, anchor = urldefrag(link)
        path = visit.folder / unquote(address.removeprefix(top).partition("?")[0])
        if path.is_dir():
            path = path / "index.html"
        lost = not address.startswith(top) or not path.is_file()
        if lost or (path.suffix == ".html" and unquote(anchor) not in _ids(path)):
            broken.append(f"broken link: {link}")
    return broken


def images_without_text(visit):
    """Images without alternative text, or with the file's name, which is Sphinx's stand-in."""
    images = visit.page.evaluate(
        "() => [...document.images].map(i => [i.getAttribute('src'), i.getAttribute('alt')])"
    )
    return [
        f"image without alternative text: {src[:80]}"
        for src, alt in images
        if not (alt or "").strip() or Path(alt).name == Path(src).name
    ]


def unresolved_references(visit):
    text = visit.page.inner_text("body")
    found = [f"unresolved reference: {match}" for match in re.findall(r"\?\?+|\[\?\]", text)]
    nodes = visit.page.locator(".problematic, .system-message").all_inner_texts()
    return found + [f"Sphinx message: {node}" for node in nodes]


def sideways_scroll(visit):
    """What is wider than the window, unless it scrolls inside a box of its own."""
    return visit.page.evaluate(
        """() => {
            const root = document.documentElement, width = root.clientWidth;
            if (root.scrollWidth <= width) return [];
            const scrolls = node => node && (getComputedStyle(node).overflowX !== 'visible'
                || scrolls(node.parentElement));
            const wide = [...document.body.querySelectorAll('*')].filter(node =>
                node.getBoundingClientRect().right > width + 1 && !scrolls(node.parentElement));
            return [`${root.scrollWidth} px wide on ${width} px: ` + wide.slice(0, 5)
                .map(node => `<${node.tagName} class="${node.getAttribute('class')}">`).join(' ')];
        }"""
    )


def figures_lost_in_the_dark(visit):
    """Pictures on a dark page that are no light drawing on dark ground."""
    lost = []
    for picture in visit.page.locator(
        ".bd-article :is(figure, .explore, .cell_output) > img"
    ).all():
        if picture.is_visible():
            ground, ink = ground_and_ink(picture)
            if ground > 60 or ink < 150:
                source = picture.get_attribute("src")[:80]
                lost.append(f"ink of brightness {ink:.0f} on {ground:.0f}: {source}")
    return lost


def the_theme_is_light(visit):
    """The theme follows the reader's system, which asks for the dark one."""
    theme = visit.page.get_attribute("html", "data-theme")
    return [] if theme == "dark" else [f"the theme is {theme}"]


def focus_that_is_not_seen(visit, stops=15):
    """Elements that the Tab key reaches and that then look like any other."""
    unseen = []
    for _ in range(stops):
        visit.page.keyboard.press("Tab")
        unseen += visit.page.evaluate(
            """() => {
                const node = document.activeElement, style = getComputedStyle(node);
                const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
                return node === document.body || ring || style.boxShadow !== 'none'
                    ? [] : [`no focus ring: ${node.outerHTML.slice(0, 80)}`];
            }"""
        )
    return unseen


def formulas_that_scroll_for_nothing(visit):
    """Formulas in boxes that scroll although all of them is seen: each is a stop of the Tab key."""
    return visit.page.evaluate(
        """() => [...document.querySelectorAll('.math')].filter(box => {
            const seen = box.querySelector('mjx-math')?.getBoundingClientRect().width ?? 0;
            return box.scrollWidth > box.clientWidth && seen < box.clientWidth + 1
                && getComputedStyle(box).overflowX !== 'hidden';
        }).map(box => `scrolls for nothing: ${box.textContent.slice(0, 40)}`)"""
    )


CUT = """[...document.querySelectorAll('.bd-article :is(div.math mjx-container, span.math)')]
    .filter(box => box.clientWidth > 0 && box.scrollWidth > box.clientWidth + 1)
    .filter(box => box.tabIndex !== 0 || getComputedStyle(box).maskImage === 'none')
    .map(box => box.textContent.slice(0, 60))"""


def formulas_that_are_cut(visit, patience=10_000):
    """Formulas that are wider than the page and neither say so nor can be scrolled by a key."""
    visit.wait(f"{CUT}.length === 0", patience)
    return [f"cut: {text}" for text in visit.page.evaluate(CUT)]


def formulas_too_wide_for_a_desktop(visit):
    """Formulas of a chapter that have to be scrolled although there is room to break them."""
    if Path(visit.page.url.partition("#")[0]).stem not in CHAPTERS:
        return []
    return visit.page.evaluate(
        """[...document.querySelectorAll('main mjx-container, main .math')]
            .filter(e => e.scrollWidth > e.clientWidth + 2
                         && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX))
            .map(e => `too wide: ${e.textContent.slice(0, 80)}`)"""
    )


# The theme's logo stands outside of all landmarks.
AXE_OPTIONS = {"resultTypes": ["violations"], "rules": {"region": {"enabled": False}}}


CONTRAST = {**AXE_OPTIONS, "runOnly": ["color-contrast"]}


def contrast_by_axe(visit):
    """What axe-core finds too faint: all that a theme can change of what it finds."""
    return found_by_axe(visit, CONTRAST)


def found_by_axe(visit, options=AXE_OPTIONS):
    """What axe-core finds in the way of readers who hear the page or use a keyboard."""
    violations = Axe().run(visit.page, options=options).response["violations"]
    return [
        f"{v['id']}: {node['html'][:120]}"
        for v in violations
        for node in v["nodes"]
        if v["id"] != "empty-table-header" or not _is_spoken(visit, node)
    ]


def _is_spoken(visit, node):
    """Whether an element holds a formula: screen readers read its MathML, which axe does not."""
    spoken = "node => node.querySelector('mjx-assistive-mml')?.textContent.trim()"
    return bool(visit.page.locator(node["target"][0]).evaluate(spoken))


EVERYWHERE = [console_errors, foreign_requests, failed_requests]
ON_A_DARK_DESKTOP = [
    *EVERYWHERE,
    the_theme_is_light,
    raw_mathematics,
    broken_links,
    images_without_text,
    unresolved_references,
    formulas_that_scroll_for_nothing,
    formulas_too_wide_for_a_desktop,
    focus_that_is_not_seen,
]
ON_A_LIGHT_PHONE = [sideways_scroll, formulas_that_are_cut]
# Lists of many entries, in which one is like another: what axe finds in one of each kind, it finds
# in all; those of `make readers` are looked at one by one.
LISTS = ("_modules/", "api", "bibliography", "errata", "genindex", "ledger")
SAMPLES = ("_modules/coherence_lib/measures", "ledger", "ledger/p1-s3c", "errata")
# The dark has other colours, and no others in one chapter than in another.
DARK_SAMPLES = (*SAMPLES, "intro", "notation", "recipes", "trust", "part1/harvesting")


def name_of(page):
    return page.removeprefix("book/").removesuffix(".html")


def is_read(page):
    """Whether a page is one that a reader reads, or stands for its kind."""
    return name_of(page) in SAMPLES or not name_of(page).startswith(LISTS)


def problems(visit, checkers):
    return [problem for check in checkers for problem in check(visit)]


@pytest.fixture(scope="module")
def walker(browser, site):
    """One window that goes from page to page."""
    opened = open_page(browser, f"{site}book/trust.html")
    yield opened
    opened.page.context.close()


def put_on(visit, scheme, width, height):
    visit.page.set_viewport_size({"width": width, "height": height})
    visit.page.emulate_media(color_scheme=scheme)
    assert visit.wait(f"document.documentElement.dataset.theme === '{scheme}'")


@pytest.mark.parametrize("page", PAGES or ["book/intro.html"])
def test_page(site, walker, page):
    """First on a dark desktop, then on a light phone."""
    put_on(walker, "dark", 1280, 900)
    walker.go(site + page)
    found = problems(walker, ON_A_DARK_DESKTOP)
    if is_read(page):
        found += figures_lost_in_the_dark(walker)
    if name_of(page) in DARK_SAMPLES:
        found += contrast_by_axe(walker)
    put_on(walker, "light", 360, 740)
    found += problems(walker, ON_A_LIGHT_PHONE)
    if is_read(page):
        found += found_by_axe(walker)
    assert found == []


@pytest.mark.readers
@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("page", PAGES or ["book/intro.html"])
def test_page_is_for_every_reader(site, visit, page, width, scheme):
    size = {"width": width, "height": 844}
    opened = visit(site + page, color_scheme=scheme, viewport=size, has_touch=width < 800)
    path = (
        ROOT / "_build" / "screenshots" / f"{scheme}-{width}" / f"{page.removesuffix('.html')}.png"
    )
    opened.page.screenshot(path=path, full_page=True)
    assert problems(opened, [*EVERYWHERE, sideways_scroll, found_by_axe]) == []


def test_where_no_page_is_a_page_says_so(site, visit):
    opened = visit(site + "404.html", **DARK)
    assert opened.page.get_by_role("heading", name="No page is here").is_visible()
    # It is shown at any address: what it needs it has.
    assert problems(opened, [*EVERYWHERE, sideways_scroll, images_without_text]) == []
    assert found_by_axe(opened) == []


def test_front_page_leads_to_the_book(site, visit):
    opened = visit(site)
    opened.page.wait_for_url("**/book/intro.html")
    assert opened.foreign == []


def test_search_finds_a_word_of_the_book(site, visit):
    opened = visit(f"{site}search.html?q=coherence")
    opened.page.locator("#search-results li").first.wait_for()
    assert problems(opened, EVERYWHERE) == []


# What the page's search finds for a query: the addresses, found by its own script.
SEARCH = """query => Search._performSearch(...Search._parseQuery(query)).map(row => row[0])"""
STOP_WORDS = BookSearch.stopwords


@pytest.fixture
def find(site, visit):
    """A function that searches as a reader does, on one page for all queries."""
    opened = visit(f"{site}search.html?q=coherence")
    opened.page.locator("#search-results li").first.wait_for()
    return lambda query: set(opened.page.evaluate(SEARCH, query))


def titles():
    """{page: words of its title and headings} of the book's own pages."""
    found = {}
    for page in (p for p in PAGES if p.startswith("book/")):
        text = (SITE / page).read_text(encoding="utf-8")
        article = text[text.index('<article class="bd-article"') :]
        heads = re.findall(r"<h[1-6][^>]*>(.*?)<a class=\"headerlink\"", article, re.DOTALL)
        plain = html.unescape(re.sub(r"<[^>]*>|\\\\[()]", " ", " ".join(heads)))
        found[page.removesuffix(".html")] = set(re.findall(r"[^\W\d_]{2,}", plain))
    return found


def test_search_finds_every_word_of_every_title(find):
    lost = {}
    for page, words in titles().items():
        assert words, page
        wanted = {word for word in words if word.lower() not in STOP_WORDS}
        lost[page] = sorted(word for word in wanted if page not in find(word))
    assert {page: words for page, words in lost.items() if words} == {}


def symbols():
    """The symbols of the notation's tables: as TeX, and as a reader types them."""
    lines = (ROOT / "book" / "notation.md").read_text(encoding="utf-8").splitlines()
    cells = [line.split("|")[1] for line in lines if line.startswith("| $")]
    found = [tex for cell in cells for tex in re.findall(r"\$([^$]+)\$", cell)]
    greek = {rf"\\{name}": letter for letter, name in GREEK.items()}
    for tex in list(found):
        typed = tex
        for name, letter in greek.items():
            typed = re.sub(rf"{re.escape(name)}(?![a-z])", letter, typed)
        found.append(re.sub(r"[\\\\{}^]|rangle|langle|lvert|rvert", " ", typed))
    return sorted(set(found))


def test_search_finds_every_symbol_of_the_notation(find):
    assert len(symbols()) > 50
    assert [symbol for symbol in symbols() if "book/notation" not in find(symbol)] == []
    for typed in ("γ₀", "gamma0", "ω_0", "omega0", "n̄", "Ω", "n_atoms"):
        assert "book/notation" in find(typed), typed


@pytest.mark.parametrize(
    "query, page",
    [
        ("Çakmak", "book/intro"),
        ("Cakmak", "book/intro"),
        ("Müstecaplıoğlu", "book/intro"),
        ("Kolář", "book/intro"),
        ("n̄", "book/notation"),
        ("cite", "book/intro"),
        ("BibTeX", "book/intro"),
    ],
)
def test_search_finds_names_with_and_without_accents(find, query, page):
    assert page in find(query)


def test_search_finds_every_function_of_the_library(find):
    names = {name.rpartition(".")[2] for name in public_api.functions()}
    assert len(names) > 60
    assert [name for name in sorted(names) if "book/api" not in find(name)] == []


def test_search_finds_ising_and_what_is_not_there_it_does_not(find):
    assert {"book/part2/bounds", "book/ledger/p2-s4"} <= find("Ising")
    assert find("Ising") == find("ising")
    assert find("zeppelin") == set()


GOOD_BODY = """<main class="bd-article"><h1 id="here">Title</h1>
    <p>Text, <code>$HOME</code>, <a href="#here">a link</a>, <a href="other.html#there">another</a>.
    <img src="picture.svg" alt="A picture" style="background: white"></p></main>"""
# The picture is black ink on nothing.
PICTURE = """<main class="bd-article"><figure><img src="picture.svg" alt="x" style="{style}">
    </figure></main>"""
IN_THE_DARK = PICTURE.format(style="background: transparent; filter: invert(0.93)")
WIDE = '<div style="width: 2000px">wide</div>'
BROKEN = [
    (console_errors, "<script>console.error('lost')</script>"),
    (console_errors, "<script>nothing()</script>"),
    (foreign_requests, '<script src="https://example.org/x.js"></script>'),
    (failed_requests, '<script src="missing.js"></script>'),
    (failed_requests, '<img src="/picture.svg" alt="A path that is right at the root only">'),
    (raw_mathematics, "<p>The mean $\\bar n$ of photons</p>"),
    (raw_mathematics, "<p>The mean \\(n\\) of photons</p>"),
    (raw_mathematics, "<p>\\[n\\]</p>"),
    (raw_mathematics, '<p class="math">n</p>'),
    (raw_mathematics, "<mjx-container><mjx-merror>n</mjx-merror></mjx-container>"),
    (raw_mathematics, "<mjx-container><math><mtext>\\nbr</mtext></math></mjx-container>"),
    (broken_links, '<a href="missing.html">x</a>'),
    (broken_links, '<a href="#missing">x</a>'),
    (broken_links, '<a href="other.html#missing">x</a>'),
    (broken_links, '<a href="/other.html">x</a>'),
    (images_without_text, '<img src="picture.svg">'),
    (images_without_text, '<img src="picture.svg" alt=" ">'),
    (images_without_text, '<img src="picture.svg" alt="../picture.svg">'),
    (unresolved_references, "<p>See Fig. ??</p>"),
    (unresolved_references, '<p class="problematic">:func:`x`</p>'),
    (sideways_scroll, WIDE),
    (figures_lost_in_the_dark, PICTURE.format(style="background: #121212")),
    (figures_lost_in_the_dark, PICTURE.format(style="background: white")),
    (the_theme_is_light, "<p>always light</p>"),
    (
        formulas_that_scroll_for_nothing,
        '<p><span class="math" style="display: inline-block; overflow-x: auto; position: relative">'
        "<mjx-container><mjx-math>n</mjx-math>"
        '<span style="position: absolute; width: 20em">n</span></mjx-container></span></p>',
    ),
    (found_by_axe, '<label>no name <input type="range" aria-labelledby="nothing"></label>'),
    (found_by_axe, "<table><tr><th></th><th>y</th></tr><tr><td>1</td><td>2</td></tr></table>"),
    (found_by_axe, '<p style="color: #999; background: white">faint</p>'),
    (focus_that_is_not_seen, '<a href="#here" style="outline: none">x</a>'),
]


@pytest.fixture
def visit_body(tmp_path, serve, visit):
    """A function that opens a small site whose first page has the given body."""

    def open_body(body, theme="dark"):
        head = f'<!DOCTYPE html><html data-theme="{theme}"><link rel="icon" href="data:,">'
        (tmp_path / "page.html").write_text(f"{head}<body>{body}</body></html>", encoding="utf-8")
        (tmp_path / "other.html").write_text('<p id="there">Here</p>', encoding="utf-8")
        (tmp_path / "picture.svg").write_text(
            '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="60">'
            '<path d="M10 10h60v40" fill="none" stroke="black" stroke-width="4"/></svg>',
            encoding="utf-8",
        )
        return visit(serve(tmp_path) + "page.html", tmp_path, **PHONE)

    return open_body


@pytest.mark.parametrize("check,defect", BROKEN)
def test_a_broken_page_is_seen(visit_body, check, defect):
    theme = "light" if check is the_theme_is_light else "dark"
    assert check(visit_body(GOOD_BODY + defect, theme)) != []


def test_a_sound_page_passes(visit_body):
    boxed = f'<div style="overflow-x: auto">{WIDE}</div>'
    # axe asks for a title, a language and colours too: the pages of the book are its sound ones.
    checkers = [*ON_A_DARK_DESKTOP, *ON_A_LIGHT_PHONE, figures_lost_in_the_dark]
    dark = "<style>html { background: #121212 }</style>"
    body = GOOD_BODY + boxed + dark + IN_THE_DARK
    assert problems(visit_body(body), checkers) == []


# --- weight --------------------------------------------------------------------------------------

# Bytes of a page as servers send it, compressed.
LARGEST_PAGE = 300_000
# A reader who follows the link of one claim does not wait for hundreds of others.
LARGEST_OF_LEDGER = 60_000


def heavy_pages(weights):
    found = []
    for page, weight in weights:
        largest = LARGEST_OF_LEDGER if page.startswith("book/ledger") else LARGEST_PAGE
        if weight >= largest:
            found.append(f"{page} weighs {weight} bytes")
    return found


def test_every_page_weighs_little(tell):
    weights = [(page, len(gzip.compress((SITE / page).read_bytes()))) for page in PAGES]
    for page, weight in sorted(weights, key=lambda row: -row[1]):
        tell(f"{weight / 1000:6.0f} kB  {page}")
    assert heavy_pages(weights) == []
    assert heavy_pages([("book/heavy.html", 10**6)]) == ["book/heavy.html weighs 1000000 bytes"]
    assert heavy_pages([("book/ledger/p1-s9.html", 60_000), ("book/light.html", 60_000)]) == [
        "book/ledger/p1-s9.html weighs 60000 bytes"
    ]
