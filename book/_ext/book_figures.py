"""What a reader can take of a figure: its picture as PNG and SVG, and its numbers as CSV."""

import base64
import csv
import json
import re
from itertools import zip_longest
from pathlib import Path

from docutils import nodes

# Below the site's root.
FOLDER = "figures"


def add_links(app, doctree):
    """Put links to a figure's files below its caption."""
    page = app.env.docname
    source = Path(app.env.doc2path(page))
    if source.suffix != ".ipynb":
        return
    names = [name for name, _ in _pictures(source)]
    numbers = _numbers(source)
    for figure in doctree.findall(nodes.figure):
        for name in set(figure["names"]) & set(names):
            where = f"{'../' * page.count('/')}{FOLDER}/{source.stem}/{name}"
            kinds = ["png", "svg", *(["csv"] if name in numbers else [])]
            links = " · ".join(
                f'<a href="{where}.{kind}" download>{kind.upper()}</a>' for kind in kinds
            )
            text = f'<p class="figure-files">Download: {links}</p>'
            figure.parent.insert(
                figure.parent.index(figure) + 1, nodes.raw("", text, format="html")
            )


def say_sizes(app, pagename, templatename, context, doctree):
    """Tell the browser how large a drawing is, so that nothing moves when it comes."""
    sources = {name: Path(app.srcdir) / path for path, name in app.builder.images.items()}

    def with_size(tag):
        source = sources.get(Path(tag[1]).name)
        if source is None or source.suffix != ".svg":
            return tag[0]
        width, height = drawn_size(source.read_text(encoding="utf-8"))
        return f'{tag[0]} width="{width}" height="{height}"'

    if "body" in context:
        context["body"] = re.sub(
            r'<img [^>]*?src="([^"]*_images/[^"]*)"', with_size, context["body"]
        )


def drawn_size(svg):
    """Width and height of a drawing in whole pixels; its `viewBox` is in points or in pixels."""
    _, _, width, height = re.search(r'viewBox="([^"]*)"', svg)[1].split()
    in_points = re.search(r'<svg[^>]*\swidth="[\d.]+pt"', svg)
    scale = 4 / 3 if in_points else 1
    return round(scale * float(width)), round(scale * float(height))


def write_files(app, exception):
    """Write every figure's files."""
    if exception or app.builder.format != "html":
        return
    for page in app.env.found_docs:
        source = Path(app.env.doc2path(page))
        if source.suffix != ".ipynb":
            continue
        ran = Path(app.outdir).parent / "jupyter_execute" / f"{page}.ipynb"
        folder = Path(app.outdir) / FOLDER / source.stem
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in _pictures(ran):
            (folder / f"{name}.png").write_bytes(base64.b64decode(data["image/png"]))
            svg = "".join(data["image/svg+xml"])
            (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
        for name, columns in _numbers(source).items():
            _write_csv(folder / f"{name}.csv", columns)


def _pictures(notebook):
    """Names of a notebook's figures, with the data of their output."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        name = cell["metadata"].get("mystnb", {}).get("figure", {}).get("name")
        for output in cell.get("outputs", []):
            if name and "image/svg+xml" in output.get("data", {}):
                yield name, output["data"]


def _numbers(notebook):
    """What the figures draw, from the reference beside a notebook, {figure: {label: values}}."""
    path = notebook.with_suffix(".json")
    figures = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    found = {name: _columns(entry["numbers"]) for name, entry in figures.items()}
    return {name: columns for name, columns in found.items() if columns}


def _columns(numbers):
    """The curves, without the frame around them; one that repeats another names it."""
    rows = {k: numbers[row] if isinstance(row, str) else row for k, row in numbers.items()}
    frame = re.compile(r".*( limits| ticks|: place|: extent|: across|: down|: colours from, to)")
    return {k: row["values"] for k, row in rows.items() if not frame.fullmatch(k)}


def _write_csv(path, columns):
    """One column a label, the shorter ones filled up with nothing; so are gaps."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip_longest(*columns.values()))


def setup(app):
    app.connect("doctree-read", add_links)
    app.connect("html-page-context", say_sizes)
    app.connect("build-finished", write_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
