"""What a page folds, and how wide a line of code or output may be."""

import ast
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "book").glob("**/*.ipynb"))
# Characters of the column at 1280 px; on a phone and on paper lines wrap.
COLUMN = 82


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def wide_lines(cells):
    """Lines of code or of text output that are longer than the column."""
    found = []
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        texts = ["".join(cell["source"])]
        for output in cell["outputs"]:
            # What is shown as HTML is not shown as text.
            if "text/html" not in output.get("data", {}):
                texts.append("".join(output.get("text", "")))
        found += [line for text in texts for line in text.splitlines() if len(line) > COLUMN]
    return found


def open_code(cells):
    """Cells that are no physics, and stand open: imports, figures, comparisons, sliders."""
    found = []
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        source, metadata = "".join(cell["source"]), cell["metadata"]
        is_figure = "figure" in metadata.get("mystnb", {})
        imports = (ast.Import, ast.ImportFrom)
        begins = isinstance(ast.parse(source).body[0], imports)
        compares = any(f"{name}(" in source for name in ("numbers", "Explorer"))
        folded = "hide-input" in metadata.get("tags", [])
        named = "code_prompt_show" in metadata.get("mystnb", {})
        if (is_figure or begins or compares) and not (folded and named):
            found.append(source.splitlines()[0])
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_line_is_wider_than_the_column(path):
    assert wide_lines(cells(path)) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_is_no_physics_is_folded(path):
    assert open_code(cells(path)) == []


def code(source, outputs=(), **metadata):
    return {"cell_type": "code", "source": [source], "outputs": outputs, "metadata": metadata}


def test_a_wide_line_is_found():
    assert wide_lines([code("x = 1  #" + "-" * COLUMN)])
    assert wide_lines([code("x", [{"text": ["-" * (COLUMN + 1)]}])])
    assert not wide_lines([code("x = 1", [{"text": ["-" * COLUMN]}])])
    table = {"data": {"text/html": ["<table>"], "text/plain": ["-" * 200]}}
    assert not wide_lines([code("x", [table])])


def test_open_code_is_found():
    folded = {"tags": ["hide-input"], "mystnb": {"code_prompt_show": "Imports"}}
    assert open_code([code("import numpy as np")])
    assert open_code([code("import numpy as np", tags=["hide-input"])])
    assert open_code([code("ax.plot(x)", mystnb={"figure": {"name": "fig-x"}})])
    assert open_code([code('numbers("fig-x", x=x)')])
    assert not open_code([code("import numpy as np", **folded)])
    assert not open_code([code("atoms.coherence(pair, times, nbar)")])
