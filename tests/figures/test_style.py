"""The style sheet, and which figure's numbers are those of a notebook."""

import sys
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.figure
import matplotlib.pyplot as plt
import matplotlib.style
import nbformat
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from reader import change_everything

from coherence_lib.figures import Reference, reading, sheet, style, use_style
from coherence_lib.figures.reference import WRITE_VARIABLE
from tools.notebooks import execute

# Cells of one kernel, and what the numbers after them say.
DRAW = "fig, ax = plt.subplots()\n(line,) = ax.plot([0, 1], [0, {}], label='rise')\n"
SHOW = DRAW + "plt.show()"
NONE_SHOWN = "ValueError: `figure` must be given where none was shown, but got none: show it"
CASES = {
    "shown before the style is used": (SHOW.format(1), NONE_SHOWN),
    "closed before it is shown": (
        f"figures.use_style()\n{DRAW.format(1)}plt.close(fig)\nplt.show()",
        NONE_SHOWN,
    ),
    "drawn and not yet shown": (DRAW.format(1) + "numbers('fig-a')", "2 points of 1 curve agree"),
    "shown": (SHOW.format(1), "2 points of 1 curve agree with the reference"),
    "another one": (SHOW.format(2), "fig-a: DIFFERS"),
    "changed after it was shown": (
        SHOW.format(1) + "\nline.set_ydata([0, 2])",
        "2 points of 1 curve agree with the reference",
    ),
    "changed before it was shown": (
        DRAW.format(1) + "line.set_ydata([0, 2])\nplt.show()",
        "fig-a: DIFFERS",
    ),
    "the last of two": (f"{SHOW.format(2)}\n{SHOW.format(1)}", "2 points of 1 curve agree"),
    "the last expression of a cell": (
        DRAW.format(1) + "plt.close()\nfig",
        "2 points of 1 curve agree with the reference",
    ),
    "with an artist that is not known": (
        DRAW.format(1) + "ax.table([['1']])\nplt.show()",
        "ValueError: `figure` must draw lines, markers, areas, bars, images, text and legends, "
        "but got a Table.",
    ),
    "without data": ("fig, ax = plt.subplots()\nplt.show()", "ValueError: `figure` must draw data"),
    "after the style is used again": ("figures.use_style()", NONE_SHOWN),
}
NOT_SHOWN = ("closed before it is shown", "after the style is used again")


