"""What a reader does with a page: open code, filter claims, scroll a formula, take things home."""

import csv
import gzip
import io
import json
import os
import zipfile
from collections import Counter

import pytest

from tools import claims
from tools.browsers import browser_is_installed

from .conftest import ROOT, SITE
from .test_site import formulas_that_are_cut, formulas_too_wide_for_a_desktop

pytestmark = [
    pytest.mark.site,
    pytest.mark.skipif(
        not browser_is_installed() and "CI" not in os.environ,
        reason="no browser: install Chromium, or run `.venv/bin/playwright install chromium`",
    ),
]

CHAPTERS = sorted(path.relative_to(ROOT) for path in (ROOT / "book").glob("**/*.ipynb"))
CHAPTER_PAGES = [path.with_suffix(".html").as_posix() for path in CHAPTERS]
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}


def test_one_switch_opens_all_code(site, visit):
    page = visit(site + "book/part1/two_atoms.html").page
    folds = page.locator(".bd-article details.hide")
    assert folds.count() > 10
    assert page.locator(".bd-article details.hide[open]").count() == 0
    page.get_by_role("button", name="Show all code").click()
    assert page.locator(".bd-article details.hide[open]").count() == folds.count()
    page.get_by_role("button", name="Hide code").click()
    assert page.locator(".bd-article details.hide[open]").count() == 0


def test_paper_shows_what_is_folded(site, visit):
    page = visit(site + "book/part1/two_atoms.html").page
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".bd-article details:not([open])").count() == 0


# --- the ledger ----------------------------------------------------------------------------------


def test_claims_are_filtered(site, visit):
    counts = Counter(claim["verdict"] for claim in claims.load(ROOT))
    page = visit(site + "book/ledger.html").page
    rows = page.locator("tr:has(.badge)")
    assert rows.count() == sum(counts.values())
    page.get_by_label("verdict").select_option("misprint")
    assert rows.filter(visible=True).count() == counts["misprint"]
    page.get_by_label("paper").select_option("Paper I")
    assert 0 < rows.filter(visible=True).count() <= counts["misprint"]
    page.get_by_label("chapter").select_option("transition")
    assert page.get_by_text(f"0 of {sum(counts.values())} claims").is_visible()


def test_a_link_shows_its_claim_whatever_is_filtered(site, visit):
    page = visit(site + "book/ledger/p1-s3c.html").page
    page.get_by_label("verdict").select_option("misprint")
    definition = page.locator("section:has(> span#p1-eq-6), section#p1-eq-6").first
    assert not definition.is_visible()
    page.evaluate("location.hash = 'p1-eq-6'")
    definition.wait_for(state="visible")


def test_without_scripts_all_claims_are_there(site, browser):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(site + "book/ledger.html")
        rows = page.locator("tr:has(.badge)").filter(visible=True)
        assert rows.count() == len(claims.load(ROOT))


# --- formulas ------------------------------------------------------------------------------------


def test_a_formula_that_is_cut_is_seen(site, visit):
    opened = visit(site + "book/part1/two_atoms.html", **PHONE)
    assert formulas_that_are_cut(opened) == []
    # Nobody tells the reader, nor the keyboard, that this one goes on.
    opened.page.evaluate(
        """() => {
            const box = document.querySelector('.bd-article div.math mjx-container');
            box.style.width = box.style.minWidth = '30px';
            box.style.flexGrow = '0';
            box.style.maskImage = 'none';
        }"""
    )
    assert formulas_that_are_cut(opened, patience=500)


def test_a_formula_that_a_desktop_would_have_to_scroll_is_seen(site, visit):
    opened = visit(site + "book/part3/large_rings.html")
    assert formulas_too_wide_for_a_desktop(opened) == []
    opened.page.set_viewport_size({"width": 360, "height": 740})
    assert opened.wait("document.documentElement.clientWidth === 360")
    assert formulas_too_wide_for_a_desktop(opened)


# --- the first page ------------------------------------------------------------------------------


def test_the_first_screen_says_what_the_book_is(site, visit):
    page = visit(site + "book/intro.html", viewport={"width": 1280, "height": 800}).page
    for seen in ("article h1", ".verdict-bar", ".front ol", ".explore svg", ".explore input"):
        box = page.locator(seen).first.bounding_box()
        assert box["y"] + box["height"] < 800, seen


def test_pages_load_the_styles_of_formulas_where_they_have_some(site, visit):
    styles = "link[href*='mathjax.css']"
    assert visit(site + "book/intro.html").page.locator(styles).count() == 0
    other = visit(site + "book/part1/model.html").page
    assert other.locator(styles).count() == 1
    assert other.locator("script[src*=mathjax]").count() == 0


def test_formulas_need_no_script(site, browser):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(site + "book/part1/model.html")
        assert page.locator("div.math mjx-container").first.bounding_box()["width"] > 100


