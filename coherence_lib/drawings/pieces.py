"""The pieces that all drawings are made of: one visual language.

A drawing has one unit of length: a tenth of an inch, ten pixels where a page shows it 680 pixels
wide. Blue are atoms and sources, vermilion is heat, green coherence, pink the qubit or target that
takes it; what nothing acts on is grey. Only the colours of the style sheet and black are used, and
greys are black that one sees through: a dark page can exchange colour by colour.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

import matplotlib
import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import PlaceHolderLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Polygon, Rectangle
from matplotlib.text import Text

from coherence_lib._types import Floats
from coherence_lib.figures import style

INK = "#000000"
BLUE, VERMILION, GREEN, PINK = style()[1]["axes.prop_cycle"].by_key()["color"][:4]

WIDTH = 68.0
WORDS, SMALL = 13.5, 12.0
THIN, LINE, THICK = 0.9, 1.6, 2.6
FAINT, SOFT, TINT = 0.3, 0.65, 0.13

Point: TypeAlias = tuple[float, float] | Floats
Points: TypeAlias = Sequence[float] | Floats
# A line style of matplotlib, by its name or by its dashes.
Dashes: TypeAlias = str | tuple[int, tuple[float, ...]]
Across: TypeAlias = Literal["left", "center", "right"]
Down: TypeAlias = Literal["bottom", "center", "top"]


def canvas(height: float, width: float = WIDTH) -> tuple[Figure, Axes]:
    """A see-through figure and its one system of coordinates, in tenths of an inch."""
    # An engine that does nothing. Without one, whoever saves the figure restores `None`, which
    # stands for the reader's own setting, and the next picture of it would be laid out anew.
    still = PlaceHolderLayoutEngine(adjust_compatible=True, colorbar_gridspec=True)
    size = (width / 10, height / 10)
    figure = Figure(figsize=size, dpi=100, facecolor="none", layout=still)
    ax = figure.add_axes((0, 0, 1, 1), facecolor="none")
    ax.set(xlim=(0, width), ylim=(0, height))
    ax.axis("off")
    # Notebooks crop a figure to what is drawn: this holds its margins, and so its scale.
    ax.add_patch(Rectangle((0, 0), width, height, facecolor="none", edgecolor="none"))
    return figure, ax


def styled(draw: Callable[[], Figure]) -> Callable[[], Figure]:
    """A drawing that looks the same whatever a reader's `matplotlibrc` says."""

    @functools.wraps(draw)
    def drawn() -> Figure:
        _let_notebooks_show()
        with matplotlib.rc_context(), matplotlib.style.context(style()):
            return draw()

    return drawn


def _let_notebooks_show() -> None:
    """Load pyplot's backend in IPython, which shows figures only from then on."""
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None:
        import matplotlib.pyplot as plt

        plt.draw_if_interactive()


# --- strokes and words -----------------------------------------------------------


def words(
    ax: Axes,
    x: float,
    y: float,
    text: str,
    size: float = WORDS,
    ha: Across = "center",
    va: Down = "center",
    alpha: float = 1.0,
    colour: str = INK,
) -> Text:
    """Text; its formulas are set in the type of the page's formulas."""
    return ax.text(
        x, y, text, size=size, ha=ha, va=va, alpha=alpha, color=colour,
        family="DejaVu Sans", math_fontfamily="cm", linespacing=1.35,
    )  # fmt: skip


def line(
    ax: Axes,
    xs: Points,
    ys: Points,
    colour: str = INK,
    width: float = LINE,
    alpha: float = 1.0,
    dashes: Dashes = "-",
    gid: str | None = None,
) -> Line2D:
    """A plain stroke through points."""
    (drawn,) = ax.plot(
        xs, ys, color=colour, lw=width, alpha=alpha, ls=dashes, marker="", gid=gid,
        solid_capstyle="round", dash_capstyle="butt",
    )  # fmt: skip
    return drawn


