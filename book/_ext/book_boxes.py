"""Boxes of the book: what is printed beside what is derived, and an answer behind its question."""

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

# Between the print, the derivation, and what tells them apart.
SEPARATOR = "---"
HEADS = ("As printed", "As derived", "What tells them apart")


class Printed(SphinxDirective):
    """Print and derivation side by side, with a link to the claim that the argument names.

    The content is Markdown in two or three parts with a line `---` between them: as printed, as
    derived, and what tells them apart.
    """

    has_content = True
    required_arguments = 1
    # `stacked` puts long formulas one below the other.
    option_spec = {"class": directives.class_option}

    def run(self):
        parts = self._parts()
        if not 2 <= len(parts) <= len(HEADS):
            raise self.error(f"`printed` must have two or three parts, but got {len(parts)}.")
        box = nodes.container(classes=["printed", *self.options.get("class", [])])
        for head, (lines, offset) in zip(HEADS, parts, strict=False):
            part = nodes.container(classes=["printed-" + head.split()[-1]])
            part += nodes.paragraph("", "", nodes.strong(text=head))
            self.state.nested_parse(lines, offset, part)
            box += part
        box += self._link(self.arguments[0])
        return [box]

    def _parts(self):
        """The content's parts and where each begins."""
        cuts = [-1, *(k for k, line in enumerate(self.content) if line.strip() == SEPARATOR)]
        ends = [*cuts[1:], len(self.content)]
        return [
            (self.content[begin + 1 : end], self.content_offset + begin + 1)
            for begin, end in zip(cuts, ends, strict=True)
        ]

    def _link(self, claim):
        options = {"refdomain": "std", "reftype": "ref", "refexplicit": True, "refwarn": True}
        link = addnodes.pending_xref("", reftarget=claim, refdoc=self.env.docname, **options)
        link += nodes.inline("", "The claim and its test")
        return nodes.paragraph("", "", link, classes=["printed-link"])


class Answer(SphinxDirective):
    """An answer, closed until it is asked for."""

    has_content = True

    def run(self):
        body = nodes.container(classes=["answer"])
        self.state.nested_parse(self.content, self.content_offset, body)
        opening = nodes.raw("", "<details class='answer'><summary>Answer</summary>", format="html")
        return [opening, body, nodes.raw("", "</details>", format="html")]


def setup(app):
    app.add_directive("printed", Printed)
    app.add_directive("answer", Answer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
