"""The drawing of an explorer: matplotlib draws the axes once, and the curves are put into it."""

from __future__ import annotations

import html
import io
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from coherence_lib import figures
from coherence_lib._types import Floats
from coherence_lib.figures import reading

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.transforms import Transform

    from coherence_lib.explore.definition import Explorer, Panel

# Curves that leave the frame by more than its height are cut there; the frame clips them anyway.
_OUTSIDE = 1.0
_STYLES = ("-", "--", "-.", ":")

# Left, top, width and height.
Box: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True)
class Place:
    """Where one curve is drawn.

    Attributes
    ----------
    id : str
        Of its element in the drawing.
    dots : bool
        Whether its points are dots.
    """

    id: str
    dots: bool
    transform: Transform = field(repr=False)
    height: float = field(repr=False)
    logarithmic: bool = field(repr=False)

    def points(self, x: Floats, y: Floats) -> Floats:
        """Points (..., 2) in units of the drawing, downwards; NaN for a gap."""
        # Nothing is drawn where a logarithmic axis has no place for it.
        known = ~np.isnan(y) & ((y > 0) | (not self.logarithmic))
        inside = y[known][0] if np.any(known) else 1.0
        points = self.transform.transform(np.column_stack([x, np.where(known, y, inside)]))
        return np.column_stack([points[:, 0], np.where(known, self.height - points[:, 1], np.nan)])

    def tenths(self, x: Floats, y: Floats) -> tuple[list[int], list[int | None]]:
        """Points as whole tenths of a unit, cut far outside; None for a gap."""
        columns, rows = self.points(x, y).T
        limit = (1 + _OUTSIDE) * self.height
        known, rows = ~np.isnan(rows), np.clip(rows, -limit, limit)
        whole = [round(10 * row) if ok else None for row, ok in zip(rows, known, strict=True)]
        return [round(10 * column) for column in columns], whole

    def path(self, x: Floats, y: Floats) -> str:
        """SVG path of whole tenths; the script of the page builds the same text."""
        text, pen = "", "M"
        for column, row in zip(*self.tenths(x, y), strict=True):
            if row is None:
                pen = "M"
                continue
            text += f"{pen}{_tenth(column)} {_tenth(row)}" + ("h0" if self.dots else "")
            pen = "M" if self.dots else "L"
        return text


def _tenth(value: int) -> str:
    return f"{value / 10:.10g}"


@dataclass(frozen=True)
class Drawing:
    """SVG text around the curves' paths, in the `order` of the text, and the curves' places.

    `drawn` is all that the figure shows at the start, and `boxes` are the frames of the curves'
    axes in it: left, top, width and height in units of the drawing.
    """

    pieces: tuple[str, ...]
    order: tuple[str, ...]
    places: dict[str, Place]
    drawn: reading.Drawn
    boxes: dict[str, Box]

    def svg(self, paths: Mapping[str, str]) -> str:
        """The text with a path for each label."""
        text = self.pieces[0]
        for label, piece in zip(self.order, self.pieces[1:], strict=True):
            text += paths[label] + piece
        return text


def draw(explorer: Explorer) -> Drawing:
    """The drawing of an explorer's panels."""
    import matplotlib
    from cycler import cycler
    from matplotlib import style

    svg = {"path.simplify": False, "svg.hashsalt": explorer.name, "svg.fonttype": "path"}
    # From matplotlib's defaults: a reader's settings (`savefig.bbox: tight`, say) would move
    # the axes away from where the curves are put.
    with style.context(figures.style(**svg, **{"figure.dpi": 72, "savefig.dpi": 72})):
        colours = matplotlib.rcParams["axes.prop_cycle"].by_key()["color"]
        # What stands still beside the curves has the line style that its author says.
        with matplotlib.rc_context({"axes.prop_cycle": cycler(color=colours)}):
            return _draw(explorer)


def _draw(explorer: Explorer) -> Drawing:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = explorer.panels
    # One below the other: side by side their text would be too small on a phone.
    height = 3.3 if len(panels) == 1 else 2.7 * len(panels)
    # Without pyplot, which would ask the reader's backend for a window.
    fig = Figure(figsize=(4.8, height))
    FigureCanvasAgg(fig)
    axes = fig.subplots(len(panels), 1, squeeze=False)
    return _drawn_in(fig, axes[:, 0].tolist(), explorer, _named(panels, explorer.x))