def arrow(
    ax: Axes,
    start: Point,
    end: Point,
    colour: str = INK,
    width: float = LINE,
    alpha: float = 1.0,
    head: float = 11,
    both: bool = False,
    bend: float = 0,
    gid: str | None = None,
) -> FancyArrowPatch:
    """An arrow from point to point; `bend` is the height of its arc in parts of its length."""
    patch = FancyArrowPatch(
        (start[0], start[1]), (end[0], end[1]),
        arrowstyle="<|-|>" if both else "-|>", mutation_scale=head, shrinkA=0,
        shrinkB=0, lw=width, facecolor=colour, edgecolor=colour, alpha=alpha, gid=gid,
        connectionstyle=f"arc3,rad={bend}", joinstyle="miter", capstyle="butt",
    )  # fmt: skip
    ax.add_patch(patch)
    return patch


def arc(
    ax: Axes,
    centre: Point,
    radius: float,
    start: float,
    end: float,
    colour: str = INK,
    width: float = THIN,
    alpha: float = 1.0,
    dashes: Dashes = "-",
    gid: str | None = None,
) -> Line2D:
    """Part of a circle, angles in degrees from the right, counter-clockwise."""
    angle = np.radians(np.linspace(start, end, 61))
    xs, ys = centre[0] + radius * np.cos(angle), centre[1] + radius * np.sin(angle)
    return line(ax, xs, ys, colour, width, alpha, dashes, gid)


def wave(ax: Axes, start: Point, end: Point, waves: int = 3, height: float = 0.75) -> None:
    """A photon: a wave train that ends in an arrow."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    along = end - start
    length = np.hypot(*along)
    along /= length
    across = np.array([-along[1], along[0]])
    head = 2.0
    s = np.linspace(0, length - head, 40 * waves)
    swing = height * np.sin(2 * np.pi * waves * s / s[-1])
    xs, ys = (start[:, None] + along[:, None] * s + across[:, None] * swing).tolist()
    line(ax, xs, ys, VERMILION)
    arrow(ax, end - 2.2 * along, end, VERMILION, head=9)


# --- things ----------------------------------------------------------------------


def disc(
    ax: Axes, x: float, y: float, radius: float, colour: str, fill: float = TINT, alpha: float = 1.0
) -> Circle:
    """A circle, filled with a tint of its line's colour."""
    ax.add_patch(Circle((x, y), radius, facecolor=colour, alpha=fill, lw=0))
    edge = Circle((x, y), radius, facecolor="none", edgecolor=colour, lw=LINE, alpha=alpha)
    ax.add_patch(edge)
    return edge


def atom(
    ax: Axes,
    x: float,
    y: float,
    excited: float | None = None,
    radius: float = 1.7,
    alpha: float = 1.0,
) -> Circle:
    """An atom: full when it is excited, hollow in its ground state, tinted when in neither."""
    fill = TINT if excited is None else 0.85 * excited
    return disc(ax, x, y, radius, BLUE, fill * alpha, alpha)


def region(
    ax: Axes,
    x: float,
    y: float,
    width: float,
    height: float,
    colour: str,
    fill: float = TINT,
    corner: float = 3.0,
) -> None:
    """A soft region around (x, y): a bath, or what belongs together."""
    place = (x - width / 2, y - height / 2)
    shape = f"round,pad=0,rounding_size={corner}"
    ax.add_patch(FancyBboxPatch(place, width, height, boxstyle=shape, fc=colour, alpha=fill, lw=0))


def pair(
    ax: Axes, x: float, y: float, coherence: float = 1.0, alpha: float = 1.0, gap: float = 4.6
) -> None:
    """Two atoms side by side; the green between them is their coherence."""
    region(ax, x, y, gap + 5.4, 5.4, GREEN, 0.32 * coherence, corner=2.7)
    line(ax, [x - gap / 2 + 1.7, x + gap / 2 - 1.7], [y, y], GREEN, THICK, coherence)
    for side in (-1, 1):
        atom(ax, x + side * gap / 2, y, alpha=alpha)


