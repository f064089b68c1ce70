"""The definition of an explorer, from which both of its faces are made."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from coherence_lib import _checks, figures
from coherence_lib._types import Array, Floats
from coherence_lib.explore import digest, drawing, frames, live, page
from coherence_lib.explore.checks import (
    Compute,
    Grid,
    Readout,
    at_text,
    expect,
    slider_grid,
    start_value,
    telling,
)

if TYPE_CHECKING:
    import ipywidgets
    from matplotlib.axes import Axes
    from matplotlib.typing import LegendLocType

__all__ = ["Explorer", "Panel"]

_MOST_ON_A_PAGE = 2
_NAME = r"[a-z0-9]+(-[a-z0-9]+)*"


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
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    xscale: Literal["linear", "log"] = "linear"
    yscale: Literal["linear", "log"] = "linear"
    curves: Sequence[str] | None = None
    dots: Sequence[str] = ()
    decorate: Callable[[Axes], object] | None = None
    legend: LegendLocType | None = None

    def __post_init__(self) -> None:
        for axis in "xy":
            scale, name = getattr(self, f"{axis}scale"), f"{axis}lim"
            _checks.choice(scale, ("linear", "log"), f"{axis}scale")
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
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> from coherence_lib import figures
    >>> x = np.linspace(0, 1, 11)
    >>> line = Explorer(
    ...     "line", lambda slope: (x, {"y": slope * x}), {"slope": [0.0, 0.5, 1.0]},
    ...     Panel("x", "y", (0, 1), (0, 1)), alt="A line through the origin.",
    ...     reference=figures.Reference(pathlib.Path(tempfile.mkdtemp()) / "none.json"))
    >>> line.frame(slope=1.0)["y"][-1]
    np.float64(1.0)
    """

    name: str
    compute: Compute
    sliders: Mapping[str, Grid]
    panels: tuple[Panel, ...]
    reference: figures.Reference = field(repr=False)
    alt: str = field(repr=False)
    start: Mapping[str, float] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    readout: Readout | None = None
    more: Mapping[str, Grid] = field(default_factory=dict)

    if TYPE_CHECKING:
        # What is handed in takes more forms than what is held.
        def __init__(
            self,
            name: str,
            compute: Compute,
            sliders: Mapping[str, Array],
            panels: Panel | Sequence[Panel],
            reference: figures.Reference,
            alt: str,
            start: Mapping[str, float] = ...,
            labels: Mapping[str, str] = ...,
            readout: Readout | None = ...,
            more: Mapping[str, Array] = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not re.fullmatch(_NAME, self.name):
            raise ValueError(
                f"`name` must be lower-case words joined by hyphens, but got {self.name!r}."
            )
        expect("compute", self.compute, callable, "a function")
        expect("readout", self.readout, lambda r: r is None or callable(r), "a function or None")
        expect("alt", self.alt, lambda alt: isinstance(alt, str), "text")
        expect("reference", self.reference, callable, "a figures.Reference")
        panels = (self.panels,) if isinstance(self.panels, Panel) else self.panels
        expect("panels", panels, _are_panels, "a Panel or a sequence of them")
        for argument in ("sliders", "more", "start", "labels"):
            if not isinstance(getattr(self, argument), Mapping):
                got = _checks.shown(getattr(self, argument))
                raise TypeError(f"`{argument}` must be a mapping by slider, but got {got}.")
        grids = {name: slider_grid(name, values) for name, values in self.sliders.items()}
        further = {name: slider_grid(name, values, "more") for name, values in self.more.items()}
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
            expect(f"labels[{name!r}]", label, lambda text: isinstance(text, str), "text")
        start = {
            name: start_value(name, grid, self.start) for name, grid in {**grids, **further}.items()
        }
        for attribute, value in (
            ("panels", tuple(panels)),
            ("sliders", grids),
            ("more", further),
            ("start", start),
        ):
            object.__setattr__(self, attribute, value)
        # All frames are computed now: an error belongs here, not in front of a reader.
        _ = self.frames
        _ = self.block

    # --- the curves ------------------------------------------------------------------------

    @cached_property
    def x(self) -> dict[str, Floats]:
        """Labels of the curves and the x of each: {label: x}."""
        return frames.first_x(self.compute, self.start)

    def frame(self, /, **values: float) -> dict[str, Floats]:
        """Curves at any values: {label: y}; what is not named stands at its start."""
        for name in values:
            if name not in self.start:
                raise ValueError(f"`values` must name sliders, but got {name!r}.")
        # The x before `compute` runs again: it may fill the arrays of its last call.
        return frames.curves_at(self.compute, self.x, {**self.start, **values})

    @cached_property
    def combinations(self) -> list[dict[str, float]]:
        """All combinations of the grids' values, the last slider moving fastest."""
        return frames.combinations(self.sliders)

    @cached_property
    def frames(self) -> list[dict[str, Floats]]:
        """The curves at each of the `combinations`."""
        return [self.frame(**values) for values in self.combinations]

    def text(self, values: Mapping[str, float], curves: Mapping[str, Floats]) -> str:
        """The line below the sliders."""
        if self.readout is None:
            return ""
        values = {**self.start, **values}
        with telling(values):
            text = self.readout(values, curves)
        expect("readout", text, lambda text: isinstance(text, str), f"text at {at_text(values)}")
        return text

    # --- the drawing -----------------------------------------------------------------------

    @cached_property
    def _drawing(self) -> drawing.Drawing:
        return drawing.draw(self)

    @property
    def drawn(self) -> figures.Drawn:
        """All that the figure shows at the start, as `figures` reads it."""
        return self._drawing.drawn

    def shares(self, label: str, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Where points of a curve are in their frame, from its left and top edge: 0 to 1."""
        left, top, width, height = self._drawing.boxes[label]
        across, down = self.places[label].points(x, y).T
        return (across - left) / width, (down - top) / height

    @property
    def places(self) -> dict[str, drawing.Place]:
        """Where each curve is drawn: {label: place}, each with `id`, `dots` and `points(x, y)`."""
        return {label: self._drawing.places[label] for label in self.x}

    def paths(self, /, **values: float) -> dict[str, str]:
        """What both faces draw at any values: {id: SVG path}."""
        curves = self.frame(**values)
        return {
            place.id: place.path(self.x[label], curves[label])
            for label, place in self.places.items()
        }

    def svg(self, curves: Mapping[str, Floats]) -> str:
        """The figure as SVG text, with the given curves."""
        return self._drawing.svg(
            {k: place.path(self.x[k], curves[k]) for k, place in self.places.items()}
        )

    # --- its faces -------------------------------------------------------------------------

    @cached_property
    def block(self) -> str:
        """The static face: HTML that needs nothing else."""
        return page.block(self)

    def widget(self) -> ipywidgets.VBox:
        """The live face: ipywidgets that write new paths into the same drawing."""
        return live.widget(self)

    @cached_property
    def digest(self) -> figures.FigureNumbers:
        """The start frame in full and samples of all others, compared with the reference."""
        return digest.digest(self)

    def __repr__(self) -> str:
        return repr(self.digest)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        bundle = {"text/plain": repr(self), "text/html": self.block}
        return {**bundle, **self.widget()._repr_mimebundle_()} | {"text/plain": repr(self)}


def _are_panels(value: Any) -> bool:
    listed = isinstance(value, Sequence) and len(value) > 0
    return listed and all(isinstance(panel, Panel) for panel in value)