def text_of(cell):
    """All that a cell shows as text, its error included."""
    return "\n".join(
        f"{output.ename}: {output.evalue}"
        if output.output_type == "error"
        else output.get("data", {}).get("text/plain", output.get("text", ""))
        for output in cell.outputs
    )


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """{case: (its cell, what its numbers say)}, from one kernel."""
    path = tmp_path_factory.mktemp("shown") / "chapter.ipynb"
    with mpl.style.context(style()), pytest.MonkeyPatch.context() as patch:
        drawn = mpl.figure.Figure()
        drawn.subplots().plot([0, 1], [0, 1], label="rise")
        patch.setenv(WRITE_VARIABLE, "1")
        Reference(path.with_suffix(".json"))("fig-a", drawn)
    first = "import matplotlib.pyplot as plt\nfrom coherence_lib import figures\n"
    sources = [first + "numbers = figures.Reference('chapter.json')"]
    for source, _ in CASES.values():
        sources += [source, "numbers('fig-a')"]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    for cell in cells[2::2]:
        cell.metadata["tags"] = ["raises-exception"]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    run = execute(path).cells[1:]
    return dict(zip(CASES, zip(run[::2], map(text_of, run[1::2]), strict=True), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_the_numbers_are_those_of_the_figure_just_shown(said, case):
    cell, text = said[case]
    assert CASES[case][1] in text
    pictures = [output for output in cell.outputs if "image/png" in output.get("data", {})]
    assert bool(pictures) is (case not in NOT_SHOWN)
    assert "Error" not in text_of(cell)


# --- the style sheet -----------------------------------------------------------------------------


def test_the_style_sheet_is_found_and_used():
    with mpl.rc_context():
        mpl.rcdefaults()
        before = dict(mpl.rcParams)
        use_style()
        assert dict(mpl.rcParams) != before


# Windows, servers and folders of programs that show a figure; none changes what is drawn.
NOT_DRAWN = {
    "backend",
    "backend_fallback",
    "docstring.hardcopy",
    "figure.raise_window",
    "interactive",
    "savefig.directory",
    "tk.window_focus",
    "toolbar",
    *(f"webagg.{name}" for name in ("address", "open_in_browser", "port", "port_retries")),
}


def _left_over(style):
    """The parameters by which a reader's settings still differ from the defaults' own."""
    with mpl.rc_context():
        mpl.rcdefaults()
        style()
        expected = dict(mpl.rcParams)
        change_everything()
        style()
        return {name for name, value in mpl.rcParams.items() if value != expected[name]}


def test_figures_start_from_the_defaults_and_not_from_the_reader():
    with mpl.rc_context():
        mpl.rcdefaults()
        # Every number and every switch; what remains is text or colours.
        assert len(change_everything() - NOT_DRAWN) > 140
    assert _left_over(use_style) <= NOT_DRAWN


def test_a_style_on_top_of_the_readers_is_seen():
    def sheet_alone():
        mpl.style.use(style()[1])

    assert {"savefig.bbox", "text.usetex", "axes.xmargin"} <= _left_over(sheet_alone)


def test_every_colour_comes_with_a_line_style_of_its_own():
    with mpl.style.context(style()):
        cycle = mpl.rcParams["axes.prop_cycle"].by_key()
        lines = mpl.figure.Figure().subplots().plot(np.eye(len(cycle["color"])))
    for look in ("color", "linestyle"):
        assert len({str(value) for value in cycle[look]}) == len(cycle[look]) == 7
    patterns = {(str(line.get_color()), str(line._dash_pattern)) for line in lines}
    assert len(patterns) == len(lines)


# --- in this process, with a shell that stands for a notebook's ----------------------------------


@pytest.fixture
def shell(monkeypatch):
    """A shell with the formatters of IPython, whose pictures are words."""
    formatter = DisplayFormatter()
    svg = formatter.formatters["image/svg+xml"]

    def set_formats(*names, metadata):
        assert names == ("svg", "png")
        assert metadata == {"Date": None, "Creator": None}
        svg.for_type(matplotlib.figure.Figure, lambda figure: "a picture")

    monkeypatch.setattr("matplotlib_inline.backend_inline.set_matplotlib_formats", set_formats)
    monkeypatch.setattr(sheet, "_ipython", lambda: SimpleNamespace(display_formatter=formatter))
    with mpl.rc_context():
        yield svg


def drawn(y):
    figure = matplotlib.figure.Figure()
    (line,) = figure.subplots().plot([0, 1], y, label="rise")
    return figure, line


def told(shown):
    """What was read, to be compared."""
    return {name: row.values.tolist() for name, row in shown.rows.items()}, shown.words


def test_a_figure_is_read_when_it_is_shown(shell):
    assert sheet._shower() is None
    use_style()
    figure, line = drawn([0, 1])
    assert shell(figure) == "a picture"
    line.set_ydata([0, 2])
    shown = told(sheet.just_shown())
    assert shown == told(reading.read(drawn([0, 1])[0]))
    assert shown != told(reading.read(figure))


def test_who_asks_for_the_numbers_of_a_figure_without_is_told(shell):
    use_style()
    figure, _ = drawn([np.nan, np.nan])
    assert shell(figure) == "a picture"
    with pytest.raises(ValueError, match=r"^`figure` must draw points, but got only gaps"):
        sheet.just_shown()


def test_where_nothing_was_shown_the_current_figure_is_meant(shell):
    use_style()
    plt.close("all")
    with pytest.raises(ValueError, match="^`figure` must be given where none was shown"):
        sheet.just_shown()
    plt.plot([0, 1], [0, 1], label="rise")
    try:
        assert told(sheet.just_shown()) == told(reading.read(plt.gcf()))
    finally:
        plt.close("all")


def test_a_kernel_s_module_alone_is_no_notebook(monkeypatch):
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    assert sheet._ipython() is None
    assert sheet._shower() is None
    monkeypatch.setitem(sys.modules, "ipykernel", SimpleNamespace())
    assert sheet._ipython() is None
