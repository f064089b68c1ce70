"""Every drawing can be read: nothing cut off, nothing on top of words, no colour of its own.

Each checker returns what is wrong; doctored drawings show that it finds it.
"""

import io
import itertools
import re
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.layout_engine import PlaceHolderLayoutEngine
from matplotlib.patches import Patch
from matplotlib.text import Text
from reader import change_everything

from coherence_lib import drawings
from coherence_lib.drawings import pieces
from coherence_lib.figures import style

PAGE, PHONE = 680, 340
NAMES = drawings.__all__
PALETTE = style()[1]["axes.prop_cycle"].by_key()["color"]


# --- checkers --------------------------------------------------------------------


def texts(figure):
    """Every text that is drawn, with its box in pixels."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    found = [t for t in figure.findobj(Text) if t.get_text() and t.get_visible()]
    # The labels of axes without ticks are there, and never drawn.
    found = [t for t in found if t.axes is None or t in t.axes.texts]
    return [(t, t.get_window_extent(renderer)) for t in found]


def strokes(figure):
    """Every stroke as (name, its points in pixels, close enough to miss no letter)."""
    FigureCanvasAgg(figure).draw()
    found = []
    axes = [*figure.axes, *(child for ax in figure.axes for child in ax.child_axes)]
    for ax in axes:
        for line in ax.lines:
            if line.get_linestyle() != "None":
                xs, ys = (np.ma.filled(v, np.nan) for v in line.get_data())
                path = line.get_transform().transform(np.column_stack([xs, ys]))
                found.append((line.get_gid() or "a line", [path]))
        for patch in ax.patches:
            if patch.get_linewidth() > 0 and patch.get_edgecolor()[3] > 0:
                path = patch.get_path().transformed(patch.get_transform())
                found.append((type(patch).__name__, path.to_polygons(closed_only=False)))
    return [(name, _dense(line)) for name, lines in found for line in lines if len(line) > 1]


def _dense(points):
    points = np.asarray(points, float)
    points = points[np.all(np.isfinite(points), axis=1)]
    ends = zip(points[:-1], points[1:], strict=True)
    parts = [np.linspace(a, b, 2 + int(np.hypot(*(b - a)))) for a, b in ends]
    return np.concatenate(parts) if parts else points


def cut_off(figure):
    """Texts that leave the figure."""
    width, height = figure.bbox.width, figure.bbox.height
    return [
        t.get_text()
        for t, box in texts(figure)
        if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height
    ]


def overlapping(figure):
    """Pairs of texts whose boxes meet."""
    return [
        (a.get_text(), b.get_text())
        for (a, one), (b, two) in itertools.combinations(texts(figure), 2)
        if one.overlaps(two)
    ]


def crossed(figure):
    """Texts with a stroke through them."""
    found, lines = [], strokes(figure)
    for t, box in texts(figure):
        for name, points in lines:
            x, y = points.T
            inside = (box.x0 + 1 < x) & (x < box.x1 - 1) & (box.y0 + 1 < y) & (y < box.y1 - 1)
            if inside.any():
                found.append((t.get_text(), name))
    return found


def smallest(figure, width):
    """Size of the smallest text in pixels, where a page shows the figure `width` pixels wide."""
    inches = figure.get_size_inches()[0]
    return min(t.get_size() / 72 for t, _ in texts(figure)) / inches * width


def svg(figure):
    with mpl.rc_context({"svg.hashsalt": "drawings"}):
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


def strange_colours(text):
    """Colours of an SVG, in whatever notation, that a dark page would not exchange."""
    body = text[text.index("</metadata>") :]
    found = set(
        re.findall(
            r"#[0-9a-fA-F]{3,8}\b(?![^<]*url)",
            re.sub(r"(xlink:)?href=\"#.*?\"|url\(#.*?\)", "", body),
        )
    )
    found |= set(re.findall(r"rgba?\(.*?\)", body))
    named = re.findall(r"(?:fill|stroke|color):\s*([a-z]+)", body)
    allowed = {colour.lower() for colour in PALETTE} | {"#000000"}
    return sorted({c for c in found if c.lower() not in allowed} | {*named} - {"none"})


# --- the drawings as they are ----------------------------------------------------


@pytest.fixture(scope="module", params=NAMES)
def figure(request):
    return getattr(drawings, request.param)()


def test_nothing_is_cut_off(figure):
    assert cut_off(figure) == []


def test_no_text_lies_on_another(figure):
    assert overlapping(figure) == []


def test_no_stroke_runs_through_a_text(figure):
    assert crossed(figure) == []


def test_words_are_large_enough_for_a_page_and_a_phone(figure):
    assert smallest(figure, PAGE) >= 9.5
    assert smallest(figure, PHONE) >= 8


def test_only_the_colours_of_the_style_sheet_are_used(figure):
    assert strange_colours(svg(figure)) == []


def test_all_of_it_is_vectors_on_a_background_that_one_sees_through(figure):
    assert "<image" not in svg(figure)
    assert figure.get_facecolor()[3] == 0
    assert all(ax.get_facecolor()[3] == 0 for ax in figure.findobj(mpl.axes.Axes))


def test_a_notebook_that_crops_keeps_the_scale(figure):
    renderer = FigureCanvasAgg(figure).get_renderer()
    assert figure.get_tightbbox(renderer).size == pytest.approx(figure.get_size_inches(), abs=0.02)


@pytest.mark.parametrize("name", NAMES)
def test_the_api_page_names_it(name):
    page = (Path(__file__).parents[2] / "book" / "api.rst").read_text(encoding="utf-8")
    assert f".. autofunction:: coherence_lib.drawings.{name}\n" in page


@pytest.mark.parametrize("name", NAMES)
def test_a_readers_settings_change_nothing(name):
    draw = getattr(drawings, name)
    with mpl.rc_context():
        mpl.rcdefaults()
        expected = svg(draw())
    with mpl.rc_context():
        assert len(change_everything()) > 100
        figure = draw()
        mpl.rcdefaults()
        assert svg(figure) == expected


def test_a_drawing_that_is_stored_twice_keeps_its_layout():
    # A notebook stores each figure as SVG and as PNG, under the layout of the style sheet.
    with mpl.rc_context({"figure.constrained_layout.use": True}):
        figure = drawings.two_ground_states()
        before = svg(figure)
        assert svg(figure) == before
        assert type(figure.get_layout_engine()) is PlaceHolderLayoutEngine


# --- the checkers find what is wrong ---------------------------------------------


@pytest.fixture
def sound():
    figure, ax = pieces.canvas(20)
    pieces.words(ax, 20, 10, "left")
    pieces.words(ax, 50, 10, "right")
    pieces.arrow(ax, (30, 10), (40, 10))
    return figure, ax


def test_a_sound_drawing_has_no_problem(sound):
    figure, _ = sound
    assert cut_off(figure) == overlapping(figure) == crossed(figure) == []
    assert strange_colours(svg(figure)) == []
    assert smallest(figure, PHONE) >= 8


def test_a_text_over_the_edge_is_found(sound):
    figure, ax = sound
    pieces.words(ax, 67, 15, "over the edge")
    assert cut_off(figure) == ["over the edge"]


def test_a_text_on_another_is_found(sound):
    figure, ax = sound
    pieces.words(ax, 52, 11, "on it")
    assert overlapping(figure) == [("right", "on it")]


@pytest.mark.parametrize("kind", ["line", "arrow", "circle", "curve"])
def test_a_stroke_through_a_text_is_found(sound, kind):
    figure, ax = sound
    if kind == "line":
        pieces.line(ax, [15, 25], [8, 12])
    elif kind == "arrow":
        pieces.arrow(ax, (10, 10), (30, 10), bend=0.02)
    elif kind == "circle":
        pieces.disc(ax, 20, 6, 4, pieces.BLUE)
    else:
        pieces.plot(ax, 10, 5, 20, 10).plot([0, 1], [0, 1], color=pieces.INK)
    assert crossed(figure)
    assert {text for text, _ in crossed(figure)} == {"left"}


def test_small_print_is_found(sound):
    figure, ax = sound
    pieces.words(ax, 20, 15, "small", size=6.5)
    assert smallest(figure, PAGE) < 9.5


@pytest.mark.parametrize("colour", ["white", "#123456", "0.5", (0.1, 0.2, 0.3)])
def test_a_strange_colour_is_found(sound, colour):
    figure, ax = sound
    pieces.words(ax, 20, 15, "strange", colour=colour)
    assert strange_colours(svg(figure))


def test_a_white_box_is_found(sound):
    figure, ax = sound
    ax.add_patch(mpl.patches.Rectangle((0, 0), 5, 5, color="white"))
    assert isinstance(ax.patches[-1], Patch)
    assert strange_colours(svg(figure))
