"""From a claim of the ledger to the place in its chapter that speaks of it.

The first link to a claim in its chapter marks the place; for a formula of a paper also its display,
or the first mention of its number. The ledger's link `{place}` leads there.
"""

import re
import sys
from functools import cache
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools import claims  # noqa: E402

_FORMULA = re.compile(r"(I{1,2})\.([ABC]?\d+)")


class Place(SphinxRole):
    """A link to where a chapter speaks of a claim: {place}`p1-eq-5`."""

    def run(self):
        return [place_of_claim(self.text)], []


class place_of_claim(nodes.Inline, nodes.Element):  # noqa: N801, as nodes are named
    """Stands for the link until all chapters are read."""

    def __init__(self, claim):
        super().__init__(claim=claim)


@cache
def _chapters(root):
    """The chapter of each claim; a build reads the claims once, not once a page."""
    return {entry["id"]: entry["chapter"] for entry in claims.load(root)}


def mark_places(app, doctree):
    """Give the first link to each claim an address, and remember it."""
    chapters = _chapters(Path(app.srcdir))
    page, found = app.env.docname, {}
    for node in list(doctree.findall(_speaks)):
        claim = _claim(node)
        if claim in found or f"book/{chapters.get(claim)}" != page:
            continue
        address = f"at-{claim}"
        node.parent.insert(node.parent.index(node), nodes.target("", "", ids=[address]))
        found[claim] = address
    places = _places(app.env)
    for claim, address in found.items():
        places[claim] = page, address


def _speaks(node):
    return isinstance(node, (addnodes.pending_xref, nodes.math_block)) and _claim(node) is not None


def _claim(node):
    """The claim that a link, a display or a formula's number speaks of, or None."""
    target = node.get("reftarget") or node.get("label") or ""
    if re.fullmatch(claims.ID, target):
        return target
    number = _FORMULA.fullmatch(target)
    return f"p{len(number[1])}-eq-{number[2].lower()}" if number else None


def _places(env):
    if not hasattr(env, "claim_places"):
        env.claim_places = {}
    return env.claim_places


def lead_to_places(app, doctree, docname):
    """Put the links in."""
    for node in list(doctree.findall(place_of_claim)):
        if node["claim"] not in _places(app.env):
            # The build has warned already.
            node.replace_self(nodes.Text("no chapter"))
            continue
        page, address = _places(app.env)[node["claim"]]
        title = app.env.titles[page].astext()
        uri = f"{app.builder.get_relative_uri(docname, page)}#{address}"
        node.replace_self(nodes.reference("", title, internal=True, refuri=uri))


def check_places(app, env):
    """Every claim has a place in its chapter that speaks of it."""
    missing = [claim for claim in _chapters(Path(app.srcdir)) if claim not in _places(env)]
    if missing:
        logging.getLogger(__name__).warning(
            "chapters must speak of each of their claims, but do not of %s", ", ".join(missing)
        )


def forget(app, env, docname):
    for claim, (page, _) in list(_places(env).items()):
        if page == docname:
            del _places(env)[claim]


def merge(app, env, docnames, other):
    _places(env).update({c: p for c, p in _places(other).items() if p[0] in docnames})


def setup(app):
    app.add_role("place", Place())
    app.connect("doctree-read", mark_places, priority=950)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("env-check-consistency", check_places)
    app.connect("doctree-resolved", lead_to_places)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
