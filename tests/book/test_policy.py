"""The policy that each page carries: it stops what is not the site's own, and nothing that is."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from book_policy import policy, with_policy  # noqa: E402

from tools import published  # noqa: E402

from .test_site import console_errors  # noqa: E402

pytestmark = pytest.mark.site

SITE = ROOT / "_build" / "html"
META = re.compile(r'\n {4}<meta http-equiv="Content-Security-Policy" content="([^"]*)" />')

# What a page might try, each a promise of the rule that it breaks.
TRIES = {
    "fetch": "fetch('https://example.org/x').catch(() => {})",
    "fetch after three seconds": """setTimeout(
        () => fetch('https://example.org/x').catch(() => {}), 3000)""",
    "fetch on a click": """document.body.addEventListener(
        'click', () => fetch('https://example.org/x').catch(() => {})); document.body.click()""",
    "an image": "new Image().src = 'https://example.org/x.png'",
    "a lazy image": """document.body.insertAdjacentHTML('beforeend',
        '<img loading="lazy" alt="" src="https://example.org/y.png">');
        document.body.lastElementChild.scrollIntoView()""",
    "a script of another host": """document.head.append(Object.assign(
        document.createElement('script'), {src: 'https://example.org/x.js'}))""",
    "a script in the page": """document.head.append(Object.assign(
        document.createElement('script'), {textContent: 'window.caught = 1'}))""",
    "a handler": """document.body.insertAdjacentHTML('beforeend',
        '<button id="trap" onclick="window.caught = 1">x</button>');
        document.getElementById('trap').click()""",
    "a style sheet": """document.head.append(Object.assign(
        document.createElement('link'), {rel: 'stylesheet', href: 'https://example.org/x.css'}))""",
    "a frame": """document.body.append(Object.assign(
        document.createElement('iframe'), {src: 'https://example.org/'}))""",
    "evaluated text": "setTimeout('window.caught = 1', 0)",
}


def pages():
    return sorted(path for path in SITE.rglob("*.html") if "<head>" in path.read_text("utf-8"))


def test_every_page_carries_the_policy_of_its_own_scripts():
    texts = {path: path.read_text(encoding="utf-8") for path in pages()}
    bare = {path: META.sub("", text) for path, text in texts.items()}
    assert len(texts) > 50
    handlers = {found for text in bare.values() for found in published.read_page(text).handlers}
    assert handlers == {"toggleFullScreen()", "window.print()"}
    for path, text in texts.items():
        (said,) = META.findall(text)
        without = bare[path]
        assert said == policy(without, handlers), path.name
        assert with_policy(without, handlers) == text, path.name
        # Before anything that it could stop.
        assert text.index("Content-Security-Policy") < text.index("<script")


def test_no_policy_allows_another_host_or_any_script():
    for path in pages():
        (said,) = META.findall(path.read_text(encoding="utf-8"))
        assert not re.search(r"https?:|\*|'unsafe-eval'", said), path.name
        (scripts,) = re.findall("script-src ([^;]*)", said)
        assert "'unsafe-inline'" not in scripts, path.name


@pytest.mark.parametrize("text", TRIES.values(), ids=TRIES)
def test_what_is_not_the_sites_own_is_stopped(page, site, text):
    left, stopped = [], []
    page.on("requestfinished", lambda request: left.append(request.url))
    page.on("requestfailed", lambda request: stopped.append((request.url, request.failure)))
    page.goto(f"{site}book/intro.html")
    broken = page.evaluate(
        f"""async () => {{
            const broken = [];
            addEventListener('securitypolicyviolation', event => broken.push(event.blockedURI));
            {text};
            for (let turn = 0; turn < 400 && !broken.length; turn += 1)
                await new Promise(done => setTimeout(done, 50));
            return broken;
        }}"""
    )
    assert broken
    assert page.evaluate("window.caught") is None
    assert not [url for url in left if "example.org" in url]
    assert not [url for url, why in stopped if "example.org" in url and why != "csp"]


def test_what_the_policy_stops_is_an_error_of_the_page(site, visit):
    """Every page is opened with its policy in force: see `console_errors` in `test_site.py`."""
    opened = visit(f"{site}book/intro.html")
    assert console_errors(opened) == []
    opened.page.evaluate(TRIES["a script in the page"])
    assert any("Content Security Policy" in text for text in console_errors(opened))


@pytest.mark.parametrize("name", ["book/part1/two_atoms", "book/ledger", "search"])
def test_pages_work_from_a_folder(page, name):
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto((SITE / f"{name}.html").as_uri())
    page.wait_for_load_state("load")
    assert not [text for text in complaints if "Content Security Policy" in text]
    if "two_atoms" in name:
        # The figure with sliders is drawn by its script.
        page.wait_for_selector(".explore svg", state="attached")
