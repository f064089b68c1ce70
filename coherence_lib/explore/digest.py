"""What a notebook's test compares: the numbers behind an explorer's frames, and its drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coherence_lib.figures.reading import Row

if TYPE_CHECKING:
    from coherence_lib.explore.definition import Explorer
    from coherence_lib.figures import FigureNumbers

_SAMPLES = 5


def digest(explorer: Explorer) -> FigureNumbers:
    """All frames, and what is drawn around and through them, compared with the reference."""
    rows = {name: Row(np.array(grid, float)) for name, grid in explorer.sliders.items()}
    start = explorer.frame()
    for label, x in explorer.x.items():
        suffix = f" of {label}" if len(explorer.x) > 1 else ""
        sample = np.unique(np.linspace(0, len(x) - 1, _SAMPLES).round().astype(int))
        rows[f"x{suffix}"] = Row(x)
        rows[f"start{suffix}"] = Row(start[label])
        rows[f"frames{suffix}"] = Row(np.array([f[label][sample] for f in explorer.frames]))
        across, down = explorer.shares(label, x[sample], start[label][sample])
        rows[f"place{suffix}: across"] = Row(across, shown=False)
        rows[f"place{suffix}: down"] = Row(down, shown=False)
    return explorer.reference.also(explorer.name, explorer.drawn, rows)
