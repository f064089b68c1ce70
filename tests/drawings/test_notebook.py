"""A drawing as the last line of a cell is shown, whatever the notebook did before."""

import base64
import re
import struct
import sys
from types import SimpleNamespace

import nbformat
import pytest

from coherence_lib.drawings import pieces
from tools.notebooks import execute

CELLS = {
    "alone": "from coherence_lib import drawings",
    "after the imports of a chapter": (
        "import matplotlib.pyplot as plt\n"
        "from coherence_lib import drawings, figures\n"
        "figures.use_style()"
    ),
    "as SVG": (
        "from coherence_lib import drawings\n"
        "from matplotlib_inline.backend_inline import set_matplotlib_formats\n"
        "set_matplotlib_formats('svg')"
    ),
}


@pytest.mark.parametrize("first", CELLS)
def test_a_drawing_is_shown_once_and_whole(first, tmp_path):
    notebook = nbformat.v4.new_notebook()
    sources = (CELLS[first], "drawings.beam_and_qubit()")
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    path = tmp_path / "chapter.ipynb"
    nbformat.write(notebook, path)
    (output,) = execute(path).cells[-1].outputs
    assert output.data["text/plain"] == "<Figure size 680x310 with 1 Axes>"
    if first == "as SVG":
        # In points, with the margin of a tenth of an inch that a notebook adds.
        width = re.search(r'<svg[^>]* width="([\d.]+)pt"', output.data["image/svg+xml"])
        assert float(width[1]) == pytest.approx(72 * (6.8 + 0.2), abs=1)
    else:
        head = base64.b64decode(output.data["image/png"])[16:24]
        width, height = struct.unpack(">II", head)
        assert width / height == pytest.approx((6.8 + 0.2) / (3.1 + 0.2), abs=0.02)


@pytest.mark.parametrize("shell, calls", [(object(), 1), (None, 0)])
def test_a_shell_is_asked_to_show_figures_and_nobody_else(monkeypatch, shell, calls):
    asked = []
    # First: pyplot looks at IPython's version when it is imported.
    monkeypatch.setattr("matplotlib.pyplot.draw_if_interactive", lambda: asked.append(1))
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    pieces._let_notebooks_show()
    assert len(asked) == calls
