"""One slider definition: live in Jupyter, alive on a static page.

An `Explorer` is a function `compute(**values) -> x, {label: y}` and a grid of values for each
slider. In Jupyter its sliders are ipywidgets that compute at any value. On a page there is no
kernel: the curves of every grid value are stored, in tenths of an SVG unit, and a short
script moves them. matplotlib draws the axes once, and both faces draw the same paths in it.
"""

import base64
import html
import io
import itertools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources

import numpy as np

from coherence_lib import _checks, figures

__all__ = ["Explorer", "Panel"]

# A page may weigh a megabyte, and has more on it than its slider.
BUDGET = 600_000
_MOST_ON_A_PAGE = 2
_NAME = r"[a-z0-9]+(-[a-z0-9]+)*"
# Curves that leave the frame by more than its height are cut there; the frame clips them anyway.
_OUTSIDE = 1.0


@dataclass(frozen=True)
class Panel:
    """One pair of axes of an explorer.

    Parameters
    ----------
    xlabel, ylabel : str
        Labels of the axes, with units.
    xlim, ylim : (float, float)
        Their limits: fixed, so that a curve moves and the axes do not.
    xscale, yscale : {"linear", "log"}, optional
        Their scales.
    curves : sequence of str, optional
        Labels of the curves in this panel; by default all that no other panel names.
    dots : sequence of str, optional
        Those of them that are drawn as dots.
    decorate : callable, optional
        Called with the axes before the curves are drawn: what stands still.
    legend : str, optional
        Place of the legend, as matplotlib names it; without it there is none.
    """

    xlabel: str
    ylabel: str
    xlim: tuple
    ylim: tuple
    xscale: str = "linear"
    yscale: str = "linear"
    curves: tuple | None = None
    dots: tuple = ()
    decorate: Callable | None = None
    legend: str | None = None

    def __post_init__(self):
        for axis in "xy":
            scale, name = getattr(self, f"{axis}scale"), f"{axis}lim"
            if scale not in ("linear", "log"):
                got = _checks.shown(scale)
                raise ValueError(f"`{axis}scale` must be 'linear' or 'log', but got {got}.")
            limits = _checks.real(getattr(self, name), name)
            if limits.shape != (2,) or limits[0] == limits[1]:
                got = _checks.shown(getattr(self, name))
                raise ValueError(f"`{name}` must be two different numbers, but got {got}.")
            if scale == "log":
                _checks.above(limits, 0, name)


