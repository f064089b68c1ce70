"""One slider definition: live in Jupyter, alive on a static page.

An `Explorer` is a function `compute(**values) -> x, {label: y}` and a grid of values for each
slider. In Jupyter its sliders are ipywidgets that compute at any value. On a page there is no
kernel: the curves of every grid value are stored, in tenths of an SVG unit, and a short
script moves them. matplotlib draws the axes once, and both faces draw the same paths in it.

`checks` say what is accepted, `definition` holds it, `frames` computes the curves, `drawing`
draws them, `page` and `live` are the two faces, and `digest` is what a test compares.
"""

from coherence_lib.explore.checks import shown
from coherence_lib.explore.definition import Explorer, Panel

__all__ = ["Explorer", "Panel", "shown"]
