"""The style sheet, and the figure that a notebook has just shown."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import resources
from typing import TYPE_CHECKING, Any

from coherence_lib.figures import reading

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SVG = "image/svg+xml"


def use_style() -> None:
    """Use the project's matplotlib style sheet in this session.

    It starts from matplotlib's own defaults, so that a figure looks the same whatever a
    `matplotlibrc` says. In a notebook figures are shown as SVG, with a PNG beside it, and what
    each of them draws is read at that moment, for the numbers that follow it.

    Examples
    --------
    >>> use_style()
    """
    import matplotlib.pyplot as plt

    plt.style.use(style())
    # No part of a style to matplotlib, and yet seen: dates on an axis, and a warning.
    for name in ("date.epoch", "figure.max_open_warning", "timezone"):
        plt.rcParams[name] = plt.rcParamsDefault[name]
    if _ipython() is not None:
        _read_what_is_shown()


def style(**more: object) -> list[Any]:
    """What `matplotlib.style` is to use: its own defaults, the project's sheet, and more."""
    import matplotlib

    sheet = resources.files("coherence_lib.figures") / "figures.mplstyle"
    with resources.as_file(sheet) as path:
        return ["default", matplotlib.rc_params_from_file(path, use_default_template=False), more]


class _Shower:
    """Draws a figure for IPython, and keeps what it shows."""

    shown: reading.Drawn | ValueError | None

    def __init__(self, draw: Callable[[Figure], object]) -> None:
        self.draw = draw
        self.shown = None

    def __call__(self, figure: Figure) -> object:
        picture = self.draw(figure)
        # Read now: a figure that is changed after it was shown is another one.
        try:
            self.shown = reading.read(figure)
        except ValueError as error:
            # Not every figure needs numbers; who asks for them is told.
            self.shown = error
        return picture


def _read_what_is_shown() -> None:
    from matplotlib.figure import Figure
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    set_matplotlib_formats("svg", "png", metadata={"Date": None, "Creator": None})
    formatter = _ipython().display_formatter.formatters[_SVG]
    formatter.for_type(Figure, _Shower(formatter.lookup_by_type(Figure)))


def just_shown() -> reading.Drawn:
    """What the figure draws that the notebook has just shown, or else pyplot's current one."""
    shower = _shower()
    if shower is not None and shower.shown is not None:
        if isinstance(shower.shown, ValueError):
            raise shower.shown
        return shower.shown
    plt = sys.modules.get("matplotlib.pyplot")
    if plt is None or not plt.get_fignums():
        raise ValueError(
            "`figure` must be given where none was shown, but got none: show it before its "
            "numbers, after `figures.use_style()`, or give it."
        )
    return reading.read(plt.gcf())


def _ipython() -> Any:
    """The notebook's shell, or None: ipykernel may be imported where no notebook runs."""
    if "ipykernel" not in sys.modules:
        return None
    from IPython import get_ipython

    return get_ipython()


def _shower() -> _Shower | None:
    """The notebook's own, which `use_style` put there, or None."""
    if _ipython() is None:
        return None
    from matplotlib.figure import Figure

    formatter = _ipython().display_formatter.formatters[_SVG]
    try:
        draw = formatter.lookup_by_type(Figure)
    except KeyError:
        return None
    return draw if isinstance(draw, _Shower) else None