@dataclass(frozen=True, eq=False)
class Explorer:
    """A figure with sliders that works in Jupyter and on a page without a kernel.

    Parameters
    ----------
    name : str
        Letters, digits and hyphens; unique on a page, and part of a shared link.
    compute : callable
        `compute(**values) -> x, {label: y}`. `x` is one array for all curves, or one for each
        label, and must not depend on the values. NaN is a gap in a curve, and so is what an array
        masks.
    sliders : mapping of str to array_like
        Ascending grid of each slider, one or two, named in ASCII; in Jupyter, the range between
        its ends, logarithmic if the grid is. A slider of integers stays one.
    panels : Panel or sequence of Panel
        The axes, one below the other.
    reference : figures.Reference
        Where the digest of all frames is stored; it is what a notebook's test compares.
    alt : str
        What the figure shows, for those who cannot see it.
    start : mapping, optional
        First value of each slider, one of its grid; by default the middle one.
    labels : mapping, optional
        Text beside a slider, instead of its name.
    readout : callable, optional
        `readout(values, curves) -> str`, a line of text below the sliders; `values` holds those
        of `more` as well.
    more : mapping of str to array_like, optional
        Further sliders that only Jupyter shows.

    Raises
    ------
    TypeError, ValueError
        If an argument is not valid; if `compute` returns another x or other labels for
        another value, or an infinite number (the message says for which value); or if the
        page would become too heavy (the message says which grid to thin out). An error that
        `compute` or `readout` raises is passed on with a note of the values.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> x = np.linspace(0, 1, 11)
    >>> line = Explorer(
    ...     "line", lambda slope: (x, {"y": slope * x}), {"slope": [0.0, 0.5, 1.0]},
    ...     Panel("x", "y", (0, 1), (0, 1)), alt="A line through the origin.",
    ...     reference=figures.Reference(pathlib.Path(tempfile.mkdtemp()) / "none.json"))
    >>> line.frame(slope=1.0)["y"][-1]
    np.float64(1.0)
    """

    name: str
    compute: Callable
    sliders: Mapping
    panels: Panel | tuple
    reference: figures.Reference = field(repr=False)
    alt: str = field(repr=False)
    start: Mapping = field(default_factory=dict)
    labels: Mapping = field(default_factory=dict)
    readout: Callable | None = None
    more: Mapping = field(default_factory=dict)

    def __post_init__(self):
        if not isinstance(self.name, str) or not re.fullmatch(_NAME, self.name):
            raise ValueError(
                f"`name` must be lower-case words joined by hyphens, but got {self.name!r}."
            )
        _expect("compute", self.compute, callable, "a function")
        _expect("readout", self.readout, lambda r: r is None or callable(r), "a function or None")
        _expect("alt", self.alt, lambda alt: isinstance(alt, str), "text")
        _expect("reference", self.reference, callable, "a figures.Reference")
        panels = (self.panels,) if isinstance(self.panels, Panel) else self.panels
        _expect("panels", panels, _are_panels, "a Panel or a sequence of them")
        for argument in ("sliders", "more", "start", "labels"):
            if not isinstance(getattr(self, argument), Mapping):
                got = _checks.shown(getattr(self, argument))
                raise TypeError(f"`{argument}` must be a mapping by slider, but got {got}.")
        grids = {name: _grid(name, values) for name, values in self.sliders.items()}
        further = {name: _grid(name, values, "more") for name, values in self.more.items()}
        both = sorted(grids.keys() & further.keys())
        if both:
            raise ValueError(f"`more` must hold further sliders, but got {both[0]!r} again.")
        if not 1 <= len(grids) <= _MOST_ON_A_PAGE:
            raise ValueError(
                f"`sliders` must hold one or two sliders for the page, but got {len(grids)}; "
                "`more` takes those that only Jupyter shows."
            )
        for argument in ("start", "labels"):
            for name in getattr(self, argument):
                if name not in grids and name not in further:
                    raise ValueError(f"`{argument}` must name sliders, but got {name!r}.")
        for name, label in self.labels.items():
            _expect(f"labels[{name!r}]", label, lambda text: isinstance(text, str), "text")
        start = {
            name: _start(name, grid, self.start) for name, grid in {**grids, **further}.items()
        }
        for attribute, value in (
            ("panels", tuple(panels)),
            ("sliders", grids),
            ("more", further),
            ("start", start),
        ):
            object.__setattr__(self, attribute, value)
        # All frames are computed now: an error belongs here, not in front of a reader.
        _ = self._frames
        size = len(self._html.encode())
        if size > BUDGET:
            raise ValueError(self._too_heavy(size))

    # --- the curves ------------------------------------------------------------------------

    def frame(self, /, **values):
        """Curves at any values: {label: y}; what is not named stands at its start."""
        for name in values:
            if name not in self.start:
                raise ValueError(f"`values` must name sliders, but got {name!r}.")
        return self._curves({**self.start, **values})

    @cached_property
    def _first(self):
        """Labels of the curves and the x of each, from the start values."""
        x, curves = self._computed(self.start)
        if not curves:
            raise ValueError("`compute` must return at least one curve, but got none.")
        first = {label: _row(f"x of {label}", _x_of(x, label), self.start) for label in curves}
        for label, row in first.items():
            if row.size == 0:
                raise ValueError(f"`compute` must return points, but got none for {label!r}.")
            if np.any(np.isnan(row)):
                raise ValueError(
                    f"`compute` must return an x without gaps, but got NaN for {label!r}."
                )
        return first

    def _computed(self, values):
        with _telling(values):
            result = self.compute(**values)
        if not isinstance(result, tuple) or len(result) != 2 or not isinstance(result[1], Mapping):
            raise TypeError(
                f"`compute` must return x and a mapping of curves, but got "
                f"{_checks.shown(result)} at {_at(values)}."
            )
        return result

    def _curves(self, values):
        # Before `compute` runs again: it may fill the arrays of its last call.
        first = self._first
        x, curves = self._computed(values)
        at = _at(values)
        if list(curves) != list(first):
            raise ValueError(
                f"`compute` must return the curves {list(first)} for every value, but got "
                f"{list(curves)} at {at}."
            )
        for label, expected in first.items():
            if not np.array_equal(_row(f"x of {label}", _x_of(x, label), values), expected):
                raise ValueError(
                    f"`compute` must return the same x for every value, but got another one for "
                    f"{label!r} at {at}."
                )
        rows = {label: _row(label, y, values) for label, y in curves.items()}
        for label, row in rows.items():
            if row.shape != first[label].shape:
                raise ValueError(
                    f"`compute` must return as many y as x, but got {row.size} for {label!r} at "
                    f"{at}."
                )
        return rows

    @cached_property
    def _combinations(self):
        """All combinations of the grids' values, the last slider moving fastest."""
        names, grids = self.sliders.keys(), self.sliders.values()
        return [dict(zip(names, values, strict=True)) for values in itertools.product(*grids)]

    @cached_property
    def _frames(self):
        return [self.frame(**values) for values in self._combinations]

    # --- the drawing -----------------------------------------------------------------------

    @cached_property
    def _drawing(self):
        """SVG split at the curves' paths, and how a panel's numbers become its units."""
        from matplotlib import style

        svg = {"path.simplify": False, "svg.hashsalt": self.name, "svg.fonttype": "path"}
        # From matplotlib's defaults: a reader's settings (`savefig.bbox: tight`, say) would move
        # the axes away from where the curves are put.
        with style.context(figures.style(**svg, **{"figure.dpi": 72, "savefig.dpi": 72})):
            return _draw(self)

    def _paths(self, curves):
        """Tenths of an SVG unit: {label: y}, None for a gap."""
        return {
            label: self._drawing.tenths(label, self._first[label], y)[1]
            for label, y in curves.items()
        }

    def svg(self, curves):
        """The figure as SVG text, with the given curves."""
        text = self._drawing.pieces[0]
        for label, piece in zip(self._drawing.order, self._drawing.pieces[1:], strict=True):
            x, y = self._drawing.tenths(label, self._first[label], curves[label])
            text += _path(x, y, self._drawing.dots[label]) + piece
        return text

    # --- the static page -------------------------------------------------------------------

    @cached_property
    def _html(self):
        """The figure, its controls, the data and the script: a block that needs nothing else."""
        identity = f"explore-{self.name}"
        image = base64.b64encode(self.svg(self.frame()).encode()).decode()
        controls = "".join(
            f'<div class="explore-slider">'
            f'<label for="{identity}-{name}">{self._label(name)}</label>'
            f'<input type="range" id="{identity}-{name}" autocomplete="off" '
            f'min="0" max="{len(grid) - 1}" value="{grid.index(self.start[name])}">'
            f'<output for="{identity}-{name}" aria-live="off">{shown(self.start[name])}</output>'
            f"</div>"
            for name, grid in self.sliders.items()
        )
        script = (resources.files("coherence_lib") / "explore.js").read_text(encoding="utf-8")
        data = json.dumps(self._data(), separators=(",", ":")).replace("<", "\\u003c")
        return (
            f'<div class="explore" id="{identity}" role="group" '
            f'aria-label="Figure with sliders">'
            f'<img alt="{html.escape(self.alt)}" src="data:image/svg+xml;base64,{image}">'
            # Hidden until the script runs; JupyterLab strips `hidden` where it strips scripts.
            f'<div class="explore-controls" style="display: none">{controls}'
            f'<p class="explore-readout"><output aria-live="polite"></output>'
            f'<button type="button">reset</button></p></div>'
            f'<script type="application/json">{data}</script>'
            f"<script>{script.replace('IDENTITY', identity)}</script></div><!-- explore -->"
        )

    def _data(self):
        sliders = [
            {"name": name, "values": [shown(v) for v in grid], "start": grid.index(start)}
            for (name, grid), start in zip(self.sliders.items(), self.start.values(), strict=False)
        ]
        drawing = self._drawing
        curves = [
            {
                "id": drawing.ids[label],
                "x": _differences(drawing.tenths(label, x, np.zeros_like(x))[0]),
                "dots": drawing.dots[label],
            }
            for label, x in self._first.items()
        ]
        # Many frames share a curve: each is stored once.
        pool = {}
        frames = [
            [pool.setdefault(tuple(y), len(pool)) for y in self._paths(curves).values()]
            for curves in self._frames
        ]
        texts = [self._text(v, c) for v, c in zip(self._combinations, self._frames, strict=True)]
        return {
            "sliders": sliders,
            "curves": curves,
            "pool": [_differences(y) for y in pool],
            "frames": frames,
            "texts": texts,
        }

    def _text(self, values, curves):
        if self.readout is None:
            return ""
        values = {**self.start, **values}
        with _telling(values):
            text = self.readout(values, curves)
        _expect("readout", text, lambda text: isinstance(text, str), f"text at {_at(values)}")
        return text

    def _label(self, name):
        return html.escape(self.labels.get(name, name))

    def _too_heavy(self, size):
        name, grid = max(self.sliders.items(), key=lambda item: len(item[1]))
        points = sum(len(x) for x in self._first.values())
        return (
            f"`sliders` must leave the page below {BUDGET} bytes, but got {size}: "
            f"{len(self._combinations)} frames of {points} points. Thin out "
            f"`{name}`, which has {len(grid)} values, or the points of a curve."
        )

    # --- what a notebook shows -------------------------------------------------------------

    @cached_property
    def digest(self):
        """The start frame in full and samples of all others, compared with the reference."""
        arrays = {}
        for label, x in self._first.items():
            suffix = f" of {label}" if len(self._first) > 1 else ""
            arrays[f"x{suffix}"] = x
            arrays[f"start{suffix}"] = self.frame()[label]
            sample = np.unique(np.linspace(0, len(x) - 1, 5).round().astype(int))
            arrays[f"frames{suffix}"] = np.array([f[label][sample] for f in self._frames])
        return self.reference(self.name, **self.sliders, **arrays)

    def __repr__(self):
        return repr(self.digest)

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = {"text/plain": repr(self), "text/html": self._html}
        return {**bundle, **self._widget()._repr_mimebundle_()} | {"text/plain": repr(self)}

    def _widget(self):
        """Live sliders: ipywidgets that write new paths into the same drawing."""
        import ipywidgets

        picture = ipywidgets.HTML(self.svg(self.frame()))
        text = ipywidgets.HTML(html.escape(self._text(self.start, self.frame())))
        controls = {
            name: _control(self.labels.get(name, name), grid, self.start[name])
            for name, grid in {**self.sliders, **self.more}.items()
        }

        def move(_):
            values = {name: control.value for name, control in controls.items()}
            try:
                curves = self.frame(**values)
                picture.value = self.svg(curves)
                text.value = html.escape(self._text(values, curves))
            except Exception as error:
                # An exception in a widget's callback would be shown to nobody.
                text.value = html.escape(f"{type(error).__name__}: {error}")

        for control in controls.values():
            control.observe(move, names="value")
        return ipywidgets.VBox([picture, *controls.values(), text])


