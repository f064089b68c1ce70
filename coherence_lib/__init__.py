"""Coherence from heat: executable companions of two papers, see the book.

Units: hbar = k_B = 1. Subpackages, each loaded when it is first used: `measures`, `thermal`,
`atoms`, `harvest`, `ring`; and for the book's figures `figures`, `drawings` and `explore`.
"""

import importlib

__version__ = "0.1.0"

__all__ = ["DegenerateSteadyStateError", "atoms", "harvest", "measures", "ring", "thermal"]

# Who asks for photons need not wait for SciPy's sparse matrices, nor anybody for matplotlib.
_PACKAGES = ("atoms", "drawings", "explore", "figures", "harvest", "measures", "ring", "thermal")


def __getattr__(name):
    if name in _PACKAGES:
        return importlib.import_module(f"coherence_lib.{name}")
    if name == "DegenerateSteadyStateError":
        return importlib.import_module("coherence_lib.atoms").DegenerateSteadyStateError
    raise AttributeError(f"module 'coherence_lib' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__, *_PACKAGES})