def transferred(browser, address):
    """Bytes of all that a page loads, as a server that compresses would send them."""
    context = browser.new_context(bypass_csp=True)
    page, bodies = context.new_page(), []
    page.on("response", lambda response: bodies.append(response))
    page.goto(address, wait_until="networkidle")
    total = sum(len(gzip.compress(response.body())) for response in bodies if response.ok)
    context.close()
    return total


@pytest.mark.parametrize(
    "page,allowed", [("book/intro.html", 400_000), *((p, 700_000) for p in CHAPTER_PAGES)]
)
def test_pages_are_light(site, browser, tell, page, allowed):
    weight = transferred(browser, site + page)
    tell(f"{weight / 1000:6.0f} kB compressed  {page} with all that it loads")
    assert 50_000 < weight < allowed


# --- to take home --------------------------------------------------------------------------------


def test_all_notebooks_are_in_the_archive_with_their_references():
    archive = zipfile.ZipFile(SITE / "downloads" / "coherence-from-heat.zip")
    wanted = {p.as_posix() for c in CHAPTERS for p in (c, c.with_suffix(".json"))}
    assert set(archive.namelist()) == wanted
    assert archive.read(CHAPTERS[0].as_posix()) == (ROOT / CHAPTERS[0]).read_bytes()


def test_the_wheel_holds_the_library():
    (wheel,) = (SITE / "downloads").glob("coherence_lib-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    ours = {p.relative_to(ROOT).as_posix() for p in (ROOT / "coherence_lib").rglob("*.py")}
    data = {"py.typed", "figures/figures.mplstyle", "explore/explore.js"}
    data = {f"coherence_lib/{name}" for name in data}
    assert ours | data <= names


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_each_figure_has_its_files(chapter):
    folder = SITE / "figures" / chapter.stem
    page = (SITE / chapter.with_suffix(".html")).read_text(encoding="utf-8")
    references = json.loads((ROOT / chapter.with_suffix(".json")).read_text(encoding="utf-8"))
    cells = json.loads((ROOT / chapter).read_text(encoding="utf-8"))["cells"]
    figures = [cell["metadata"].get("mystnb", {}).get("figure", {}).get("name") for cell in cells]
    for name in filter(None, figures):
        assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert "<svg" in (folder / f"{name}.svg").read_text(encoding="utf-8")
        assert f"figures/{chapter.stem}/{name}.png" in page
    for name, entry in references.items():
        numbers = entry["numbers"]
        if not numbers:
            continue
        text = (folder / f"{name}.csv").read_text(encoding="utf-8")
        head, *rows = csv.reader(io.StringIO(text))
        assert {label for label in numbers if label.endswith(": y")} <= set(head) <= set(numbers)
        for label, column in zip(head, zip(*rows, strict=True), strict=True):
            stored = numbers[label]
            values = (numbers[stored] if isinstance(stored, str) else stored)["values"]
            given = [float(cell) if cell else None for cell in column[: len(values)]]
            assert given == values
            assert not any(column[len(values) :])


def test_icons_are_a_small_font():
    assert not list(SITE.rglob("fontawesome*"))[1:]
    assert (SITE / "_static" / "icons.woff").stat().st_size < 10_000


def test_each_claim_leads_to_the_place_that_speaks_of_it():
    for claim in claims.load(ROOT):
        entry = (SITE / f"book/ledger/{claim['file']}.html").read_text(encoding="utf-8")
        chapter = (SITE / f"book/{claim['chapter']}.html").read_text(encoding="utf-8")
        place = f"at-{claim['id']}"
        assert f'href="../{claim["chapter"]}.html#{place}"' in entry
        assert chapter.count(f'id="{place}"') == 1


# Seconds of a processor, of whatever kind it is; here it is below a fifth of it.
LAYING_OUT = 3.0
HIDE_FORMULAS = """
    const hide = new CSSStyleSheet();
    hide.replaceSync("mjx-container { display: none !important }");
    document.adoptedStyleSheets = [hide];
"""


@pytest.mark.parametrize("page", ["book/errata", "book/api", "book/part2/transition"])
def test_formulas_take_little_of_a_processor(site, browser, page, tell):
    def seconds(formulas):
        context = browser.new_context(bypass_csp=True)
        opened = context.new_page()
        if not formulas:
            opened.add_init_script(HIDE_FORMULAS)
        session = context.new_cdp_session(opened)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        opened.goto(f"{site}{page}.html")
        opened.evaluate("document.body.offsetHeight")
        rows = session.send("Performance.getMetrics")["metrics"]
        context.close()
        return next(row["value"] for row in rows if row["name"] == "TaskDuration")

    spent = min(seconds(True) for _ in range(2)) - min(seconds(False) for _ in range(2))
    tell(f"{spent:6.1f} s of a processor for the formulas of {page}")
    assert spent < LAYING_OUT