def _drawn_in(fig: Figure, axes: Sequence[Axes], explorer: Explorer, named: set[str]) -> Drawing:
    panels, first = explorer.panels, explorer.x
    owner, dots, lines = {}, {}, {}
    for number, (panel, ax) in enumerate(zip(panels, axes, strict=True)):
        ax.patch.set_gid(f"frame-{number}")
        mine = [k for k in first if k in (panel.curves or ()) or not (panel.curves or k in named)]
        ax.set(
            xlabel=panel.xlabel,
            ylabel=panel.ylabel,
            xscale=panel.xscale,
            yscale=panel.yscale,
            xlim=panel.xlim,
            ylim=panel.ylim,
        )
        if panel.decorate is not None:
            panel.decorate(ax)
        for label, style in zip(mine, itertools.cycle(_STYLES), strict=False):
            owner[label], dots[label] = ax, label in panel.dots
            # Two points: a path for matplotlib to write, which ours replaces.
            (line,) = ax.plot(panel.xlim, panel.ylim, label=label, **_look(dots[label], style))
            line.set_gid(f"curve-{list(first).index(label)}")
            lines[label] = line
        if panel.legend is not None:
            ax.legend(handles=_handles(ax, mine, dots), loc=panel.legend)
        for label in panel.dots:
            if label not in mine:
                raise ValueError(f"`dots` must name curves of their panel, but got {label!r}.")
    missing = [label for label in first if label not in owner]
    if missing:
        raise ValueError(f"`panels` must name every curve, but got none for {missing[0]!r}.")
    for label, ax in owner.items():
        if ax.get_xscale() == "log" and np.any(first[label] <= 0):
            raise ValueError(
                "`compute` must return x > 0 for a logarithmic axis, but got "
                f"{float(first[label].min())!r} for {label!r}."
            )
    # The layout is found once; after that no curve may move the axes.
    fig.canvas.draw()
    fig.set_layout_engine("none")
    buffer = io.StringIO()
    fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    height = fig.get_figheight() * 72
    ids = {label: f"explore-{explorer.name}-curve-{k}" for k, label in enumerate(first)}
    places = {
        label: Place(
            ids[label],
            dots[label],
            # Matplotlib's hints call any frozen transform a node.
            ax.transData.frozen(),  # type: ignore[arg-type]
            height,
            ax.get_yscale() == "log",
        )
        for label, ax in owner.items()
    }
    text = buffer.getvalue()
    frames = {ax: _box(text, f"frame-{number}") for number, ax in enumerate(axes)}
    for label, y in explorer.frame().items():
        lines[label].set_data(first[label], y)
    return Drawing(
        *_split(text, explorer, places),
        places,
        reading.read(fig),
        {label: frames[ax] for label, ax in owner.items()},
    )


def _box(text: str, gid: str) -> Box:
    """Left, top, width and height of a frame in the SVG text."""
    (path,) = re.findall(rf'<g id="{gid}">\s*<path d="([^"]*)"', text)
    x, y = np.array(re.findall(r"-?[\d.]+", path), float).reshape(-1, 2).T
    return x.min(), y.min(), np.ptp(x), np.ptp(y)


def _named(panels: Sequence[Panel], first: Mapping[str, Floats]) -> set[str]:
    """Labels that the panels name, each once and each of a curve."""
    names = [label for panel in panels for label in panel.curves or ()]
    for label in [*names, *(label for panel in panels for label in panel.dots)]:
        if label not in first:
            raise ValueError(f"`panels` must name curves of `compute`, but got {label!r}.")
    for label in names:
        if names.count(label) > 1:
            raise ValueError(f"`panels` must name each curve once, but got {label!r} twice.")
    return set(names)


def _look(dots: bool, style: str) -> dict[str, Any]:
    # A dot is a line of no length with round ends.
    if dots:
        return {"lw": 8, "solid_capstyle": "round", "ls": "-", "zorder": 5}
    return {"ls": style}


def _handles(ax: Axes, labels: Sequence[str], dots: Mapping[str, bool]) -> list[Line2D]:
    """What the legend shows: a dot for dots."""
    from matplotlib.lines import Line2D

    lines = {line.get_label(): line for line in ax.get_lines()}
    return [
        Line2D([], [], label=label, c=lines[label].get_color(), ls="none", marker="o")
        if dots[label]
        else lines[label]
        for label in labels
    ]


def _split(
    text: str, explorer: Explorer, places: Mapping[str, Place]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The SVG without what would leak into a page, split at the curves' paths, and their order."""
    text = text[text.index("<svg") :]
    # A style sheet in an inline SVG holds for the whole page: the root's attributes do here.
    text = re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    spoken = f'role="img" aria-label="{html.escape(explorer.alt)}"'
    text = text.replace("<svg ", f'<svg {spoken} stroke-linejoin="round" stroke-linecap="butt" ', 1)
    prefix = f"explore-{explorer.name}-"
    text = re.sub(r'\bid="', f'id="{prefix}', text)
    text = re.sub(r'href="#', f'href="#{prefix}', text)
    text = text.replace("url(#", f"url(#{prefix}")
    begins = {label: text.index(f'<g id="{place.id}">') for label, place in places.items()}
    order = tuple(sorted(begins, key=begins.__getitem__))
    pieces, rest = [], 0
    for label in order:
        begin = text.index(' d="', begins[label]) + len(' d="')
        pieces.append(text[rest:begin])
        rest = text.index('"', begin)
    return (*pieces, text[rest:]), order
