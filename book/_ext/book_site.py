"""Sphinx extension of the book: a site that asks no other host for anything.

It writes the ledger, the errata and the open questions, leads from a chapter to its claims, gives
the notebooks' kernels a clean environment, refuses pages that lack a figure or tell a path of the
machine, drops scripts that no page uses, shows the buttons that need the repository's address only
when that address is set, adapts docstrings, mends the search, and adds two tables:
`stored-notebooks` and `package-versions`.
"""

import json
import re
import sys
from importlib import metadata
from pathlib import Path

from book_search import BookSearch
from docutils import nodes
from packaging.requirements import Requirement
from sphinx import addnodes
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools import kernels, ledger, public, published  # noqa: E402

# Live cells need a server; their script, loaded twice, is an error in the console. The widgets'
# state needs a kernel; the page's sliders carry their own data.
NEEDS_A_SERVER = ("thebe", "jupyter.widget-state")


def drop_what_is_not_used(app, pagename, templatename, context, doctree):
    """Leave out scripts and data that a page without a server cannot use."""
    unused = NEEDS_A_SERVER
    if 'class="sd-' not in context.get("body", ""):
        unused += ("design-tabs", "sphinx-design")
    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context.get(kind, []) if not _has_one_of(unused, file)]


def _has_one_of(words, file):
    parts = [str(getattr(file, "filename", file)), *getattr(file, "attributes", {}).values()]
    return any(word in str(part).lower() for part in parts for word in words)


def name_toggles(app, pagename, templatename, context, doctree):
    """Name what opens and closes a branch of the contents: the theme shows an arrow alone."""
    make = context["generate_toctree_html"]

    def named(*arguments, **options):
        contents = make(*arguments, **options)
        # Text where there is nothing to show.
        for summary in [] if isinstance(contents, str) else contents.select("summary"):
            summary["aria-label"] = "Pages below this one"
        return contents

    context["generate_toctree_html"] = named


def name_entries(app, pagename, templatename, context, doctree):
    """Call the entries of the bibliography items of their list: their own role is deprecated."""
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def show_repository_buttons(app, config):
    """Turn on what needs the repository's address, if there is one."""
    options = config.html_theme_options
    if not options.get("repository_url"):
        return
    options.update(use_repository_button=True, use_issues_button=True)
    options["launch_buttons"] = {
        "notebook_interface": "jupyterlab",
        "binderhub_url": "https://mybinder.org",
        "colab_url": "https://colab.research.google.com",
    }


def write_ledger(app, config):
    """Write the ledger, the errata and the open questions before their files are looked for."""
    ledger.write(Path(app.srcdir))


def lead_to_claims(app, doctree):
    """End a chapter with links to its claims in the ledger, closed until asked for."""
    root = Path(app.srcdir)
    groups = ledger.of_chapter(root, app.env.docname.removeprefix("book/"))
    if not groups:
        return
    for path in (root / "claims").glob("*.yml"):
        app.env.note_dependency(str(path))
    count = sum(map(len, groups.values()))
    summary = f"Claims of this chapter in the ledger: {count}"
    rows = nodes.bullet_list("", *(_links(app, name, ids) for name, ids in groups.items()))
    opening = nodes.raw("", f"<details><summary>{summary}</summary>", format="html")
    parent = next((n for n in doctree.children if isinstance(n, nodes.section)), doctree)
    parent += [opening, rows, nodes.raw("", "</details>", format="html")]


def _links(app, name, ids):
    """A section's name, and a link to each of its claims."""
    paragraph = nodes.paragraph("", f"{name}: ")
    for place, identifier in enumerate(ids):
        options = {"refdomain": "std", "reftype": "ref", "refexplicit": True, "refwarn": True}
        link = addnodes.pending_xref("", reftarget=identifier, refdoc=app.env.docname, **options)
        link += nodes.inline("", identifier)
        paragraph += [nodes.Text(", ")] * (place > 0) + [link]
    return nodes.list_item("", paragraph)


def find_typed_path(app, env, node, contnode):
    """Lead from where a function is defined, as signatures name it, to the path people type."""
    typed = public.typed(node["reftarget"]) if node.get("refdomain") == "py" else None
    if typed in (None, node["reftarget"]):
        return None
    place, role = node["refdoc"], node["reftype"]
    return env.get_domain("py").resolve_xref(env, place, app.builder, role, typed, node, contnode)


def announce_notebooks(app, env, docnames):
    """Say on stderr which notebook runs, and how many there are: it takes minutes."""
    if app.config.nb_execution_mode == "off":
        return
    # Sphinx reads in this order.
    notebooks = [n for n in sorted(docnames) if Path(env.doc2path(n)).suffix == ".ipynb"]

    def announce(app, docname, source):
        if docname in notebooks:
            place = f"[{notebooks.index(docname) + 1}/{len(notebooks)}]"
            print(f"{place} {docname}.ipynb", file=sys.stderr, flush=True)

    app.connect("source-read", announce)


