"""What an explorer should draw, and how far what a browser draws is from it.

Nothing here uses the library's own whole tenths of a unit: the points are those of the function
behind the sliders, transformed by the axes.
"""

import ast
import json
import re
from collections.abc import Mapping
from contextlib import chdir
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np

ROOT = Path(__file__).parent.parent
CHAPTERS = sorted(
    str(path.relative_to(ROOT).with_suffix("")) for path in (ROOT / "book").glob("part*/*.ipynb")
)
STORY = "book/part1/two_atoms"


def code_cells(chapter):
    """{id: source} of a chapter's code, in its order."""
    notebook = json.loads((ROOT / f"{chapter}.ipynb").read_text(encoding="utf-8"))
    cells = (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    return {cell["id"]: "".join(cell["source"]) for cell in cells}


@cache
def load_explorer(chapter):
    """The explorer of a chapter, from its imports and the explorer's own two cells."""
    matplotlib.use("Agg")
    cells = code_cells(chapter)
    imports = next(iter(cells.values()))
    show = ast.parse(cells["explore-show"])
    last = ast.Expression(show.body.pop().value)
    names = {}
    with chdir((ROOT / chapter).parent), matplotlib.rc_context():
        for source in (imports, cells["explore-compute"], show):
            exec(compile(source, chapter, "exec"), names)
        explorer = eval(compile(last, chapter, "eval"), names)
        # Read while its reference is at hand: a test that fails prints it.
        assert "agree with the reference" in repr(explorer)
    return explorer


def panel_of(explorer, label):
    """The panel that names a curve, or the one that takes all the others."""
    named = [panel for panel in explorer.panels if label in (panel.curves or ())]
    return (named or [panel for panel in explorer.panels if not panel.curves])[0]


def expected_paths(explorer, x, curves):
    """{id: stretches of points between gaps}, in units of the SVG; each dot is a stretch."""
    paths = {}
    for label, y in curves.items():
        panel, place = panel_of(explorer, label), explorer.places[label]
        known = ~np.isnan(y) & ((y > 0) | (panel.yscale == "linear"))
        points = place.points(x[label] if isinstance(x, Mapping) else x, y)
        ends = np.arange(1, len(y)) if label in panel.dots else np.flatnonzero(np.diff(known)) + 1
        pieces = zip(np.split(points, ends), np.split(known, ends), strict=True)
        paths[place.id] = [piece for piece, there in pieces if there[0]]
    return paths


# Curves of a drawing as the browser sees them. Whatever moves or stretches a curve inside the
# drawing counts as well.
READ_PATHS = """root => {
    const svg = root.querySelector('svg'), screen = svg.getScreenCTM(), paths = {};
    for (const path of svg.querySelectorAll('[id*="-curve-"] > path')) {
        const m = screen.inverse().multiply(path.getScreenCTM());
        paths[path.parentNode.id] = {d: path.getAttribute('d'), m: [m.a, m.b, m.c, m.d, m.e, m.f]};
    }
    const scale = [screen.a, screen.b, screen.c, screen.d];
    return {paths, scale, height: svg.viewBox.baseVal.height};
}"""
POINT = re.compile(r"([ML])(-?[\d.]+) (-?[\d.]+)(h0)?")


def drawn_stretches(d, matrix):
    """The points of a path's text, one array for each pen stroke."""
    a, b, c, d_, e, f = matrix
    stretches = []
    for pen, x, y, _ in POINT.findall(d):
        if pen == "M":
            stretches.append([])
        x, y = float(x), float(y)
        stretches[-1].append((a * x + c * y + e, b * x + d_ * y + f))
    return [np.array(points) for points in stretches]


def path_differences(curve, drawn, expected, scale, height):
    if [len(s) for s in drawn] != [len(s) for s in expected]:
        return [f"{curve}: {len(drawn)} stretches or their lengths, not {len(expected)}"]
    if not expected:
        return []
    here, there = np.concatenate(drawn), np.concatenate(expected)
    off = scale * np.abs(here - there)
    # Far above or below the paper only the side matters: nobody sees more of such a point.
    far = np.abs(there[:, 1] - height / 2) > 1.5 * height
    outside = np.abs(here[:, 1] - height / 2) > 0.99 * height
    same_side = np.sign(here[:, 1]) == np.sign(there[:, 1])
    off[far & outside & same_side, 1] = 0
    return [f"{curve}: {off.max():.2f} pixels off"] if off.max() >= 1 else []


def drawn_differences(root, explorer, x, curves):
    """What the drawing inside a locator shows otherwise than these curves, in words."""
    page = root.evaluate(READ_PATHS)
    expected = expected_paths(explorer, x, curves)
    right, skew, _, down = page["scale"]
    assert skew == 0
    assert abs(right - down) < 1e-6 * right
    found = [] if set(page["paths"]) == set(expected) else [f"curves {set(page['paths'])}"]
    for curve, path in page["paths"].items():
        if rest := POINT.sub("", path["d"]):
            found.append(f"{curve}: not a path of points: {rest[:80]}")
            continue
        drawn = drawn_stretches(path["d"], path["m"])
        found += path_differences(curve, drawn, expected.get(curve, []), right, page["height"])
    return found
