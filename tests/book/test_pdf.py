"""The book on paper: all pages as one, with links inside of it, formulas set, folds open."""

import os

import pytest
from bs4 import BeautifulSoup

from tools import pdf
from tools.browsers import browser_is_installed

from .conftest import SITE

PAGE = """<html><head>{head}</head><body><nav id="menu"></nav><article class="bd-article">
    <section id="top"><h1>{title}</h1>{body}</section></article></body></html>"""


@pytest.fixture
def small(tmp_path):
    (tmp_path / "a").mkdir()
    body = (
        '<a href="b.html#top">b</a><a href="https://x.org">x</a><img src="../p.svg">'
        "<details><summary>s</summary>folded</details><script>alert()</script>"
    )
    (tmp_path / "a" / "a.html").write_text(
        PAGE.format(head="", title="A", body=body), encoding="utf-8"
    )
    head = '<link rel="stylesheet" href="../_static/mathjax/mathjax.css"/>'
    (tmp_path / "a" / "b.html").write_text(
        PAGE.format(head=head, title="B", body="<p>end</p>"), encoding="utf-8"
    )
    return BeautifulSoup(pdf.gathered(tmp_path, ["a/a.html", "a/b.html"]), "html.parser")


def test_pages_follow_each_other_without_the_menu(small):
    assert [h.text for h in small.find_all("h1")] == ["A", "B"]
    assert small.find("nav") is None


def test_links_between_pages_stay_inside(small):
    inside, outside = (a["href"] for a in small.find_all("a"))
    assert small.find(id=inside.removeprefix("#")).h1.text == "B"
    assert outside == "https://x.org"
    ids = [node["id"] for node in small.find_all(id=True)]
    assert len(ids) == len(set(ids)) == 4


def test_addresses_hold_at_the_top_of_the_site(small):
    assert small.img["src"] == "p.svg"
    assert small.head.link["href"] == "_static/mathjax/mathjax.css"


def test_folds_are_open_and_scripts_gone(small):
    assert small.details.has_attr("open")
    assert small.article.find("script") is None


@pytest.mark.site
@pytest.mark.skipif(
    not browser_is_installed() and "CI" not in os.environ,
    reason="no browser: install Chromium, or run `.venv/bin/playwright install chromium`",
)
def test_two_pages_of_the_book_are_printed(tmp_path):
    target = tmp_path / "two.pdf"
    pdf.print_pdf(SITE, ["book/intro.html", "book/part1/two_atoms.html"], target)
    assert target.read_bytes().startswith(b"%PDF")
    assert target.stat().st_size > 100_000
    assert not (SITE / pdf.ALL_PAGES).exists()
