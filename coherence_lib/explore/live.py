"""The live face of an explorer: ipywidgets that write new paths into the same drawing."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np

from coherence_lib._types import Floats
from coherence_lib.explore.checks import Grid

if TYPE_CHECKING:
    import ipywidgets

    from coherence_lib.explore.definition import Explorer


def widget(explorer: Explorer) -> ipywidgets.VBox:
    """Sliders that compute at any value, the drawing, and a line of text."""
    import ipywidgets

    picture = ipywidgets.HTML(explorer.svg(explorer.frame()))
    text = ipywidgets.HTML(html.escape(explorer.text(explorer.start, explorer.frame())))
    controls = {
        name: control(explorer.labels.get(name, name), grid, explorer.start[name])
        for name, grid in {**explorer.sliders, **explorer.more}.items()
    }

    def move(_: object) -> None:
        values = {name: slider.value for name, slider in controls.items()}
        try:
            curves = explorer.frame(**values)
            picture.value = explorer.svg(curves)
            text.value = html.escape(explorer.text(values, curves))
        except Exception as error:
            # An exception in a widget's callback would be shown to nobody.
            text.value = html.escape(f"{type(error).__name__}: {error}")

    for slider in controls.values():
        slider.observe(move, names="value")
    return ipywidgets.VBox([picture, *controls.values(), text])


def control(label: str, grid: Grid, start: float) -> ipywidgets.Widget:
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


def _even(grid: Grid | Floats) -> bool:
    """Whether the steps are equal, but for values that an author has rounded."""
    even = np.linspace(grid[0], grid[-1], len(grid))
    return np.abs(grid - even).max() < 0.2 * (even[1] - even[0])


def _step(low: float, start: float, about: float) -> float:
    """A step near `about` that meets the start: a browser moves a slider to its nearest step."""
    return (start - low) / max(1, round((start - low) / about)) if start > low else about
