"""Set formulas when the book is built, by MathJax in an engine of its own.

A page then shows its formulas at once: it loads no MathJax, waits for nothing, and nothing moves. A
formula that MathJax cannot read is a warning of the build, not red letters on a page.
"""

import functools
import json
import re
import shutil
from html import unescape
from importlib import util
from pathlib import Path

from docutils import nodes
from py_mini_racer import MiniRacer
from sphinx.ext import mathjax
from sphinx.util import logging

# Below the folder of static files.
FOLDER = "mathjax"
STYLES = f"{FOLDER}/mathjax.css"
FONTS = "output/chtml/fonts/woff-v2"
PARTS = ["core", "adaptors/liteDOM", "input/tex", "output/chtml", "output/chtml/fonts/tex"]
PARTS += ["a11y/assistive-mml"]
# MathJax finds the files of its parts here, and no clock, which it only asks to do things later.
ENGINE = """
    var setTimeout = (task) => { Promise.resolve().then(task); }, clearTimeout = () => {};
    var console = {log() {}, warn() {}, error() {}};
    var MathJax = {
        loader: {
            paths: {mathjax: "."},
            load: PARTS,
            require(path) { (0, eval)(FILES[path.replace(/^[.][/]/, "")]); },
        },
        startup: {typeset: false},
        tex: {macros: MACROS},
        chtml: {fontURL: "fonts"},
    };
    (0, eval)(FILES["startup.js"]);
    // An x-height at which MathJax neither shrinks nor grows its letters: the styles say how large.
    const METRICS = {em: 16, ex: 16 * 0.442, containerWidth: 80 * 16};
    function typeset(tex, display) {
        return MathJax.startup.adaptor.outerHTML(MathJax.tex2chtml(tex, {display, ...METRICS}));
    }
    function styles() {
        return MathJax.startup.adaptor.textContent(MathJax.chtmlStylesheet());
    }
"""
FAILED = re.compile(r"<mjx-merror[^>]*|<mjx-utext|NaNem|\\[A-Za-z]+")
IN_A_LINE = re.compile(r'(?s)(\(?)<span class="math [^>]*>(?:(?!</span>).)*</span>([),.;:?!]*)')
IN_A_CELL = re.compile(r"<t[hd][^>]*>[^<]*\\\([^<]*")
logger = logging.getLogger(__name__)


def package():
    """The folder of MathJax's files; the package's name is no Python identifier."""
    return Path(util.find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"


class Typesetter:
    """MathJax, with the book's macros: TeX in, HTML out, and the styles for all that was set."""

    def __init__(self, macros):
        paths = [package() / f"{part}.js" for part in ["startup", *PARTS]]
        paths += sorted((package() / "input" / "tex" / "extensions").glob("*.js"))
        known = {p.relative_to(package()).as_posix(): p.read_text(encoding="utf-8") for p in paths}
        self._engine = MiniRacer()
        for name, value in {"FILES": known, "PARTS": PARTS, "MACROS": macros}.items():
            self._engine.eval(f"var {name} = {json.dumps(value)};")
        self._engine.eval(ENGINE)
        self.typeset = functools.cache(functools.partial(self._engine.call, "typeset"))

    def styles(self):
        """The style sheet of all formulas set so far."""
        return self._engine.call("styles")


def typesetter(builder):
    """The builder's own typesetter, made when it is first needed."""
    if not hasattr(builder, "typesetter"):
        builder.typesetter = Typesetter(builder.config.math_macros)
    return builder.typesetter


def visit_math(translator, node):
    """Write a formula of a line."""
    _write(translator, node, mathjax.html_visit_math)


def visit_displaymath(translator, node):
    """Write a formula that stands alone."""
    _write(translator, node, mathjax.html_visit_displaymath)


def _write(translator, node, visit_as_tex):
    """Write a formula as Sphinx does, with its TeX set."""
    before = len(translator.body)
    try:
        visit_as_tex(translator, node)
    except nodes.SkipNode:
        written = "".join(translator.body[before:])
        translator.body[before:] = [with_formula_set(written, typesetter(translator.builder), node)]
        raise


def with_formula_set(written, typesetter, node=None):
    r"""The element of a formula with its TeX, in \(...\), \[...\] or an environment, set.

    >>> class Loud:
    ...     def typeset(self, tex, display):
    ...         return tex.upper() + "!" * display
    >>> with_formula_set(r'<span class="math">\(x &lt; y\)</span>', Loud())
    '<span class="math">X < Y</span>'
    >>> with_formula_set(r'<div class="math"><span class="eqno">(1)</span>\[x\]</div>', Loud())
    '<div class="math"><span class="eqno">(1)</span>X!</div>'
    >>> with_formula_set(r'<div class="math">\begin{align}x\end{align}</div>', Loud())
    '<div class="math">\\BEGIN{ALIGN}X\\END{ALIGN}!</div>'
    """
    pattern = r"(?s)(?P<open>\\[(\[]|\\begin\{)(?P<rest>.*)(?=</(?:span|div)>\s*\Z)"
    match = re.search(pattern, written)
    tex = unescape(match["open"] + match["rest"]).strip()
    if tex.startswith((r"\(", r"\[")):
        tex = tex[2:-2]
    formula = typesetter.typeset(tex, match["open"] != r"\(")
    problem = FAILED.search(formula)
    if problem:
        logger.warning("formula not set (%s): %s", problem[0], tex, location=node)
    return written[: match.start()] + formula + written[match.end() :]


def without_breaks(body):
    """Keep what belongs to the formulas of a line, brackets and stops, on the line of each.

    >>> without_breaks('(<span class="math x">a</span>, <span class="math x">b</span> c')
    '<span class="unbroken">(<span class="math x">a</span>,</span> <span class="math x">b</span> c'
    """

    def bind(match):
        alone = not match[1] + match[2]
        return match[0] if alone else f'<span class="unbroken">{match[0]}</span>'

    return IN_A_LINE.sub(bind, body)


def with_cells_set(body, typesetter):
    r"""Set the formulas of tables that a notebook's cell has written as HTML.

    >>> class Loud:
    ...     def typeset(self, tex, display):
    ...         return tex.upper()
    >>> with_cells_set(r'<td>at \(x &lt; y\)</td>', Loud())
    '<td>at <span class="math notranslate nohighlight">X < Y</span></td>'
    """

    def set_one(match):
        formula = typesetter.typeset(unescape(match[1]), False)
        return f'<span class="math notranslate nohighlight">{formula}</span>'

    return IN_A_CELL.sub(lambda cell: re.sub(r"\\\((.+?)\\\)", set_one, cell[0]), body)


def finish_formulas(app, pagename, templatename, context, doctree):
    """Set what is left, let a page load the styles, and bind to formulas what stands beside."""
    if "body" in context:
        context["body"] = with_cells_set(context["body"], typesetter(app.builder))
    if "<mjx-container" in context.get("body", ""):
        app.add_css_file(STYLES)
        context["body"] = without_breaks(context["body"])


def write_styles(app, exception):
    """Write the styles and copy the fonts, once all pages are written."""
    if exception or app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / STYLES
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(typesetter(app.builder).styles(), encoding="utf-8")
    shutil.copytree(package() / FONTS, target.parent / "fonts", dirs_exist_ok=True)


def setup(app):
    app.add_config_value("math_macros", {}, "html")
    app.add_html_math_renderer("typeset", (visit_math, None), (visit_displaymath, None))
    app.connect("html-page-context", finish_formulas)
    app.connect("build-finished", write_styles)
    # The styles know the formulas that one process has set.
    return {"parallel_read_safe": True, "parallel_write_safe": False}
