"""One numbering: a formula of the papers has its paper's number, and the book's own another mark.

A display whose label is a number of a paper, `:label: I.5`, shows (I.5); any other label shows
(ours 2.1), the first of chapter 2. In the text (I.5) leads to that display or, where the book has
none, to its claim in the ledger; a number alone would not say of which paper.
"""

import re

from docutils import nodes
from sphinx import addnodes

FORMULA = re.compile(r"\((I{1,2}\.[ABC]?\d+)\)")
# What (I.5) stands in there is no place for a link.
NO_LINKS = (nodes.reference, nodes.title, nodes.literal, nodes.literal_block, nodes.math)
NO_LINKS += (nodes.math_block, nodes.raw, addnodes.pending_xref, addnodes.desc_signature)


def link_formulas(app, doctree):
    """Make a link of each (I.5) in the text."""
    for text in list(doctree.findall(nodes.Text)):
        if FORMULA.search(text) and not _inside(text, NO_LINKS):
            text.parent.replace(text, _linked(str(text), app.env.docname))


def _inside(node, kinds):
    parent = node.parent
    while parent is not None and not isinstance(parent, kinds):
        parent = parent.parent
    return parent is not None


def _linked(text, docname):
    found, rest = [], 0
    for match in FORMULA.finditer(text):
        options = {"refdomain": "math", "reftype": "eq", "refwarn": True, "refdoc": docname}
        link = addnodes.pending_xref("", reftarget=match[1], refexplicit=False, **options)
        link += nodes.inline("", match[0])
        found += [nodes.Text(text[rest : match.start()]), link]
        rest = match.end()
    return [node for node in [*found, nodes.Text(text[rest:])] if node.astext()]


def find_claim(app, env, node, contnode):
    """Lead from a paper's number to its claim, where the book does not show the formula."""
    number = re.fullmatch(r"(I{1,2})\.([ABC]?\d+)", node.get("reftarget", ""))
    if node.get("refdomain") != "math" or not number:
        return None
    label = f"p{len(number[1])}-eq-{number[2].lower()}"
    place = env.get_domain("std").labels.get(label)
    if place is None:
        return None
    address = app.builder.get_relative_uri(node["refdoc"], place[0]) + f"#{place[1]}"
    return nodes.reference("", "", contnode, internal=True, refuri=address)


def number_formulas(app, env):
    """Give the labelled displays their numbers, once all pages are read."""
    own = {}
    equations = env.get_domain("math").equations
    for label, (docname, _) in sorted(equations.items(), key=lambda item: str(item[1][1]).zfill(9)):
        if re.fullmatch(r"I{1,2}\.[ABC]?\d+", label):
            equations[label] = docname, label
        else:
            own.setdefault(docname, []).append(label)
    for docname, labels in own.items():
        chapter = env.toc_secnumbers.get(docname, {}).get("") or ()
        for place, label in enumerate(labels, 1):
            equations[label] = docname, f"ours {'.'.join(map(str, [*chapter, place]))}"


def show_numbers(app, doctree, docname):
    """Put the numbers beside the displays."""
    equations = app.env.get_domain("math").equations
    for node in doctree.findall(nodes.math_block):
        if node.get("label") in equations:
            node["number"] = equations[node["label"]][1]


def set_formulas_in_links(app, doctree, docname):
    """Typeset the formulas of a link's text, which Sphinx takes as it is."""
    for link in doctree.findall(nodes.reference):
        for text in list(link.findall(nodes.Text)):
            parts = re.split(r"\$([^$]+)\$", text)
            if len(parts) > 1:
                found = [
                    nodes.math(part, part) if place % 2 else nodes.Text(part)
                    for place, part in enumerate(parts)
                ]
                text.parent.replace(text, [node for node in found if node.astext()])


def setup(app):
    app.connect("doctree-read", link_formulas, priority=900)
    app.connect("env-check-consistency", number_formulas)
    app.connect("missing-reference", find_claim)
    app.connect("doctree-resolved", show_numbers)
    app.connect("doctree-resolved", set_formulas_in_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