def check_cells(app, doctree):
    """Stop where a notebook's cell warns, or names a figure and shows none."""
    ran = Path(app.outdir).parent / "jupyter_execute" / f"{app.env.docname}.ipynb"
    if Path(app.env.doc2path(app.env.docname)).suffix != ".ipynb":
        return
    problems = published.cell_problems(json.loads(ran.read_text(encoding="utf-8")))
    if problems:
        raise ExtensionError(f"{app.env.docname}.ipynb: {'; '.join(problems)}")


def check_pages(app, exception):
    """Stop where a page tells a path of this machine, or may ask another host for something."""
    if exception or app.builder.format != "html":
        return
    folders = published.machine_folders(Path(app.srcdir))
    problems = published.page_problems(Path(app.outdir), folders)
    if problems:
        raise ExtensionError("; ".join(problems[:20]))


def tag_execution(app, config):
    """Let a page say one thing about a fresh run and another about stored outputs."""
    if config.nb_execution_mode != "off":
        app.tags.add("executed")


def adapt_docstring(app, what, name, obj, options, lines):
    """Let docstrings be written for the reader of `help`: plain kets, references from [1]."""
    # A docstring counts its own references, but several docstrings share a page.
    label = name.replace(".", "-").replace("_", "-")
    for number, line in enumerate(lines):
        line = re.sub(r"^(\s*\.\. )\[(\d+)\]", rf"\1[#{label}-\2]", line)
        line = re.sub(r"\[(\d+)\]_", rf"[#{label}-\1]_", line)
        # To Sphinx a bar opens a substitution.
        lines[number] = re.sub(r"(?<![`\w])\|\w+>(<\w+\|)?", r"``\g<0>``", line)


class StoredNotebooks(SphinxDirective):
    """A table of the notebooks whose stored outputs the site shows."""

    def run(self):
        paths = {name: Path(self.env.doc2path(name)) for name in sorted(self.env.found_docs)}
        rows = [(n, *_stored_run(path)) for n, path in paths.items() if path.suffix == ".ipynb"]
        return [_table(("notebook", "code cells", "stored run"), rows)]


def _stored_run(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    counts = [cell["execution_count"] for cell in cells if cell["cell_type"] == "code"]
    in_order = counts == list(range(1, len(counts) + 1))
    return str(len(counts)), "complete, top to bottom" if in_order else "not complete"


class PackageVersions(SphinxDirective):
    """A table of the versions that the site was built with."""

    def run(self):
        names = ["coherence_lib", "jupyter-book", "Sphinx", "myst-nb"]
        required = [Requirement(text) for text in metadata.requires("coherence_lib")]
        names[1:1] = [r.name for r in required if "extra" not in str(r.marker)]
        return [_table(("package", "version"), [(name, metadata.version(name)) for name in names])]


def _table(head, rows):
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in head), cols=len(head))
    group += nodes.thead("", _row(head))
    group += nodes.tbody("", *map(_row, rows))
    return nodes.table("", group)


def _row(cells):
    entries = (nodes.entry("", nodes.paragraph(text=cell)) for cell in cells)
    return nodes.row("", *entries)


# Before anything is drawn: whoever comes to the top of a page waits for no more than they see. A
# link to a place further down needs all that is above it laid out, now and when it is followed.
LAZY = """(root => {
  root.classList.toggle("lazy", !location.hash);
  addEventListener("popstate", () => root.classList.remove("lazy"));
})(document.documentElement);"""


def setup(app):
    # For as long as the build lasts, and whoever has started it: `jupyter-book build .` as well.
    kernels.become_clean()
    app.add_search_language(BookSearch)
    app.add_js_file(None, body=LAZY)
    # Before the table of contents looks for its files.
    app.connect("config-inited", write_ledger, priority=100)
    app.connect("env-before-read-docs", announce_notebooks)
    app.connect("doctree-read", check_cells)
    # After the places that speak of a claim were looked for: the list is none.
    app.connect("doctree-read", lead_to_claims, priority=990)
    app.connect("missing-reference", find_typed_path)
    app.connect("build-finished", check_pages, priority=900)
    app.add_directive("stored-notebooks", StoredNotebooks)
    app.add_directive("package-versions", PackageVersions)
    app.connect("config-inited", tag_execution)
    app.connect("config-inited", show_repository_buttons)
    # Before napoleon, which reads the sections of a docstring.
    app.connect("autodoc-process-docstring", adapt_docstring, priority=400)
    # After the theme, which puts the contents there.
    app.connect("html-page-context", name_entries)
    app.connect("html-page-context", name_toggles, priority=900)
    # After every other handler, so that no script is added behind its back.
    app.connect("html-page-context", drop_what_is_not_used, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
