"""What a notebook's test compares: the numbers behind an explorer's frames."""

import numpy as np


def digest(explorer):
    """The start frame in full and samples of all others, compared with the reference."""
    arrays = {}
    for label, x in explorer.x.items():
        suffix = f" of {label}" if len(explorer.x) > 1 else ""
        arrays[f"x{suffix}"] = x
        arrays[f"start{suffix}"] = explorer.frame()[label]
        sample = np.unique(np.linspace(0, len(x) - 1, 5).round().astype(int))
        arrays[f"frames{suffix}"] = np.array([f[label][sample] for f in explorer.frames])
    return explorer.reference(explorer.name, **explorer.sliders, **arrays)