# --- checks ------------------------------------------------------------------------------------


def _expect(name, value, fits, kind):
    if not fits(value):
        raise TypeError(f"`{name}` must be {kind}, but got {_checks.shown(value)}.")


def _are_panels(value):
    listed = isinstance(value, Sequence) and len(value) > 0
    return listed and all(isinstance(panel, Panel) for panel in value)


@contextmanager
def _telling(values):
    """Errors from the author's functions tell at which values they occurred."""
    try:
        yield
    except Exception as error:
        error.add_note(f"This was at {_at(values)}.")
        raise


def _grid(name, values, argument="sliders"):
    # ASCII, since a browser writes other letters of a link in its own way.
    if not (str(name).isidentifier() and str(name).isascii()):
        raise ValueError(f"`{argument}` must be named as arguments of `compute`, but got {name!r}.")
    # Adding zero makes a negative zero positive.
    grid = _checks.real(values, f"{argument}[{name!r}]") + 0.0
    if grid.ndim != 1 or grid.size < 2 or np.any(np.diff(grid) <= 0):
        raise ValueError(
            f"`{argument}[{name!r}]` must be two or more ascending values, but got "
            f"{_checks.shown(values)}."
        )
    whole = np.asarray(values).dtype.kind in "iu"
    grid = tuple(int(v) for v in grid) if whole else tuple(float(v) for v in grid)
    for one, other in itertools.pairwise(grid):
        if shown(one) == shown(other):
            raise ValueError(
                f"`{argument}[{name!r}]` must differ in the four digits that are shown, but got "
                f"{one!r} and {other!r}."
            )
    return grid