def level(
    ax: Axes,
    x: float,
    y: float,
    width: float,
    colour: str = INK,
    stroke: float = THICK,
    alpha: float = 1.0,
    dashes: Dashes = "-",
    gid: str | None = None,
) -> Line2D:
    """A level of energy, its middle at (x, y)."""
    return line(ax, [x - width / 2, x + width / 2], [y, y], colour, stroke, alpha, dashes, gid)


def qubit(ax: Axes, x: float, y: float, radius: float) -> tuple[float, float]:
    """A two-level system with its two levels; returns their heights."""
    disc(ax, x, y, radius, PINK)
    low, high = y - 0.45 * radius, y + 0.45 * radius
    for height in (low, high):
        level(ax, x, height, 1.1 * radius)
    return low, high


def spin(
    ax: Axes, x: float, y: float, up: bool, length: float, gid: str | None = None
) -> FancyArrowPatch:
    """A source: an arrow up, blue, or down, vermilion."""
    step = length / 2 if up else -length / 2
    colour = BLUE if up else VERMILION
    return arrow(ax, (x, y - step), (x, y + step), colour, THICK * 0.85, head=12, gid=gid)


def ring(
    ax: Axes,
    x: float,
    y: float,
    spins: Sequence[bool],
    radius: float = 8.0,
    length: float = 4.4,
    gid: str = "source",
) -> None:
    """Sources on a ring, the first on top, clockwise; dots on bonds whose two ends differ."""
    n = len(spins)
    angle = np.pi / 2 - 2 * np.pi * np.arange(n) / n
    gap = np.degrees(np.pi / n) * 0.42
    for k, up in enumerate(spins):
        place = (x + radius * np.cos(angle[k]), y + radius * np.sin(angle[k]))
        spin(ax, *place, up, length, gid=f"{gid} {k}")
        middle = np.degrees(angle[k]) - 180 / n
        arc(ax, (x, y), radius, middle - gap, middle + gap, INK, THIN, SOFT)
        if up != spins[(k + 1) % n]:
            place = (
                x + radius * np.cos(np.radians(middle)),
                y + radius * np.sin(np.radians(middle)),
            )
            ax.add_patch(Circle(place, 0.55, facecolor=INK, edgecolor="none", gid=f"{gid} wall"))


def needle(
    ax: Axes, x: float, y: float, vector: Point, radius: float, gid: str | None = None
) -> None:
    """A compass needle whose tip is at the Bloch vector's (x, z), `radius` for a length of one."""
    tip = radius * np.asarray(vector, float)
    length = np.hypot(*tip)
    if length < 0.9:
        ax.add_patch(Circle((x, y), 0.8, facecolor=PINK, lw=0, gid=gid))
        return
    across = np.array([-tip[1], tip[0]]) / length * min(1.1, 0.17 * length)
    for end, fill in ((-0.7 * tip, FAINT), (tip, 1.0)):
        half = np.array([end, across, -across]) + (x, y)
        ax.add_patch(Polygon(half, facecolor=PINK, alpha=fill, lw=0, gid=gid))


def plot(ax: Axes, x: float, y: float, width: float, height: float) -> Axes:
    """A small system of axes for computed curves: two lines, no ticks."""
    inner = ax.inset_axes((x, y, width, height), transform=ax.transData)
    inner.set_facecolor("none")
    inner.grid(False)
    inner.tick_params(which="both", bottom=False, left=False, labelbottom=False, labelleft=False)
    for name, spine in inner.spines.items():
        spine.set(visible=name in ("left", "bottom"), color=INK, linewidth=THIN)
    return inner


def square(
    ax: Axes, x: float, y: float, side: float, colour: str, fill: float, gid: str | None = None
) -> Rectangle:
    """A filled square with its lower left corner at (x, y)."""
    drawn = Rectangle((x, y), side, side, facecolor=colour, alpha=fill, lw=0, gid=gid)
    ax.add_patch(drawn)
    return drawn
