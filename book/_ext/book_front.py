"""What the first page shows: a live figure of a chapter, the verdicts in one bar, how to cite."""

import html
import json
import re
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import quote

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import coherence_lib  # noqa: E402
from tools import claims  # noqa: E402

# Words for a reader who has not met the verdicts, and the class of their colour.
VERDICTS = {
    "reproduces": "reproduce",
    "holds under a condition": "hold under a condition",
    "misprint": "are misprints",
    "fails": "fail",
    "definition": "are definitions",
}


class slider(nodes.General, nodes.Element):
    """The place of a chapter's figure with sliders."""


class Slider(SphinxDirective):
    """The figure with sliders of the chapter that the argument names."""

    required_arguments = 1

    def run(self):
        return [slider(chapter=self.arguments[0])]


def show_sliders(app, doctree, docname):
    """Put the figures where they are wanted, once every notebook has run."""
    for node in list(doctree.findall(slider)):
        ran = Path(app.outdir).parent / "jupyter_execute" / f"{node['chapter']}.ipynb"
        blocks = [
            "".join(output["data"]["text/html"])
            for cell in json.loads(ran.read_text(encoding="utf-8"))["cells"]
            for output in cell.get("outputs", [])
            if '<div class="explore"' in "".join(output.get("data", {}).get("text/html", ""))
        ]
        if not blocks:
            raise ExtensionError(f"{node['chapter']}.ipynb shows no figure with sliders.")
        node.replace_self(nodes.raw("", blocks[0], format="html"))


class Verdicts(SphinxDirective):
    """A bar of the papers' claims by their verdict, and how many go beyond."""

    def run(self):
        entries = claims.load(Path(self.env.srcdir))
        own = sum(claim["paper"] == "ours" for claim in entries)
        counts = Counter(claim["verdict"] for claim in entries if claim["paper"] != "ours")
        total = sum(counts.values())
        parts, words = "", []
        for verdict, text in VERDICTS.items():
            share = 100 * counts[verdict] / total
            parts += f'<span class="{_class(verdict)}" style="width: {share:.2f}%"></span>'
            key = f'<i class="{_class(verdict)}" aria-hidden="true"></i>'
            words.append(f"<li>{key}<b>{counts[verdict]}</b> {text}</li>")
        bar = (
            f'<div class="verdicts"><p>{total} claims of the two papers, each with a test:</p>'
            f'<div class="verdict-bar" aria-hidden="true">{parts}</div>'
            f"<ul>{''.join(words)}</ul>"
            + (f"<p>And {own} that go beyond them, tested alike.</p>" if own else "")
            + "</div>"
        )
        return [nodes.raw("", bar, format="html")]


def _class(verdict):
    return "verdict-" + verdict.split()[0]


class Cite(SphinxDirective):
    """BibTeX entries of the papers and of the book, to be copied."""

    def run(self):
        root = Path(self.env.srcdir)
        text = (root / "book" / "references.bib").read_text(encoding="utf-8")
        self.env.note_dependency(str(root / "book" / "references.bib"))
        entries = re.findall(r"(?ms)^@\w+\{(?:cakmak2017|hudenko2025),.*?^\}", text)
        own = (
            "@software{coherence_lib,\n"
            f"  author = {{{{{self.config.author}}}}},\n"
            f"  title = {{{self.config.html_title}}},\n"
            f"  version = {{{coherence_lib.__version__}}},\n"
            f"  year = {{{str(self.config.copyright).split(',')[0]}}}\n}}"
        )
        return [nodes.literal_block("", "\n\n".join([*entries, own]), language="bibtex")]


def describe(app, pagename, templatename, context, doctree):
    """Give a page the sentence and the picture that a link to it shows."""
    title = html.escape(re.sub(r"<[^>]*>", "", context.get("title") or ""), quote=True)
    text = ""
    if doctree is not None:
        paragraph = next(
            (p.astext() for p in doctree.findall(nodes.paragraph) if len(p.astext()) > 60), ""
        )
        text = html.escape(" ".join(paragraph.split())[:200], quote=True)
    # In the page itself: a browser asks for a file of its own after all else, offline in vain.
    icon = quote((Path(app.srcdir) / "book" / "favicon.svg").read_text(encoding="utf-8"))
    tags = f'<link rel="icon" href="data:image/svg+xml,{icon}" />\n'
    tags += f'<meta property="og:title" content="{title}" />\n'
    if text:
        tags += f'<meta name="description" content="{text}" />\n'
        tags += f'<meta property="og:description" content="{text}" />\n'
    preview = context["pathto"]("_static/preview.png", 1)
    tags += f'<meta property="og:image" content="{preview}" />\n'
    context["metatags"] = context.get("metatags", "") + tags


def setup(app):
    app.add_node(slider)
    app.add_directive("slider", Slider)
    app.add_directive("verdicts", Verdicts)
    app.add_directive("cite-this", Cite)
    app.connect("doctree-resolved", show_sliders)
    app.connect("html-page-context", describe)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