def _start(name, grid, start):
    value = start.get(name, grid[len(grid) // 2])
    if np.ndim(value) != 0 or value not in grid:
        raise ValueError(f"`start[{name!r}]` must be a value of its grid, but got {value!r}.")
    return type(grid[0])(value)


def _x_of(x, label):
    if not isinstance(x, Mapping):
        return x
    if label not in x:
        raise ValueError(f"`compute` must return an x for every curve, but got none for {label!r}.")
    return x[label]


def _row(label, values, at):
    array = np.asarray(values)
    if isinstance(values, np.ma.MaskedArray) and array.dtype.kind in "iuf":
        array = np.ma.filled(values.astype(float), np.nan)
    if array.dtype.kind not in "iuf" or array.ndim != 1:
        raise TypeError(
            f"`compute` must return one-dimensional arrays of real numbers, but got "
            f"{_checks.shown(values)} for {label!r} at {_at(at)}."
        )
    if np.any(np.isinf(array)):
        raise ValueError(
            f"`compute` must return finite numbers or NaN, but got infinity for {label!r} at "
            f"{_at(at)}."
        )
    return array.astype(float)


def _at(values):
    return ", ".join(f"{name} = {shown(value)}" for name, value in values.items())


def shown(value):
    """Text of a slider's value."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"


# --- drawing -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawing:
    """SVG text around the curves' paths, their ids, and the panels' transformations."""

    pieces: tuple
    order: tuple
    ids: dict
    dots: dict
    transforms: dict

    def tenths(self, label, x, y):
        """Points as whole tenths of an SVG unit; None for a gap."""
        transform, height, logarithmic = self.transforms[label]
        # Nothing is drawn where a logarithmic axis has no place for it.
        known = ~np.isnan(y) & ((y > 0) | (not logarithmic))
        inside = y[known][0] if np.any(known) else 1.0
        points = transform.transform(np.column_stack([x, np.where(known, y, inside)]))
        limit = (1 + _OUTSIDE) * height
        rows = np.clip(height - points[:, 1], -limit, limit)
        whole = [round(10 * row) if ok else None for row, ok in zip(rows, known, strict=True)]
        return [round(10 * column) for column in points[:, 0]], whole


def _draw(explorer):
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = explorer.panels
    # One below the other: side by side their text would be too small on a phone.
    height = 3.3 if len(panels) == 1 else 2.7 * len(panels)
    # Without pyplot, which would ask the reader's backend for a window.
    fig = Figure(figsize=(4.8, height))
    FigureCanvasAgg(fig)
    axes = fig.subplots(len(panels), 1, squeeze=False)
    return _drawn_in(fig, axes[:, 0], explorer, _named(panels, explorer._first))


def _drawn_in(fig, axes, explorer, named):
    panels, first = explorer.panels, explorer._first
    owner, dots = {}, {}
    for panel, ax in zip(panels, axes, strict=True):
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
    transforms = {
        label: (ax.transData.frozen(), height, ax.get_yscale() == "log")
        for label, ax in owner.items()
    }
    return _split(buffer.getvalue(), explorer, dots, transforms)


_STYLES = ("-", "--", "-.", ":")


def _named(panels, first):
    """Labels that the panels name, each once and each of a curve."""
    names = [label for panel in panels for label in panel.curves or ()]
    for label in [*names, *(label for panel in panels for label in panel.dots)]:
        if label not in first:
            raise ValueError(f"`panels` must name curves of `compute`, but got {label!r}.")
    for label in names:
        if names.count(label) > 1:
            raise ValueError(f"`panels` must name each curve once, but got {label!r} twice.")
    return set(names)


def _look(dots, style):
    # A dot is a line of no length with round ends.
    if dots:
        return {"lw": 8, "solid_capstyle": "round", "ls": "-", "zorder": 5}
    return {"ls": style}


def _handles(ax, labels, dots):
    """What the legend shows: a dot for dots."""
    from matplotlib.lines import Line2D

    lines = {line.get_label(): line for line in ax.get_lines()}
    return [
        Line2D([], [], label=label, c=lines[label].get_color(), ls="none", marker="o")
        if dots[label]
        else lines[label]
        for label in labels
    ]


def _split(text, explorer, dots, transforms):
    """The SVG without what would leak into a page, split at the curves' paths."""
    text = text[text.index("<svg") :]
    # A style sheet in an inline SVG holds for the whole page: the root's attributes do here.
    text = re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    spoken = f'role="img" aria-label="{html.escape(explorer.alt)}"'
    text = text.replace("<svg ", f'<svg {spoken} stroke-linejoin="round" stroke-linecap="butt" ', 1)
    prefix, labels = f"explore-{explorer.name}-", list(explorer._first)
    text = re.sub(r'\bid="', f'id="{prefix}', text)
    text = re.sub(r'href="#', f'href="#{prefix}', text)
    text = text.replace("url(#", f"url(#{prefix}")
    ids = {label: f"{prefix}curve-{k}" for k, label in enumerate(labels)}
    places = {label: text.index(f'<g id="{ids[label]}">') for label in labels}
    order = tuple(sorted(places, key=places.get))
    pieces, rest = [], 0
    for label in order:
        begin = text.index(' d="', places[label]) + len(' d="')
        pieces.append(text[rest:begin])
        rest = text.index('"', begin)
    return Drawing((*pieces, text[rest:]), order, ids, dots, transforms)


def _path(x, y, dots):
    """SVG path of whole tenths; the script of the page builds the same text."""
    text, pen = "", "M"
    for column, row in zip(x, y, strict=True):
        if row is None:
            pen = "M"
            continue
        text += f"{pen}{_tenth(column)} {_tenth(row)}" + ("h0" if dots else "")
        pen = "M" if dots else "L"
    return text


def _tenth(value):
    return f"{value / 10:.10g}"


def _differences(values):
    """Each value minus the last one that was there; a run of gaps as [its length]."""
    last, result = 0, []
    for value in values:
        if value is not None:
            result.append(value - last)
            last = value
        elif result and isinstance(result[-1], list):
            result[-1][0] += 1
        else:
            result.append([1])
    return result


def _control(label, grid, start):
    """The widget that fits a grid: whole numbers, a logarithmic or a linear range."""
    import ipywidgets

    look = {
        "description": label,
        "style": {"description_width": "14em"},
        "layout": {"width": "auto", "max_width": "48em"},
        "continuous_update": True,
    }
    steps = np.diff(grid)
    if isinstance(start, int):
        if np.all(steps == steps[0]):
            kind = {"min": grid[0], "max": grid[-1], "step": int(steps[0])}
            return ipywidgets.IntSlider(start, **kind, **look)
        return ipywidgets.SelectionSlider(options=grid, value=start, **look)
    look["readout_format"] = ".4g"
    if grid[0] > 0 and _even(np.log10(grid)) and not _even(grid):
        low, high, here = np.log10([grid[0], grid[-1], start])
        ends = {"min": low, "max": high, "step": _step(low, here, 0.005)}
        return ipywidgets.FloatLogSlider(start, base=10, **ends, **look)
    step = _step(grid[0], start, (grid[-1] - grid[0]) / 1000)
    return ipywidgets.FloatSlider(start, min=grid[0], max=grid[-1], step=step, **look)


def _even(grid):
    """Whether the steps are equal, but for values that an author has rounded."""
    even = np.linspace(grid[0], grid[-1], len(grid))
    return np.abs(grid - even).max() < 0.2 * (even[1] - even[0])


def _step(low, start, about):
    """A step near `about` that meets the start: a browser moves a slider to its nearest step."""
    return (start - low) / max(1, round((start - low) / about)) if start > low else about
