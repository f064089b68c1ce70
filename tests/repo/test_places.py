"""Where a chapter speaks of a claim: found at its first link, its display, or its number."""

import importlib.util
import logging
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document
from sphinx import addnodes

from tools import claims

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "book" / "_ext" / "book_places.py"


@pytest.fixture(scope="module")
def places():
    spec = importlib.util.spec_from_file_location("book_places", EXTENSION)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def app(page):
    return SimpleNamespace(srcdir=str(ROOT), env=SimpleNamespace(docname=page))


def page_with(*children):
    document = new_document("page")
    document += nodes.paragraph("", "", *children)
    return document


def link(target):
    return addnodes.pending_xref("", nodes.inline("", target), reftarget=target)


def test_the_first_link_the_display_and_the_number_are_places(places):
    house = app("book/part1/two_atoms")
    display = nodes.math_block("", "x", label="I.5")
    document = page_with(link("p1-s3a-1"), link("p1-s3a-1"), display, link("p2-eq-5"), link("I.4"))
    places.mark_places(house, document)
    # (I.4) and (II.5) are claims of other chapters.
    assert house.env.claim_places == {
        "p1-s3a-1": ("book/part1/two_atoms", "at-p1-s3a-1"),
        "p1-eq-5": ("book/part1/two_atoms", "at-p1-eq-5"),
    }
    assert len(list(document.findall(nodes.target))) == 2


def test_a_claim_of_which_no_chapter_speaks_is_told(places, caplog):
    house = app("book/part1/two_atoms")
    every = {c["id"]: ("page", "at") for c in claims.load(ROOT)}
    house.env.claim_places = {k: v for k, v in every.items() if k != "p1-eq-5"}
    logging.getLogger("sphinx").propagate = True
    with caplog.at_level("WARNING"):
        places.check_places(house, house.env)
    assert "chapters must speak of each of their claims, but do not of p1-eq-5" in caplog.text
    caplog.clear()
    house.env.claim_places = every
    places.check_places(house, house.env)
    assert caplog.text == ""
