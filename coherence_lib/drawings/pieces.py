"""The pieces that all drawings are made of: one visual language.

A drawing has one unit of length: a tenth of an inch, ten pixels where a page shows it 680 pixels
wide. Blue are atoms and sources, vermilion is heat, green coherence, pink the qubit or target that
takes it; what nothing acts on is grey. Only the colours of the style sheet and black are used, and
greys are black that one sees through: a dark page can exchange colour by colour.
"""

import functools
import sys

import matplotlib
import matplotlib.style
import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import PlaceHolderLayoutEngine
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Polygon, Rectangle

from coherence_lib.figures import style

INK = "#000000"
BLUE, VERMILION, GREEN, PINK = style()[1]["axes.prop_cycle"].by_key()["color"][:4]

WIDTH = 68.0
WORDS, SMALL = 13.5, 12.0
THIN, LINE, THICK = 0.9, 1.6, 2.6
FAINT, SOFT, TINT = 0.3, 0.65, 0.13


def canvas(height, width=WIDTH):
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


def styled(draw):
    """A drawing that looks the same whatever a reader's `matplotlibrc` says."""

    @functools.wraps(draw)
    def drawn():
        _let_notebooks_show()
        with matplotlib.rc_context(), matplotlib.style.context(style()):
            return draw()

    return drawn


def _let_notebooks_show():
    """Load pyplot's backend in IPython, which shows figures only from then on."""
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None:
        import matplotlib.pyplot as plt

        plt.draw_if_interactive()


# --- strokes and words -----------------------------------------------------------


def words(ax, x, y, text, size=WORDS, ha="center", va="center", alpha=1.0, colour=INK):
    """Text; its formulas are set in the type of the page's formulas."""
    return ax.text(
        x, y, text, size=size, ha=ha, va=va, alpha=alpha, color=colour,
        family="DejaVu Sans", math_fontfamily="cm", linespacing=1.35,
    )  # fmt: skip


def line(ax, xs, ys, colour=INK, width=LINE, alpha=1.0, dashes="-", gid=None):
    """A plain stroke through points."""
    (drawn,) = ax.plot(
        xs, ys, color=colour, lw=width, alpha=alpha, ls=dashes, marker="", gid=gid,
        solid_capstyle="round", dash_capstyle="butt",
    )  # fmt: skip
    return drawn


def arrow(ax, start, end, colour=INK, width=LINE, alpha=1.0, head=11, both=False, bend=0, gid=None):
    """An arrow from point to point; `bend` is the height of its arc in parts of its length."""
    patch = FancyArrowPatch(
        start, end, arrowstyle="<|-|>" if both else "-|>", mutation_scale=head, shrinkA=0,
        shrinkB=0, lw=width, facecolor=colour, edgecolor=colour, alpha=alpha, gid=gid,
        connectionstyle=f"arc3,rad={bend}", joinstyle="miter", capstyle="butt",
    )  # fmt: skip
    return ax.add_patch(patch)


def arc(ax, centre, radius, start, end, colour=INK, width=THIN, alpha=1.0, dashes="-", gid=None):
    """Part of a circle, angles in degrees from the right, counter-clockwise."""
    angle = np.radians(np.linspace(start, end, 61))
    xs, ys = centre[0] + radius * np.cos(angle), centre[1] + radius * np.sin(angle)
    return line(ax, xs, ys, colour, width, alpha, dashes, gid)


def wave(ax, start, end, waves=3, height=0.75):
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


def disc(ax, x, y, radius, colour, fill=TINT, alpha=1.0):
    """A circle, filled with a tint of its line's colour."""
    ax.add_patch(Circle((x, y), radius, facecolor=colour, alpha=fill, lw=0))
    return ax.add_patch(
        Circle((x, y), radius, facecolor="none", edgecolor=colour, lw=LINE, alpha=alpha)
    )


def atom(ax, x, y, excited=None, radius=1.7, alpha=1.0):
    """An atom: full when it is excited, hollow in its ground state, tinted when in neither."""
    fill = TINT if excited is None else 0.85 * excited
    return disc(ax, x, y, radius, BLUE, fill * alpha, alpha)


def region(ax, x, y, width, height, colour, fill=TINT, corner=3.0):
    """A soft region around (x, y): a bath, or what belongs together."""
    place = (x - width / 2, y - height / 2)
    shape = f"round,pad=0,rounding_size={corner}"
    ax.add_patch(FancyBboxPatch(place, width, height, boxstyle=shape, fc=colour, alpha=fill, lw=0))


def pair(ax, x, y, coherence=1.0, alpha=1.0, gap=4.6):
    """Two atoms side by side; the green between them is their coherence."""
    region(ax, x, y, gap + 5.4, 5.4, GREEN, 0.32 * coherence, corner=2.7)
    line(ax, [x - gap / 2 + 1.7, x + gap / 2 - 1.7], [y, y], GREEN, THICK, coherence)
    for side in (-1, 1):
        atom(ax, x + side * gap / 2, y, alpha=alpha)


def level(ax, x, y, width, colour=INK, stroke=THICK, alpha=1.0, dashes="-", gid=None):
    """A level of energy, its middle at (x, y)."""
    return line(ax, [x - width / 2, x + width / 2], [y, y], colour, stroke, alpha, dashes, gid)


def qubit(ax, x, y, radius):
    """A two-level system with its two levels; returns their heights."""
    disc(ax, x, y, radius, PINK)
    low, high = y - 0.45 * radius, y + 0.45 * radius
    for height in (low, high):
        level(ax, x, height, 1.1 * radius)
    return low, high


def spin(ax, x, y, up, length, gid=None):
    """A source: an arrow up, blue, or down, vermilion."""
    step = length / 2 if up else -length / 2
    colour = BLUE if up else VERMILION
    return arrow(ax, (x, y - step), (x, y + step), colour, THICK * 0.85, head=12, gid=gid)


def ring(ax, x, y, spins, radius=8.0, length=4.4, gid="source"):
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
            place = radius * np.array([np.cos(np.radians(middle)), np.sin(np.radians(middle))])
            ax.add_patch(
                Circle((x, y) + place, 0.55, facecolor=INK, edgecolor="none", gid=f"{gid} wall")
            )


def needle(ax, x, y, vector, radius, gid=None):
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


def plot(ax, x, y, width, height):
    """A small system of axes for computed curves: two lines, no ticks."""
    inner = ax.inset_axes((x, y, width, height), transform=ax.transData)
    inner.set_facecolor("none")
    inner.grid(False)
    inner.tick_params(which="both", bottom=False, left=False, labelbottom=False, labelleft=False)
    for name, spine in inner.spines.items():
        spine.set(visible=name in ("left", "bottom"), color=INK, linewidth=THIN)
    return inner


def square(ax, x, y, side, colour, fill, gid=None):
    """A filled square with its lower left corner at (x, y)."""
    return ax.add_patch(Rectangle((x, y), side, side, facecolor=colour, alpha=fill, lw=0, gid=gid))
